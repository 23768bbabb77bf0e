"""Plots of a results file, and how its rows are found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from situation import PAIR, RATES, Case, SIGMA_uS

COLOURS = {"5 bits": "#1f6fb4", "8 bits": "#c0392b", "8 bits, B 5": "#2e8b57"}
STYLE = {
    "svg.hashsalt": "imssa",
    "font.size": 9.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.linewidth": 0.4,
    "grid.color": "#dddddd",
    "legend.frameon": False,
}
Row = dict[str, Any]


class Results:
    """The rows of a results file, found by their case."""

    def __init__(self, path: Path) -> None:
        tree = json.loads(path.read_text(encoding="utf-8"))
        self.window: dict[str, dict[str, float]] = tree["window"]
        self._rows: dict[Case, Row] = {}
        for row in tree["rows"]:
            self._rows[Case(**{k: row[k] for k in Case.__dataclass_fields__})] = row

    def of(self, model: str, **changes: Any) -> Row:
        """Return the row of a case."""
        return self._rows[Case(model, **changes)]


def half(row: Row) -> float:
    """Return half of the 95 % interval over chip instances."""
    low, high = row["ci95"]
    return float(high - low) / 2


def curve(axes: Axes, x: list[float], rows: list[Row], label: str, **style: Any) -> None:
    """Draw accuracy with its 95 % interval over chip instances."""
    mean = [100 * r["mean"] for r in rows]
    low = [max(100 * (r["mean"] - half(r)), 0) for r in rows]
    high = [min(100 * (r["mean"] + half(r)), 100) for r in rows]
    axes.fill_between(x, low, high, color=style["color"], alpha=0.15, lw=0)
    axes.plot(x, mean, marker="o", ms=3.5, lw=1.3, label=label, **style)


def write_noise_figure(results: Results) -> Figure:
    """Accuracy against write noise, fused and hybrid side by side."""
    figure = Figure(figsize=(7.2, 3.2), layout="constrained")
    panels = figure.subplots(1, 2, sharey=True)
    titles = {"fused": "fused: A, B and C on the array", "hybrid": "hybrid: A digital"}
    for axes, (mapping, title) in zip(panels, titles.items(), strict=True):
        for model, colour in COLOURS.items():
            rows = [results.of(model, sigma_write_uS=s, mapping=mapping) for s in SIGMA_uS]
            curve(axes, list(SIGMA_uS), rows, model, color=colour)
        axes.axhline(10, color="#888888", lw=0.8, ls=":", label="chance")
        axes.set(title=title, xlabel="write noise σ [µS]", ylim=(0, 103), xlim=(-0.5, 30.5))
    panels[0].set_ylabel("accuracy [%]")
    panels[0].legend(loc="lower left", bbox_to_anchor=(0.0, 0.1))
    return figure


def stuck_figure(results: Results) -> Figure:
    """Accuracy against the rate of devices stuck on and stuck off."""
    figure = Figure(figsize=(5.2, 3.2), layout="constrained")
    axes = figure.subplots()
    for model in PAIR:
        colour = COLOURS[model]
        for kind, rates, ls in (("stuck_on", RATES, "-"), ("stuck_off", RATES[2:], "--")):
            rows = [results.of(model, **{kind: rate}) for rate in rates]
            label = f"{kind.replace('_', ' ')}, {model}"
            curve(axes, [100 * r for r in rates], rows, label, color=colour, ls=ls)
    axes.axhline(10, color="#888888", lw=0.8, ls=":", label="chance")
    axes.set(xscale="log", xlabel="stuck devices [%]", ylabel="accuracy [%]", ylim=(0, 103))
    axes.xaxis.set_major_formatter(lambda v, _: f"{v:g}")
    axes.legend(loc="center right", bbox_to_anchor=(0.9, 0.42), fontsize=8)
    return figure
