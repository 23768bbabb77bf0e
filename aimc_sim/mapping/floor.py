"""Floor: what each cell of a tile of the chip is for, wordline by wordline, bitline by bitline."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aimc_sim.hardware import TileShape
from aimc_sim.mapping.matrix import Indices, Matrix
from aimc_sim.mapping.plan import MatrixPlan, Plan
from aimc_sim.mapping.tile_plan import TilePlan

REFERENCE = "reference"
"""Name of what a reference column holds."""
NOTHING = "none"
"""Name of the cells where the lines of two tensors cross that are for neither of them."""
FREE = -1
"""Number of the region of a cell whose lines nothing is connected to."""


@dataclass(frozen=True)
class Region:
    """What one tensor takes of a tile.

    Parameters
    ----------
    plan : TilePlan
        Whose weights.
    tensor : str
        "A", "B", "C", "weight"; "reference" for a reference column, "none" for cells of no tensor.
    wordlines, bitlines : int arrays
        Physical lines of the tile, ascending.
    n_weights : int
        Weights.
    n_used : int
        Cells that hold a weight, a slice of one, or a reference.
    """

    plan: TilePlan
    tensor: str
    wordlines: Indices
    bitlines: Indices
    n_weights: int
    n_used: int

    @property
    def origin(self) -> tuple[int, int]:
        """First wordline and first bitline."""
        return int(self.wordlines[0]), int(self.bitlines[0])

    @property
    def n_unused(self) -> int:
        """Cells where its lines cross that hold nothing."""
        return len(self.wordlines) * len(self.bitlines) - self.n_used


@dataclass(frozen=True)
class Floor:
    """One tile of the chip.

    Parameters
    ----------
    number : int
        Its number on the chip.
    regions : tuple of Region
        What lies on it.
    region : int array, shape (n_wordlines, n_bitlines)
        Number of the region of each cell; `FREE` where there is none.
    holds : bool array, same shape
        Cells that hold a weight, a slice of one, or a reference.
    part : int array, same shape
        Slice of the weight, 0 for the lowest.
    """

    number: int
    regions: tuple[Region, ...]
    region: Indices
    holds: npt.NDArray[np.bool_]
    part: Indices

    @property
    def share_used(self) -> float:
        """Share of its cells that hold a weight, a slice of one, or a reference."""
        return float(self.holds.mean())

    @property
    def plans(self) -> tuple[TilePlan, ...]:
        """Plans that share it, each once."""
        return tuple({r.plan.tile_id: r.plan for r in self.regions}.values())


def floors_of(plan: Plan) -> tuple[Floor, ...]:
    """Return all tiles of a chip that holds a plan, numbered from 0 in order of appearance.

    Examples
    --------
    >>> from aimc_sim.chip import load_chip
    >>> from aimc_sim.mapping.mapper import map_model
    >>> from aimc_sim.model.npz import load_model
    >>> chip = load_chip("examples/chips/pcm_256.yaml")
    >>> floor = floors_of(map_model(load_model("examples/models/digits.npz"), chip.hardware))[-1]
    >>> [(r.plan.layer, r.tensor, len(r.wordlines), len(r.bitlines)) for r in floor.regions]
    [('decoder', 'weight', 32, 10)]
    """
    shape = plan.hardware.tile
    sites: dict[tuple[int | None, int], list[tuple[MatrixPlan, TilePlan]]] = {}
    for m in plan.matrices:
        for tile in m.tiles:
            own = -1 if tile.site is not None else tile.tile_id
            sites.setdefault((tile.site, own), []).append((m, tile))
    return tuple(_floor(i, held, shape) for i, held in enumerate(sites.values()))


def _floor(number: int, held: list[tuple[MatrixPlan, TilePlan]], shape: TileShape) -> Floor:
    size = shape.n_wordlines, shape.n_bitlines
    region, part = np.full(size, FREE, dtype=np.intp), np.zeros(size, dtype=np.intp)
    holds, regions = np.zeros(size, dtype=np.bool_), []
    for m, tile in held:
        rows, columns = places(m, tile)
        per_column = m.layout.lines_per_column(shape)
        lines = tile.origin[1] + columns[:, None] * per_column + np.arange(per_column)
        names, number_of = _tensors(m, tile)
        used = m.used(tile)
        for i, name in enumerate(names):
            inside = number_of == i
            n = int((used & inside).sum())
            of_rows, of_lines = rows[inside.any(axis=1)], lines[inside.any(axis=0)].ravel()
            counted = 0 if name == REFERENCE else n
            regions.append(
                Region(tile, name, np.sort(of_rows), np.sort(of_lines), counted, n * per_column)
            )
        at = np.ix_(rows, lines.ravel())
        first = len(regions) - len(names)
        region[at] = np.repeat(number_of + first, per_column, axis=1)
        holds[at] = np.repeat(used, per_column, axis=1)
        slices = np.arange(per_column) // (per_column // m.layout.n_slices)
        part[at] = np.tile(slices, len(columns))[None, :]
    return Floor(number, tuple(regions), region, holds, part)


def places(m: MatrixPlan, tile: TilePlan) -> tuple[Indices, Indices]:
    """Return the physical wordlines of a tile's rows, and the places of its columns.

    The reference column, if any, comes after the others. A column takes
    ``m.layout.lines_per_column`` bitlines, from ``origin[1]`` on.
    """
    rows = np.arange(tile.n_wordlines) if tile.wordline_at is None else tile.wordline_at
    columns = np.arange(tile.n_columns) if tile.column_at is None else tile.column_at
    if m.layout.has_reference:
        columns = np.append(columns, tile.n_columns)
    return tile.origin[0] + rows, columns


def _tensors(m: MatrixPlan, tile: TilePlan) -> tuple[list[str], Indices]:
    """Return names of the tensors on a tile, and which of them each cell is for."""
    inputs = m.matrix.vector_of_row[tile.rows]
    outputs = m.matrix.vector_of_col[tile.cols]
    key = inputs[:, None] * len(m.matrix.outputs) + outputs[None, :]
    if m.layout.has_reference:
        beyond = len(m.matrix.inputs) * len(m.matrix.outputs)
        key = np.pad(key, ((0, 0), (0, 1)), constant_values=beyond)
    kinds, number = np.unique(key, return_inverse=True)
    return [_name(m.matrix, int(kind)) for kind in kinds], number.reshape(key.shape)


def _name(matrix: Matrix, kind: int) -> str:
    source, target = divmod(kind, len(matrix.outputs))
    if source == len(matrix.inputs):
        return REFERENCE
    if matrix.name != "kernel":
        return matrix.name
    pair = matrix.inputs[source].name, matrix.outputs[target].name
    return {("x", "x"): "A", ("u", "x"): "B", ("x", "y"): "C"}.get(pair, NOTHING)
