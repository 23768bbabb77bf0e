"""Compiled operations on codes: weighted sums with one rounding, tables, LayerNorm, rows."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from aimc_sim.jit import njit
from aimc_sim.runner.kernels_operations import CLEAR

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@njit
def weigh(op: Ints, floats: Floats, w: Floats, flat: Floats, n: int) -> None:
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


@njit(forceinline=True)
def _advance_rows(
    x: Floats, y: Floats, p: Floats, q: Floats, s: Floats, t: Floats,
    f: Floats, low: float, high: float, n: int,
) -> None:  # fmt: skip
    """Write new codes of one mode over the old ones; f holds its factors."""
    a0, b0, c0, d0, e0, a1, b1, c1, d1, e1, down = (
        f[0], f[1], f[2], f[3], f[4], f[5], f[6], f[7], f[8], f[9], f[10])  # fmt: skip
    for i in range(n):
        re, im = x[i], y[i]
        total = a0 * re + b0 * im + c0 * p[i] + d0 * s[i] + e0
        other = a1 * re + b1 * im + c1 * q[i] + d1 * t[i] + e1
        x[i] = min(max(np.floor(total * down), low), high)
        y[i] = min(max(np.floor(other * down), low), high)


@njit
def advance_states(op: Ints, floats: Floats, w: Floats, flat: Floats, n: int) -> None:
    """Write new states over the old ones, real and imaginary parts at once.

    Each is ``clip(floor((a x_re + b x_im + c p + d s + e) 2^-k))``, where p and s are the rows of
    products that op[4] to op[7] name: of the real part, then of the imaginary one. Where states
    are real, op[3] is a row that nobody reads.
    """
    modes, x, y, p, q, s, t, at = op[1], op[2], op[3], op[4], op[5], op[6], op[7], op[8]
    low, high = floats[at + 11 * modes], floats[at + 11 * modes + 1]
    if w.shape[1] == 1:
        f = floats[at : at + 11 * modes].reshape((11, modes))
        re, im = flat[x : x + modes], flat[y : y + modes]
        p_re, p_im, s_re, s_im = flat[p:], flat[q:], flat[s:], flat[t:]
        for r in range(modes):
            u, v = re[r], im[r]
            total = f[0, r] * u + f[1, r] * v + f[2, r] * p_re[r] + f[3, r] * s_re[r] + f[4, r]
            other = f[5, r] * u + f[6, r] * v + f[7, r] * p_im[r] + f[8, r] * s_im[r] + f[9, r]
            re[r] = min(max(np.floor(total * f[10, r]), low), high)
            im[r] = min(max(np.floor(other * f[10, r]), low), high)
        return
    own = np.empty(11)
    for r in range(modes):
        for k in range(11):
            own[k] = floats[at + k * modes + r]
        _advance_rows(w[x + r], w[y + r], w[p + r], w[q + r], w[s + r], w[t + r], own, low, high, n)


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
    """Clear rows, or add the sum of a reference column to the sums of its tile."""
    code, rows, to = op[0], op[1], op[2]
    for r in range(rows):
        if code == CLEAR:
            for i in range(n):
                w[to + r, i] = 0.0
        else:
            for i in range(n):
                w[to + ints[op[4] + r], i] += w[op[3], i]
