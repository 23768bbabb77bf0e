"""Figures of a bill: a tornado of constants, the chip beside digital machines, a floor by area."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from aimc_sim.display import percent, si
from aimc_sim.report.figure import WIDTH_in
from aimc_sim.report.figures import short
from aimc_sim.report.svg import FAINT, INK, MAIN, SECOND, draw

_GRADES = {"measured": 1.0, "fitted": 0.8, "assumed": 0.45}
LEAST_SHARE = 0.004
"""Parts of the floor that are smaller stand together."""


def tornado_figure(swings: Sequence[Mapping[str, Any]], total_J: float) -> str:
    """Return bars from lowest to highest energy, one a constant, the widest on top."""

    def paint(axes: Axes) -> None:
        for i, s in enumerate(swings):
            low, high = min(s["energy_J"]), max(s["energy_J"])
            alpha = _GRADES[s["grade"]]
            axes.barh(i, low - total_J, left=total_J, color=SECOND, alpha=alpha, height=0.66)
            axes.barh(i, high - total_J, left=total_J, color=MAIN, alpha=alpha, height=0.66)
        axes.axvline(total_J, color=INK, lw=0.9)
        names = [short(s["constant"].removeprefix("costs."), 30) for s in swings]
        axes.set_yticks(range(len(swings)), names)
        axes.tick_params(axis="y", length=0)
        axes.invert_yaxis()
        axes.locator_params(axis="x", nbins=4)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda v, _: si(v, "J")))
        axes.set_xlabel("energy per inference")

    return draw("tornado", "energy against each constant alone", (WIDTH_in, 3.4), paint)


def baseline_figure(rows: Sequence[tuple[str, float, tuple[float, float] | None]]) -> str:
    """Return energies per inference on a logarithmic scale, the first row being the chip.

    Parameters
    ----------
    rows : sequence of tuples
        Name, energy [J], and its lowest and highest value where it is an interval.
    """

    def paint(axes: Axes) -> None:
        for i, (_, energy_J, ends) in enumerate(rows):
            axes.barh(i, energy_J, color=MAIN if i == 0 else SECOND, height=0.6)
            if ends is not None and ends[0] != ends[1]:
                axes.plot(ends, (i, i), "|-", color=INK, lw=1.1, ms=7)
            right = max(energy_J, *(ends or (0.0,)))
            axes.text(1.15 * right, i, si(energy_J, "J"), va="center", fontsize=8)
        axes.set_xscale("log")
        every = [v for _, e, ends in rows for v in (e, *(ends or ()))]
        axes.set_xlim(10 ** math.floor(math.log10(min(every)) - 0.3), 12 * max(every))
        axes.set_yticks(range(len(rows)), [short(name) for name, _, _ in rows])
        axes.tick_params(axis="y", length=0)
        axes.invert_yaxis()
        axes.xaxis.set_major_formatter(FuncFormatter(lambda v, _: si(v, "J")))
        axes.set_xlabel("energy per inference")

    return draw(
        "baselines", "energy per inference beside digital machines",
        (WIDTH_in, 0.8 + 0.32 * len(rows)), paint,
    )  # fmt: skip


def layers_figure(by_layer: Mapping[str, Mapping[str, float]], share: float) -> str:
    """Return energy per inference by layer, each bar cut by component.

    Parameters
    ----------
    by_layer : mapping
        ``layer -> component -> energy`` of all inferences [J].
    share : float
        One inference over all of them.
    """
    totals: dict[str, float] = {}
    for parts in by_layer.values():
        for name, energy_J in parts.items():
            totals[name] = totals.get(name, 0.0) + energy_J
    largest = sorted(totals, key=lambda name: -totals[name])[:5]
    layers = [(name, parts) for name, parts in by_layer.items() if any(parts.values())]

    def paint(axes: Axes) -> None:
        left = [0.0] * len(layers)
        shades = [(MAIN, 1.0), (SECOND, 0.9), (MAIN, 0.55), (SECOND, 0.5), (MAIN, 0.25)]
        for name, (colour, alpha) in zip((*largest, None), (*shades, (FAINT, 0.9)), strict=False):
            widths = [
                share * (parts.get(name, 0.0) if name else
                         sum(v for k, v in parts.items() if k not in largest))
                for _, parts in layers
            ]  # fmt: skip
            axes.barh(range(len(layers)), widths, left=left, color=colour, alpha=alpha,
                      height=0.68, label=name or "others")  # fmt: skip
            left = [a + b for a, b in zip(left, widths, strict=True)]
        axes.set_yticks(range(len(layers)), [short(name) for name, _ in layers])
        axes.tick_params(axis="y", length=0)
        axes.invert_yaxis()
        axes.locator_params(axis="x", nbins=4)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda v, _: si(v, "J")))
        axes.figure.legend(loc="outside upper center", ncols=3, fontsize=8, handlelength=1.0)

    height_in = 1.0 + 0.22 * max(len(layers), 2)
    return draw("layers", "energy by layer and component", (WIDTH_in, height_in), paint)


def floor_figure(by_component: Mapping[str, float]) -> str:
    """Return the area of a chip as rectangles in proportion, the largest first."""
    total = math.fsum(by_component.values())
    parts = sorted(((k, v) for k, v in by_component.items() if v > 0.0), key=lambda p: -p[1])
    shown = [(k, v) for k, v in parts if v >= LEAST_SHARE * total]
    rest = total - sum(v for _, v in shown)
    if rest > 0.0:
        shown.append(("others", rest))
    side_mm = 1.0e3 * math.sqrt(total)

    def paint(axes: Axes) -> None:
        boxes = squarify([v / total for _, v in shown])
        for i, ((name, area_m2), (x, y, w, h)) in enumerate(zip(shown, boxes, strict=True)):
            x, y, w, h = (side_mm * value for value in (x, y, w, h))
            axes.bar(x, h, w, y, align="edge", color=MAIN if i % 2 else SECOND, lw=1.2,
                     alpha=0.28 + 0.4 * (i % 3 == 0), edgecolor=INK)  # fmt: skip
            text = f"{name}\n{si(area_m2, 'm2')}, {percent(area_m2 / total, 1)}"
            if w > 0.3 * side_mm and h > 0.09 * side_mm:
                axes.text(x + w / 2, y + h / 2, text, ha="center", va="center", fontsize=7.5)
            elif w > 0.17 * side_mm and h > 0.04 * side_mm:
                axes.text(x + w / 2, y + h / 2, short(name, 11), ha="center", va="center",
                          fontsize=7)  # fmt: skip
        axes.set(xlim=(0, side_mm), ylim=(side_mm, 0), xlabel="mm", ylabel="mm", aspect="equal")

    return draw("floor", "area of the chip by component", (WIDTH_in, 4.0), paint)


def squarify(shares: Sequence[float]) -> list[tuple[float, float, float, float]]:
    """Return rectangles of given areas that fill the unit square, none of them a sliver.

    Parameters
    ----------
    shares : sequence of float
        Areas, descending, summing to 1.

    Returns
    -------
    list of tuples
        Left, top, width, height of each.

    References
    ----------
    .. [1] M. Bruls, K. Huizing, J. van Wijk, "Squarified treemaps", VisSym 2000.

    Examples
    --------
    >>> squarify([0.5, 0.5])
    [(0.0, 0.0, 0.5, 1.0), (0.5, 0.0, 0.5, 1.0)]
    """
    boxes: list[tuple[float, float, float, float]] = []
    x, y, width, height = 0.0, 0.0, 1.0, 1.0
    left = list(shares)
    while left:
        side = min(width, height)
        n = 1
        while n < len(left) and _worst(left[: n + 1], side) <= _worst(left[:n], side):
            n += 1
        row, left = left[:n], left[n:]
        depth = sum(row) / side if side else 0.0
        at = 0.0
        for area in row:
            length = area / depth if depth else 0.0
            boxes.append(
                (x + at, y, length, depth) if width <= height else (x, y + at, depth, length)
            )
            at += length
        if width <= height:
            y, height = y + depth, height - depth
        else:
            x, width = x + depth, width - depth
    return boxes


def _worst(row: Sequence[float], side: float) -> float:
    """Return the largest ratio of the sides of rectangles laid along a side."""
    total = sum(row)
    return max(side**2 * max(row) / total**2, total**2 / (side**2 * min(row)))
