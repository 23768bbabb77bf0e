"""Runs side by side: accuracy, energy, latency and area of each in one table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aimc_sim.report.results.metric import Metric
from aimc_sim.report.sortable import Cell, Table

_METRICS = ("accuracy.reference", "agreement", "energy_J.per_inference",
            "latency_s.per_inference", "area_m2.total")  # fmt: skip


def run_comparison(runs: Sequence[tuple[str, Mapping[str, Any]]]) -> Table | None:
    """Return a table of runs, each with its name; None for fewer than two.

    Parameters
    ----------
    runs : sequence of pairs
        Name, and the JSON of a run.
    """
    if len(runs) < 2:
        return None
    metrics = [Metric(name) for name in _METRICS]
    accuracy = Metric("accuracy.analog.mean")
    rows = []
    for name, tree in runs:
        analog = tree["accuracy"]["analog"]
        row: list[str | Cell] = [name, Cell(accuracy.with_interval(analog), analog["mean"])]
        for metric in metrics:
            value: Any = tree
            for key in metric.name.split("."):
                value = value[key]
            row.append(Cell(metric.text(value), value))
        chips = tree["run"]["chips"]
        rows.append([*row, Cell(str(len(chips)), len(chips))])
    head = ("run", "accuracy", *(_short(metric) for metric in metrics), "chips")
    return Table("Runs compared", head, rows, "± half the 95 % interval over chips.")


def _short(metric: Metric) -> str:
    return "integer model" if metric.name == "accuracy.reference" else metric.title
