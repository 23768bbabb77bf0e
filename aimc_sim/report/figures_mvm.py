"""Figures of matrix-vector products: analog against exact, the error, and both against an axis."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from matplotlib.ticker import FuncFormatter, MaxNLocator, ScalarFormatter

from aimc_sim.analysis.mvm_measure import MatrixMeasure
from aimc_sim.display import percent
from aimc_sim.report.figure import WIDTH_in
from aimc_sim.report.svg import PAGE, Palette, draw, drawing, to_svg

N_BINS = 61
MOST = 6
"""Matrices drawn; a table has them all."""
_LEAST_BITS = 1.0  # a smaller range of effective bits is not drawn large
_LABELS = {"eta": "error η", "enob": "effective bits"}
_AXES = {"time": "time since the reference read", "size": "array size, wordlines = weight columns",
         "adc_bits": "ADC bits", "dac_bits": "DAC bits"}  # fmt: skip


def scatter_figure(name: str, measure: MatrixMeasure) -> str:
    """Return analog against exact outputs of a matrix, as SVG text."""
    return draw(
        name, f"analog against exact outputs of {measure.name}", (WIDTH_in, 3.6),
        lambda axes: paint_scatter(axes, measure),
    )  # fmt: skip


def paint_scatter(axes: Axes, measure: MatrixMeasure, colours: Palette = PAGE) -> None:
    """Draw how often which pair of outputs occurs, dark where often, and the diagonal."""
    end = 1.04 * max(1.0, float(np.abs(measure.analog).max(initial=0.0)))
    shade = to_rgb(colours.main)
    ramp = LinearSegmentedColormap.from_list("often", [(*shade, 0.18), (*shade, 1.0)])
    axes.hexbin(
        measure.exact, measure.analog, gridsize=48, bins="log", mincnt=1, cmap=ramp, linewidths=0,
        extent=(-end, end, -end, end),
    )  # fmt: skip
    axes.plot([-end, end], [-end, end], color=colours.second, lw=0.9, label="analog = exact")
    axes.set(xlim=(-end, end), ylim=(-end, end), aspect="equal")
    axes.set_xlabel("exact output / largest")
    axes.set_ylabel("analog output / largest")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 5, 10]))
    axes.grid()
    axes.set_axisbelow(True)
    axes.legend(loc="upper left", fontsize=8, handlelength=1.4)


def error_figure(measures: Sequence[MatrixMeasure]) -> str:
    """Return how the errors of some matrices are distributed, as SVG text."""
    return draw(
        "mvm-error", "distribution of the error", (WIDTH_in, 3.6 if len(measures) == 1 else 3.2),
        lambda axes: paint_error(axes, measures),
    )  # fmt: skip


def paint_error(
    axes: Axes,
    measures: Sequence[MatrixMeasure],
    colours: Palette = PAGE,
    *,
    apart: bool = True,
) -> None:
    """Draw histograms of the error; of one matrix with the normal curve of the same spread."""
    styles = [(c, s) for s in ("-", "--") for c in (colours.main, colours.second, colours.third)]
    errors = [m.analog - m.exact for m in measures[:MOST]]
    end = max(4.0 * float(np.concatenate(errors).std()), 1.0e-6) if errors else 1.0
    edges = np.linspace(-end, end, N_BINS + 1)
    for m, error, (colour, style) in zip(measures, errors, styles, strict=False):
        share = np.histogram(error, edges)[0] / max(len(error), 1)
        axes.stairs(100.0 * share, 100.0 * edges, color=colour, ls=style, lw=1.2, label=m.name)
        if len(measures) == 1:
            axes.stairs(100.0 * share, 100.0 * edges, color=colour, fill=True, alpha=0.25)
            sigma = float(error.std())
            if sigma > 0.0:
                at = np.linspace(-end, end, 200)
                bell = np.exp(-0.5 * np.square((at - error.mean()) / sigma))
                scale = 100.0 * (edges[1] - edges[0]) / (sigma * math.sqrt(2.0 * math.pi))
                axes.plot(100.0 * at, scale * bell, color=colours.second, lw=1.0, ls="--",
                          label="normal")  # fmt: skip
    axes.set_xlim(-100.0 * end, 100.0 * end)
    axes.set_ylim(bottom=0.0)
    axes.grid(axis="y")
    axes.set_axisbelow(True)
    axes.set_xlabel("(analog − exact) / largest exact output [%]")
    axes.set_ylabel("share of outputs [%]")
    if apart:
        axes.figure.legend(loc="outside upper center", ncols=3, fontsize=8, handlelength=1.4)
    else:
        axes.legend(loc="upper right", fontsize=7, handlelength=1.2)


def sweep_figure(name: str, sweep: Mapping[str, Any]) -> str:
    """Return error and effective bits against an axis, one above the other, as SVG text."""
    with drawing(WIDTH_in, 4.2) as figure:
        top, bottom = figure.subplots(2, 1, sharex=True)
        paint_sweep(top, sweep, "eta")
        paint_sweep(bottom, sweep, "enob")
        top.set_xlabel("")
        return to_svg(figure, name, f"error and effective bits against {sweep['axis']}")


def paint_sweep(axes: Axes, sweep: Mapping[str, Any], figure: str, colours: Palette = PAGE) -> None:
    """Draw one figure against an axis: the mean over matrices with 95 %, and each matrix thin."""
    points = sweep["points"]
    place, is_scale = _places(sweep)
    names = list(points[0]["matrices"])
    scale = 100.0 if figure == "eta" else 1.0
    if len(names) > 1:
        for name in names:
            one = [_mean(p["matrices"].get(name, {}).get("figures"), figure) for p in points]
            axes.plot(place, scale * np.array(one), color=colours.faint, lw=0.9)
    means = scale * np.array([_mean(p["figures"], figure) for p in points])
    ends = scale * np.array([p["figures"][figure]["ci95"] or (np.nan,) * 2 for p in points])
    bars = None if np.isnan(ends).all() else np.abs(ends.T - means)
    axes.errorbar(place, means, bars, fmt="o-", color=colours.main, lw=1.4, ms=4, capsize=3)
    if is_scale:
        axes.set_xscale("log", base=2)
        axes.xaxis.set_major_formatter(ScalarFormatter())
        axes.minorticks_off()
    axes.set_xticks(place, [p["label"] for p in points])
    if not all(isinstance(p["value"], (int, float)) for p in points):
        axes.margins(x=0.25)  # words are wide
    if len(points) > 12:
        axes.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True))
    finite = means[np.isfinite(means)]
    if figure == "eta" and finite.size and finite.min() > 0 and finite.max() > 15 * finite.min():
        axes.set_yscale("log")
    elif figure == "eta":
        axes.set_ylim(0.0, 1.12 * max(axes.get_ylim()[1], 1.0e-3))
    else:
        low, high = axes.get_ylim()
        pad = max(0.5 * (_LEAST_BITS - (high - low)), 0.0)
        axes.set_ylim(low - pad, high + pad)
        axes.yaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10]))
    if figure == "eta":
        axes.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g} %"))
    axes.grid(axis="y")
    axes.set_axisbelow(True)
    axes.set_xlabel(axis_text(sweep["axis"]))
    axes.set_ylabel(_LABELS[figure])


def axis_text(axis: str) -> str:
    """Return an axis in words, for a heading."""
    return _AXES.get(axis, axis)


def _places(sweep: Mapping[str, Any]) -> tuple[list[float], bool]:
    """Return where the points stand, and whether by their logarithm; words and times evenly."""
    values = [point["value"] for point in sweep["points"]]
    if sweep["axis"] == "time" or not all(isinstance(v, (int, float)) for v in values):
        return list(map(float, range(len(values)))), False
    numbers = [float(v) for v in values]
    wide = min(numbers) > 0.0 and max(numbers) >= 4.0 * min(numbers) and len(numbers) < 10
    return numbers, wide and (sweep["axis"] == "size" or max(numbers) >= 32.0 * min(numbers))


def _mean(figures: Mapping[str, Any] | None, name: str) -> float:
    mean = None if figures is None else figures[name]["mean"]
    return math.nan if mean is None else float(mean)


def scatter_text(figures: Mapping[str, Any]) -> str:
    """Return the regression of a scatter in words."""
    gain, offset = figures["gain"]["mean"], figures["offset"]["mean"]
    if gain is None:
        return "Every exact output is zero."
    return (
        f"Gain {gain:.4f}, offset {percent(offset, 3)} of the largest output, "
        f"{percent(figures['residual']['mean'])} RMS left by that line. Darker: more outputs, on a "
        "logarithmic scale."
    )
