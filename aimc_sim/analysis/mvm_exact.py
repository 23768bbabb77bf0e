"""What a phase of a matrix gives with exact weights: integer accumulators."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from aimc_sim.mapping.matrix import Matrix, Phase
from aimc_sim.model.signal import Ints


def exact_outputs(matrix: Matrix, phase: Phase, inputs: Sequence[Ints]) -> Ints:
    """Return the exact accumulators of the vectors that a phase reads.

    Parameters
    ----------
    matrix : Matrix
        Weight codes.
    phase : Phase
        Which inputs are driven, which outputs are read.
    inputs : sequence of int arrays
        Codes of the driven vectors, each (n_vectors, n).

    Returns
    -------
    int array, shape (n_vectors, n_outputs)
        The vectors read, one after another, as `aimc_sim.crossbar.read.read_phase` has them.
    """
    rows = np.zeros((len(inputs[0]), matrix.n_rows), dtype=np.int64)
    for name, codes in zip(phase.drives, inputs, strict=True):
        rows[:, matrix.input(name).lines] = codes << phase.lead(name)
    columns = np.zeros((len(rows), matrix.n_cols), dtype=np.int64)
    for block in matrix.blocks:
        n_rows, n_cols = block.codes.shape
        driven = rows[:, block.row0 : block.row0 + n_rows]
        columns[:, block.col0 : block.col0 + n_cols] += driven @ block.codes
    return np.concatenate([columns[:, matrix.output(name).lines] for name in phase.reads], axis=1)
