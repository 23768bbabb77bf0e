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
WORKSPACE = 1 << 19
"""Numbers of a block of sequences, at most: 4 MiB. Long rows matter more than a small cache."""
SMALLEST, LARGEST = 8, 64
"""Sequences in a block."""
WORTH = 300
"""Steps of sequences from which a schedule is built sooner than layers are stepped one by one."""
STRETCH = 1 << 26
"""Numbers that one call of the kernel works on at most: a fraction of a second."""


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
    first, n : int
        Place of the wordlines' sums among all, and their number.
    peak : int
        Largest magnitude of a drive.
    """

    layer: str
    phase: str
    read: BoundRead
    index: int
    first: int
    n: int
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
    ints, floats, keys, blocks : arrays
        What their fields point into.
    n_rows, n_normals : int
        Rows of a block; rows of its normals.
    rows : mapping
        ``layer -> (first row, width)`` of its output codes; "input" is among them.
    states : mapping
        ``layer -> (first row, width)`` of its states, one layer after another.
    tallied : tuple of Tallied
        Reads that are counted.
    layers : tuple of str
        Layers that convert, in order of their counts of saturated conversions.
    """

    ops: Ints
    ints: Ints
    floats: Floats
    keys: Words
    blocks: Words
    n_rows: int
    n_normals: int
    rows: Mapping[str, tuple[int, int]]
    states: Mapping[str, tuple[int, int]]
    tallied: tuple[Tallied, ...] = ()
    layers: tuple[str, ...] = ()

    @property
    def n_states(self) -> int:
        """State codes of all layers."""
        return sum(n for _, n in self.states.values())

    @property
    def state_row(self) -> int:
        """Row of the first state code."""
        return min((first for first, _ in self.states.values()), default=0)

    def longest(self, n_sequences: int) -> int:
        """Return how many steps one call of the kernel does of that many sequences, at most."""
        peaks = (max(t.peak, 1) ** max(t.power, 1) for t in self.tallied)
        exact = INT64_SAFE // max(max(peaks, default=1) * max(n_sequences, 1), 1)
        return max(min(STRETCH // (self.n_rows * max(n_sequences, 1)), exact), 1)

    def together(self, n_sequences: int) -> int:
        """Return how many sequences a block has: all threads have work, caches hold a block."""
        from aimc_sim.jit import n_threads

        fit = min(max(WORKSPACE // self.n_rows, SMALLEST), LARGEST)
        return min(max(-(-n_sequences // n_threads()), 1), fit)

    @property
    def n_tallied(self) -> int:
        """Wordlines of all reads."""
        return sum(t.n for t in self.tallied)

    def place(self, probe: str) -> tuple[int, int]:
        """Return first row and width of a probe: a layer, or ``layer/x``."""
        return self.states[probe[:-2]] if probe.endswith("/x") else self.rows[probe]

    def probed(self, names: tuple[str, ...]) -> Ints:
        """Return the rows that probes record, one after another."""
        found = [np.arange(first, first + n) for first, n in map(self.place, names)]
        return np.concatenate([np.zeros(0, dtype=np.int64), *found]).astype(np.int64)
