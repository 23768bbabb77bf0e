"""The table that `aimc mvm` prints: figures of every matrix, and of every point of a sweep."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aimc_sim.devices.laws import age_text
from aimc_sim.display import percent, text_table
from aimc_sim.report.table import chips_text, half_width

HEAD = ("error", "per vector", "sigma", "ENOB", "gain", "offset", "residual", "saturated")
"""Columns, in the order of the figures; docs/mvm.md says what each is."""


def mvm_table(tree: Mapping[str, Any]) -> str:
    """Return the table from the JSON (`aimc_sim.report.mvm_json.mvm_json`)."""
    parts = [f"{what(tree)}\n{text_table(matrix_rows(tree))}"]
    for sweep in tree["against"]:
        parts.append(f"against {sweep['axis']}\n{text_table(sweep_rows(sweep))}")
    return "\n\n".join(parts) + "\n"


def what(tree: Mapping[str, Any]) -> str:
    """Return in one line what was measured."""
    run, work = tree["run"], tree["workload"]
    size = f"tiles of {run['n_wordlines']} x {run['n_columns']} weights"
    return (
        f"{run['chip']}, {size}, {chips_text(run['chips'])}, {work['n_vectors']} vectors, "
        f"{age_text(run['age_s'])}, calibration {run['calibration']}"
    )


def matrix_rows(tree: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Return head and one row a matrix, and the mean of several."""
    rows: list[tuple[str, ...]] = [("matrix", *HEAD)]
    rows += [(name, *cells(m["figures"])) for name, m in tree["matrices"].items()]
    if len(tree["matrices"]) > 1:
        rows.append(("mean", *cells(tree["figures"])))
    return rows


def sweep_rows(sweep: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Return head and one row a point: the mean over the matrices."""
    points = [(point["label"], *cells(point["figures"])) for point in sweep["points"]]
    return [(sweep["axis"], *HEAD), *points]


def cells(figures: Mapping[str, Any]) -> tuple[str, ...]:
    """Return every figure as text; error and ENOB with half of their 95 % interval."""
    shown = []
    for name, figure in figures.items():
        mean = figure["mean"]
        if name in ("enob", "gain"):
            text = "–" if mean is None else f"{mean:.2f}" if name == "enob" else f"{mean:.4f}"
        else:
            text = percent(mean)
            text = text.removeprefix("-") if text == "-0.00 %" else text
        half = half_width(figure)
        if half is not None and name == "eta":
            text += f" ± {100.0 * half:.2f}"
        elif half is not None and name == "enob":
            text += f" ± {half:.2f}"
        shown.append(text)
    return tuple(shown)
