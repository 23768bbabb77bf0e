"""Bench: where a schedule is put together, pools of numbers and operations that point into them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from aimc_sim.model.signal import Floats, Ints, Signal
from aimc_sim.runner.schedule_rows import EXACT, Rows, Term, exactly, halves, reach, whole

DENSE = 0.25
"""Share of the cells that conduct from which BLAS is faster than a list of them."""
SMALL = 256
"""Cells of a tile below which it is not."""


def is_dense(values: Floats) -> bool:
    """Tell whether BLAS sums products with a matrix faster than a list of its cells."""
    return bool(values.size >= SMALL and np.count_nonzero(values) > DENSE * values.size)


class Bench:
    """Pools that operations point into, and the operations so far."""

    def __init__(self) -> None:
        self.ops: list[list[int]] = []
        self.n_rows = self.n_normals = self.n_lasting = self.n_held = self.n_kept = 0
        self.keys: list[npt.NDArray[np.uint32]] = []
        self._ints: list[Ints] = []
        self._floats: list[Floats] = []
        self._shorts: list[npt.NDArray[np.int16]] = []
        self._blocks: list[npt.NDArray[np.uint32]] = []
        self._n = {"ints": 0, "floats": 0, "shorts": 0, "blocks": 0}

    @property
    def sizes(self) -> tuple[int, int, int, int, int]:
        """Rows of all kinds: `Schedule.sizes`."""
        return self.n_rows, self.n_normals, self.n_lasting, self.n_held, self.n_kept

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
        self.keys.append(key)
        self.n_normals = max(self.n_normals, 4 * len(block))
        at = self.blocks(block.astype(np.uint32))
        slots = 4 * of_block.reshape(number.shape) + number % 4
        return slots, at, len(block), len(self.keys) - 1

    def _placed(self, pool: str, n: int) -> int:
        self._n[pool] += n
        return self._n[pool] - n

    def blocks(self, block: npt.NDArray[np.uint32]) -> int:
        """Put numbers of counter blocks into their pool; return where."""
        self._blocks.append(block)
        return self._placed("blocks", len(block))

    def pools(
        self,
    ) -> tuple[
        Ints, Ints, Floats, npt.NDArray[np.int16], npt.NDArray[np.uint32], npt.NDArray[np.uint32]
    ]:
        """Return operations, integers, numbers, short integers, keys and blocks as arrays."""
        from aimc_sim.runner.kernels_operations import N_FIELDS

        nothing = np.zeros(1, dtype=np.int64)
        keys = np.array(self.keys, dtype=np.uint32).reshape(-1, 4)
        return (
            np.array(self.ops, dtype=np.int64).reshape(-1, N_FIELDS),
            np.concatenate([*self._ints, nothing]),
            np.concatenate([*self._floats, nothing.astype(np.float64)]),
            np.concatenate([*self._shorts, nothing.astype(np.int16)]),
            np.concatenate([keys, np.zeros((1, 4), dtype=np.uint32)]),
            np.concatenate([*self._blocks, nothing.astype(np.uint32)]),
        )

    def product(self, values: Floats, drive: int, to: int) -> None:
        """Have products summed over rows; values are [row, sum], exact in any order."""
        from aimc_sim.runner.kernels_operations import SUM

        if is_dense(values):
            self.dense(values, drive, to)
            return
        starts, row, found = self.listed(drive + np.arange(len(values)), values)
        self.do(SUM, values.shape[1], to, starts, row, found)

    def dense(self, values: Floats, drive: int, to: int) -> None:
        """Have products summed by BLAS: rows stand one after another."""
        from aimc_sim.runner.kernels_operations import SUM_DENSE

        rows, sums = values.shape
        self.do(SUM_DENSE, sums, to, drive, rows, self.floats(np.ascontiguousarray(values.T)))

    def shorts(self, values: npt.NDArray[np.int16]) -> int:
        """Put integers of 16 bits into their pool; return where."""
        self._shorts.append(values.ravel())
        return self._placed("shorts", values.size)

    def listed(self, row: Ints, *values: Floats) -> tuple[int, ...]:
        """List the cells of each sum that are not 0; return where starts, rows, values stand.

        Parameters
        ----------
        row : int array, shape (n,)
            Row of a block of each input; -1 where it is always 0.
        *values : float arrays, shape (n, n_sums)
            Of the same cells: a cell is listed where one of them is not 0.
        """
        some = (np.any([v != 0.0 for v in values], axis=0) & (row >= 0)[:, None]).T
        which, source = np.nonzero(some)
        starts = np.searchsorted(which, np.arange(len(some) + 1))
        found = [self.floats(v.T[which, source]) for v in values]
        return (self.ints(starts), self.ints(row[source]), *found)

    def weigh(
        self,
        out: int,
        terms: Sequence[Term],
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
        shift, half = whole(k, n), halves(k, n)
        total = whole(add, n) + half
        peak = reach(terms, total)
        factors = [exactly(whole(factor, n)) for _, factor in terms]
        firsts = [rows.first for rows, _ in terms]
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
        terms: Sequence[Term],
        add: object,
        k: object,
        signal: Signal,
    ) -> Rows:
        """Have a weighted sum rounded and clipped to the codes of a signal."""
        return self.weigh(out, terms, add, k, (signal.code_min, signal.code_max))

    def table(self, n: int, row: Ints, current: Ints, slot: Ints, amount: Floats) -> int:
        """List what devices add to each of n currents, in order; return where the list stands."""
        own = np.flatnonzero(row >= 0)
        own = own[np.argsort(current[own], kind="stable")]
        starts = np.searchsorted(current[own], np.arange(n + 1))
        at = [self.ints(starts), self.ints(row[own]), self.ints(slot[own])]
        return self.ints([*at, self.floats(amount[own])])

    def advance(
        self, x: Rows, parts: Sequence[Sequence[Term]], k: object, signal: Signal, idle: int
    ) -> None:
        """Have ``clip(floor((sum of factor * rows + 2^(k-1)) 2^-k))`` written over states.

        Parameters
        ----------
        x : Rows
            States: real parts, and imaginary ones after them.
        parts : sequence of terms
            Of the real parts, and of the imaginary ones if there are any. Those of states
            themselves are told by their rows; of others there are at most two.
        k : int or int array, shape (n_modes,)
            Shift.
        signal : Signal
            Of the states.
        idle : int
            First of as many rows of zeros as there are modes.
        """
        from aimc_sim.runner.kernels_operations import ADVANCE

        n = x.n // len(parts)
        half = halves(k, n)
        firsts, factors = [[idle, idle], [idle, idle]], np.zeros((11, n))
        factors[4] = exactly(half)
        factors[9] = factors[4] * (len(parts) - 1)
        factors[10] = [2.0 ** -int(s) for s in whole(k, n)]
        for own, terms in enumerate(parts):
            reach(terms, half)
            free = iter((2, 3))
            for rows, factor in terms:
                of_state = (rows.first - x.first) / n
                place = int(of_state) if of_state in (0, 1) and len(parts) > of_state else None
                if place is None:
                    place = next(free)
                    firsts[own][place - 2] = rows.first
                factors[5 * own + place] += exactly(whole(factor, n))
        other = x.first + n if len(parts) == 2 else idle
        at = self.floats(factors, [signal.code_min, signal.code_max])
        (p, s), (q, t) = firsts
        self.do(ADVANCE, n, x.first, other, p, q, s, t, at)
