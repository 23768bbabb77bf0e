"""Pages from templates: one HTML file, no network, everything escaped."""

from __future__ import annotations


def page_of(template: str, **values: object) -> str:
    """Return a page as text.

    Parameters
    ----------
    template : str
        Name of a file in `aimc_sim/report/templates`.
    **values
        All that it names; one that is missing is an error.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("aimc_sim.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(template).render(**values)
