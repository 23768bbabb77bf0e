"""The error budget told: rows of a table, the largest output error first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aimc_sim.display import percent, text_table

Row = tuple[str, str, str, str, str, str, str]
HEAD: Row = ("", "alone", "costs", "error", "without", "wins", "error")


def score_name(budget: Mapping[str, Any]) -> str:
    """Return which figure the budget is told in: accuracy, or agreement where there is none."""
    return "agreement" if budget["all_on"]["accuracy"] is None else "accuracy"


def score(measure: Mapping[str, Any]) -> float | None:
    """Return the accuracy of a run, or its agreement with the reference without labels."""
    accuracy, agreement = measure["accuracy"], measure["agreement"]
    found: float | None = agreement if accuracy is None else accuracy["mean"]
    return found


def lost_and_won(budget: Mapping[str, Any]) -> dict[str, tuple[float, float]]:
    """Return, by source, the score that it costs alone and that is won without it, ranked."""
    on, off = score(budget["all_on"]) or 0.0, score(budget["all_off"]) or 0.0
    sources = budget["sources"]
    ranked = sorted(sources, key=lambda name: -sources[name]["alone"]["output_error"])
    return {
        name: (
            off - (score(sources[name]["alone"]) or 0.0),
            (score(sources[name]["without"]) or 0.0) - on,
        )
        for name in ranked
    }


def budget_rows(budget: Mapping[str, Any]) -> list[Row]:
    """Return the rows of the table, without its head (`HEAD`)."""
    rows: list[Row] = [
        (text, percent(score(m)), "", percent(m["output_error"]), "", "", "")
        for text, m in (("no source", budget["all_off"]), ("all sources", budget["all_on"]))
    ]
    for name, (lost, won) in lost_and_won(budget).items():
        alone, without = (budget["sources"][name][key] for key in ("alone", "without"))
        rows.append(
            (
                name,
                percent(score(alone)),
                _points(lost, budget["sources"][name]["cost"]),
                percent(alone["output_error"]),
                percent(score(without)),
                _points(won, budget["sources"][name]["gain"]),
                percent(without["output_error"]),
            )
        )
    return rows


def _points(value: float, interval: Mapping[str, Any] | None) -> str:
    """Return percentage points, with half the width of their interval where chips give one."""
    text = f"{100.0 * value + 0.0:.2f}"
    if interval is None or interval["ci95"] is None:
        return text
    low, high = interval["ci95"]
    return f"{text} ± {50.0 * (high - low):.2f}"


def exactness(budget: Mapping[str, Any]) -> str:
    """Return whether the chip without sources is the reference."""
    if budget["exact_without_sources"]:
        return "Without any source the chip equals the integer reference in every code."
    return "Without any source the chip still differs from the integer reference: see docs/budget."


def budget_text(budget: Mapping[str, Any]) -> str:
    """Return the budget as text for a terminal."""
    title = (
        f"error budget in {score_name(budget)} and output error, {budget['n_sequences']} sequences"
    )
    return f"{title}\n{text_table([HEAD, *budget_rows(budget)], indent='  ')}\n" + exactness(budget)


__all__ = ["HEAD", "budget_rows", "budget_text", "exactness", "lost_and_won", "score_name"]
