"""What a page says of the loosest value that keeps an accuracy: what was tried, and the bracket."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing

from aimc_sim.report.figure import Figure, WIDTH_in, slug
from aimc_sim.report.results.coordinate import is_number, value_text
from aimc_sim.report.results.metric import Metric
from aimc_sim.report.results.provenance import provenance_rows
from aimc_sim.report.results.scale import Scale
from aimc_sim.report.results.section import Section
from aimc_sim.report.results.ticks import prepare_axis
from aimc_sim.report.sortable import Cell, Table
from aimc_sim.report.svg import INK, MAIN, SECOND, THIRD

_LOOKS = {"holds": ("o", MAIN, "full"), "fails": ("X", SECOND, "full"),
          "undecided": ("D", THIRD, "none")}  # fmt: skip
_SCALES = {"integer": "linear", "list": "category"}


def spec_section(tree: Mapping[str, Any], name: str) -> Section:
    """Return what a page says of the answer of `aimc study spec`."""
    metric = Metric(tree["metric"])
    limit = f"{metric.title} of at least {metric.text(tree['limit'])}"
    if tree["reference"] is not None:
        limit += f", which is {100 * tree['within']:g} % below {metric.text(tree['reference'])}"
    return Section(
        name,
        f"Specification of {tree['label']}, study {tree['study']}",
        [tree["verdict"], f"Asked for: {limit}, at {100 * tree['confidence']:g} % confidence."],
        [
            (_value(tree, tree["holds"]), "still holds", tree["label"]),
            (_value(tree, tree["fails"]), "fails", tree["label"]),
        ],
        spec_figures(tree),
        [_table(tree, metric)],
        provenance_rows(tree, study=tree["study"], parameter=tree["parameter"],
                        tasks=tree["n_tasks"]),
    )  # fmt: skip


def _value(tree: Mapping[str, Any], value: Any) -> str:
    return "–" if value is None else value_text(tree["parameter"], value)


def spec_figures(tree: Mapping[str, Any]) -> list[Figure]:
    """Return the one figure."""
    metric, probes = Metric(tree["metric"]), tree["probes"]
    tried = [*(p["value"] for p in probes), tree["holds"], tree["fails"]]
    scale = Scale.of(
        {"path": tree["parameter"], "label": tree["label"],
         "scale": _SCALES.get(tree["scale"], tree["scale"])},
        [value for value in tried if value is not None],
    )  # fmt: skip

    def paint(figure: Drawing) -> None:
        axes = figure.add_subplot()
        _paint_bracket(axes, tree, scale)
        axes.axhline(tree["limit"], color=INK, lw=1.0, ls="--", label="limit")
        if tree["reference"] is not None:
            axes.axhline(tree["reference"], color=INK, lw=0.8, ls=":", label="reference")
        for verdict, (marker, colour, fill) in _LOOKS.items():
            some = [p for p in probes if p["verdict"] == verdict and p["mean"] is not None]
            _paint_probes(axes, some, scale, marker=marker, color=colour, fillstyle=fill,
                          label=verdict)  # fmt: skip
        prepare_axis(axes, "y", metric, [p["mean"] for p in probes])
        scale.prepare(axes)
        axes.grid(axis="y")
        axes.set_axisbelow(True)
        figure.legend(loc="outside upper center", ncols=3, fontsize="small", handlelength=1.8)

    return [Figure(
        f"spec-{slug(tree['parameter'])}", f"Search for {tree['label']}",
        f"{metric.title} against {tree['label']}: {tree['verdict']}",
        "Mean over chips with its 95 % interval at every value that was tried; the answer lies in "
        "the shaded bracket.",
        (WIDTH_in, 3.1), paint,
        ("value", "mean", "ci95_low", "ci95_high", "n_chips", "verdict"),
        [(p["value"], p["mean"], *(p["ci95"] or (None, None)), p["n_chips"], p["verdict"])
         for p in probes],
    )]  # fmt: skip


def _paint_bracket(axes: Axes, tree: Mapping[str, Any], scale: Scale) -> None:
    if tree["holds"] is None or tree["fails"] is None:
        return
    ends = sorted(scale.place(tree[name]) for name in ("holds", "fails"))
    axes.axvspan(*ends, color=MAIN, alpha=0.15, lw=0, label="bracket")


def _paint_probes(
    axes: Axes, probes: Sequence[Mapping[str, Any]], scale: Scale, **look: Any
) -> None:
    if not probes:
        return
    at = [scale.place(p["value"]) for p in probes]
    means = np.array([p["mean"] for p in probes])
    ends = np.array([p["ci95"] or (np.nan, np.nan) for p in probes])
    bars = None if np.isnan(ends).all() else np.maximum(np.abs(ends.T - means), 0.0)
    axes.errorbar(at, means, bars, ls="none", ms=5, capsize=2.5, elinewidth=0.9, **look)


def _table(tree: Mapping[str, Any], metric: Metric) -> Table:
    rows = []
    for probe in tree["probes"]:
        value = probe["value"]
        shown = Cell(_value(tree, value), float(value) if is_number(value) else None)
        chips = Cell(str(probe["n_chips"]), probe["n_chips"])
        mean = Cell(metric.with_interval(probe), probe["mean"])
        rows.append((shown, probe["verdict"], chips, mean))
    return Table("Values tried", (tree["label"], "verdict", "chips", metric.title), rows, "", 2)
