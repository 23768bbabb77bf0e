"""Tally: what reads add up, in exact integers."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from aimc_sim.crossbar.bound import BoundRead
from aimc_sim.model.signal import Ints

INT64_SAFE = 1 << 62


class CodeSum:
    """A sum per wordline without an end: int64 while that is safe, then Python integers.

    Parameters
    ----------
    n : int
        Wordlines.
    power : int
        Of codes that is summed: 2, or 1 for magnitudes; 0: the bits of magnitudes that are set.
    """

    def __init__(self, n: int, power: int = 2) -> None:
        self.whole, self.power = [0] * n, power
        self.pending = np.zeros(n, dtype=np.int64)
        self.bound = 0

    def add(self, x: Ints) -> None:
        """Add a batch of codes, shape (n_sequences, n)."""
        if self.power == 0:
            self.add_sums(np.bitwise_count(x).sum(axis=0, dtype=np.int64), 0)  # of magnitudes
            return
        peak = max(int(x.max(initial=0)), -int(x.min(initial=0)))
        bound = peak**self.power * len(x)
        if bound >= INT64_SAFE:
            sums = (np.abs(x.astype(object)) ** self.power).sum(axis=0)
            self.whole = [a + int(b) for a, b in zip(self.whole, sums, strict=True)]
            return
        sums = np.einsum("br,br->r", x, x) if self.power == 2 else np.abs(x).sum(axis=0)
        self.add_sums(sums, bound)

    def add_sums(self, sums: Ints, bound: int) -> None:
        """Add sums of codes to that power, one a wordline, none beyond a bound below 2^62."""
        if self.bound + bound >= INT64_SAFE:
            self.whole, self.bound = list(self.total()), 0
            self.pending[:] = 0
        self.pending += sums
        self.bound += bound

    def total(self) -> tuple[int, ...]:
        """Return the sums so far."""
        return tuple(a + int(b) for a, b in zip(self.whole, self.pending, strict=True))


@dataclass
class Tally:
    """What reads add up: squared codes per wordline, saturated conversions; exact integers.

    Parameters
    ----------
    x2 : dict
        ``(tile_id, phase, slice) -> CodeSum``.
    saturated : int
        Conversions that met an end of the range.
    zero_skipping : bool
        Whether active codes are counted.
    n_active : dict
        ``(tile_id, phase, slice) -> int``: codes that were not 0, or, where each bit is a pulse,
        bits that were set.
    """

    x2: dict[tuple[int, str, int], CodeSum]
    saturated: int = 0
    zero_skipping: bool = False
    n_active: dict[tuple[int, str, int], int] = field(default_factory=dict)

    def add_x2(self, read: BoundRead, phase: str, index: int, x: Ints) -> None:
        """Add what the array energy goes with: squares of codes, lengths or numbers of pulses."""
        own = self._of(read, phase, index, x.shape[1])
        own.add(x)
        if self.zero_skipping:
            active = np.count_nonzero(x) if own.power else np.bitwise_count(x).sum(dtype=np.int64)
            self._add_active((read.tile.tile_id, phase, index), int(active))

    def add_sums(
        self, read: BoundRead, phase: str, index: int, sums: Ints, bound: int, active: int
    ) -> None:
        """Add what `add_x2` would for codes that were summed elsewhere.

        Parameters
        ----------
        read, phase, index : BoundRead, str, int
            Whose codes.
        sums : int array, shape (n_wordlines,)
            Of their powers.
        bound : int
            No sum is larger; below 2^62.
        active : int
            Number of active codes.
        """
        self._of(read, phase, index, len(sums)).add_sums(sums, bound)
        if self.zero_skipping:
            self._add_active((read.tile.tile_id, phase, index), active)

    def _of(self, read: BoundRead, phase: str, index: int, n: int) -> CodeSum:
        key = read.tile.tile_id, phase, index
        if key not in self.x2:
            self.x2[key] = CodeSum(n, read.slices[index].tallied_power)
        return self.x2[key]

    def _add_active(self, key: tuple[int, str, int], active: int) -> None:
        self.n_active[key] = self.n_active.get(key, 0) + active

    def squares(self, read: BoundRead, phase: str, index: int) -> tuple[int, ...] | None:
        """Return the sums of a read's slice, one a wordline; None if it was never read."""
        found = self.x2.get((read.tile.tile_id, phase, index))
        return None if found is None else found.total()
