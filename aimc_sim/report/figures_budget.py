"""The error budget as bars: what each source costs alone, and what is won without it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure as Drawing
from matplotlib.ticker import FuncFormatter, MaxNLocator

from aimc_sim.report.budget import lost_and_won, score_name
from aimc_sim.report.figure import Figure, WIDTH_in
from aimc_sim.report.svg import INK, MAIN, SECOND


def budget_figure(budget: Mapping[str, Any]) -> Figure:
    """Return two bars a source, in percentage points, the largest output error on top."""
    parts = lost_and_won(budget)
    lost, won = (100.0 * np.array([pair[i] for pair in parts.values()]) for i in (0, 1))
    place = np.arange(len(parts))

    def paint(figure: Drawing) -> None:
        axes = figure.add_subplot()
        axes.axvline(0.0, color=INK, lw=0.6)
        axes.barh(place - 0.2, lost, 0.36, color=MAIN, label="lost with it alone")
        axes.barh(place + 0.2, won, 0.36, color=SECOND, label="won without it",
                  hatch="///", fill=False, edgecolor=SECOND)  # fmt: skip
        axes.set_yticks(place, [name.replace("_", " ") for name in parts])
        axes.tick_params(axis="y", length=0)
        axes.invert_yaxis()
        low, high = min(0.0, *lost, *won), max(0.0, *lost, *won)
        pad = 0.08 * max(high - low, 0.5)
        axes.set_xlim(low - pad, high + pad)
        axes.xaxis.set_major_locator(MaxNLocator(nbins=6))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:.4g}"))
        axes.grid(axis="x")
        axes.set_axisbelow(True)
        axes.set_xlabel(f"{score_name(budget)} [percentage points]")
        figure.legend(loc="outside upper center", ncols=2, fontsize=8, handlelength=1.2)

    text = (
        f"{score_name(budget).capitalize()} lost with one source alone, and won with one source "
        "switched off, on the same random draws; the largest output error is on top."
    )
    return Figure(
        "budget", "Error budget", "error budget by source", text,
        (WIDTH_in, 0.95 + 0.3 * max(len(parts), 2)), paint,
        ("source", "lost_with_it_alone", "won_without_it"),
        [(name, *pair) for name, pair in parts.items()],
    )  # fmt: skip
