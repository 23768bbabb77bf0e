"""Windows: the weight code that takes the whole conductance window, in each cell of a tile."""

from __future__ import annotations

import numpy as np

from aimc_sim.mapping.matrix import Matrix
from aimc_sim.mapping.tile_plan import TilePlan
from aimc_sim.model.signal import Ints


def full_codes(matrix: Matrix, tile: TilePlan, window: str) -> Ints:
    """Return the full-window code of each cell of a tile, shape (n_wordlines, n_columns).

    Parameters
    ----------
    matrix : Matrix
        Whose codes.
    tile : TilePlan
        What the tile holds of it.
    window : {"tensor", "tile", "kernel", "mode"}
        What shares a window (`Mapping.window`).

    Notes
    -----
    What shares a bitline in one read has one step, so inputs that are driven together share the
    window of the columns that they reach.
    """
    if window == "tensor":
        return matrix.full_of(tile.rows, tile.cols)
    shared, group = _shared_inputs(matrix), _column_groups(matrix, window)[tile.cols]
    row_input = matrix.vector_of_row[tile.rows]
    col_output = matrix.vector_of_col[tile.cols]
    cell_class = shared[row_input[:, None], col_output[None, :]]
    key = cell_class * (int(group.max(initial=0)) + 1) + group[None, :]
    peak = np.ones(int(key.max(initial=0)) + 1, dtype=np.int64)
    np.maximum.at(peak, key, np.abs(tile.codes(matrix)))
    return np.asarray(peak[key])


def _shared_inputs(matrix: Matrix) -> Ints:
    """Return a number for each (input, output) that shares its bitlines with no other number."""
    n_in, n_out = len(matrix.inputs), len(matrix.outputs)
    number = np.arange(n_in * n_out).reshape(n_in, n_out)
    inputs = [v.name for v in matrix.inputs]
    for phase in matrix.phases:
        rows = [inputs.index(name) for name in phase.drives]
        for j, output in enumerate(matrix.outputs):
            if output.name in phase.reads:
                number[rows, j] = number[rows, j].min()
    return number


def _column_groups(matrix: Matrix, window: str) -> Ints:
    """Return the group of each column of a matrix that has a window of its own."""
    if window == "tile" or matrix.kernel_of_col is None:
        return np.zeros(matrix.n_cols, dtype=np.int64)
    kernel, mode = matrix.kernel_of_col, matrix.mode_of_col
    if window == "kernel" or mode is None:
        return kernel
    return np.where(mode >= 0, int(kernel.max(initial=0)) + 1 + mode, kernel)
