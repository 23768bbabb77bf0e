"""Compiled sums of drives times conductances: by BLAS, or over the cells that conduct."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from aimc_sim.jit import njit

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Shorts = npt.NDArray[np.int16]


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
def sum_fixed(
    op: Ints, ints: Ints, floats: Floats, shorts: Shorts, w: Floats, flat: Floats, n: int
) -> None:
    """Sum drives times conductances in integers: 16 bits each, 32 bits their sum, no rounding.

    op: sums, their first row; places of the rows, their number; places of conductances [sum, row]
    and of the value of one place.
    """
    currents, to, source, rows, values, unit = op[1], op[2], op[3], op[4], op[5], floats[op[6]]
    g = shorts[values : values + currents * rows].reshape((currents, rows))
    x = np.zeros((n, rows), dtype=np.int16)
    for r in range(rows):
        row = ints[source + r]
        if row >= 0:
            for i in range(n):
                x[i, r] = np.int16(np.int32(w[row, i]))
    found = np.empty(n, dtype=np.int32)  # in 32 bits: products of pairs are one instruction
    for j in range(currents):
        cells = g[j]
        for i in range(n):
            own, total = x[i], np.int32(0)
            for r in range(rows):
                total += np.int32(cells[r]) * np.int32(own[r])
            found[i] = total
        sums = flat[(to + j) * w.shape[1] :]
        for i in range(n):
            sums[i] = np.float64(found[i]) * unit


@njit
def sum_row(
    first: int, last: int, ints: Ints, cells: int, floats: Floats, values: int,
    w: Floats, to: Floats, n: int,
) -> None:  # fmt: skip
    """Sum rows times numbers, two rows at a time: exact in any order."""
    k = first
    if (last - first) % 2:
        x, g = w[ints[cells + k]], floats[values + k]
        for i in range(n):
            to[i] = g * x[i]
        k += 1
    elif first < last:
        x, y = w[ints[cells + k]], w[ints[cells + k + 1]]
        g, h = floats[values + k], floats[values + k + 1]
        for i in range(n):
            to[i] = g * x[i] + h * y[i]
        k += 2
    else:
        for i in range(n):
            to[i] = 0.0
    while k < last:
        x, y = w[ints[cells + k]], w[ints[cells + k + 1]]
        g, h = floats[values + k], floats[values + k + 1]
        for i in range(n):
            to[i] += g * x[i] + h * y[i]
        k += 2


@njit
def sum_squares(
    first: int, last: int, ints: Ints, cells: int, floats: Floats, values: int,
    w: Floats, to: Floats, n: int,
) -> None:  # fmt: skip
    """Sum squares of rows times numbers: exact in any order."""
    for i in range(n):
        to[i] = 0.0
    k = first
    while k + 1 < last:
        x, y = w[ints[cells + k]], w[ints[cells + k + 1]]
        g, h = floats[values + k], floats[values + k + 1]
        for i in range(n):
            to[i] += g * (x[i] * x[i]) + h * (y[i] * y[i])
        k += 2
    if k < last:
        x, g = w[ints[cells + k]], floats[values + k]
        for i in range(n):
            to[i] += g * (x[i] * x[i])


@njit
def sum_cells(op: Ints, ints: Ints, floats: Floats, w: Floats, flat: Floats, n: int) -> None:
    """Sum rows times numbers, over the cells that conduct."""
    currents, to, starts, cells, values = op[1], op[2], op[3], op[4], op[5]
    if w.shape[1] == 1:
        sum_one(currents, ints, starts, cells, floats, values, flat, flat[to:])
        return
    for j in range(currents):
        first, last = ints[starts + j], ints[starts + j + 1]
        sum_row(first, last, ints, cells, floats, values, w, w[to + j], n)


@njit
def sum_one(
    currents: int, ints: Ints, starts: int, cells: int, floats: Floats, values: int,
    flat: Floats, to: Floats,
) -> None:  # fmt: skip
    """Do the same for one sequence, two cells at a time; unsigned places are not checked."""
    row, g, one = np.uint64(cells), np.uint64(values), np.uint64(1)
    k = np.uint64(ints[starts])
    for j in range(currents):
        last = np.uint64(ints[starts + j + 1])
        a = b = 0.0
        while k + one < last:
            a += floats[g + k] * flat[np.uint64(ints[row + k])]
            b += floats[g + k + one] * flat[np.uint64(ints[row + k + one])]
            k += one + one
        if k < last:
            a += floats[g + k] * flat[np.uint64(ints[row + k])]
            k += one
        to[j] = a + b


@njit
def sum_squares_one(
    currents: int, ints: Ints, starts: int, cells: int, floats: Floats, values: int,
    variances: int, flat: Floats, to: Floats, squares: Floats,
) -> None:  # fmt: skip
    """Do it for rows, and for their squares times other numbers."""
    row, g, v, one = np.uint64(cells), np.uint64(values), np.uint64(variances), np.uint64(1)
    k = np.uint64(ints[starts])
    for j in range(currents):
        last = np.uint64(ints[starts + j + 1])
        a = b = 0.0
        while k < last:
            x = flat[np.uint64(ints[row + k])]
            a += floats[g + k] * x
            b += floats[v + k] * (x * x)
            k += one
        to[j] = a
        squares[j] = b
