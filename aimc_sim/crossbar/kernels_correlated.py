"""Compiled noise that lasts longer than a read: what it adds to the currents of a batch."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from aimc_sim.jit import njit, pnjit, prange
from aimc_sim.rng_kernels import Key, gaussian_block, threefry4x32

Ints = npt.NDArray[np.int64]
Indices = npt.NDArray[np.intp]
Floats = npt.NDArray[np.float64]
Levels = npt.NDArray[np.uint8]
Singles = npt.NDArray[np.float32]
Words = npt.NDArray[np.uint32]

_UNIT = 2.0**-32


@njit
def _octave(key: Key, sequence: int, held: Words, block: Words, to: Singles) -> None:
    """Draw blocks one after another: 32-bit words into one array, so that LLVM vectorises."""
    for c in range(block.shape[0]):
        z0, z1, z2, z3 = gaussian_block(key, sequence, held[c], block[c])
        to[4 * c] = z0
        to[4 * c + 1] = z1
        to[4 * c + 2] = z2
        to[4 * c + 3] = z3


@njit
def _add_weighted(weight: np.float32, drawn: Singles, z: Singles) -> None:
    for i in range(z.shape[0]):
        z[i] += weight * drawn[i]


@pnjit
def draw(
    keys: Words,
    weight: Singles,
    sequence: Ints,
    held: Words,
    block: Words,
    z: Singles,
) -> None:
    """Draw the normals of all devices at a step: one octave after another, the slowest first.

    Parameters
    ----------
    keys : uint32 array, shape (n_octaves, 4)
        Stream of each octave.
    weight : float32 array, shape (n_octaves,)
        Amplitude of each octave; squares sum to 1.
    sequence : int64 array, shape (n_sequences,)
        Index of each sequence in its file.
    held : uint32 array, shape (n_octaves, n_blocks)
        Number of the hold of each octave.
    block : uint32 array, shape (n_blocks,)
        Blocks of four devices.
    z : float32 array, shape (n_sequences, 4 n_blocks)
        Zeros; added to.
    """
    for b in prange(sequence.shape[0]):
        drawn = np.empty(z.shape[1], dtype=np.float32)
        for k in range(keys.shape[0] - 1, -1, -1):
            _octave(keys[k], sequence[b], held[k], block, drawn)
            _add_weighted(weight[k], drawn, z[b])


@pnjit
def redraw(
    keys: Words,
    weight: Singles,
    sequence: Ints,
    first: Indices,
    moved: Indices,
    block: Words,
    held: Words,
    drawn: Singles,
    z: Singles,
) -> None:
    """Draw the octaves that began a hold, and sum all as `draw` does.

    Parameters
    ----------
    first : int array, shape (n_octaves + 1,)
        Where those of each octave begin in the arrays that follow.
    moved, block, held : int, uint32, uint32 arrays, shape (n_moved,)
        Place of the block, its number, and the number of its hold.
    drawn : float32 array, shape (n_sequences, n_octaves, 4 n_blocks)
        Normals of each octave; written where a hold began.
    z : float32 array, shape (n_sequences, 4 n_blocks)
        Written.

    Notes
    -----
    The other parameters are those of `draw`.
    """
    for b in prange(sequence.shape[0]):
        fresh = np.empty(4 * moved.shape[0], dtype=np.float32)
        for i in range(z.shape[1]):
            z[b, i] = np.float32(0.0)
        for k in range(keys.shape[0] - 1, -1, -1):
            start, stop, own = first[k], first[k + 1], drawn[b, k]
            _octave(keys[k], sequence[b], held[start:stop], block[start:stop], fresh)
            for c in range(stop - start):
                for lane in range(4):
                    own[4 * moved[start + c] + lane] = fresh[4 * c + lane]
            _add_weighted(weight[k], own, z[b])


@pnjit
def add_entries(
    x: Floats,
    source: Indices,
    current: Indices,
    amount: Floats,
    slot: Indices,
    z: Singles,
    out: Floats,
) -> None:
    """Add what devices do to currents, in order of entries.

    Parameters
    ----------
    x : float array, shape (n_sequences, n_wordlines)
        What drives each wordline, in input codes.
    source, current, amount : arrays, shape (n_entries,)
        Wordline, current, signed spread [units of `out` for code 1].
    slot : int array, shape (n_entries,)
        Where the normal of each device stands in z.
    z : float32 array, shape (n_sequences, 4 n_blocks)
        Standard normals.
    out : float array, shape (n_sequences, n_currents)
        Added to.
    """
    for b in prange(x.shape[0]):
        for e in range(source.shape[0]):
            out[b, current[e]] += x[b, source[e]] * amount[e] * np.float64(z[b, slot[e]])


@pnjit
def add_telegraph(
    x: Floats,
    cell: Indices,
    source: Indices,
    current: Indices,
    low: Floats,
    high: Floats,
    levels: Levels,
    extra: Floats,
) -> None:
    """Add the levels of switching devices to the currents of a batch.

    Parameters
    ----------
    x : float array, shape (n_sequences, n_wordlines)
        What drives each wordline, in input codes.
    cell, source, current : int arrays, shape (n_entries,)
        Column of `levels`, wordline, current.
    low, high : float arrays, shape (n_entries,)
        What each level adds for code 1 [units of a weight code].
    levels : uint8 array, shape (n_sequences, n_cells)
        0 low, 1 high.
    extra : float array, shape (n_sequences, n_currents)
        Added to [accumulator units].
    """
    for b in prange(x.shape[0]):
        for e in range(cell.shape[0]):
            level = high[e] if levels[b, cell[e]] else low[e]
            extra[b, current[e]] += x[b, source[e]] * level


@pnjit
def advance_levels(
    levels: Levels,
    number: Indices,
    key: Key,
    sequence: Ints,
    step: int,
    renewal: float,
    p_high: float,
) -> None:
    """Move levels, shape (n_sequences, n_cells), to `step`: some are drawn anew.

    Notes
    -----
    One counter block a device, sequence and step: the first word says whether the level is drawn
    anew (below `renewal`), the second what it becomes (high below `p_high`).
    """
    low = np.uint32(np.uint64(step) & np.uint64(0xFFFFFFFF))
    high = np.uint32(np.uint64(step) >> np.uint64(32))
    for b in prange(levels.shape[0]):
        for c in range(number.shape[0]):
            w0, w1, _, _ = threefry4x32(
                np.uint32(sequence[b]), low, high, np.uint32(number[c]),
                key[0], key[1], key[2], key[3],
            )  # fmt: skip
            if (np.float64(w0) + 0.5) * _UNIT < renewal:
                levels[b, c] = np.uint8((np.float64(w1) + 0.5) * _UNIT < p_high)
