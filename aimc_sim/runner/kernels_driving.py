"""Compiled operations on what drives wordlines: slices of codes, their tally, squares, order."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from aimc_sim.jit import njit
from aimc_sim.runner.kernels_operations import BITS, MAGNITUDE, NEGATIVE, POSITIVE, SQUARES

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@njit
def cut(op: Ints, floats: Floats, w: Floats, flat: Floats, n: int) -> None:
    """Write the slice of each code: `aimc_sim.converters.Slice.of`, exactly, in float64."""
    rows, to, source, part, at = op[1], op[2], op[3], op[4], op[5]
    down, modulus = floats[at], floats[at + 1]
    up = 1.0 / modulus if modulus > 0.0 else 0.0
    together = rows * n if w.shape[1] == n else n
    for r in range(rows * n // max(together, 1)):
        width = w.shape[1]
        codes, out = flat[(source + r) * width :], flat[(to + r) * width :]
        for i in range(together):
            value = codes[i]
            sign = 1.0
            if part == POSITIVE:
                value = max(value, 0.0)
            elif part == NEGATIVE:
                value = max(-value, 0.0)
            elif part == MAGNITUDE:
                sign = -1.0 if value < 0.0 else 1.0
                value = abs(value)
            value = np.floor(value * down)
            value -= modulus * np.floor(value * up)
            out[i] = sign * value


@njit
def _bits_set(value: np.int64) -> np.int64:
    """Return how many bits of a magnitude are set."""
    n = np.int64(0)
    while value:
        value &= value - np.int64(1)
        n += np.int64(1)
    return n


@njit
def _squared(own: Floats, n: int) -> np.int64:
    """Sum squares of codes below 2^31."""
    total = np.int64(0)
    for i in range(n):
        code = np.int64(np.int32(own[i]))
        total += code * code
    return total


@njit
def tally(op: Ints, w: Floats, n: int, sums: Ints, active: Ints) -> None:
    """Add up what the energy of arrays goes with, one sum a row; and the codes that are not 0."""
    rows, source, power, at, counted = op[1], op[2], op[3], op[4], op[5]
    for r in range(rows):
        own = w[source + r]
        total = np.int64(0)
        if power == SQUARES:
            total = _squared(own, n)
        elif power == BITS:
            for i in range(n):
                total += _bits_set(abs(np.int64(own[i])))
        else:
            for i in range(n):
                total += abs(np.int64(np.int32(own[i])))
        sums[at + r] += total
        if counted:
            driven = np.int64(0)
            for i in range(n):
                driven += np.int64(own[i] != 0.0)
            active[at + r] += total if power == BITS else driven


@njit
def tally_one(op: Ints, flat: Floats, sums: Ints, active: Ints) -> None:
    """Do the same for one sequence."""
    rows, source, power, at, counted = op[1], op[2], op[3], op[4], op[5]
    own, to, driven = flat[source : source + rows], sums[at : at + rows], active[at : at + rows]
    if power == SQUARES:
        for r in range(rows):
            code = np.int64(np.int32(own[r]))
            to[r] += code * code
    elif power == BITS:
        for r in range(rows):
            to[r] += _bits_set(abs(np.int64(own[r])))
    else:
        for r in range(rows):
            to[r] += abs(np.int64(np.int32(own[r])))
    if counted and power == BITS:
        for r in range(rows):
            driven[r] += _bits_set(abs(np.int64(own[r])))
    elif counted:
        for r in range(rows):
            driven[r] += np.int64(own[r] != 0.0)


@njit
def gather(op: Ints, ints: Ints, w: Floats, n: int) -> None:
    """Copy rows to where a product finds them one after another; -1 is a row of zeros."""
    rows, to, source = op[1], op[2], op[3]
    for r in range(rows):
        row = ints[source + r]
        if row < 0:
            for i in range(n):
                w[to + r, i] = 0.0
        else:
            for i in range(n):
                w[to + r, i] = w[row, i]


@njit
def square(op: Ints, w: Floats, flat: Floats) -> None:
    """Write the squares of consecutive rows."""
    width = w.shape[1]
    own = flat[op[3] * width : (op[3] + op[1]) * width]
    to = flat[op[2] * width : (op[2] + op[1]) * width]
    for i in range(own.shape[0]):
        to[i] = own[i] * own[i]
