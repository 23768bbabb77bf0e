"""What a page says of a yield: chips against the limit, the share that meets it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure as Drawing
from matplotlib.ticker import MaxNLocator

from aimc_sim.display import percent
from aimc_sim.report.figure import Figure, WIDTH_in
from aimc_sim.report.results.coordinate import value_text
from aimc_sim.report.results.good_chips import shares_figure, shares_table
from aimc_sim.report.results.metric import Metric
from aimc_sim.report.results.provenance import provenance_rows
from aimc_sim.report.results.section import Section
from aimc_sim.report.results.ticks import prepare_axis
from aimc_sim.report.sortable import Cell, Table
from aimc_sim.report.svg import INK, MAIN, SECOND

_MOST_BINS = 40


def yield_section(tree: Mapping[str, Any], name: str) -> Section:
    """Return what a page says of the answer of `aimc study yield`."""
    metric, several = Metric(tree["metric"]), _is_of_several(tree)
    place = ", ".join(f"{path} {value_text(path, v)}" for path, v in tree["coordinates"].items())
    rows = [(f"chip {i}", Cell(metric.text(v), v), _judged(tree, v))
            for i, v in enumerate(tree["per_chip"])]  # fmt: skip
    head = ("chip", metric.title, f"at least {metric.text(tree['least'])}")
    which = "First point: " if several else ""
    return Section(
        name,
        f"Yield, study {tree['study']}",
        [which + _answer(tree)],
        [(percent(tree["share"], 1), "of chips are good", _interval(tree))],
        yield_figures(tree),
        [*([shares_table(tree)] if several else []), Table("Chips", head, rows)],
        provenance_rows(tree, study=tree["study"], chip=place or None),
    )


def _is_of_several(tree: Mapping[str, Any]) -> bool:
    return len(tree.get("points") or ()) > 1


def _judged(tree: Mapping[str, Any], value: float | None) -> str:
    return "–" if value is None else "yes" if value >= tree["least"] else "no"


def _interval(tree: Mapping[str, Any]) -> str:
    if tree["ci95"] is None:
        return f"{tree['n_good']} of {tree['n_chips']}"
    low, high = tree["ci95"]
    return f"{tree['n_good']} of {tree['n_chips']}; {percent(low, 1)} to {percent(high, 1)} (95 %)"


def _answer(tree: Mapping[str, Any]) -> str:
    metric = Metric(tree["metric"])
    return (
        f"{percent(tree['share'], 1)} of chips have {metric.title} of at least "
        f"{metric.text(tree['least'])}: {_interval(tree)}."
    )


def yield_figures(tree: Mapping[str, Any]) -> list[Figure]:
    """Return the yield of each point, where there are several, and the chips of the first."""
    return [*([shares_figure(tree)] if _is_of_several(tree) else []), _chips_figure(tree)]


def _chips_figure(tree: Mapping[str, Any]) -> Figure:
    """Return a histogram of chips, and below it a stroke for each."""
    metric, least = Metric(tree["metric"]), tree["least"]
    known = np.array([v for v in tree["per_chip"] if v is not None])

    def paint(figure: Drawing) -> None:
        bars, strip = figure.subplots(2, 1, sharex=True, height_ratios=(5, 1))
        edges = _edges(known, least)
        for some, colour, hatch, label in (
            (known[known >= least], MAIN, "", "good"), (known[known < least], SECOND, "///", "bad"),
        ):  # fmt: skip
            counts = np.histogram(some, edges)[0]
            bars.bar(edges[:-1], counts, np.diff(edges), align="edge", color=colour,
                     edgecolor=colour, hatch=hatch, fill=not hatch, lw=0.5,
                     label=label)  # fmt: skip
            strip.plot(some, np.zeros(len(some)), "|", color=colour, ms=9, mew=0.9)
        for axes in (bars, strip):
            axes.axvline(least, color=INK, lw=1.0, ls="--", label="limit")
        bars.set_ylabel("chips")
        bars.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=5))
        strip.set_yticks([])
        strip.spines["left"].set_visible(False)
        prepare_axis(strip, "x", metric, [])
        handles, labels = bars.get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper center", ncols=3, fontsize="small")

    rows = [(i, v, _judged(tree, v)) for i, v in enumerate(tree["per_chip"])]
    return Figure(
        "yield", f"Chips against the limit of {metric.text(least)}", _answer(tree),
        f"{_answer(tree)} A stroke is a chip.", (WIDTH_in, 3.0), paint,
        ("chip", tree["metric"], "good"), rows,
    )  # fmt: skip


def _edges(known: Any, least: float) -> Any:
    """Return edges of bins, one of them at the limit, so that no bar is both good and bad."""
    low = min([least, *known])
    high = max([least, *known])
    n = min(max(int(np.ceil(2 * len(known) ** 0.5)), 4), _MOST_BINS)
    width = (high - low) / n or max(abs(least), 1.0) * 0.005
    below, above = int(np.ceil((least - low) / width)), int((high - least) / width) + 1
    return least + width * np.arange(-below, above + 1)
