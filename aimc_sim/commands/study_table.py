"""Studies as text: points with means and intervals, and how far they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aimc_sim.display import percent, si, text_table

_UNITS = {"energy_J": "J", "latency_s": "s", "area_m2": "m2"}
_MOST = 60


def study_table(tree: Mapping[str, Any]) -> str:
    """Return the points of a study as a table, from its JSON.

    Parameters
    ----------
    tree : mapping
        From `aimc_sim.study.summary.study_json`.
    """
    axes, metrics = tree["axes"], tree["metrics"]
    head = [*(axis["label"] for axis in axes), "chips", *map(short, metrics)]
    rows: list[list[str]] = [head]
    for point in tree["points"][:_MOST]:
        row = [value_text(point["coordinates"][axis["path"]]) for axis in axes]
        row.append(str(point["n_chips"]))
        row += [figure(name, point["metrics"][name]) for name in metrics]
        rows.append(row)
    lines = [text_table(rows)]
    if len(tree["points"]) > _MOST:
        lines.append(f"... and {len(tree['points']) - _MOST} more points")
    refused = [point for point in tree["points"] if point["refused"]]
    if refused:
        first = refused[0]
        place = ", ".join(f"{k}={v}" for k, v in first["coordinates"].items())
        lines.append(f"{len(refused)} points were refused, the first, {place}: {first['refused']}")
    return "\n".join(lines) + "\n"


def figure(name: str, metric: Mapping[str, Any]) -> str:
    """Return a metric with its interval, in its unit."""
    mean, ci95 = metric["mean"], metric["ci95"]
    if mean is None:
        return "–"
    unit = _UNITS.get(name.partition(".")[0])
    if unit:
        return si(mean, unit)
    if name.startswith(("accuracy", "agreement")):
        half = "" if ci95 is None else f" ± {50.0 * (ci95[1] - ci95[0]):.2f}"
        return percent(mean) if not half else f"{100.0 * mean:.2f}{half} %"
    return f"{mean:.4g}" if ci95 is None else f"{mean:.4g} ± {0.5 * (ci95[1] - ci95[0]):.2g}"


def short(name: str) -> str:
    """Return a metric as a heading."""
    known = {
        "accuracy.analog.mean": "accuracy",
        "accuracy.reference": "reference",
        "energy_J.per_inference": "energy",
        "latency_s.per_inference": "latency",
        "area_m2.total": "area",
    }
    return known.get(name, name)


def value_text(value: Any) -> str:
    """Return a coordinate as text."""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


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
