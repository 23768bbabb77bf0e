"""Scatter: a metric against each axis of a design that has no curves."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing

from aimc_sim.report.figure import Figure, WIDTH_in, slug
from aimc_sim.report.results.points import Points
from aimc_sim.report.results.scale import Scale
from aimc_sim.report.results.ticks import prepare_axis
from aimc_sim.report.svg import MAIN, SECOND

MOST = 2000


def scatter_figure(points: Points) -> Figure:
    """Return a metric against each axis, a panel an axis; where values repeat, their mean."""
    title = f"{points.metric.title[:1].upper()}{points.metric.title[1:]}"
    n_axes = len(points.scales)
    columns = min(n_axes, 2)
    rows = -(-n_axes // columns)
    every = -(-len(points.points) // MOST)

    def paint(figure: Drawing) -> None:
        grid = figure.subplots(rows, columns, squeeze=False, sharey=True)
        for i, axes in enumerate(grid.ravel()):
            if i >= n_axes:
                axes.set_axis_off()
                continue
            _paint(axes, points, points.scales[i], every)
            prepare_axis(axes, "y", points.metric, points.means)
            points.scales[i].prepare(axes)
            if i % columns:
                axes.set_ylabel("")

    text = "A dot is a point of the study, its mean over chips; all other axes vary, too."
    if any(_repeats(points, scale) for scale in points.scales):
        text += " The line joins the means at each value."
    if every > 1:
        text += f" One point in {every} is drawn; the data have all."
    width_in = WIDTH_in if n_axes == 1 else 2 * WIDTH_in
    return Figure(
        f"scatter-{slug(points.metric.name)}", f"{title} against each axis",
        f"{title} at {len(points.points)} points against "
        + ", ".join(scale.label for scale in points.scales),
        text, (width_in, 0.3 + 2.3 * rows), paint, points.head(), points.rows(),
    )  # fmt: skip


def _values(points: Points, scale: Scale) -> list[tuple[float, float]]:
    return [
        (scale.place(point["coordinates"][scale.path]), mean)
        for point in points.points
        if (mean := points.at(point)["mean"]) is not None
    ]


def _repeats(points: Points, scale: Scale) -> bool:
    return len(scale.values) <= len(points.points) / 3


def _paint(axes: Axes, points: Points, scale: Scale, every: int) -> None:
    found = _values(points, scale)
    axes.plot(*zip(*found[::every], strict=True) if found else ([], []), "o", color=MAIN,
              ms=3.2, mew=0, alpha=0.6)  # fmt: skip
    if found and _repeats(points, scale):
        at = sorted({x for x, _ in found})
        groups = [[mean for x, mean in found if x == place] for place in at]
        axes.plot(at, [sum(g) / len(g) for g in groups], "s-", color=SECOND, ms=3.5, lw=1.2)
    axes.grid(axis="y")
    axes.set_axisbelow(True)
