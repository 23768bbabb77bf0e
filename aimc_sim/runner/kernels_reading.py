"""Compiled operations of an analog read: normals, what noise adds, conversion."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from aimc_sim.jit import njit
from aimc_sim.rng_kernels import Key, gaussian_block
from aimc_sim.runner.kernels_summing import sum_one, sum_row, sum_squares, sum_squares_one

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Normals = npt.NDArray[np.float32]
Words = npt.NDArray[np.uint32]


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
    a, b = np.empty(n, dtype=np.float32), np.empty(n, dtype=np.float32)
    e, d = np.empty(n, dtype=np.float32), np.empty(n, dtype=np.float32)
    for c in range(block.shape[0]):
        for i in range(n):
            z0, z1, z2, z3 = gaussian_block(key, sequence[i], step, block[c])
            a[i] = z0
            b[i] = z1
            e[i] = z2
            d[i] = z3
        z[4 * c, :n] = a
        z[4 * c + 1, :n] = b
        z[4 * c + 2, :n] = e
        z[4 * c + 3, :n] = d


@njit
def _disturb(
    table: int, j: int, ints: Ints, floats: Floats, w: Floats, z: Normals, to: Floats, n: int
) -> None:
    """Add what each device does to a current, in order of entries."""
    starts, rows, slots, amounts = (
        ints[table], ints[table + 1], ints[table + 2], ints[table + 3])  # fmt: skip
    for e in range(ints[starts + j], ints[starts + j + 1]):
        x, normal, size = w[ints[rows + e]], z[ints[slots + e]], floats[amounts + e]
        for i in range(n):
            to[i] += x[i] * size * np.float64(normal[i])


@njit
def _disturb_one(
    table: int, currents: int, ints: Ints, floats: Floats, flat: Floats, z: Normals, to: Floats
) -> None:
    """Do the same for all currents of one sequence."""
    starts, rows, slots, amounts = (
        ints[table], ints[table + 1], ints[table + 2], ints[table + 3])  # fmt: skip
    normal = z.reshape(z.shape[0])
    row, slot, size, one = np.uint64(rows), np.uint64(slots), np.uint64(amounts), np.uint64(1)
    e = np.uint64(ints[starts])
    for j in range(currents):
        total, last = to[j], np.uint64(ints[starts + j + 1])
        while e < last:
            x, own = flat[np.uint64(ints[row + e])], normal[np.uint64(ints[slot + e])]
            total += x * floats[size + e] * np.float64(own)
            e += one
        to[j] = total


@njit
def read(
    op: Ints, ints: Ints, floats: Floats, w: Floats, z: Normals, lasting: Normals, n: int
) -> int:
    """Sum, disturb, convert, scale and add the currents of a read; return what saturated.

    op: currents, first accumulator, place of each current's accumulator, of the flags of those
    that are written first, of numbers, of the layer's count; of starts (or -1: sums stand in rows),
    of cells (or the row of the first sum), of values, of variances (or a row, or -1); of slots
    of normals, of tables of lasting and of fresh noise of devices (or -1); rows for scratch.
    """
    currents, acc, out, fresh, at = op[1], op[2], op[3], op[4], op[5]
    starts, cells, values, variances, slots = op[7], op[8], op[9], op[10], op[11]
    low, high = floats[at + 4 * currents], floats[at + 4 * currents + 1]
    saturated = 0
    for j in range(currents):
        own, var, extra = w[op[14]], w[op[14] + 1], w[op[14] + 2]
        if starts < 0:
            own = w[cells + j]
        else:
            sum_row(ints[starts + j], ints[starts + j + 1], ints, cells, floats, values, w, own, n)
        if op[12] >= 0:
            for b in range(n):
                extra[b] = 0.0
            _disturb(op[12], j, ints, floats, w, lasting, extra, n)
            for b in range(n):
                own[b] += extra[b]
        if op[13] >= 0:
            _disturb(op[13], j, ints, floats, w, z, own, n)
        if variances >= 0:
            if starts < 0:
                var = w[variances + j]
            else:
                sum_squares(
                    ints[starts + j], ints[starts + j + 1], ints, cells, floats, variances, w, var,
                    n,
                )  # fmt: skip
            normal = z[ints[slots + j]]
            for b in range(n):
                own[b] += np.sqrt(var[b]) * np.float64(normal[b])
        step, scale = floats[at + j], floats[at + currents + j]
        add, by = floats[at + 2 * currents + j], floats[at + 3 * currents + j]
        to = w[acc + ints[out + j]]
        if ints[fresh + j]:
            for b in range(n):
                code = np.floor(own[b] / step + 0.5)
                saturated += int(code > high) + int(code < low)
                to[b] = by * np.floor(min(max(code, low), high) * scale + add + 0.5)
        else:
            for b in range(n):
                code = np.floor(own[b] / step + 0.5)
                saturated += int(code > high) + int(code < low)
                to[b] += by * np.floor(min(max(code, low), high) * scale + add + 0.5)
    return saturated


@njit
def read_one(
    op: Ints, ints: Ints, floats: Floats, flat: Floats, z: Normals, lasting: Normals
) -> int:
    """Do the same for one sequence, all currents at a time."""
    currents, acc, out, fresh, at = op[1], op[2], op[3], op[4], op[5]
    starts, cells, values, variances, slots = op[7], op[8], op[9], op[10], op[11]
    low, high = floats[at + 4 * currents], floats[at + 4 * currents + 1]
    own, var = flat[op[14] :], flat[op[14] + currents :]
    found = flat[op[14] + 2 * currents : op[14] + 3 * currents]
    if starts < 0:
        own = flat[cells:]
    elif variances < 0:
        sum_one(currents, ints, starts, cells, floats, values, flat, own)
    else:
        sum_squares_one(currents, ints, starts, cells, floats, values, variances, flat, own, var)
    if op[12] >= 0:
        for j in range(currents):
            found[j] = 0.0
        _disturb_one(op[12], currents, ints, floats, flat, lasting, found)
        for j in range(currents):
            own[j] += found[j]
    if op[13] >= 0:
        _disturb_one(op[13], currents, ints, floats, flat, z, own)
    if variances >= 0:
        if starts < 0:
            var = flat[variances:]
        normal = z.reshape(z.shape[0])
        for j in range(currents):
            own[j] += np.sqrt(var[j]) * np.float64(normal[ints[slots + j]])
    lsb, scale = floats[at : at + currents], floats[at + currents : at + 2 * currents]
    offset = floats[at + 2 * currents : at + 3 * currents]
    weight = floats[at + 3 * currents : at + 4 * currents]
    saturated = 0
    for j in range(currents):
        code = np.floor(own[j] / lsb[j] + 0.5)
        saturated += int(code > high) + int(code < low)
        found[j] = weight[j] * np.floor(min(max(code, low), high) * scale[j] + offset[j] + 0.5)
    for j in range(currents):
        row = acc + ints[out + j]
        flat[row] = found[j] if ints[fresh + j] else flat[row] + found[j]
    return saturated
