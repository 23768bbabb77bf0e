"""Pages from templates: one HTML file, no network, everything escaped."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from importlib.resources import files


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
    from markupsafe import Markup

    environment = Environment(
        loader=PackageLoader("aimc_sim.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    script = files("aimc_sim.report").joinpath("templates/sort.js").read_text(encoding="utf-8")
    digest = b64encode(sha256(script.encode("utf-8")).digest()).decode("ascii")
    environment.globals |= {"script": Markup(script), "script_digest": f"sha256-{digest}"}
    return environment.get_template(template).render(**values)
