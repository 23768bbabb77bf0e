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

_UNIT = 2.0**-32


@njit(forceinline=True)
def _sum_octaves(
    keys: npt.NDArray[np.uint32],
    weight: Singles,
    sequence: int,
    held: Ints,
    block: Indices,
    z: Singles,
) -> None:
    """Sum the draws of all octaves, shape (4, n_blocks): one octave after another, in order."""
    n_blocks = block.shape[0]
    for k in range(keys.shape[0]):
        key, w = keys[k], weight[k]
        for i in range(n_blocks):
            z0, z1, z2, z3 = gaussian_block(key, sequence, held[k, i], block[i])
            z[0, i] += w * z0
            z[1, i] += w * z1
            z[2, i] += w * z2
            z[3, i] += w * z3


@pnjit
def add_flicker(
    x: Floats,
    block: Indices,
    start: Indices,
    number: Indices,
    source: Indices,
    current: Indices,
    sigma: Floats,
    held: Ints,
    weight: Singles,
    keys: npt.NDArray[np.uint32],
    sequence: Ints,
    extra: Floats,
) -> None:
    """Add correlated 1/f noise to the currents of a batch.

    Parameters
    ----------
    x : float array, shape (n_sequences, n_wordlines)
        What drives each wordline, in input codes.
    block, start : int arrays, shape (n_blocks,) and (n_blocks + 1,)
        Blocks of four devices, and where their entries begin.
    number, source, current, sigma : arrays, shape (n_entries,)
        Device, wordline, current, signed spread [units of a weight code].
    held : int64 array, shape (n_octaves, n_blocks)
        Number of the hold of each octave.
    weight : float32 array, shape (n_octaves,)
        Amplitude of each octave; squares sum to 1.
    keys : uint32 array, shape (n_octaves, 4)
        Streams.
    sequence : int64 array, shape (n_sequences,)
        Index of each sequence in its file.
    extra : float array, shape (n_sequences, n_currents)
        Added to [accumulator units].
    """
    for b in prange(x.shape[0]):
        z = np.zeros((4, block.shape[0]), dtype=np.float32)
        _sum_octaves(keys, weight, sequence[b], held, block, z)
        for i in range(block.shape[0]):
            for e in range(start[i], start[i + 1]):
                drive = x[b, source[e]]
                extra[b, current[e]] += drive * sigma[e] * np.float64(z[number[e] & 3, i])


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
