"""The floor plan of a chip, from the JSON that a study keeps of it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.patches import Patch, Rectangle

from aimc_sim.display import percent
from aimc_sim.report.figure import Figure, WIDTH_in
from aimc_sim.report.figures import short
from aimc_sim.report.figures_floor import COLOURS
from aimc_sim.report.svg import INK

_ACROSS = 6
_FAINTEST = 0.4
_GAP, _HEAD = 0.08, 0.32
"""Between tiles, and above a tile for its name, in widths of a tile."""


def floor_figure(tree: Mapping[str, Any]) -> Figure:
    """Return the tiles of a chip, from `aimc_sim.mapping.floor_json.floor_json`."""
    tiles = tree["tiles"]
    across = min(max(len(tiles), 1), _ACROSS)
    down = -(-len(tiles) // across)
    height = min(max(tree["n_wordlines"] / tree["n_bitlines"], 0.4), 2.0)
    width_in = 2 * WIDTH_in if across > 2 else WIDTH_in
    unit_in = width_in / (across * (1 + _GAP))
    n_tiles = tree.get("n_tiles", len(tiles))

    def paint(figure: Drawing) -> None:
        axes = figure.add_subplot()
        for i, tile in enumerate(tiles):
            row, column = divmod(i, across)
            at = column * (1 + _GAP), row * (height + _HEAD) + _HEAD
            _paint_tile(axes, tile, tree, at, height, font=7.5 if across < 4 else 6.0)
        axes.set_xlim(-0.01, across * (1 + _GAP))
        axes.set_ylim(down * (height + _HEAD), 0.0)
        axes.set_axis_off()
        found = {r["tensor"] for tile in tiles for r in tile["regions"]}
        handles = [Patch(color=c, label=name) for name, c in COLOURS.items() if name in found]
        figure.legend(handles=handles, loc="outside lower center", ncols=6, fontsize="small")

    some = f" The first {len(tiles)} of {n_tiles} tiles." if n_tiles > len(tiles) else ""
    return Figure(
        "floor", "Floor plan",
        f"{n_tiles} tiles of {tree['n_wordlines']} wordlines and {tree['n_bitlines']} bitlines",
        f"Each tile: {tree['n_wordlines']} wordlines, from the top down, and {tree['n_bitlines']} "
        "bitlines. In per cent: cells that hold a weight. The paler a part, the fewer of the cells "
        f"where its lines cross hold one.{some}",
        (width_in, down * (height + _HEAD) * unit_in + 0.35), paint,
        ("tile", "layer", "tensor", "first_wordline", "n_wordlines", "first_bitline", "n_bitlines",
         "n_weights", "share_held"),
        [(tile["tile"], r["layer"], r["tensor"], rows[0], rows[1], lines[0], lines[1],
          r["n_weights"], r["share_held"])
         for tile in tiles for r in tile["regions"]
         for rows, lines in product(r["wordlines"], r["bitlines"])],
    )  # fmt: skip


def _paint_tile(
    axes: Axes, tile: Mapping[str, Any], tree: Mapping[str, Any], at: tuple[float, float],
    height: float, *, font: float,
) -> None:  # fmt: skip
    (x, y), down, across = at, height / tree["n_wordlines"], 1.0 / tree["n_bitlines"]
    for region in tile["regions"]:
        colour = COLOURS.get(region["tensor"], INK)
        alpha = _FAINTEST + (1.0 - _FAINTEST) * region["share_held"]
        for (row, n_rows), (line, n_lines) in product(region["wordlines"], region["bitlines"]):
            corner, size = (x + line * across, y + row * down), (n_lines * across, n_rows * down)
            axes.add_patch(Rectangle(corner, *size, fc=colour, ec="none", alpha=alpha))
            if min(size) > 0.16 and len(region["tensor"]) < 2:
                axes.text(corner[0] + size[0] / 2, corner[1] + size[1] / 2, region["tensor"],
                          ha="center", va="center", fontsize=font)  # fmt: skip
    axes.add_patch(Rectangle((x, y), 1.0, height, fill=False, ec=INK, lw=0.5))
    layers = ", ".join(dict.fromkeys(region["layer"] for region in tile["regions"]))
    used = percent(tile["share_used"], 1)
    axes.text(x, y - 0.17, f"tile {tile['tile']}", fontsize=font, fontweight="bold")
    axes.text(x + 1.0, y - 0.17, used, fontsize=font, ha="right")
    axes.text(x, y - 0.04, short(layers, 20), fontsize=font)
