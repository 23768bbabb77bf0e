"""Curves: a metric against what is varied, with 95 % intervals, a line for each second value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.container import ErrorbarContainer
from matplotlib.figure import Figure as Drawing
from matplotlib.transforms import offset_copy

from aimc_sim.report.figure import Figure, WIDTH_in, slug
from aimc_sim.report.figures import short
from aimc_sim.report.results.coordinate import is_number
from aimc_sim.report.results.metric import ACCURACY, REFERENCE
from aimc_sim.report.results.points import Points
from aimc_sim.report.results.ticks import prepare_axis
from aimc_sim.report.svg import INK, MAIN, SECOND, THIRD

STYLES = ((MAIN, "o", "-"), (SECOND, "s", "--"), (THIRD, "^", "-."), (INK, "D", ":"),
          (MAIN, "v", (0, (6, 1.5))), (SECOND, "P", (0, (3, 1, 1, 1, 1, 1))))  # fmt: skip
"""Colour, marker and dashes: no two lines differ by colour alone."""
MOST_DOTS = 1200
"""Single chips are drawn where they are fewer."""


def curve_figure(points: Points, study: Mapping[str, Any]) -> Figure:
    """Return a metric against the first axis of a study, a line for each value of the second."""
    title = f"{points.metric.title[:1].upper()}{points.metric.title[1:]}"
    against = " and ".join(scale.label for scale in points.scales[:2])

    def paint(figure: Drawing) -> None:
        axes = figure.add_subplot()
        _paint(axes, points, study)
        _legend(figure, axes, points)

    n_lines = len(lines_of(points))
    return Figure(
        f"curve-{slug(points.metric.name)}", f"{title} against {against}",
        f"{title} against {against}: {_told(points)}", _text(points),
        (WIDTH_in, 2.9 + 0.12 * max(n_lines - 2, 0)), paint, points.head(), points.rows(),
    )  # fmt: skip


def _told(points: Points) -> str:
    """Return in words what the curve shows, for those who do not see it."""
    known = [(p, mean) for p in points.points if (mean := points.at(p)["mean"]) is not None]
    if not known:
        return "no point has a value"
    low, high = (f(known, key=lambda pair: pair[1]) for f in (min, max))
    return "; ".join(
        f"{name} {points.metric.text(mean)} at "
        + ", ".join(f"{s.label} {s.text(p['coordinates'][s.path])}" for s in points.scales)
        for name, (p, mean) in (("lowest", low), ("highest", high))
    )


def _text(points: Points) -> str:
    counts = sorted({point["n_chips"] for point in points.points} - {0})
    if not counts:
        return "No point has a value."
    n = f"{counts[0]}" if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    several = counts[-1] > 1
    text = f"Mean over {n} chips a point" if several else "One chip a point"
    bars = " with its 95 % interval" if several else ""
    dots = "; dots are single chips" if several and _has_dots(points) else ""
    refused = any(point["refused"] for point in points.points)
    return text + bars + dots + (". A cross: such a chip is refused." if refused else ".")


def lines_of(points: Points) -> list[tuple[str, list[Mapping[str, Any]]]]:
    """Return the name and the points of each line, in order of the first axis."""
    first, *rest = points.scales
    if not rest:
        groups: dict[str, list[Mapping[str, Any]]] = {"": list(points.points)}
    else:
        second = rest[0]
        groups = {second.text(value): [] for value in second.values}
        for point in points.points:
            groups[second.text(point["coordinates"][second.path])].append(point)
    path = first.path
    return [
        (name, sorted(group, key=lambda p: first.place(p["coordinates"][path])))
        for name, group in groups.items()
    ]


def _has_dots(points: Points) -> bool:
    n_values = sum(len(points.at(point)["per_chip"]) for point in points.points)
    return len(points.scales) < 2 and points.n_most_chips > 1 and n_values <= MOST_DOTS


def _paint(axes: Axes, points: Points, study: Mapping[str, Any]) -> None:
    scale, shown = points.scales[0], []
    has_order = all(is_number(value) for value in scale.values)
    for (name, group), style in zip(lines_of(points), STYLES, strict=False):
        known = [p for p in group if points.at(p)["mean"] is not None]
        at = [scale.place(p["coordinates"][scale.path]) for p in known]
        if _has_dots(points):
            _paint_chips(axes, at, [points.at(p)["per_chip"] for p in known], style[0])
        shown += _paint_line(
            axes,
            at,
            [points.at(p) for p in known],
            style if has_order else (*style[:2], "none"),
            short(name, 22),
        )
    _paint_reference(axes, points, study)
    _paint_refused(axes, points)
    prepare_axis(axes, "y", points.metric, shown)
    scale.prepare(axes)
    if scale.kind != "log" and scale.values:
        places = [scale.place(v) for v in scale.values]
        pad = 0.06 * (max(places) - min(places)) or 0.5
        axes.set_xlim(min(places) - pad, max(places) + pad)
    if not shown:
        axes.set_yticks([])
    axes.grid(axis="y")
    axes.set_axisbelow(True)


def _paint_line(
    axes: Axes, at: Sequence[float], found: Sequence[Mapping[str, Any]], style: Any, name: str
) -> list[float]:
    """Draw means and intervals of a line; return them."""
    if not at:
        return []
    colour, marker, dashes = style
    means = np.array([each["mean"] for each in found])
    ends = np.array([each["ci95"] or (np.nan, np.nan) for each in found])
    bars = None if np.isnan(ends).all() else np.maximum(np.abs(ends.T - means), 0.0)
    axes.errorbar(
        at, means, bars, color=colour, marker=marker, ls=dashes, lw=1.3, ms=4, capsize=2.5,
        elinewidth=0.9, label=name,
    )  # fmt: skip
    return [float(v) for v in (*means, *ends.ravel()) if np.isfinite(v)]


def _paint_chips(
    axes: Axes, at: Sequence[float], values: Sequence[Iterable[float | None]], colour: str
) -> None:
    pairs = [(x, v) for x, each in zip(at, values, strict=True) for v in each if v is not None]
    if pairs:
        aside = offset_copy(axes.transData, axes.get_figure(root=True), x=5, units="points")
        axes.plot(*zip(*pairs, strict=True), ".", color=colour, ms=3.5, mew=0, alpha=0.5,
                  transform=aside)  # fmt: skip


def _paint_reference(axes: Axes, points: Points, study: Mapping[str, Any]) -> None:
    if points.metric.name != ACCURACY:
        return
    known = (study.get("reference") or {}).get("accuracy")
    if known is not None:
        axes.axhline(known, color=INK, lw=0.9, ls=(0, (2, 2)), label="integer model")
    elif len(points.scales) == 1 and REFERENCE in study["metrics"]:
        other, scale = Points.of(study, REFERENCE), points.scales[0]
        ((_, group),) = lines_of(other)
        known_at = [p for p in group if other.at(p)["mean"] is not None]
        at = [scale.place(p["coordinates"][scale.path]) for p in known_at]
        means = [other.at(p)["mean"] for p in known_at]
        axes.plot(at, means, color=INK, lw=0.9, ls=(0, (2, 2)), label="integer model")


def _paint_refused(axes: Axes, points: Points) -> None:
    scale = points.scales[0]
    at = sorted({scale.place(p["coordinates"][scale.path]) for p in points.points if p["refused"]})
    if at:
        axes.plot(at, [0.03] * len(at), "x", color=INK, ms=5, label="refused",
                  transform=axes.get_xaxis_transform())  # fmt: skip


def _legend(figure: Drawing, axes: Axes, points: Points) -> None:
    handles, names = axes.get_legend_handles_labels()
    kept = [(h, n) for h, n in zip(handles, names, strict=True) if n]
    kept.sort(key=lambda pair: not isinstance(pair[0], ErrorbarContainer))  # lines first
    if not kept:
        return
    longest = max(len(name) for _, name in kept)
    title = short(points.scales[1].label, 40) if len(points.scales) > 1 else None
    figure.legend(
        *zip(*kept, strict=True), loc="outside upper center", fontsize="small", handlelength=2.6,
        ncols=max(min(48 // (longest + 6), 4), 1), title=title, title_fontsize="small",
    )  # fmt: skip
