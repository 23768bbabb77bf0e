"""The share of good chips at each point of a study, as bars with their binomial intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.figure import Figure as Drawing

from aimc_sim.display import percent
from aimc_sim.report.figure import Figure, WIDTH_in
from aimc_sim.report.figures import short
from aimc_sim.report.results.coordinate import is_number, value_text
from aimc_sim.report.results.metric import Metric
from aimc_sim.report.results.ticks import prepare_axis
from aimc_sim.report.sortable import Cell, Table
from aimc_sim.report.svg import INK, MAIN

_MOST = 40


def place_text(axes: Sequence[Mapping[str, Any]], point: Mapping[str, Any]) -> str:
    """Return the coordinates of a point in words."""
    return ", ".join(
        f"{axis['label']} {value_text(axis['path'], point['coordinates'][axis['path']])}"
        for axis in axes
    )


def shares_figure(tree: Mapping[str, Any]) -> Figure:
    """Return the yield of each point, from the JSON of `aimc study yield`."""
    shown, n = tree["points"][:_MOST], len(tree["points"])

    def paint(figure: Drawing) -> None:
        axes = figure.add_subplot()
        axes.barh(range(len(shown)), [p["share"] for p in shown], 0.62, color=MAIN, alpha=0.75)
        for i, point in enumerate(shown):
            if point["ci95"]:
                axes.plot(point["ci95"], [i, i], "|-", color=INK, lw=0.9, ms=5)
        axes.set_yticks(range(len(shown)), [short(place_text(tree["axes"], p), 26) for p in shown])
        axes.tick_params(axis="y", length=0)
        axes.invert_yaxis()
        prepare_axis(axes, "x", Metric("share"), [0.0, 1.0])
        axes.set_xlim(0.0, 1.0)
        axes.set_xlabel("share of good chips")
        axes.grid(axis="x")
        axes.set_axisbelow(True)

    paths = [axis["path"] for axis in tree["axes"]]
    some = f" The first {_MOST} of {n} points." if n > _MOST else ""
    limit = (
        f"{Metric(tree['metric']).title} of at least {Metric(tree['metric']).text(tree['least'])}"
    )
    return Figure(
        "yield-by-point", "Yield at each point", f"share of chips with {limit} at {n} points",
        f"Share of chips with {limit}; lines are exact binomial intervals.{some}",
        (WIDTH_in, 0.7 + 0.24 * max(len(shown), 2)), paint,
        (*paths, "n_chips", "n_good", "share", "ci95_low", "ci95_high"),
        [(*(p["coordinates"][path] for path in paths), p["n_chips"], p["n_good"], p["share"],
          *(p["ci95"] or (None, None))) for p in tree["points"]],
    )  # fmt: skip


def shares_table(tree: Mapping[str, Any]) -> Table:
    """Return the same in figures."""
    rows = []
    for point in tree["points"]:
        values = [(a["path"], point["coordinates"][a["path"]]) for a in tree["axes"]]
        ends = point["ci95"]
        interval = "–" if ends is None else f"{percent(ends[0], 1)} to {percent(ends[1], 1)}"
        rows.append([
            *(Cell(value_text(path, v), float(v) if is_number(v) else None) for path, v in values),
            Cell(str(point["n_chips"]), point["n_chips"]),
            Cell(str(point["n_good"]), point["n_good"]),
            Cell(percent(point["share"], 1), point["share"]),
            Cell(interval, ends and ends[0]),
        ])  # fmt: skip
    head = [*(axis["label"] for axis in tree["axes"]), "chips", "good", "share", "interval"]
    return Table("Yield at each point", head, rows)
