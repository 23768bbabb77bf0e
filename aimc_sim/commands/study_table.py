"""Studies as text: points with means and intervals, and how far they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aimc_sim.display import percent, text_table
from aimc_sim.report.results.coordinate import value_text
from aimc_sim.report.results.metric import Metric

_MOST = 60


def study_table(tree: Mapping[str, Any]) -> str:
    """Return the points of a study as a table, from its JSON.

    Parameters
    ----------
    tree : mapping
        From `aimc_sim.study.summary.study_json`.
    """
    axes, metrics = tree["axes"], tree["metrics"]
    head = [*(axis["label"] for axis in axes), "chips", *(Metric(name).heading for name in metrics)]
    rows: list[list[str]] = [head]
    for point in tree["points"][:_MOST]:
        row = [value_text(axis["path"], point["coordinates"][axis["path"]]) for axis in axes]
        row.append(str(point["n_chips"]))
        row += [Metric(name).with_interval(point["metrics"][name]) for name in metrics]
        rows.append(row)
    lines = [text_table(rows)]
    if len(tree["points"]) > _MOST:
        lines.append(f"... and {len(tree['points']) - _MOST} more points")
    refused = [point for point in tree["points"] if point["refused"]]
    if refused:
        first = refused[0]
        place = ", ".join(f"{k}={value_text(k, v)}" for k, v in first["coordinates"].items())
        lines.append(f"{len(refused)} points were refused, the first, {place}: {first['refused']}")
    return "\n".join(lines) + "\n"


def status_table(tree: Mapping[str, Any]) -> str:
    """Return how far the studies of a results file are."""
    rows: list[list[str]] = [["study", "digest", "points", "tasks", "finished", "refused"]]
    for study in tree["studies"]:
        n, done = study["n_tasks"], study["n_done"]
        share = f"{done} ({percent(done / n, 1)})" if n else "0"
        rows.append(
            [study["study"], study["digest"][:8], str(study["n_points"]), str(n), share,
             str(study["n_refused"])]
        )  # fmt: skip
    return text_table(rows) + "\n"
