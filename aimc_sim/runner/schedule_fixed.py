"""Sums in integers of 16 bits as operations of a schedule."""

from __future__ import annotations

import numpy as np

from aimc_sim.model.signal import Floats, Ints
from aimc_sim.runner.schedule_bench import Bench


def fixed_sums(bench: Bench, values: Floats, places: int, rows: Ints, peak: int, to: int) -> bool:
    """Have products summed in integers; tell whether their sums fit 32 bits.

    Parameters
    ----------
    bench : Bench
        Where operations go.
    values : float array, shape (n, n_sums)
        Conductances on a grid.
    places : int
        Binary places of the grid.
    rows : int array, shape (n,)
        Row of a block of each input; -1 where it is always 0.
    peak : int
        Largest magnitude of an input.
    to : int
        First row of the sums.
    """
    from aimc_sim.runner.kernels_operations import SUM_FIXED

    codes = np.ldexp(values, places)
    reach = np.abs(codes).sum(axis=0).max(initial=0.0) * peak
    if max(peak, np.abs(codes).max(initial=0.0)) >= 1 << 15 or reach >= 1 << 31:
        return False
    at = bench.shorts(np.ascontiguousarray(codes.T).astype(np.int16))
    unit = bench.floats([2.0**-places])
    bench.do(SUM_FIXED, codes.shape[1], to, bench.ints(rows), len(rows), at, unit)
    return True
