"""What a schedule is put together from: pools of numbers, rows with known bounds, operations."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from aimc_sim.model.signal import Floats, Ints, Signal

EXACT = 1 << 52
"""No integer of a schedule reaches this: float64 keeps them all."""


DENSE = 0.25
"""Share of the cells that conduct from which BLAS is faster than a list of them."""
SMALL = 256
"""Cells of a tile below which it is not."""


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


def whole(values: object, n: int) -> npt.NDArray[np.object_]:
    """Return n exact integers from one or from n of them."""
    return np.broadcast_to(np.asarray(values).astype(object), (n,))


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


class Bench:
    """Pools that operations point into, and the operations so far."""

    def __init__(self) -> None:
        self.ops: list[list[int]] = []
        self.n_rows = self.n_normals = 0
        self.keys: list[npt.NDArray[np.uint32]] = []
        self._ints: list[Ints] = []
        self._floats: list[Floats] = []
        self._blocks: list[npt.NDArray[np.uint32]] = []
        self._n = {"ints": 0, "floats": 0, "blocks": 0}

    def take(self, n: int) -> int:
        """Take n rows; return the first."""
        self.n_rows += n
        return self.n_rows - n

    def do(self, code: int, *fields: int) -> None:
        """Append an operation."""
        from aimc_sim.runner.kernels_operations import N_FIELDS

        self.ops.append([code, *fields, *[0] * (N_FIELDS - 1 - len(fields))])

    def ints(self, values: object) -> int:
        """Put integers into their pool; return where."""
        self._ints.append(np.asarray(values, dtype=np.int64).ravel())
        return self._placed("ints", self._ints[-1].size)

    def floats(self, *values: object) -> int:
        """Put numbers into their pool, one array after another; return where the first stands."""
        flat = np.concatenate([np.asarray(v, dtype=np.float64).ravel() for v in values])
        self._floats.append(flat)
        return self._placed("floats", flat.size)

    def normals(self, key: npt.NDArray[np.uint32], number: Ints) -> tuple[Ints, int, int, int]:
        """Have normals drawn; return their slots, place and number of their blocks, their key."""
        block, of_block = np.unique(number // 4, return_inverse=True)
        self._blocks.append(block.astype(np.uint32))
        self.keys.append(key)
        self.n_normals = max(self.n_normals, 4 * len(block))
        at = self._placed("blocks", len(block))
        slots = 4 * of_block.reshape(number.shape) + number % 4
        return slots, at, len(block), len(self.keys) - 1

    def _placed(self, pool: str, n: int) -> int:
        self._n[pool] += n
        return self._n[pool] - n

    def pools(
        self,
    ) -> tuple[Ints, Ints, Floats, npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
        """Return operations, integers, numbers, keys and blocks as arrays."""
        from aimc_sim.runner.kernels_operations import N_FIELDS

        nothing = np.zeros(1, dtype=np.int64)
        keys = np.array(self.keys, dtype=np.uint32).reshape(-1, 4)
        return (
            np.array(self.ops, dtype=np.int64).reshape(-1, N_FIELDS),
            np.concatenate([*self._ints, nothing]),
            np.concatenate([*self._floats, nothing.astype(np.float64)]),
            np.concatenate([keys, np.zeros((1, 4), dtype=np.uint32)]),
            np.concatenate([*self._blocks, nothing.astype(np.uint32)]),
        )

    def product(self, values: Floats, drive: int, to: int) -> None:
        """Have products summed over rows; values are [row, sum], exact in any order."""
        from aimc_sim.runner.kernels_operations import SUM, SUM_DENSE

        rows, sums = values.shape
        by_sum = np.ascontiguousarray(values.T)
        which, row = np.nonzero(by_sum)
        if values.size >= SMALL and len(row) > DENSE * values.size:
            self.do(SUM_DENSE, sums, to, drive, rows, self.floats(by_sum))
            return
        starts = np.searchsorted(which, np.arange(sums + 1))
        at = self.ints(starts), self.ints(row), self.floats(by_sum[which, row])
        self.do(SUM, sums, to, drive, *at)

    def weigh(
        self,
        out: int,
        terms: Sequence[tuple[Rows, object]],
        add: object,
        k: object,
        ends: tuple[int, int] | None,
    ) -> Rows:
        """Have ``clip(floor((sum of factor * rows + add + 2^(k-1)) 2^-k))`` written to rows.

        Parameters
        ----------
        out : int
            First row.
        terms : sequence of (Rows, factors)
            At most three.
        add, k : int or int arrays, shape (n,)
            Constant, shift.
        ends : (int, int), optional
            Smallest and largest code; None where nothing is clipped.
        """
        from aimc_sim.runner.kernels_operations import WEIGH

        n = terms[0][0].n
        shift, total = whole(k, n), whole(add, n)
        half = np.array([1 << (int(s) - 1) for s in shift], dtype=object)
        total = total + half
        peak, factors, firsts = np.abs(total), [], []
        for rows, factor in terms:
            f = whole(factor, n)
            peak = peak + np.abs(f) * rows.peak
            factors.append(exactly(f))
            firsts.append(rows.first)
        if (peak >= EXACT).any():
            raise UnscheduledError
        while len(factors) < 3:
            factors.append(np.zeros(n))
            firsts.append(firsts[0])
        size = np.array([int(p) >> int(s) for p, s in zip(peak, shift, strict=True)], dtype=object)
        low, high = ends if ends is not None else (-EXACT, EXACT)
        down = np.array([2.0 ** -int(s) for s in shift])
        at = self.floats(*factors, exactly(total), down, [low, high])
        self.do(WEIGH, n, out, *firsts, at)
        return Rows(out, n, np.maximum(-size - 1, low), np.minimum(size + 1, high))

    def requant(
        self,
        out: int,
        terms: Sequence[tuple[Rows, object]],
        add: object,
        k: object,
        signal: Signal,
    ) -> Rows:
        """Have a weighted sum rounded and clipped to the codes of a signal."""
        return self.weigh(out, terms, add, k, (signal.code_min, signal.code_max))
