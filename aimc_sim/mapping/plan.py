"""Plan: which weight on which tile, with which drives and conversions; a value, and a file too."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from aimc_sim.converters import Slice
from aimc_sim.hardware import Hardware
from aimc_sim.mapping.matrix import Indices, Matrix, Phase
from aimc_sim.mapping.partition import Piece
from aimc_sim.model.signal import Ints
from aimc_sim.spec import canonical_json


@dataclass(frozen=True)
class TilePlan:
    """What one tile holds.

    Parameters
    ----------
    tile_id : int
        Number of the tile on the chip.
    layer, matrix : str
        Whose weights.
    index : int
        Number of the tile within its matrix; with layer and matrix it names the random streams.
    pieces : tuple of Piece
        Parts of the matrix, along the diagonal of the tile.
    """

    tile_id: int
    layer: str
    matrix: str
    index: int
    pieces: tuple[Piece, ...]

    @property
    def name(self) -> str:
        """Matrix and number within it, part of the address of random draws."""
        return f"{self.matrix}/{self.index}"

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


@dataclass(frozen=True)
class MatrixPlan:
    """A matrix and the tiles that hold it."""

    matrix: Matrix
    tiles: tuple[TilePlan, ...]

    def lines_of(
        self, tile: TilePlan, names: tuple[str, ...], side: str
    ) -> tuple[Indices, Indices]:
        """Return which lines of a tile belong to some vectors, and their element.

        Parameters
        ----------
        tile : TilePlan
            The tile.
        names : tuple of str
            Vectors, in order; elements count through their concatenation.
        side : {"inputs", "outputs"}
            Wordlines or columns.

        Returns
        -------
        tuple of int arrays
            Line on the tile, and element of the concatenated vectors.
        """
        rows = side == "inputs"
        size = self.matrix.n_rows if rows else self.matrix.n_cols
        element = np.full(size, -1, dtype=np.intp)
        offset = 0
        for name in names:
            vector = self.matrix.input(name) if rows else self.matrix.output(name)
            element[vector.lines] = np.arange(offset, offset + len(vector.lines))
            offset += len(vector.lines)
        found = element[tile.rows if rows else tile.cols]
        lines = np.flatnonzero(found >= 0)
        return lines, found[lines]


@dataclass(frozen=True)
class LayerPlan:
    """How one layer is computed.

    Parameters
    ----------
    layer, kind : str
        Name and kind.
    n_out : int
        Output channels.
    per_step : bool
        True before the pool; False for layers that run once a sequence.
    mapping : str
        "digital", "analog", or an S4D mapping.
    matrices : tuple of MatrixPlan
        Its analog parts.
    """

    layer: str
    kind: str
    n_out: int
    per_step: bool
    mapping: str
    matrices: tuple[MatrixPlan, ...]


@dataclass(frozen=True)
class Plan:
    """Everything `program` and `cost_of` need to know of a mapped model.

    Parameters
    ----------
    model_digest : str
        Which model.
    hardware : Hardware
        What it was mapped for.
    layers : tuple of LayerPlan
        In order of execution.
    """

    model_digest: str
    hardware: Hardware
    layers: tuple[LayerPlan, ...]

    @cached_property
    def matrices(self) -> tuple[MatrixPlan, ...]:
        """All analog matrices."""
        return tuple(m for layer in self.layers for m in layer.matrices)

    @cached_property
    def tiles(self) -> tuple[TilePlan, ...]:
        """All tiles, by number."""
        return tuple(tile for m in self.matrices for tile in m.tiles)

    @property
    def utilisation(self) -> float:
        """Share of the weight cells of all tiles that hold a weight."""
        shape = self.hardware.tile
        cells = shape.n_wordlines * shape.n_columns * len(self.tiles)
        return sum(m.matrix.n_weights for m in self.matrices) / cells if cells else 0.0

    @cached_property
    def t_step_s(self) -> float:
        """Time between steps [s]: as stated, or what the reads of a step take one by one."""
        timing = self.hardware.timing
        if timing.t_step_s is not None:
            return timing.t_step_s
        n_reads = sum(
            len(slices_of(m.matrix, phase, self.hardware))
            for layer in self.layers
            if layer.per_step
            for m in layer.matrices
            for phase in m.matrix.phases
        )
        return max(n_reads, 1) * timing.t_read_s

    @cached_property
    def digest(self) -> str:
        """SHA-256 of model, hardware and geometry."""
        geometry = [[tile.layer, tile.name, *[vars(p) for p in tile.pieces]] for tile in self.tiles]
        content = [self.model_digest, self.hardware.digest(), geometry]
        return hashlib.sha256(canonical_json(content).encode()).hexdigest()


def slices_of(matrix: Matrix, phase: Phase, hardware: Hardware) -> tuple[dict[str, Slice], ...]:
    """Return, for each read of a phase, the slice of every input that is driven in it.

    Read i weighs ``2^(i * width)``, where width is that of the DAC.
    """
    width = hardware.dac.width
    placed: dict[str, tuple[int, tuple[Slice, ...]]] = {}
    for name in phase.drives:
        vector = matrix.input(name)
        first = phase.lead(name) // width if width else 0
        placed[name] = first, hardware.dac.slices(vector.bits, vector.signed)
    n_reads = max(first + len(slices) for first, slices in placed.values())
    return tuple(
        {name: s[i - first] for name, (first, s) in placed.items() if 0 <= i - first < len(s)}
        for i in range(n_reads)
    )


def conversions_per_adc(n_columns_read: Indices, hardware: Hardware) -> int:
    """Return the conversions of the busiest ADC of a tile in one read.

    Parameters
    ----------
    n_columns_read : int array
        Weight columns that are converted.
    hardware : Hardware
        Tile shape, pair layout and place of the subtraction.
    """
    shape = hardware.tile
    lines = n_columns_read * (2 if shape.pair == "bitlines" else 1)
    if hardware.mapping.subtraction == "after_adc":
        lines = np.concatenate([lines, lines + (1 if shape.pair == "bitlines" else 0)])
    return int(np.bincount(lines // shape.bitlines_per_adc).max(initial=0))
