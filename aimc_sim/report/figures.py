"""The figures of the page: accuracy, error against step, where energy and area go, a tile."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure as Drawing
from matplotlib.ticker import FuncFormatter, MaxNLocator

from aimc_sim.crossbar.tile import Tiles
from aimc_sim.devices.laws import age_text
from aimc_sim.display import percent, si
from aimc_sim.mapping.tile_plan import TilePlan
from aimc_sim.report.figure import Figure, WIDTH_in
from aimc_sim.report.svg import MAIN, SECOND

_SIGNED = LinearSegmentedColormap.from_list(
    "signed", [(0.0, (0.13, 0.45, 0.80, 1.0)), (0.5, (0.5, 0.5, 0.5, 0.0)),
               (1.0, (0.85, 0.25, 0.15, 1.0))])  # fmt: skip
"""Blue below, red above, and nothing at zero, so that it reads on light and on dark."""


def accuracy_figure(accuracy: Mapping[str, Any], chips: Sequence[int]) -> Figure:
    """Return accuracy of each chip, mean, 95 % interval, and the integer reference."""
    analog = accuracy["analog"]

    def paint(figure: Drawing) -> None:
        axes = figure.add_subplot()
        if analog["ci95"] is not None:
            axes.axhspan(*analog["ci95"], color=MAIN, alpha=0.15, lw=0, label="95 % interval")
        axes.axhline(accuracy["reference"], color=SECOND, lw=1.2, ls="--", label="reference")
        axes.axhline(analog["mean"], color=MAIN, lw=1.0, label="mean")
        axes.plot(chips, analog["per_chip"], "o", color=MAIN, ms=5, label="chip")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=10, min_n_ticks=1))
        axes.set_xlim(min(chips) - 0.6, max(chips) + 0.6)
        low, high = axes.get_ylim()
        margin = max(0.15 * (high - low), 0.005)
        low, high = max(low - margin, 0.0), min(high + margin, 1.0)
        axes.set_ylim(low, high + 0.03 * (high - low))
        ticks = MaxNLocator(nbins=6, steps=[1, 2, 5, 10]).tick_values(low, high)
        axes.set_yticks([tick for tick in ticks if low <= tick <= 1.0])
        axes.yaxis.set_major_formatter(_PERCENT)
        axes.set_xlabel("chip instance")
        axes.set_ylabel("accuracy")
        figure.legend(loc="outside upper center", ncols=4, fontsize=8, handlelength=1.4)

    rows = list(zip(chips, analog["per_chip"], strict=True))
    return Figure(
        "accuracy", "Accuracy per chip", "accuracy of each chip instance",
        "Each chip instance is programmed anew; the band is Student's t over them.",
        (WIDTH_in, 2.8), paint, ("chip", "accuracy"), rows,
    )  # fmt: skip


def error_figure(error: Sequence[float]) -> Figure:
    """Return the output error against the step, logarithmic where it spans decades."""
    values = np.array(error)

    def paint(figure: Drawing) -> None:
        axes = figure.add_subplot()
        style = "o-" if len(values) < 2 else "-"
        axes.plot(np.arange(len(values)), values, style, color=MAIN, lw=1.4)
        if values.min() > 0 and values.max() > 20 * values.min():
            axes.set_yscale("log")
            axes.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{100 * v:g} %"))
        else:
            axes.set_ylim(0, max(1.1 * float(values.max()), 0.01))
            axes.yaxis.set_major_formatter(_PERCENT)
        if not values.any():
            axes.text(0.5, 0.5, "no error at any step", transform=axes.transAxes, ha="center")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.grid(axis="y")
        axes.set_xlabel("step")
        axes.set_ylabel("RMS error / RMS output")

    return Figure(
        "error", "Output error against step", "output error against step",
        "Of the last layer before the pool, over chips and sequences that still run.",
        (WIDTH_in, 2.8), paint, ("step", "error"), list(enumerate(error)),
    )  # fmt: skip


def parts_figure(
    name: str, title: str, parts: Mapping[str, float], unit: str, text: str = ""
) -> Figure:
    """Return the parts of a sum as bars, the largest on top, each with its value and share."""
    ranked = sorted(((k, v) for k, v in parts.items() if v > 0.0), key=lambda part: -part[1])
    total = math.fsum(value for _, value in ranked)

    def paint(figure: Drawing) -> None:
        axes = figure.add_subplot()
        values = [value for _, value in ranked]
        axes.barh(range(len(ranked)), values, color=MAIN, height=0.68)
        axes.set_yticks(range(len(ranked)), [short(key) for key, _ in ranked])
        axes.tick_params(axis="y", length=0)
        axes.invert_yaxis()
        axes.set_xlim(0, 1.45 * values[0])
        axes.set_xticks([])
        axes.spines[["bottom"]].set_visible(False)
        for i, value in enumerate(values):
            text = f"{si(value, unit)}, {percent(value / total, 1)}"
            axes.text(value + 0.02 * values[0], i, text, va="center", fontsize=8)

    size_in = (WIDTH_in, 0.5 + 0.23 * max(len(ranked), 2))
    return Figure(name, title, title, text, size_in, paint, ("part", f"value_{unit}"), ranked)


def short(name: str, most: int = 18) -> str:
    """Return a name of bounded length, its middle left out.

    Examples
    --------
    >>> short("decoder"), short("a_layer_with_a_long_name", 11)
    ('decoder', 'a_lay…_name')
    """
    if len(name) <= most:
        return name
    return f"{name[: most // 2]}…{name[len(name) - (most - 1) // 2 :]}"


def largest_tile(tiles: Tiles) -> TilePlan:
    """Return the tile with the most programmed cells, the first of equals."""
    return max(tiles.plan.tiles, key=lambda t: (tiles.programmed[t.tile_id].sum(), -t.tile_id))


def tile_figure(tiles: Tiles, age_s: float | None) -> Figure:
    """Return g_plus - g_minus of one tile of the first chip, as written and at the run's age.

    Of sliced weights the top slice is shown.
    """
    tile, chip = largest_tile(tiles), tiles.chips[0]
    programmed = tiles.programmed[tile.tile_id]
    written_S = tiles.states[chip, tile.tile_id].g_programmed_S
    net_S = tiles.layouts[tile.tile_id].net_S
    maps = {"as written": np.where(programmed, net_S(written_S), 0.0)}
    if age_s is not None:
        aged_S = tiles.g_S(chip, tile.tile_id, age_s)
        maps[f"after {age_text(age_s)}"] = net_S(aged_S)
    peak_uS = max(1e6 * float(np.abs(g_S).max()) for g_S in maps.values()) or 1.0
    rows, columns = written_S.shape[:2]
    height_in = min(max(0.95 + 0.5 * WIDTH_in * rows / columns, 1.9), 4.6)

    def paint(figure: Drawing) -> None:
        grid = figure.add_gridspec(2, len(maps), height_ratios=(20, 1))
        for i, (title, g_S) in enumerate(maps.items()):
            axes = figure.add_subplot(grid[0, i])
            _paint_map(axes, 1e6 * g_S, peak_uS)
            axes.set(title=title, xlabel="weight column", ylabel="" if i else "wordline")
        _paint_scale(figure.add_subplot(grid[1, :]), peak_uS)

    label = "conductance map of a tile"
    return Figure("tile", "A tile", label, _tile_text(tiles), (WIDTH_in, height_in), paint)


def _tile_text(tiles: Tiles) -> str:
    tile, shape = largest_tile(tiles), tiles.hardware.tile
    fit = tiles.layouts[tile.tile_id].columns_that_fit(shape)
    return (
        f"Tile {tile.tile_id} ({tile.layer}, {tile.name}) of chip {tiles.chips[0]}, that with "
        f"the most weights: {tile.n_wordlines} of {shape.n_wordlines} wordlines and "
        f"{tile.n_columns} of {fit} weight columns are used and shown."
    )


def _paint_map(axes: Axes, g_uS: npt.NDArray[np.float64], peak_uS: float) -> None:
    axes.imshow(g_uS, cmap=_SIGNED, vmin=-peak_uS, vmax=peak_uS, interpolation="nearest",
                aspect="auto")  # fmt: skip
    for side in axes.spines.values():
        side.set_visible(True)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(integer=True, nbins=5))


def _paint_scale(axes: Axes, peak_uS: float) -> None:
    ramp = np.linspace(-1, 1, 128)[None]
    axes.imshow(ramp, cmap=_SIGNED, extent=(-peak_uS, peak_uS, 0, 1), aspect="auto")
    axes.set_yticks([])
    axes.set_xlabel("g_plus − g_minus [µS]")


_PERCENT = FuncFormatter(lambda share, _: f"{100 * share:.4g} %")
__all__ = [
    "accuracy_figure",
    "error_figure",
    "largest_tile",
    "parts_figure",
    "short",
    "tile_figure",
]
