"""Conductances in units of a weight code, on a grid that keeps sums exact."""

from __future__ import annotations

import math

import numpy as np

from aimc_sim.model.signal import Floats

MANTISSA = 52
MAX_GRID_BITS = 44
MIN_GRID_BITS = 3


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
    g_S : float array
        Conductances [S].
    g_min_S : float
        Bottom of the window [S].
    step_S : float array, same shape
        Conductance of one weight code [S].
    bits : int
        Binary places of the grid.
    """
    return on_grid((g_S - g_min_S) / step_S, bits) + on_grid(g_min_S / step_S, bits)
