"""Compiled operations on codes: weighted sums with one rounding, tables, LayerNorm, rows."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from aimc_sim.jit import njit
from aimc_sim.runner.kernels_operations import CLEAR, COPY

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@njit
def weigh(op: Ints, ints: Ints, floats: Floats, w: Floats, flat: Floats, n: int) -> None:
    """``out = clip(floor((a x + b y + c z + d) 2^-k))``, row by row."""
    rows, out, x, y, z = op[1], op[2], op[3], op[4], op[5]
    a = floats[op[6] : op[6] + rows]
    b = floats[op[6] + rows : op[6] + 2 * rows]
    c = floats[op[6] + 2 * rows : op[6] + 3 * rows]
    d = floats[op[6] + 3 * rows : op[6] + 4 * rows]
    down = floats[op[6] + 4 * rows : op[6] + 5 * rows]
    low, high = floats[op[6] + 5 * rows], floats[op[6] + 5 * rows + 1]
    if w.shape[1] == 1:
        to, in_x, in_y, in_z = flat[out : out + rows], flat[x:], flat[y:], flat[z:]
        for r in range(rows):
            total = a[r] * in_x[r] + b[r] * in_y[r] + c[r] * in_z[r] + d[r]
            to[r] = min(max(np.floor(total * down[r]), low), high)
        return
    for r in range(rows):
        to, in_x, in_y, in_z = w[out + r], w[x + r], w[y + r], w[z + r]
        f, g, h, e, s = a[r], b[r], c[r], d[r], down[r]
        for i in range(n):
            total = f * in_x[i] + g * in_y[i] + h * in_z[i] + e
            to[i] = min(max(np.floor(total * s), low), high)


@njit
def look_up(op: Ints, floats: Floats, w: Floats, n: int) -> None:
    """``out = table[x - code_min]``."""
    rows, out, x, table, code_min = op[1], op[2], op[3], op[4], op[5]
    for r in range(rows):
        for i in range(n):
            w[out + r, i] = floats[table + np.int64(w[x + r, i]) - code_min]


@njit
def multiply(op: Ints, floats: Floats, w: Floats, n: int) -> None:
    """``out = clip(floor((x y m + half) 2^-k))``."""
    rows, out, x, y, at = op[1], op[2], op[3], op[4], op[5]
    low, high = floats[at + 3 * rows], floats[at + 3 * rows + 1]
    for r in range(rows):
        m, half, down = floats[at + r], floats[at + rows + r], floats[at + 2 * rows + r]
        for i in range(n):
            total = w[x + r, i] * w[y + r, i] * m + half
            w[out + r, i] = min(max(np.floor(total * down), low), high)


@njit
def normalise(op: Ints, floats: Floats, w: Floats, n: int) -> None:
    """LayerNorm, in the order of `aimc_sim.model.equations`."""
    rows, out, x, at = op[1], op[2], op[3], op[4]
    epsilon, low, high = floats[at + 2 * rows], floats[at + 2 * rows + 1], floats[at + 2 * rows + 2]
    width = np.float64(rows)
    cube = np.float64(rows * rows * rows)
    for i in range(n):
        total = 0.0
        for r in range(rows):
            total += w[x + r, i]
        square = 0.0
        for r in range(rows):
            deviation = width * w[x + r, i] - total
            square += deviation * deviation
        root = np.sqrt(square / cube + epsilon)
        for r in range(rows):
            scaled = ((width * w[x + r, i] - total) / width) / root
            code = np.floor(scaled * floats[at + r] + floats[at + rows + r] + 0.5)
            w[out + r, i] = min(max(code, low), high)


@njit
def move_rows(op: Ints, ints: Ints, w: Floats, n: int) -> None:
    """Clear rows, copy them, or add the sum of a reference column to those of its tile."""
    code, rows, to = op[0], op[1], op[2]
    for r in range(rows):
        if code == CLEAR:
            for i in range(n):
                w[to + r, i] = 0.0
        elif code == COPY:
            for i in range(n):
                w[to + r, i] = w[op[3] + r, i]
        else:
            for i in range(n):
                w[to + ints[op[4] + r], i] += w[op[3], i]
