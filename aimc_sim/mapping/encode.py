"""Weight codes to conductances of a differential pair, and back to units of the accumulator."""

from __future__ import annotations

import math

import numpy as np

from aimc_sim.model.signal import Floats, Ints

MANTISSA = 52
MAX_GRID_BITS = 44
MIN_GRID_BITS = 3


def pair_conductances(codes: Ints, code_full: Ints, g_min_S: float, g_max_S: float) -> Floats:
    """Return target conductances of the two devices of each weight.

    Parameters
    ----------
    codes : int array, shape (n_wordlines, n_columns)
        Weight codes.
    code_full : int array, same shape
        Code that takes the whole window of each cell.
    g_min_S, g_max_S : float
        Window [S].

    Returns
    -------
    float array, shape (n_wordlines, n_columns, 2)
        ``[..., 0]`` = g_plus, ``[..., 1]`` = g_minus [S]; one of them stays at `g_min_S`.

    Examples
    --------
    >>> pair_conductances(np.array([[2, -2]]), np.array([[2, 2]]), 0.0, 1.0).tolist()
    [[[1.0, 0.0], [0.0, 1.0]]]
    """
    step_S = (g_max_S - g_min_S) / code_full
    sides = np.stack([np.maximum(codes, 0), np.maximum(-codes, 0)], axis=-1)
    return np.minimum(g_min_S + sides * step_S[..., None], g_max_S)


def grid_bits(peak: float) -> int:
    """Return how many binary places leave every partial sum exact in float64.

    Parameters
    ----------
    peak : float
        Bound of the sum of absolute values.

    Notes
    -----
    Sums of multiples of ``2^-q`` that stay below ``2^(53-q)`` are exact in any order, so they do
    not depend on batch, block or thread.
    """
    needed = math.ceil(math.log2(max(peak, 1.0))) + 1
    return min(MAX_GRID_BITS, MANTISSA - needed)


def on_grid(values: Floats, bits: int) -> Floats:
    """Round to multiples of ``2^-bits``."""
    return np.asarray(np.ldexp(np.rint(np.ldexp(values, bits)), -bits))


def in_units(g_S: Floats, g_min_S: float, step_S: Floats, bits: int) -> Floats:
    """Return conductances in units of one weight code, on the grid.

    The pedestal ``g_min / step`` is rounded apart and added, so that it is the same number on both
    sides of a pair and cancels exactly.

    Parameters
    ----------
    g_S : float array, shape (n_wordlines, n_columns, 2)
        Conductances [S].
    g_min_S : float
        Bottom of the window [S].
    step_S : float array, shape (n_wordlines, n_columns)
        Conductance of one weight code [S].
    bits : int
        Binary places of the grid.
    """
    step = step_S[..., None]
    return on_grid((g_S - g_min_S) / step, bits) + on_grid(g_min_S / step, bits)
