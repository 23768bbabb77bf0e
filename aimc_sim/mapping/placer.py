"""Placer: matrices onto tiles, one after another, and tiles onto sites where they are shared."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from aimc_sim.hardware import Hardware
from aimc_sim.mapping.layout import Layout, layout_of
from aimc_sim.mapping.matrix import Indices, Matrix
from aimc_sim.mapping.partition import pack
from aimc_sim.mapping.plan import MatrixPlan
from aimc_sim.mapping.tile_plan import TilePlan
from aimc_sim.model.signal import Floats


class Placer:
    """Gives each matrix its tiles, numbered in order.

    Parameters
    ----------
    hardware : Hardware
        Tile shape and mapping.
    """

    def __init__(self, hardware: Hardware) -> None:
        self.hardware, self.n_tiles, self.site = hardware, 0, -1
        self.free = (0, 0)

    def place(self, matrix: Matrix) -> MatrixPlan:
        """Return a matrix on the next tiles."""
        shape, mapping = self.hardware.tile, self.hardware.mapping
        where = f"layer {matrix.layer!r}, matrix {matrix.name!r}"
        layout = layout_of(matrix.peak, mapping, shape, where)
        pieces = pack(matrix, shape.n_wordlines, layout.columns_that_fit(shape))
        tiles = [
            TilePlan(self.n_tiles + i, matrix.layer, matrix.name, i, part)
            for i, part in enumerate(pieces)
        ]
        self.n_tiles += len(tiles)
        tiles = [self._ordered(tile, matrix) for tile in tiles]
        if mapping.share_tiles:
            tiles = [self._on_site(tile, layout) for tile in tiles]
        return MatrixPlan(matrix, tuple(tiles), layout, mapping.window)

    def _ordered(self, tile: TilePlan, matrix: Matrix) -> TilePlan:
        """Return a tile with its lines where the mapping wants them."""
        mapping, size = self.hardware.mapping, np.abs(tile.codes(matrix)).astype(np.float64)
        return replace(
            tile,
            wordline_at=_places(mapping.wordline_order, size.sum(axis=1)),
            column_at=_places(mapping.column_order, size.sum(axis=0)),
        )

    def _on_site(self, tile: TilePlan, layout: Layout) -> TilePlan:
        """Return a tile at the next free corner along the diagonal of a site, or on a new one."""
        shape = self.hardware.tile
        lines = (tile.n_columns + layout.has_reference) * layout.lines_per_column(shape)
        row, line = self.free
        if (
            self.site < 0
            or row + tile.n_wordlines > shape.n_wordlines
            or line + lines > shape.n_bitlines
        ):
            self.site, row, line = self.site + 1, 0, 0
        self.free = row + tile.n_wordlines, line + lines
        return replace(tile, site=self.site, origin=(row, line))


def _places(order: str, weight: Floats) -> Indices | None:
    """Return the place of each line, given the sum of magnitudes on it; None: in order."""
    if order == "as_mapped":
        return None
    if order == "reversed":
        return np.arange(len(weight))[::-1].copy()
    places = np.empty(len(weight), dtype=np.intp)
    places[np.argsort(-weight, kind="stable")] = np.arange(len(weight))
    return places
