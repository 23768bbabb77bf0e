"""What a page says of a study: curves, maps, its points, what was refused, its base chip."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aimc_sim.report.figure import Figure
from aimc_sim.report.figures import accuracy_figure
from aimc_sim.report.results.coordinate import is_number, value_text
from aimc_sim.report.results.curves import STYLES, curve_figure
from aimc_sim.report.results.floor import floor_figure
from aimc_sim.report.results.good_chips import place_text
from aimc_sim.report.results.heat_map import heat_figure
from aimc_sim.report.results.metric import ACCURACY
from aimc_sim.report.results.points import Points
from aimc_sim.report.results.provenance import provenance_rows
from aimc_sim.report.results.scatter import scatter_figure
from aimc_sim.report.results.section import Section
from aimc_sim.report.run_section import Card, run_figures_of, run_tables
from aimc_sim.report.sortable import Cell, Table

_MOST_ROWS = 500
SAMPLED = ("lhs", "sobol", "saltelli")


def study_section(tree: Mapping[str, Any], name: str) -> Section:
    """Return what a page says of a study, from its JSON."""
    texts = [text for text in (tree.get("description"), _about(tree), _constants(tree)) if text]
    figures, tables = study_figures(tree), [points_table(tree), *_refused(tree)]
    record = tree.get("record")
    if record:
        tables += run_tables(record)
        texts.append("Figures and tables of one run are those of the base chip.")
    return Section(
        name,
        f"Study {tree['name']}",
        texts,
        headline(tree),
        figures,
        tables,
        provenance_rows(tree, study=tree["digest"], design=tree["sampling"]),
    )


def study_figures(tree: Mapping[str, Any]) -> list[Figure]:
    """Return the figures of a study, accuracy first, then those of its base chip."""
    found = [figure for points in varied(tree) for figure in _figures_of(points, tree)]
    if tree.get("floor"):
        found.append(floor_figure(tree["floor"]))
    return found + (run_figures_of(tree["record"]) if tree.get("record") else [])


def ordered(metrics: list[str]) -> list[str]:
    """Return metrics, accuracy first."""
    return sorted(metrics, key=lambda name: name != ACCURACY)


def varied(tree: Mapping[str, Any]) -> list[Points]:
    """Return the points in accuracy, and in every metric that is not the same at all."""
    every = [Points.of(tree, name) for name in ordered(tree["metrics"])]
    return [p for p in every if p.metric.name == ACCURACY or not p.is_the_same]


def _figures_of(points: Points, tree: Mapping[str, Any]) -> list[Figure]:
    """Return the figures that suit what is varied."""
    n_axes = len(points.scales)
    if n_axes == 0:
        return _chips(points, tree)
    if n_axes > 2 or tree["sampling"] in SAMPLED:
        return [scatter_figure(points)]
    if n_axes == 1:
        return [curve_figure(points, tree)]
    few = len(points.scales[1].values) <= len(STYLES)
    return ([curve_figure(points, tree)] if few else []) + [heat_figure(points)]


def _chips(points: Points, tree: Mapping[str, Any]) -> list[Figure]:
    """Return accuracy of each chip of a study that varies nothing."""
    found = points.at(points.points[0]) if points.points else None
    if points.metric.name != ACCURACY or not found or found["mean"] is None:
        return []
    pairs = [(i, v) for i, v in enumerate(found["per_chip"]) if v is not None]
    analog = {**found, "per_chip": [v for _, v in pairs]}
    reference = (tree.get("reference") or {}).get("accuracy")
    return [accuracy_figure({"reference": reference, "analog": analog}, [i for i, _ in pairs])]


def headline(tree: Mapping[str, Any]) -> list[Card]:
    """Return the best accuracy, the reference, and how much was run."""
    cards: list[Card] = []
    accuracy = Points.of(tree, ACCURACY)
    known = [(mean, p) for p in tree["points"] if (mean := accuracy.at(p)["mean"]) is not None]
    if known:
        best, point = max(known, key=lambda pair: pair[0])
        cards.append((accuracy.metric.text(best), "best accuracy", place_text(tree["axes"], point)))
    reference = (tree.get("reference") or {}).get("accuracy")
    if reference is not None:
        cards.append((accuracy.metric.text(reference), "integer model", "accuracy without a chip"))
    refused = sum(p["refused"] is not None for p in tree["points"])
    chips = sum(p["n_chips"] for p in tree["points"])
    remark = f"{chips:,} runs of one chip each" + (f", {refused} refused" if refused else "")
    return [*cards, (f"{len(tree['points']):,}", "points", remark)]


def _about(tree: Mapping[str, Any]) -> str:
    axes = ", ".join(
        axis["label"] + (f" ({axis['path']})" if axis["path"] != axis["label"] else "")
        for axis in tree["axes"]
    )
    design = "All combinations" if tree["sampling"] == "grid" else f"Sampled ({tree['sampling']})"
    return f"{design} of {axes}." if axes else "Nothing is varied."


def _constants(tree: Mapping[str, Any]) -> str:
    """Return the metrics that are the same at all points, which no figure shows."""
    same = []
    for name in tree["metrics"]:
        points = Points.of(tree, name)
        values = [mean for mean in points.means if mean is not None]
        if name != ACCURACY and points.is_the_same and values:
            same.append(f"{points.metric.title} {points.metric.text(values[0])}")
    return f"The same at all points: {', '.join(same)}." if same else ""


def points_table(tree: Mapping[str, Any]) -> Table:
    """Return coordinates of every point, and the metrics that are not the same at all."""
    axes, metrics = tree["axes"], [p.metric for p in varied(tree)]
    rows = []
    for point in tree["points"][:_MOST_ROWS]:
        row = [
            Cell(value_text(path, value), float(value) if is_number(value) else None)
            for path, value in ((a["path"], point["coordinates"][a["path"]]) for a in axes)
        ]
        row.append(Cell(str(point["n_chips"]), point["n_chips"]))
        for metric in metrics:
            found = point["metrics"].get(metric.name) or {"mean": None, "ci95": None}
            row.append(Cell(metric.with_interval(found), found["mean"]))
        rows.append([Cell(str(point["point"]), point["point"]), *row])
    n = len(tree["points"])
    text = "Mean over chips, ± half the 95 % interval."
    if n > _MOST_ROWS:
        text += f" The first {_MOST_ROWS} of {n:,} points; the data of a figure have all."
    head = ["point", *(axis["label"] for axis in axes), "chips", *(m.title for m in metrics)]
    return Table("Points", head, rows, text)


def _refused(tree: Mapping[str, Any]) -> list[Table]:
    """Return the points that cannot be simulated, and why."""
    rows = [
        (Cell(str(p["point"]), p["point"]), place_text(tree["axes"], p), p["refused"])
        for p in tree["points"]
        if p["refused"]
    ]
    head = ("point", "chip", "reason")
    text = "Such a chip contradicts itself or the model; nothing was run."
    return [Table("Refused points", head, rows[:_MOST_ROWS], text, 3)] if rows else []
