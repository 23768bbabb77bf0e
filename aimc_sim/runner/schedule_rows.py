"""Rows of a schedule, and exact bounds of what stands in them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from aimc_sim.model.signal import Floats

EXACT = 1 << 52
"""No integer of a schedule reaches this: float64 keeps them all."""


class UnscheduledError(Exception):
    """A layer or a read that schedules do not cover; it is stepped by `advance`."""


class Rows:
    """Consecutive rows of a block, and what their codes can be.

    Parameters
    ----------
    first, n : int
        Where.
    low, high : int arrays, shape (n,)
        Bounds, exact integers (dtype object).
    """

    def __init__(self, first: int, n: int, low: object, high: object) -> None:
        self.first, self.n = first, n
        self.low, self.high = whole(low, n), whole(high, n)

    @property
    def peak(self) -> npt.NDArray[np.object_]:
        """Largest magnitudes, shape (n,)."""
        return np.maximum(np.abs(self.low), np.abs(self.high))

    def part(self, start: int, stop: int) -> Rows:
        """Return some of the rows."""
        keep = slice(start, stop)
        return Rows(self.first + start, stop - start, self.low[keep], self.high[keep])


Term = tuple[Rows, object]  # rows and their factors: one integer, or one a row


def whole(values: object, n: int) -> npt.NDArray[np.object_]:
    """Return n exact integers from one or from n of them."""
    return np.broadcast_to(np.asarray(values).astype(object), (n,))


def halves(k: object, n: int) -> npt.NDArray[np.object_]:
    """Return half of the divisor 2^k, which rounds a shift to the nearest."""
    return np.array([1 << (int(s) - 1) for s in whole(k, n)], dtype=object)


def reach(terms: Sequence[Term], add: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Return the largest magnitude of a constant and factors times rows.

    Raises
    ------
    UnscheduledError
        Float64 does not hold it.
    """
    peak = np.abs(add)
    for rows, factor in terms:
        peak = peak + np.abs(whole(factor, len(add))) * rows.peak
    if (peak >= EXACT).any():
        raise UnscheduledError
    return peak


def exactly(values: npt.NDArray[np.object_]) -> Floats:
    """Return integers as float64.

    Raises
    ------
    UnscheduledError
        One is too large to be exact.
    """
    if (np.abs(values) >= EXACT).any():
        raise UnscheduledError
    return np.asarray(values.astype(np.float64))
