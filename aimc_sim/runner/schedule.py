"""Schedule: all operations of a step of a network on one chip, as tables for compiled kernels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aimc_sim.crossbar.bound import BoundRead
from aimc_sim.crossbar.tally import INT64_SAFE
from aimc_sim.model.signal import Floats, Ints

Words = npt.NDArray[np.uint32]
WORKSPACE = 1 << 23
"""Numbers of a block of sequences, at most: 64 MiB. Long rows matter more than a small cache."""
SMALLEST, LARGEST = 8, 64
"""Sequences in a block."""
WORTH, WORTH_STEPS = 300, 32
"""Steps of sequences, or steps of a batch, from which a schedule is built sooner than layers are
stepped one by one: what layers cost is mostly calls."""
MOST_KEPT = 1 << 26
"""Normals that a block keeps from step to step: 256 MiB."""
ALL_KEPT = 1 << 28
"""Normals that a batch keeps from step to step."""
STRETCH = 1 << 26
"""Numbers that one call of the kernel works on at most: a fraction of a second."""


def is_worth(n_steps: int, n_done: int) -> bool:
    """Tell whether a schedule is built for n_steps of a batch, n_done steps of its sequences."""
    return n_steps >= WORTH_STEPS or n_done >= WORTH


@dataclass(frozen=True)
class Tallied:
    """Where the drives of one read of a tile add up.

    Parameters
    ----------
    layer, phase : str
        Whose read.
    read : BoundRead
        Of which tile.
    index : int
        Number of the slice.
    places : int array, shape (n_wordlines,)
        Place of each wordline's sum among all; -1 where it stays at 0 V.
    peak : int
        Largest magnitude of a drive.
    """

    layer: str
    phase: str
    read: BoundRead
    index: int
    places: Ints
    peak: int

    @property
    def power(self) -> int:
        """Of the drives that is summed."""
        return self.read.slices[self.index].tallied_power


@dataclass(frozen=True)
class Schedule:
    """Operations of a step, and the rows of a block of sequences that they work on.

    Parameters
    ----------
    ops : int64 array, shape (n_ops, N_FIELDS)
        Operations, in order (`kernels_operations`).
    ints, floats, shorts, keys, blocks : arrays
        What their fields point into.
    sizes : tuple of int
        Rows of a block, of its normals, of normals that last; holds, rows of what is kept of them.
    rows : mapping
        ``layer -> (first row, width)`` of its output codes; "input" is among them.
    states : mapping
        ``layer -> (first row, width)`` of its states, one layer after another.
    n_sums : int
        Sums of what drives wordlines.
    tallied : tuple of Tallied
        Reads that are counted.
    layers : tuple of str
        Layers that convert, in order of their counts of saturated conversions.
    """

    ops: Ints
    ints: Ints
    floats: Floats
    shorts: npt.NDArray[np.int16]
    keys: Words
    blocks: Words
    sizes: tuple[int, int, int, int, int]
    rows: Mapping[str, tuple[int, int]]
    states: Mapping[str, tuple[int, int]]
    n_sums: int = 0
    tallied: tuple[Tallied, ...] = ()
    layers: tuple[str, ...] = ()

    @property
    def tables(self) -> tuple[Ints, Ints, Floats, npt.NDArray[np.int16], Words, Words]:
        """What the kernel takes as one."""
        return self.ops, self.ints, self.floats, self.shorts, self.keys, self.blocks

    @property
    def n_rows(self) -> int:
        """Rows of a block."""
        return self.sizes[0]

    @property
    def n_states(self) -> int:
        """State codes of all layers."""
        return sum(n for _, n in self.states.values())

    @property
    def state_row(self) -> int:
        """Row of the first state code."""
        return min((first for first, _ in self.states.values()), default=0)

    @property
    def n_held(self) -> int:
        """Holds of 1/f noise."""
        return self.sizes[3]

    @property
    def n_kept(self) -> int:
        """Rows of normals that are kept while holds last."""
        return self.sizes[4]

    @property
    def most_together(self) -> int:
        """Sequences of a batch at most: what all of them keep from step to step fits 1 GiB."""
        return max(ALL_KEPT // max(self.n_kept, 1), LARGEST)

    def longest(self, n_sequences: int) -> int:
        """Return how many steps one call of the kernel does of that many sequences, at most."""
        peaks = (max(t.peak, 1) ** max(t.power, 1) for t in self.tallied)
        exact = INT64_SAFE // max(max(peaks, default=1) * max(n_sequences, 1), 1)
        each = self.n_rows + self.n_kept // 8
        return max(min(STRETCH // (each * max(n_sequences, 1)), exact), 1)

    def together(self, n_sequences: int) -> int:
        """Return how many sequences a block has: all threads have work, caches hold a block."""
        from aimc_sim.jit import n_threads

        fit = min(max(WORKSPACE // self.n_rows, SMALLEST), LARGEST)
        fit = min(fit, max(MOST_KEPT // max(self.n_kept, 1), 1))
        return min(max(-(-n_sequences // n_threads()), 1), fit)

    def place(self, probe: str) -> tuple[int, int]:
        """Return first row and width of a probe: a layer, or ``layer/x``."""
        return self.states[probe[:-2]] if probe.endswith("/x") else self.rows[probe]

    def probed(self, names: tuple[str, ...]) -> Ints:
        """Return the rows that probes record, one after another."""
        found = [np.arange(first, first + n) for first, n in map(self.place, names)]
        return np.concatenate([np.zeros(0, dtype=np.int64), *found]).astype(np.int64)
