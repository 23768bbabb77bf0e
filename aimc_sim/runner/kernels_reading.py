"""Compiled operations of an analog read: drives, sums, normals, conversion."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from aimc_sim.jit import njit
from aimc_sim.rng_kernels import Key, gaussian_block
from aimc_sim.runner.kernels_operations import (
    BITS,
    MAGNITUDE,
    NEGATIVE,
    POSITIVE,
    SIZES,
    SQUARES,
    WHOLE,
)

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Normals = npt.NDArray[np.float32]
Words = npt.NDArray[np.uint32]


@njit
def _cut(part: int, down: float, modulus: float, code: Floats, to: Floats, n: int) -> None:
    """Write the slice of each code: `aimc_sim.converters.Slice.of`, exactly, in float64."""
    if part == WHOLE:
        for i in range(n):
            to[i] = code[i]
        return
    up = 1.0 / modulus if modulus > 0.0 else 0.0
    for i in range(n):
        value = code[i]
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
        to[i] = sign * value


@njit
def _bits_set(value: int) -> int:
    """Return how many bits of a magnitude are set."""
    n = 0
    while value:
        value &= value - 1
        n += 1
    return n


@njit
def drive(
    op: Ints, ints: Ints, floats: Floats, w: Floats, n: int, tally: Ints, active: Ints
) -> None:
    """Gather the slices that drive the wordlines of a read, their squares; tally them."""
    rows, to, squares, source, kind, slices = op[1], op[2], op[3], op[4], op[5], op[6]
    power, at, counted = op[7], op[8], op[9]
    for r in range(rows):
        own = w[to + r]
        row = ints[source + r]
        if row < 0:
            for i in range(n):
                own[i] = 0.0
        else:
            k = ints[kind + r]
            part = ints[slices + k]
            f = ints[slices + 8 + k]
            _cut(part, floats[f], floats[f + 1], w[row], own, n)
        total = 0.0
        if power == SQUARES:
            total = np.dot(own[:n], own[:n])  # of integers: exact in any order
        elif power == SIZES:
            for i in range(n):
                total += abs(own[i])
        else:
            for i in range(n):
                total += np.float64(_bits_set(int(abs(own[i]))))
        tally[at + r] += np.int64(total)
        if counted >= 0:
            if power == BITS:
                active[counted] += np.int64(total)
            else:
                for i in range(n):
                    active[counted] += own[i] != 0.0
        if squares >= 0:
            for i in range(n):
                w[squares + r, i] = own[i] * own[i]


@njit
def sum_cells(op: Ints, ints: Ints, floats: Floats, w: Floats, flat: Floats, n: int) -> None:
    """Sum drives times conductances, over the cells that conduct: exact in any order."""
    currents, to, drive, starts, cells, values = op[1], op[2], op[3], op[4], op[5], op[6]
    if w.shape[1] == 1:
        x = flat[drive:]
        for j in range(currents):
            total = 0.0
            for k in range(ints[starts + j], ints[starts + j + 1]):
                total += floats[values + k] * x[ints[cells + k]]
            flat[to + j] = total
        return
    for j in range(currents):
        own = w[to + j]
        first, last = ints[starts + j], ints[starts + j + 1]
        if first == last:
            for i in range(n):
                own[i] = 0.0
        for k in range(first, last):
            x, g = w[drive + ints[cells + k]], floats[values + k]
            if k == first:
                for i in range(n):
                    own[i] = g * x[i]
            else:
                for i in range(n):
                    own[i] += g * x[i]


@njit
def sum_dense(op: Ints, floats: Floats, w: Floats, flat: Floats) -> None:
    """Sum drives times conductances by BLAS: exact in any order."""
    currents, to, drive, rows, values = op[1], op[2], op[3], op[4], op[5]
    g = floats[values : values + currents * rows].reshape((currents, rows))
    if w.shape[1] == 1:
        np.dot(g, flat[drive : drive + rows], flat[to : to + currents])
    else:
        np.dot(g, w[drive : drive + rows], w[to : to + currents])


@njit
def draw_normals(key: Key, sequence: Words, step: int, block: Words, z: Normals, n: int) -> None:
    """Draw the normals of some blocks of four, [4 block + lane, sequence]."""
    if z.shape[1] == 1:
        own = z.reshape(z.shape[0])
        for c in range(block.shape[0]):
            z0, z1, z2, z3 = gaussian_block(key, sequence[0], step, block[c])
            own[4 * c] = z0
            own[4 * c + 1] = z1
            own[4 * c + 2] = z2
            own[4 * c + 3] = z3
        return
    own = np.empty(4 * n, dtype=np.float32)
    for c in range(block.shape[0]):
        for i in range(n):
            z0, z1, z2, z3 = gaussian_block(key, sequence[i], step, block[c])
            own[4 * i] = z0
            own[4 * i + 1] = z1
            own[4 * i + 2] = z2
            own[4 * i + 3] = z3
        for lane in range(4):
            to = z[4 * c + lane]
            for i in range(n):
                to[i] = own[4 * i + lane]


@njit
def add_white(op: Ints, ints: Ints, w: Floats, flat: Floats, z: Normals, n: int) -> None:
    """Add one normal a current, of the variance that the squares of drives give it."""
    currents, i, variance, slot = op[1], op[2], op[3], op[4]
    if w.shape[1] == 1:
        own, var, normal = flat[i:], flat[variance:], z.reshape(z.shape[0])
        for j in range(currents):
            own[j] += np.sqrt(var[j]) * np.float64(normal[ints[slot + j]])
        return
    for j in range(currents):
        own, var, normal = w[i + j], w[variance + j], z[ints[slot + j]]
        for b in range(n):
            own[b] += np.sqrt(var[b]) * np.float64(normal[b])


@njit
def add_cells(op: Ints, ints: Ints, floats: Floats, w: Floats, z: Normals, n: int) -> None:
    """Add what each device does to a current, in order of entries."""
    entries, i, drive, source, current, slot, amount = (
        op[1], op[2], op[3], op[4], op[5], op[6], op[7])  # fmt: skip
    for e in range(entries):
        own, x = w[i + ints[current + e]], w[drive + ints[source + e]]
        normal, size = z[ints[slot + e]], floats[amount + e]
        for b in range(n):
            own[b] += x[b] * size * np.float64(normal[b])


@njit
def convert(op: Ints, ints: Ints, floats: Floats, w: Floats, flat: Floats, n: int) -> int:
    """Convert, scale, shift and add the currents of a read; return the saturated conversions."""
    currents, i, acc, out, at, units = op[1], op[2], op[3], op[4], op[5], op[6]
    lsb = floats[at : at + currents]
    scale = floats[at + currents : at + 2 * currents]
    offset = floats[at + 2 * currents : at + 3 * currents]
    weight = floats[at + 3 * currents : at + 4 * currents]
    low, high = floats[at + 4 * currents], floats[at + 4 * currents + 1]
    saturated = 0
    if w.shape[1] == 1:
        own, found = flat[i:], flat[units : units + currents]
        for j in range(currents):
            code = np.floor(own[j] / lsb[j] + 0.5)
            saturated += int(code > high) + int(code < low)
            code = min(max(code, low), high)
            found[j] = weight[j] * np.floor(code * scale[j] + offset[j] + 0.5)
        for j in range(currents):
            flat[acc + ints[out + j]] += found[j]
        return saturated
    for j in range(currents):
        own, to = w[i + j], w[acc + ints[out + j]]
        step, f, add, by = lsb[j], scale[j], offset[j], weight[j]
        for b in range(n):
            code = np.floor(own[b] / step + 0.5)
            saturated += int(code > high) + int(code < low)
            code = min(max(code, low), high)
            to[b] += by * np.floor(code * f + add + 0.5)
    return saturated
