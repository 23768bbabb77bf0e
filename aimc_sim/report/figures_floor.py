"""The floor plan: every tile of a chip as a small crossbar, coloured by what its cells hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle

from aimc_sim.display import percent
from aimc_sim.mapping.floor import FREE, NOTHING, REFERENCE, Floor, Region
from aimc_sim.mapping.tile_plan import TilePlan
from aimc_sim.report.figures import short
from aimc_sim.report.sheet import POINTS, Sheet, sheet_for
from aimc_sim.report.svg import FAINT, INK, drawing, standalone, to_png, to_svg

COLOURS = {"A": "#0a5aa8", "B": "#c8510a", "C": "#118a5a", "weight": "#7a3f98",
           REFERENCE: "#3d3d3d", NOTHING: "#8a8a8a"}  # fmt: skip
FAINTEST, DEEPEST = 0.22, 0.5
"""Opacity of an unused cell, and of the lowest of several slices."""
GREY = to_rgb("#5a5a5a")


def floor_svg(floors: Sequence[Floor], *, alone: bool = False) -> str:
    """Return the floor plan as an SVG element for a page, or as a file of its own."""
    sheet = sheet_for(floors)
    with drawing(*sheet.size) as figure:
        titles = _paint(_axes(figure, sheet), floors, sheet, INK, FAINT)
        text = to_svg(figure, "floor", "floor plan of the tiles")
    text = text.replace('style="image-rendering:crisp-edges;image-rendering:pixelated"', "")
    for name, title in titles.items():
        group = f'<g id="floor-{name}">'
        text = text.replace(group, f"{group}<title>{title}</title>", 1)
    return standalone(text, sheet.size) if alone else text


def floor_png(floors: Sequence[Floor], dpi: int = 220) -> bytes:
    """Return the floor plan as a PNG."""
    sheet = sheet_for(floors)
    with drawing(*sheet.size) as figure:
        _paint(_axes(figure, sheet), floors, sheet, "#1a1a1a", "#9a9a9a")
        return to_png(figure, dpi)


def _axes(figure: Any, sheet: Sheet) -> Axes:
    """Return axes over all of the figure, in inches from its upper left corner."""
    figure.set_layout_engine("none")
    axes: Axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    return axes


def _paint(
    axes: Axes, floors: Sequence[Floor], sheet: Sheet, ink: str, faint: str
) -> dict[str, str]:
    """Draw all tiles and the legend; return the hover title of each group."""
    titles: dict[str, str] = {}
    across, down = sheet.pitch
    for i, floor in enumerate(floors):
        x = 0.1 + (i % sheet.n_across) * across
        y = 0.1 + 2.1 * sheet.line + (i // sheet.n_across) * down
        _paint_tile(axes, floor, (x, y), sheet, ink, faint)
        titles |= _frames(axes, floor, (x, y), sheet, ink)
    _paint_legend(axes, floors, sheet, ink, faint)
    axes.set_xlim(0, sheet.size[0])
    axes.set_ylim(sheet.size[1], 0)
    axes.set_aspect("auto")
    return titles


def _paint_tile(
    axes: Axes, floor: Floor, at: tuple[float, float], sheet: Sheet, ink: str, faint: str
) -> None:
    (x, y), (w, h) = at, (sheet.width, sheet.height)
    pixels = _enlarged(cell_colours(floor))
    axes.imshow(pixels, extent=(x, x + w, y + h, y), interpolation="none", origin="upper")
    axes.add_patch(Rectangle((x, y), w, h, fill=False, edgecolor=ink, linewidth=0.5))
    axes.text(x, y - 1.3 * sheet.line, f"tile {floor.number}", fontsize=sheet.font, color=ink,
              fontweight="bold")  # fmt: skip
    axes.text(x + w, y - 1.3 * sheet.line, percent(floor.share_used, 1), fontsize=sheet.font,
              color=ink, ha="right")  # fmt: skip
    room = int(sheet.width * POINTS / (0.56 * sheet.font))
    axes.text(x, y - 0.35 * sheet.line, short(caption(floor), room), fontsize=sheet.font, color=ink)


def _frames(
    axes: Axes, floor: Floor, at: tuple[float, float], sheet: Sheet, ink: str
) -> dict[str, str]:
    """Frame what each plan takes of a tile, and name it beside where others share the tile."""
    titles = {}
    n_rows, n_lines = floor.region.shape
    across, down = sheet.width / n_lines, sheet.height / n_rows
    for plan in floor.plans:
        regions = [r for r in floor.regions if r.plan is plan]
        rows = np.concatenate([r.wordlines for r in regions])
        lines = np.concatenate([r.bitlines for r in regions])
        x, y = at[0] + lines.min() * across, at[1] + rows.min() * down
        w, h = (np.ptp(lines) + 1) * across, (np.ptp(rows) + 1) * down
        frame = Rectangle((x, y), w, h, facecolor="#ffffff00", edgecolor=ink, linewidth=0.25)
        frame.set_gid(f"plan-{plan.tile_id}")
        axes.add_patch(frame)
        titles[f"plan-{plan.tile_id}"] = title_of(floor, plan, regions)
        if len(floor.plans) > 1:
            _name_beside(axes, plan, (x, y, w, h), at, sheet, ink)
    return titles


def _name_beside(
    axes: Axes, plan: TilePlan, box: tuple[float, float, float, float], at: tuple[float, float],
    sheet: Sheet, ink: str,
) -> None:  # fmt: skip
    """Write the name of what shares a tile beside its part, on the side that has room."""
    x, y, w, h = box
    size = min(5.6, sheet.font)
    if h < 0.7 * size / POINTS:
        return
    name, middle = name_of(plan), y + h / 2
    needed = (0.6 * len(name) + 1.0) * size / POINTS
    style: dict[str, Any] = {"fontsize": size, "color": ink, "va": "center"}
    if at[0] + sheet.width - (x + w) > needed:
        axes.text(x + w + 0.3 * size / POINTS, middle, name, **style)
    elif x - at[0] > needed:
        axes.text(x - 0.3 * size / POINTS, middle, name, ha="right", **style)


def name_of(plan: TilePlan) -> str:
    """Return the layer, and the matrix where a layer has several."""
    return plan.layer if plan.matrix in ("weight", "kernel") else f"{plan.layer} {plan.matrix}"


def caption(floor: Floor) -> str:
    """Return which layers a tile holds."""
    return ", ".join(dict.fromkeys(name_of(plan) for plan in floor.plans))


def title_of(floor: Floor, plan: TilePlan, regions: Sequence[Region]) -> str:
    """Return what is told of a plan's part of a tile when the pointer rests on it."""
    from html import escape

    parts = [
        f"{r.tensor}: {len(r.wordlines)} wordlines x {len(r.bitlines)} bitlines, "
        f"{r.n_weights:,} weights, {r.n_unused:,} cells unused"
        for r in regions
    ]
    return escape("\n".join([f"tile {floor.number}, {plan.layer} {plan.name}", *parts]))


def cell_colours(floor: Floor) -> npt.NDArray[np.uint8]:
    """Return red, green, blue and opacity of each cell, shape (n_wordlines, n_bitlines, 4)."""
    table = [*(to_rgb(COLOURS[r.tensor]) for r in floor.regions), (1.0, 1.0, 1.0)]
    top = max(int(floor.part.max()), 1)
    depth = DEEPEST + (1.0 - DEEPEST) * floor.part / top if floor.part.any() else 1.0
    opacity = np.where(floor.holds, depth, FAINTEST) * (floor.region != FREE)
    shown = np.concatenate([np.array(table)[floor.region], opacity[..., None]], axis=2)
    return np.asarray(np.rint(255 * shown), dtype=np.uint8)


def _enlarged(pixels: npt.NDArray[np.uint8], most: int = 512) -> npt.NDArray[np.uint8]:
    """Return the same picture, each pixel several times, so that a viewer's smoothing is small."""
    times = max(most // max(pixels.shape[:2]), 1)
    return pixels.repeat(times, axis=0).repeat(times, axis=1)


def _paint_legend(axes: Axes, floors: Sequence[Floor], sheet: Sheet, ink: str, faint: str) -> None:
    x, y, size = 0.1, sheet.size[1] - 0.36, 0.11
    style: dict[str, Any] = {"fontsize": 6.8, "color": ink, "va": "center"}
    for label, colours in _legend(floors):
        for colour in colours:
            axes.add_patch(Rectangle((x, y - size / 2), size, size, facecolor=colour,
                                     edgecolor="none" if colour[3] else faint, lw=0.5))  # fmt: skip
            x += size
        axes.text(x + 0.05, y, label, **style)
        x += 0.05 + len(label) * 0.55 * 6.8 / POINTS + 0.14
    rows, columns = floors[0].region.shape
    text = (
        f"Each tile: {rows} wordlines, from the top down, and {columns} bitlines, from left to "
        "right. In per cent: cells that hold a weight."
    )
    axes.text(0.1, y + 0.2, text, **style)


def _legend(floors: Sequence[Floor]) -> Iterator[tuple[str, list[tuple[float, ...]]]]:
    """Yield labels and their colours, opacity last."""
    found = {r.tensor for floor in floors for r in floor.regions}
    for name, colour in COLOURS.items():
        if name in found and name != NOTHING:
            label = "reference column" if name == REFERENCE else name
            yield label, [(*to_rgb(colour), 1.0)]
    top = max(int(floor.part.max()) for floor in floors)
    if top:
        depths = [DEEPEST + (1.0 - DEEPEST) * i / top for i in range(top + 1)]
        yield f"slice 0 to {top} of a weight", [(*GREY, depth) for depth in depths]
    else:
        yield "holds a weight", [(*GREY, 1.0)]
    yield "unused, where used lines cross", [(*GREY, FAINTEST)]
    yield "free", [(*GREY, 0.0)]
