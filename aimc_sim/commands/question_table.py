"""Answers to questions about many runs, as text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aimc_sim.display import percent, text_table
from aimc_sim.report.results.coordinate import value_text
from aimc_sim.report.results.metric import Metric


def yield_table(tree: Mapping[str, Any]) -> str:
    """Return the share of good chips at every point."""
    axes = tree["axes"]
    rows = [[*(axis["label"] for axis in axes), "chips", "good", "share", "95 % interval"]]
    for point in tree["points"]:
        ends = point["ci95"]
        interval = "–" if ends is None else f"{percent(ends[0], 1)} to {percent(ends[1], 1)}"
        rows.append(
            [*(value_text(axis["path"], point["coordinates"][axis["path"]]) for axis in axes),
             str(point["n_chips"]), str(point["n_good"]), percent(point["share"], 1), interval]
        )  # fmt: skip
    return f"chips with {tree['metric']} of at least {tree['least']:g}\n\n{text_table(rows)}\n"


def sensitivity_table(tree: Mapping[str, Any]) -> str:
    """Return first-order and total indices, one table a metric."""
    lines = []
    for name, found in tree["metrics"].items():
        lines.append(f"{Metric(name).heading}: " + (found["note"] or "shares of its variance"))
        if found["note"] is None:
            rows = [["factor", "first order", "95 %", "total", "95 %"]]
            for factor in tree["factors"]:
                first, total = found["first"][factor], found["total"][factor]
                rows.append(
                    [tree["labels"][factor], f"{first['value']:.3f}", _ends(first["ci95"]),
                     f"{total['value']:.3f}", _ends(total["ci95"])]
                )  # fmt: skip
            lines.append(text_table(rows, indent="  "))
        if found["n_missing"]:
            lines.append(f"  {found['n_missing']} base points were left out: a chip was refused")
    chips = (
        "the chip instance is a factor of its own"
        if tree["chip_seed"] == "factor"
        else f"means over {tree['n_chips']} chips"
    )
    lines.append(f"\n{tree['n_tasks']} tasks, {tree['n_base']} base points, {chips}")
    return "\n".join(lines) + "\n"


def _ends(ends: list[float]) -> str:
    return f"{ends[0]:.3f} to {ends[1]:.3f}"


def spec_table(tree: Mapping[str, Any]) -> str:
    """Return what was probed, and the answer."""
    rows = [[tree["label"], "accuracy", "95 %", "chips", "verdict"]]
    for probe in tree["probes"]:
        ends = probe["ci95"]
        interval = "–" if ends is None else f"{percent(ends[0])} to {percent(ends[1])}"
        rows.append(
            [value_text(tree["parameter"], probe["value"]), percent(probe["mean"]), interval,
             str(probe["n_chips"]), probe["verdict"]]
        )  # fmt: skip
    return f"{text_table(rows)}\n\n{tree['verdict']}; {tree['n_tasks']} tasks\n"


def pareto_table(tree: Mapping[str, Any]) -> str:
    """Return the choices on the front, by their first objective."""
    axes, metrics = tree["axes"], [o["metric"] for o in tree["objectives"]]
    best = [trial for trial in tree["trials"] if trial["is_on_front"]]
    rows = [[*(axis["label"] for axis in axes), *(Metric(name).heading for name in metrics)]]
    for trial in sorted(best, key=lambda t: [-t["values"][m] for m in metrics]):
        place = [value_text(axis["path"], trial["coordinates"][axis["path"]]) for axis in axes]
        rows.append([*place, *(Metric(m).text(trial["values"][m]) for m in metrics)])
    refused = sum(trial["refused"] is not None for trial in tree["trials"])
    more = f", {refused} of them refused" if refused else ""
    return (
        f"{text_table(rows)}\n\n{len(best)} of {tree['n_trials']} choices are on the front{more}; "
        f"means over {tree['n_chips']} chips; the same for any number of workers\n"
    )
