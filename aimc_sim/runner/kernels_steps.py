"""Compiled steps of a whole network: a schedule of operations on blocks of sequences, no Python.

All quantities are integers held in float64 (`schedule.py` proves that none reaches 2^52), except
currents. A block is a matrix [row, sequence]: rows are inputs, states, sums and outputs of layers.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from aimc_sim.jit import njit, pnjit, prange
from aimc_sim.runner.kernels_digital import (
    advance_states,
    look_up,
    move_rows,
    multiply,
    normalise,
    weigh,
)
from aimc_sim.runner.kernels_driving import cut, gather, square, tally, tally_one
from aimc_sim.runner.kernels_holding import hold
from aimc_sim.runner.kernels_operations import (
    ADVANCE,
    CUT,
    DRAW,
    GATHER,
    HOLD,
    LOOK_UP,
    MULTIPLY,
    NORMALISE,
    READ,
    SQUARE,
    SUM,
    SUM_DENSE,
    SUM_FIXED,
    TALLY,
    WEIGH,
)
from aimc_sim.runner.kernels_reading import draw_normals, read, read_one
from aimc_sim.runner.kernels_summing import sum_cells, sum_dense, sum_fixed

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Normals = npt.NDArray[np.float32]
Words = npt.NDArray[np.uint32]
Shorts = npt.NDArray[np.int16]
Tables = tuple[Ints, Ints, Floats, Shorts, Words, Words]
Space = tuple[Floats, Normals, Normals, Words, Normals]


@njit
def _step(
    tables: Tables, space: Space, sequence: Words, step: int, n: int,
    sums: Ints, active: Ints, saturated: Ints,
) -> None:  # fmt: skip
    """Do all operations of one step for the first n sequences of a block."""
    ops, ints, floats, shorts, keys, blocks = tables
    w, z, lasting, held, kept = space
    flat, alone = w.reshape(w.size), w.shape[1] == 1
    for o in range(ops.shape[0]):
        op = ops[o]
        code = op[0]
        if code == READ:
            if alone:
                saturated[op[6]] += read_one(op, ints, floats, flat, z, lasting)
            else:
                saturated[op[6]] += read(op, ints, floats, w, z, lasting, n)
        elif code == WEIGH:
            weigh(op, floats, w, flat, n)
        elif code == ADVANCE:
            advance_states(op, floats, w, flat, n)
        elif code == TALLY:
            if alone:
                tally_one(op, flat, sums, active)
            else:
                tally(op, w, n, sums, active)
        elif code == CUT:
            cut(op, floats, w, flat, n)
        elif code == GATHER:
            gather(op, ints, w, n)
        elif code == SQUARE:
            square(op, w, flat)
        elif code == SUM:
            sum_cells(op, ints, floats, w, flat, n)
        elif code == SUM_DENSE:
            sum_dense(op, floats, w, flat)
        elif code == SUM_FIXED:
            sum_fixed(op, ints, floats, shorts, w, flat, n)
        elif code == DRAW:
            own = blocks[op[1] : op[1] + op[2]]
            draw_normals(keys[op[3]], sequence, step, own, z[: 4 * op[2]], n)
        elif code == HOLD:
            hold(op, ints, floats, keys, blocks, sequence, step, held, kept, lasting, n)
        elif code == LOOK_UP:
            look_up(op, floats, w, n)
        elif code == MULTIPLY:
            multiply(op, floats, w, n)
        elif code == NORMALISE:
            normalise(op, floats, w, n)
        else:
            move_rows(op, ints, w, n)


@njit
def run_block(
    tables: Tables,
    space: Space,
    places: tuple[int, int, bool],
    sequence: Words,
    first_step: int,
    n_active: Ints,
    x_code: Ints,
    states: Ints,
    golden: Ints,
    pooled: Ints,
    error: Ints,
    probed: Ints,
    recorded: Ints,
    sums: Ints,
    active: Ints,
    saturated: Ints,
) -> None:
    """Run some steps of one block of sequences; `space` may be that of the steps before.

    Parameters
    ----------
    space : tuple of arrays
        Rows of the block, normals, normals that last, their holds (`NEVER` where nothing was drawn
        yet), and what is kept of them: as the steps before have left it.

    Notes
    -----
    The other parameters are those of `run_steps`, of this block.
    """
    w = space[0]
    state_row, out_row, is_last = places
    n_input, n_channels = x_code.shape[2], golden.shape[2]
    most = sequence.shape[0]
    for i in range(most):
        for r in range(states.shape[1]):
            w[state_row + r, i] = np.float64(states[i, r])
    for t in range(n_active.shape[0]):
        here = min(max(n_active[t], 0), most)
        if here == 0:
            break
        for i in range(here):
            for r in range(n_input):
                w[r, i] = np.float64(x_code[i, t, r])
        _step(tables, space, sequence, first_step + t, here, sums, active, saturated)
        for i in range(here):
            for r in range(n_channels):
                code = np.int64(w[out_row + r, i])
                deviation = code - golden[i, t, r]
                error[t] += deviation * deviation
                pooled[i, r] = code if is_last else pooled[i, r] + code
            for k in range(probed.shape[0]):
                recorded[i, t, k] = np.int64(w[probed[k], i])
    for i in range(most):
        for r in range(states.shape[1]):
            states[i, r] = np.int64(w[state_row + r, i])


@pnjit
def run_steps(
    tables: Tables,
    sizes: tuple[int, int, int],
    together: int,
    places: tuple[int, int, bool],
    sequence: Words,
    first_step: int,
    n_active: Ints,
    held: Words,
    kept: Normals,
    x_code: Ints,
    states: Ints,
    golden: Ints,
    pooled: Ints,
    error: Ints,
    probed: Ints,
    recorded: Ints,
    sums: Ints,
    active: Ints,
    saturated: Ints,
) -> None:
    """Run some steps of a batch, blocks of sequences on all threads.

    Parameters
    ----------
    tables : tuple of arrays
        Operations of a step, in order, shape (n_ops, N_FIELDS); integers, numbers, short
        integers, keys and blocks that their fields point into.
    sizes : tuple of int
        Rows of a block, of normals, of normals that last.
    together : int
        Sequences in a block.
    places : (int, int, bool)
        Row of the first state code, of the last layer's first code; whether `pooled` keeps the
        last codes, or their sum.
    sequence : uint32 array, shape (n,)
        Index of each sequence in its file.
    first_step : int
        Number of the first step.
    n_active : int64 array, shape (n_steps,)
        Sequences that each step advances: the first of them.
    held : uint32 array, shape (n_blocks, n_held)
        Numbers of holds, `NEVER` where nothing was drawn yet; changed in place.
    kept : float32 array, shape (n_blocks, n_kept, together)
        Normals that last; changed in place.
    x_code : int64 array, shape (n, n_steps, n_input)
        Inputs; they stand in the first rows of a block.
    states : int64 array, shape (n, n_states)
        State codes of all layers; changed in place.
    golden : int64 array, shape (n, n_steps, n_channels)
        Reference codes of the last layer.
    pooled : int64 array, shape (n, n_channels)
        Changed in place.
    error : int64 array, shape (n_blocks, n_steps)
        Squared deviations are added.
    probed : int64 array, shape (n_probed,)
        Rows that are recorded.
    recorded : int64 array, shape (n, n_steps, n_probed)
        Written.
    sums, active, saturated : int64 arrays, shapes (n_blocks, ...)
        What the energy of arrays goes with, drives that are not 0, saturated conversions; added to.
    """
    n = sequence.shape[0]
    for part in prange((n + together - 1) // together):
        start = part * together
        stop = min(start + together, n)
        most = stop - start
        space = (
            np.zeros((sizes[0], most)),
            np.empty((sizes[1], most), dtype=np.float32),
            np.empty((sizes[2], most), dtype=np.float32),
            held[part],
            kept[part],
        )
        run_block(
            tables, space, places, sequence[start:stop], first_step, n_active - start,
            x_code[start:stop], states[start:stop], golden[start:stop], pooled[start:stop],
            error[part], probed, recorded[start:stop], sums[part], active[part], saturated[part],
        )  # fmt: skip
