"""What a page says of Sobol indices: bars of first and total order, with intervals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure as Drawing

from aimc_sim.report.figure import Figure, WIDTH_in, slug
from aimc_sim.report.figures import short
from aimc_sim.report.results.metric import Metric
from aimc_sim.report.results.provenance import provenance_rows
from aimc_sim.report.results.section import Section
from aimc_sim.report.results.study import ordered
from aimc_sim.report.sortable import Cell, Table
from aimc_sim.report.svg import INK, MAIN, SECOND

_ORDERS = ("first", "total")


def sensitivity_section(tree: Mapping[str, Any], name: str) -> Section:
    """Return what a page says of the answer of `aimc study sensitivity`."""
    seed = (
        f"Chip instances are averaged, {tree['n_chips']} a point."
        if tree["chip_seed"] == "averaged"
        else "The chip instance is a factor of its own."
    )
    text = (
        "First order: the share of the variance that a factor explains alone. Total: with all its "
        f"interactions. {seed} Lines are 95 % bootstrap intervals."
    )
    return Section(
        name,
        f"Sensitivity, study {tree['study']}",
        [text, *_notes(tree)],
        (),
        sensitivity_figures(tree),
        [_table(tree, name) for name in _drawn(tree)],
        provenance_rows(tree, study=tree["study"], tasks=tree["n_tasks"]),
    )


def sensitivity_figures(tree: Mapping[str, Any]) -> list[Figure]:
    """Return a figure for each metric."""
    return [_figure(tree, name) for name in _drawn(tree)]


def _drawn(tree: Mapping[str, Any]) -> list[str]:
    """Return the metrics that have indices, accuracy first."""
    names = ordered(list(tree["metrics"]))
    return [name for name in names if not tree["metrics"][name].get("note")]


def _label(tree: Mapping[str, Any], factor: str) -> str:
    return str(tree.get("labels", {}).get(factor, ".".join(factor.split(".")[-2:])))


def _notes(tree: Mapping[str, Any]) -> list[str]:
    """Return what is to be said of metrics that have no index, or not all points."""
    found = []
    for name, indices in tree["metrics"].items():
        if indices.get("note"):
            found.append(f"{Metric(name).title}: {indices['note']}.")
        if indices.get("n_missing"):
            found.append(
                f"{Metric(name).title}: {indices['n_missing']} base points were left out: a chip "
                "was refused."
            )
    return found


def _ranked(indices: Mapping[str, Any]) -> list[str]:
    total = indices["total"]
    return sorted(total, key=lambda factor: -(total[factor]["value"] or 0.0))


def _figure(tree: Mapping[str, Any], name: str) -> Figure:
    metric, indices = Metric(name), tree["metrics"][name]
    factors = _ranked(indices)

    def paint(figure: Drawing) -> None:
        axes = figure.add_subplot()
        axes.axvline(0.0, color=INK, lw=0.6)
        for order, aside, colour, hatch in (
            ("first", -0.2, MAIN, ""), ("total", 0.2, SECOND, "///"),
        ):  # fmt: skip
            found = [indices[order].get(factor) or {} for factor in factors]
            values = np.array([each.get("value") or 0.0 for each in found])
            ends = np.array([each.get("ci95") or (np.nan, np.nan) for each in found])
            place = np.arange(len(factors)) + aside
            axes.barh(place, values, 0.36, color=colour, label=order, hatch=hatch, alpha=0.75,
                      edgecolor=colour if hatch else "none", fill=not hatch)  # fmt: skip
            for at, (low, high) in zip(place, ends, strict=True):
                axes.plot([low, high], [at, at], "|-", color=INK, lw=0.9, ms=5)
        axes.set_yticks(range(len(factors)), [short(_label(tree, f), 24) for f in factors])
        axes.tick_params(axis="y", length=0)
        axes.invert_yaxis()
        axes.grid(axis="x")
        axes.set_axisbelow(True)
        axes.set_xlabel(f"share of the variance of {short(metric.title, 30)}")
        figure.legend(loc="outside upper center", ncols=2, fontsize="small")

    rows = [
        (order, factor, index["value"], *(index["ci95"] or (None, None)))
        for order in _ORDERS
        for factor, index in indices[order].items()
    ]
    return Figure(
        f"sobol-{slug(name)}", f"What {metric.title} hangs on",
        f"Sobol indices of {metric.title}; largest total: {_label(tree, factors[0])}",
        f"Mean {metric.text(indices['mean'])}, "
        f"standard deviation {_deviation(metric, indices['variance'])}.",
        (WIDTH_in, 0.95 + 0.32 * max(len(factors), 2)), paint,
        ("order", "factor", "index", "ci95_low", "ci95_high"), rows,
    )  # fmt: skip


def _deviation(metric: Metric, variance: float | None) -> str:
    return metric.text(None if variance is None else max(variance, 0.0) ** 0.5)


def _table(tree: Mapping[str, Any], name: str) -> Table:
    indices = tree["metrics"][name]
    rows: list[list[str | Cell]] = [
        [factor, *(_cell(indices[order].get(factor)) for order in _ORDERS)]
        for factor in _ranked(indices)
    ]
    head = ("factor", "first order", "total")
    return Table(f"Sobol indices of {Metric(name).title}", head, rows)


def _cell(index: Mapping[str, Any] | None) -> Cell:
    if index is None or index["value"] is None:
        return Cell("–", None)
    ends = index["ci95"]
    interval = f" ({ends[0]:.3f} to {ends[1]:.3f})" if ends else ""
    return Cell(f"{index['value']:.3f}{interval}", index["value"])
