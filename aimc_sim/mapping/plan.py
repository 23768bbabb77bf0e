"""Plan: which weight on which tile, with which drives and conversions; a value, and a file too."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from aimc_sim.hardware import Hardware
from aimc_sim.mapping.layout import Layout
from aimc_sim.mapping.matrix import Indices, Matrix
from aimc_sim.mapping.reads import reads_of
from aimc_sim.mapping.tile_plan import TilePlan
from aimc_sim.mapping.window import full_codes
from aimc_sim.model.signal import Floats, Ints
from aimc_sim.spec import canonical_json

ONE_SIDED = Layout()


@dataclass(frozen=True)
class MatrixPlan:
    """A matrix, the tiles that hold it, the devices of its weights and what shares a window."""

    matrix: Matrix
    tiles: tuple[TilePlan, ...]
    layout: Layout = ONE_SIDED
    window: str = "tensor"

    def full(self, tile: TilePlan) -> Ints:
        """Return the code that takes the whole window, shape (n_wordlines, n_columns)."""
        return full_codes(self.matrix, tile, self.window)

    def steps_S(self, tile: TilePlan, window_S: float) -> Floats:
        """Return the conductance of one code, shape (n_wordlines, n_columns, n_slices) [S]."""
        return self.layout.steps_S(self.full(tile), window_S)

    def shape(self, tile: TilePlan) -> tuple[int, int, int]:
        """Return wordlines, columns (a reference column included) and devices of a cell."""
        n_columns = tile.n_columns + self.layout.has_reference
        return tile.n_wordlines, n_columns, self.layout.n_devices

    def used(self, tile: TilePlan) -> npt.NDArray[np.bool_]:
        """Return which cells hold a weight; those of a reference column do."""
        return np.pad(
            tile.used(self.matrix), ((0, 0), (0, self.layout.has_reference)), constant_values=True
        )

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
    ranges : mapping
        ``(tile_id, phase, read) -> full scales``, from `calibrate_ranges`: of what is converted, a
        current [A] or a voltage [V], one a range of the tile.
    """

    model_digest: str
    hardware: Hardware
    layers: tuple[LayerPlan, ...]
    ranges: Mapping[tuple[int, str, int], tuple[float, ...]] = field(default_factory=dict)

    @cached_property
    def matrices(self) -> tuple[MatrixPlan, ...]:
        """All analog matrices."""
        return tuple(m for layer in self.layers for m in layer.matrices)

    @cached_property
    def tiles(self) -> tuple[TilePlan, ...]:
        """All tiles, by number."""
        return tuple(tile for m in self.matrices for tile in m.tiles)

    @cached_property
    def layouts(self) -> dict[int, Layout]:
        """Layout of the weights of each tile."""
        return {t.tile_id: m.layout for m in self.matrices for t in m.tiles}

    @property
    def utilisation(self) -> float:
        """Share of the cells of all tiles that hold a weight, or a slice of one."""
        shape = self.hardware.tile
        cells = shape.n_wordlines * shape.n_bitlines * self.n_sites
        used = sum(m.matrix.n_weights * m.layout.lines_per_column(shape) for m in self.matrices)
        return used / cells if cells else 0.0

    @cached_property
    def n_sites(self) -> int:
        """Tiles of a chip that holds the plan."""
        return len({t.site if t.site is not None else (t.tile_id,) for t in self.tiles})

    @cached_property
    def t_step_s(self) -> float:
        """Time between steps [s]: as stated, or what the reads of a step take one by one."""
        timing = self.hardware.timing
        if timing.t_step_s is not None:
            return timing.t_step_s
        n_reads = sum(
            len(reads_of(m.matrix, phase, self.hardware))
            for layer in self.layers
            if layer.per_step
            for m in layer.matrices
            for phase in m.matrix.phases
        )
        return max(n_reads, 1) * timing.t_read_s

    @cached_property
    def digest(self) -> str:
        """SHA-256 of model, hardware and geometry."""
        geometry = [tile.geometry for tile in self.tiles]
        content: list[Any] = [self.model_digest, self.hardware.digest(), geometry]
        if self.ranges:
            content.append([[*key, list(full)] for key, full in sorted(self.ranges.items())])
        return hashlib.sha256(canonical_json(content).encode()).hexdigest()
