"""TilePlan: what one tile holds of one matrix."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from aimc_sim.mapping.matrix import Indices, Matrix
from aimc_sim.mapping.partition import Piece
from aimc_sim.model.signal import Ints


@dataclass(frozen=True)
class TilePlan:
    """What one tile holds.

    Parameters
    ----------
    tile_id : int
        Its number in the plan.
    layer, matrix : str
        Whose weights.
    index : int
        Number of the tile within its matrix; with layer and matrix it names the random streams.
    pieces : tuple of Piece
        Parts of the matrix, along the diagonal of the tile.
    site : int, optional
        Number of the tile on the chip where plans share tiles; None: one of its own.
    origin : tuple of int
        First wordline and first bitline that it takes there.
    wordline_at, column_at : int arrays, optional
        Place of each used wordline and column among those used; None: in order.
    """

    tile_id: int
    layer: str
    matrix: str
    index: int
    pieces: tuple[Piece, ...]
    site: int | None = None
    origin: tuple[int, int] = (0, 0)
    wordline_at: Indices | None = None
    column_at: Indices | None = None

    @property
    def name(self) -> str:
        """Matrix and number within it, part of the address of random draws."""
        return f"{self.matrix}/{self.index}"

    @property
    def geometry(self) -> list[Any]:
        """Everything that places weights, as plain data."""
        placed = [self.layer, self.name, *[vars(p) for p in self.pieces]]
        moved = {
            "site": self.site,
            "origin": self.origin if any(self.origin) else None,
            "wordline_at": None if self.wordline_at is None else self.wordline_at.tolist(),
            "column_at": None if self.column_at is None else self.column_at.tolist(),
        }
        stated = {name: value for name, value in moved.items() if value is not None}
        return [*placed, stated] if stated else placed

    @property
    def n_wordlines(self) -> int:
        """Wordlines used."""
        return sum(piece.n_rows for piece in self.pieces)

    @property
    def n_columns(self) -> int:
        """Weight columns used."""
        return sum(piece.n_cols for piece in self.pieces)

    @cached_property
    def rows(self) -> Indices:
        """Matrix row of each used wordline."""
        return np.concatenate([np.arange(p.row0, p.row0 + p.n_rows) for p in self.pieces])

    @cached_property
    def cols(self) -> Indices:
        """Matrix column of each used weight column."""
        return np.concatenate([np.arange(p.col0, p.col0 + p.n_cols) for p in self.pieces])

    def codes(self, matrix: Matrix) -> Ints:
        """Return the weight codes on the tile, shape (n_wordlines, n_columns); unused cells 0."""
        return self._gather([block.codes for block in matrix.blocks], matrix)

    def used(self, matrix: Matrix) -> npt.NDArray[np.bool_]:
        """Return which cells hold a weight, shape (n_wordlines, n_columns)."""
        return self._gather([block.holds_weight for block in matrix.blocks], matrix)

    def _gather(self, parts: list[npt.NDArray[Any]], matrix: Matrix) -> npt.NDArray[Any]:
        """Lay the pieces of per-block arrays out as they stand on the tile, zeros between."""
        dtype = parts[0].dtype if parts else np.int64
        out = np.zeros((self.n_wordlines, self.n_columns), dtype=dtype)
        for p in self.pieces:
            block = matrix.blocks[p.block]
            r, c = p.row0 - block.row0, p.col0 - block.col0
            out[p.wordline0 : p.wordline0 + p.n_rows, p.column0 : p.column0 + p.n_cols] = parts[
                p.block
            ][r : r + p.n_rows, c : c + p.n_cols]
        return out
