"""Compiled dense blocks: symmetric positive systems, the same digits on any number of threads."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from aimc_sim.jit import njit, pnjit, prange

Floats = npt.NDArray[np.float64]

_WIDTH = 64
_ALONE = 1 << 15


@njit
def _subtract(row: Floats, factor: Floats, start: int, stop: int, rows: Floats, first: int) -> None:
    """``row -= factor[start:stop] @ rows[start:stop, first:]``, seven rows at a time, in order."""
    n, p = row.shape[0], start
    while p + 7 <= stop:
        f0, f1, f2, f3 = factor[p], factor[p + 1], factor[p + 2], factor[p + 3]
        f4, f5, f6 = factor[p + 4], factor[p + 5], factor[p + 6]
        r0, r1, r2, r3 = (rows[p, first:], rows[p + 1, first:], rows[p + 2, first:],
                          rows[p + 3, first:])  # fmt: skip
        r4, r5, r6 = rows[p + 4, first:], rows[p + 5, first:], rows[p + 6, first:]
        for c in range(n):
            row[c] -= (
                ((f0 * r0[c] + f1 * r1[c]) + (f2 * r2[c] + f3 * r3[c]))
                + ((f4 * r4[c] + f5 * r5[c]) + f6 * r6[c])
            )  # fmt: skip
        p += 7
    while p < stop:
        f0, r0 = factor[p], rows[p, first:]
        for c in range(n):
            row[c] -= f0 * r0[c]
        p += 1


@njit
def factor_block(upper: Floats, lower: Floats) -> int:
    """Factorise a symmetric positive matrix, ``A = lower @ upper`` with ones on lower's diagonal.

    Parameters
    ----------
    upper : float array, shape (n, n)
        A on entry; its upper triangle holds the factor on return.
    lower : float array, shape (n, n)
        Its strictly lower triangle holds the factor on return.

    Returns
    -------
    int
        0, or the number (from 1) of the first pivot that is not positive.
    """
    n = upper.shape[0]
    for i in range(n):
        for p in range(i):
            lower[i, p] = upper[p, i] / upper[p, p]
        _subtract(upper[i, i:], lower[i], 0, i, upper, i)
        if not upper[i, i] > 0.0:
            return i + 1
    return 0


@njit
def _solve_panel(upper: Floats, lower: Floats, right: Floats, start: int, stop: int) -> None:
    """Solve for columns start .. stop-1 of the right side, in place."""
    n = upper.shape[0]
    panel = right[:, start:stop].copy()
    for i in range(n):
        _subtract(panel[i], lower[i], 0, i, panel, 0)
    for i in range(n - 1, -1, -1):
        _subtract(panel[i], upper[i], i + 1, n, panel, 0)
        for c in range(stop - start):
            panel[i, c] /= upper[i, i]
    right[:, start:stop] = panel


@njit
def solve_alone(upper: Floats, lower: Floats, right: Floats) -> None:
    """Solve with the factors of a block, in place, on one thread."""
    for start in range(0, right.shape[1], _WIDTH):
        _solve_panel(upper, lower, right, start, min(start + _WIDTH, right.shape[1]))


@pnjit
def solve_together(upper: Floats, lower: Floats, right: Floats) -> None:
    """Do the same on all threads: columns of the right side do not meet."""
    for panel in prange((right.shape[1] + _WIDTH - 1) // _WIDTH):
        start = panel * _WIDTH
        _solve_panel(upper, lower, right, start, min(start + _WIDTH, right.shape[1]))


def solve_block(upper: Floats, lower: Floats, right: Floats) -> None:
    """Solve with the factors of a block, in place.

    Parameters
    ----------
    upper, lower : float array, shape (n, n)
        From `factor_block`.
    right : float array, shape (n, k), C order
        Right sides on entry, solutions on return.
    """
    if right.size < _ALONE:
        solve_alone(upper, lower, right)
    else:
        solve_together(upper, lower, right)


@njit
def _product_panel(a: Floats, b: Floats, out: Floats, start: int, stop: int) -> None:
    """Subtract ``a @ b`` from some columns of `out`."""
    panel = b[:, start:stop].copy()
    for i in range(a.shape[0]):
        _subtract(out[i, start:stop], a[i], 0, a.shape[1], panel, 0)


@pnjit
def _subtract_product(a: Floats, b: Floats, out: Floats) -> None:
    """``out -= a @ b``, columns on all threads."""
    for panel in prange((b.shape[1] + _WIDTH - 1) // _WIDTH):
        start = panel * _WIDTH
        _product_panel(a, b, out, start, min(start + _WIDTH, b.shape[1]))


def product(a: Floats, b: Floats) -> Floats:
    """Return ``a @ b``: each entry is summed in one order, whatever the threads and the other rows.

    Parameters
    ----------
    a : float array, shape (n, p)
        Left factor.
    b : float array, shape (p, k)
        Right factor.

    Examples
    --------
    >>> product(np.array([[1.0, 2.0]]), np.array([[3.0], [4.0]]))
    array([[11.]])
    """
    out = np.zeros((a.shape[0], b.shape[1]))
    _subtract_product(np.ascontiguousarray(-a), np.ascontiguousarray(b), out)
    return out
