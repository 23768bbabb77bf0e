"""Compiled steps of a whole network: a schedule of operations on blocks of sequences, no Python.

All quantities are integers held in float64 (`schedule.py` proves that none reaches 2^52), except
currents. A block is a matrix [row, sequence]: rows are inputs, states, sums and outputs of layers.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from aimc_sim.jit import njit, pnjit, prange
from aimc_sim.runner.kernels_digital import look_up, move_rows, multiply, normalise, weigh
from aimc_sim.runner.kernels_operations import (
    CELLS,
    CONVERT,
    DRIVE,
    LOOK_UP,
    MULTIPLY,
    NORMALISE,
    SUM,
    SUM_DENSE,
    WEIGH,
    WHITE,
)
from aimc_sim.runner.kernels_reading import (
    add_cells,
    add_white,
    convert,
    draw_normals,
    drive,
    sum_cells,
    sum_dense,
)

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Normals = npt.NDArray[np.float32]
Words = npt.NDArray[np.uint32]


@njit
def _step(
    ops: Ints,
    ints: Ints,
    floats: Floats,
    keys: Words,
    blocks: Words,
    w: Floats,
    z: Normals,
    sequence: Words,
    step: int,
    n: int,
    tally: Ints,
    active: Ints,
    saturated: Ints,
) -> None:
    """Do all operations of one step for the first n sequences of a block."""
    flat = w.reshape(w.size)
    for o in range(ops.shape[0]):
        op = ops[o]
        code = op[0]
        if code == WEIGH:
            weigh(op, ints, floats, w, flat, n)
        elif code == DRIVE:
            drive(op, ints, floats, w, n, tally, active)
        elif code == SUM:
            sum_cells(op, ints, floats, w, flat, n)
        elif code == SUM_DENSE:
            sum_dense(op, floats, w, flat)
        elif code in (WHITE, CELLS):
            own = blocks[op[8] : op[8] + op[9]]
            drawn = z[: 4 * op[9]]
            draw_normals(keys[op[10]], sequence, step, own, drawn, n)
            if code == WHITE:
                add_white(op, ints, w, flat, drawn, n)
            else:
                add_cells(op, ints, floats, w, drawn, n)
        elif code == CONVERT:
            saturated[op[7]] += convert(op, ints, floats, w, flat, n)
        elif code == LOOK_UP:
            look_up(op, floats, w, n)
        elif code == MULTIPLY:
            multiply(op, floats, w, n)
        elif code == NORMALISE:
            normalise(op, floats, w, n)
        else:
            move_rows(op, ints, w, n)


@pnjit
def run_steps(
    ops: Ints,
    ints: Ints,
    floats: Floats,
    keys: Words,
    blocks: Words,
    n_rows: int,
    n_normals: int,
    together: int,
    sequence: Words,
    first_step: int,
    n_active: Ints,
    x_code: Ints,
    states: Ints,
    state_row: int,
    golden: Ints,
    out_row: int,
    is_last: bool,
    pooled: Ints,
    error: Ints,
    probed: Ints,
    recorded: Ints,
    tally: Ints,
    active: Ints,
    saturated: Ints,
) -> None:
    """Run some steps of a batch, blocks of sequences on all threads.

    Parameters
    ----------
    ops : int64 array, shape (n_ops, N_FIELDS)
        Operations of a step, in order.
    ints, floats, keys, blocks : arrays
        What their fields point into.
    n_rows, n_normals : int
        Rows of a block, and of the normals of its largest read.
    together : int
        Sequences in a block.
    sequence : uint32 array, shape (n,)
        Index of each sequence in its file.
    first_step : int
        Number of the first step.
    n_active : int64 array, shape (n_steps,)
        Sequences that each step advances: the first of them.
    x_code : int64 array, shape (n, n_steps, n_input)
        Inputs; they stand in the first rows of a block.
    states : int64 array, shape (n, n_states)
        State codes of all layers; changed in place.
    state_row : int
        Row of the first of them.
    golden : int64 array, shape (n, n_steps, n_channels)
        Reference codes of the last layer.
    out_row : int
        Row of its first code.
    is_last : bool
        Whether `pooled` keeps the last codes, or their sum.
    pooled : int64 array, shape (n, n_channels)
        Changed in place.
    error : int64 array, shape (n_blocks, n_steps)
        Squared deviations are added.
    probed : int64 array, shape (n_probed,)
        Rows that are recorded.
    recorded : int64 array, shape (n, n_steps, n_probed)
        Written.
    tally, active, saturated : int64 arrays, shapes (n_blocks, ...)
        Squares of drives, drives that are not 0, saturated conversions; added to.
    """
    n = sequence.shape[0]
    n_input, n_channels = x_code.shape[2], golden.shape[2]
    for part in prange((n + together - 1) // together):
        start = part * together
        most = min(together, n - start)
        w = np.zeros((n_rows, most))
        z = np.zeros((n_normals, most), dtype=np.float32)
        own = sequence[start : start + most]
        for i in range(most):
            for r in range(states.shape[1]):
                w[state_row + r, i] = np.float64(states[start + i, r])
        for t in range(n_active.shape[0]):
            here = min(max(n_active[t] - start, 0), most)
            if here == 0:
                break
            for i in range(here):
                for r in range(n_input):
                    w[r, i] = np.float64(x_code[start + i, t, r])
            _step(
                ops, ints, floats, keys, blocks, w, z, own, first_step + t, here,
                tally[part], active[part], saturated[part],
            )  # fmt: skip
            for i in range(here):
                for r in range(n_channels):
                    code = np.int64(w[out_row + r, i])
                    deviation = code - golden[start + i, t, r]
                    error[part, t] += deviation * deviation
                    pooled[start + i, r] = code if is_last else pooled[start + i, r] + code
                for k in range(probed.shape[0]):
                    recorded[start + i, t, k] = np.int64(w[probed[k], i])
        for i in range(most):
            for r in range(states.shape[1]):
                states[start + i, r] = np.int64(w[state_row + r, i])
