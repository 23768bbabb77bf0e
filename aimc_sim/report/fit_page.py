"""One self-contained page about a fitted device: data against model, intervals, p-values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes

from aimc_sim.devices.laws import age_text
from aimc_sim.display import percent, si
from aimc_sim.fit import Fit
from aimc_sim.fit.result import Check, Series
from aimc_sim.report.figure import WIDTH_in
from aimc_sim.report.files import write_text
from aimc_sim.report.svg import INK, MAIN, SECOND, draw
from aimc_sim.report.template import page_of
from aimc_sim.version import VERSION

ALARM = 0.05
_STYLES = ((MAIN, "-", "o"), (SECOND, "--", "s"), (INK, ":", "^"), (MAIN, "-.", "D"),
           (SECOND, "-", "v"))  # fmt: skip
_TEXTS = {
    "spread": (
        "Spread of programming",
        "Points: maximum likelihood at each target alone; curves: the model.",
    ),
    "drift": (
        "Drift",
        "Points: exponential of the mean of ln(g / g0); curves: the mean exponent of the model. "
        "Time counts from programming.",
    ),
    "read": ("Read noise", "Points: spread of repeated reads at each target; curve: the model."),
}
_LABELS = {
    "spread": ("target [µS]", "spread [µS]", 1.0e6, 1.0e6),
    "drift": ("time since programming [s]", "g / g0", 1.0, 1.0),
    "read": ("conductance [µS]", "spread of one read [µS]", 1.0e6, 1.0e6),
}


def write_fit_page(path: str | Path, fit: Fit, device_text: str, command: str = "") -> None:
    """Write a page about a fit: one HTML file, no network, light and dark.

    Parameters
    ----------
    path : path
        Target, replaced whole or not at all.
    fit : Fit
        What was found.
    device_text : str
        The device file.
    command : str
        Command line, for the record.

    Raises
    ------
    InputError
        The page cannot be written.
    """
    write_text(path, render(fit, device_text, command))


def render(fit: Fit, device_text: str, command: str = "") -> str:
    """Return the page as text; the same for the same fit."""
    return page_of(
        "fit.html.j2",
        title=f"Fit of {fit.file.name}",
        description=fit.file.description,
        headline=_headline(fit),
        figures=_figures(fit),
        notes=fit.notes,
        parameters=[p.shown() for p in fit.parameters],
        checks=[_check_row(fit, check) for check in fit.checks],
        provenance=_provenance(fit, command),
        device=device_text,
    )


def _headline(fit: Fit) -> list[tuple[str, str, str]]:
    census = fit.census
    verdict = "no target stands out" if not fit.worst_p < ALARM else "some targets do not fit"
    cards = [
        (
            f"{census['n_devices']:,}",
            "devices",
            f"{len(census['targets_S'])} targets, {len(census['times_s'])} read times, "
            f"{census['n_cycles']} reads each",
        ),
        (f"{fit.worst_p:.2g}", "least p-value, Bonferroni", verdict),
    ]
    cards += [
        (percent(value, 1), f"of {name} explained", "1 − residual / variation, squared sums")
        for name, value in fit.r2.items()
    ]
    asked = census["n_reads"] + census["n_missing"]
    outliers = f"{len(fit.outliers)} outliers {fit.provenance['outliers']}"
    cards.append((f"{census['n_missing']:,}", "reads missing", f"of {asked:,}; {outliers}"))
    return cards


def _figures(fit: Fit) -> list[dict[str, Any]]:
    from markupsafe import Markup

    found = []
    for kind, series in fit.series.items():
        title, text = _TEXTS[kind]
        found.append({"title": title, "svg": Markup(series_figure(kind, series)), "text": text})
    return found


def series_figure(kind: str, series: Sequence[Series]) -> str:
    """Return model curves with the data they are to describe, as SVG text.

    Parameters
    ----------
    kind : {"spread", "drift", "read"}
        Which axes.
    series : sequence of Series
        At most five are told apart.
    """
    x_label, y_label, x_scale, y_scale = _LABELS[kind]

    def paint(axes: Axes) -> None:
        for i, one in enumerate(series):
            colour, line, marker = _STYLES[i % len(_STYLES)]
            axes.plot([x_scale * x for x in one.x], [y_scale * y for y in one.model], line,
                      color=colour, lw=1.3)  # fmt: skip
            axes.plot([x_scale * x for x in one.points_x], [y_scale * y for y in one.points],
                      marker, color=colour, ms=4, label=one.label)  # fmt: skip
        if kind == "drift":
            axes.set_xscale("log")
        else:
            axes.set_ylim(bottom=0.0)
        axes.grid(axis="y")
        axes.set_xlabel(x_label)
        axes.set_ylabel(y_label)
        if len(series) > 1:
            axes.figure.legend(loc="outside upper center", ncols=5, fontsize=8, handlelength=1.0)

    return draw(f"fit-{kind}", f"{_TEXTS[kind][0].lower()}, data and model", (WIDTH_in, 2.9), paint)


def _check_row(fit: Fit, check: Check) -> tuple[str, str, str, int, list[tuple[str, bool]]]:
    n = sum(len(one.p_values) for one in fit.checks)
    p_values = [
        ("–" if math.isnan(p) else f"{p:.2g}", p * n < ALARM)
        for p in (check.p_mean, check.p_spread, check.p_shape)
    ]
    time = "all" if check.of == "drift" else age_text(check.time_s)
    return check.of, si(check.target_S, "S"), time, check.n, p_values


def _provenance(fit: Fit, command: str) -> list[tuple[str, str]]:
    rows = [("command", command)] if command else []
    rows += [(key.replace("_", " "), str(value)) for key, value in fit.provenance.items()]
    rows += [("device", f"{fit.file.name}, digest {fit.file.digest()}")]
    rows += [
        (f"outlier {row['device']}", f"{si(row['g_S'], 'S')} at target {si(row['target_S'], 'S')}, "
         f"{row['robust_z']} robust spreads off")
        for row in fit.outliers
    ]  # fmt: skip
    return [*rows, ("version", f"aimc_sim {VERSION}")]
