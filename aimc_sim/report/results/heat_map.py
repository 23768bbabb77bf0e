"""Heat map: a metric over two axes, its value in every cell."""

from __future__ import annotations

from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.patches import Rectangle

from aimc_sim.report.figure import Figure, WIDTH_in, slug
from aimc_sim.report.figures import short
from aimc_sim.report.results.points import Points
from aimc_sim.report.results.scale import Scale, told_apart
from aimc_sim.report.svg import INK

_COLOURS = "cividis"
"""Even in lightness, and the same to those who see no red or no green; so are its cells on light
and on dark."""
_MOST_WITH_TEXT = 12
_WIDTH_pt, _LETTER = 235.0, 0.68
"""Of all cells, and of a letter in parts of its height."""


def heat_figure(points: Points) -> Figure:
    """Return a metric of a study over its two axes."""
    across, down = points.scales
    title = points.metric.title
    n_rows = len(down.values)
    text = "Mean over chips; a cross is a chip that is refused, a dash has no value."
    if len(across.values) > _MOST_WITH_TEXT:
        text += " Too many columns for numbers: the table and the data have them."

    def paint(figure: Drawing) -> None:
        axes = figure.add_subplot()
        _paint(axes, points)
        axes.set_xlabel(short(across.label, 44))
        axes.set_ylabel(short(down.label, 30))

    return Figure(
        f"map-{slug(points.metric.name)}", f"Map of {title}",
        f"map of {title} over {across.label} and {down.label}", text,
        (WIDTH_in, 0.9 + min(max(0.34 * n_rows, 0.8), 5.0)), paint, points.head(), points.rows(),
    )  # fmt: skip


def _paint(axes: Axes, points: Points) -> None:
    across, down = points.scales
    known = [mean for mean in points.means if mean is not None]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    has_text = len(across.values) <= _MOST_WITH_TEXT
    longest = max((len(_number(points, mean)) for mean in known), default=1)
    size = min(_WIDTH_pt / (len(across.values) * _LETTER * longest), 8.0)
    for point in points.points:
        x, y = (s.index(point["coordinates"][s.path]) for s in (across, down))
        mean = points.at(point)["mean"]
        if mean is None:
            axes.text(x, y, "×" if point["refused"] else "–", ha="center", va="center", color=INK)
            continue
        colour = colormaps[_COLOURS]((mean - low) / (high - low) if high > low else 0.5)
        axes.add_patch(Rectangle((x - 0.5, y - 0.5), 1, 1, fc=colour, ec="none"))
        if has_text:
            axes.text(x, y, _number(points, mean), ha="center", va="center",
                      fontsize=size, color=_on(colour))  # fmt: skip
    axes.set_xlim(-0.5, len(across.values) - 0.5)
    axes.set_ylim(-0.5, len(down.values) - 0.5)
    axes.set_xticks(range(len(across.values)), _ticks(across, 16))
    axes.set_yticks(range(len(down.values)), _ticks(down, 24))
    if sum(map(len, _ticks(across, 16))) > 36:
        axes.tick_params("x", labelrotation=35)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


def _ticks(scale: Scale, most: int) -> list[str]:
    every = -(-len(scale.values) // most)
    texts = told_apart([scale.text(v) for v in scale.values], 12)
    return [text if i % every == 0 else "" for i, text in enumerate(texts)]


def _number(points: Points, mean: float) -> str:
    return f"{100.0 * mean:.1f} %" if points.metric.is_share else points.metric.text(mean)


def _on(colour: tuple[float, float, float, float]) -> str:
    """Return black or white, whichever has the larger contrast (WCAG 2.2) with a colour."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour[:3]]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#000000" if (luminance + 0.05) ** 2 > 1.05 * 0.05 else "#ffffff"
