"""Batch: the sequences that are stepped together on one chip, and where they stand."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from aimc_sim.data import Data
from aimc_sim.model.signal import Ints
from aimc_sim.runner.state import ChipState


class Batch:
    """Sequences of one call of `ChipRun.batch`, by falling length.

    Parameters
    ----------
    rows : int array
        Rows of the data.
    data : Data
        Sequences.
    first : int
        Step of the data's first column.
    state : ChipState
        Of all sequences; written to by `save`.
    golden : int array, shape (n_rows, n_steps, n_channels)
        Reference codes of the last layer before the pool.
    error : int array, shape (n_steps,)
        Squared deviations are added.
    recorded : mapping
        Probes, filled in place.
    """

    def __init__(
        self,
        rows: Ints,
        data: Data,
        first: int,
        state: ChipState,
        golden: Ints,
        error: Ints,
        recorded: Mapping[str, Ints],
    ) -> None:
        self.rows, self.data, self.first, self.state = rows, data, first, state
        self.golden, self.error, self.recorded = golden, error, recorded
        self.lengths, self.sequence = data.lengths[rows], data.first_sequence + rows
        self.x = {name: value[rows] for name, value in state.x.items()}
        self.levels = {tile: value[rows] for tile, value in state.levels.items()}
        self.pooled = state.pooled[rows]
        self.kept: dict[str, object] = {}

    def n_at(self, t: int) -> int:
        """Return how many sequences, the first ones, go on at column t of the data."""
        return int(np.searchsorted(-self.lengths, -(self.first + t)))

    def n_done(self, t: int) -> int:
        """Return the steps of all sequences before column t of the data."""
        return int(np.clip(self.lengths - self.first, 0, t).sum())

    def inputs(self, t: int, stop: int) -> Ints:
        """Return input codes of some columns, shape (n_rows, stop - t, n_input)."""
        return self.data.x_code[self.rows, t:stop]

    def add_error(self, t: int, out: Ints) -> None:
        """Add squared deviations of the last layer's codes at a column, (n, n_channels)."""
        deviation = out - self.golden[: len(out), t]
        self.error[t] += int(np.einsum("bc,bc->", deviation, deviation))

    def record(self, t: int, values: Mapping[str, Ints]) -> None:
        """Fill probes at a column from the codes of layers, each (n, n_out), and from states."""
        for name, store in self.recorded.items():
            n = len(values["input"])
            source = self.x[name[:-2]][:n] if name.endswith("/x") else values[name]
            store[self.rows[:n], t] = source

    def fill(self, t: int, n_active: Ints, recorded: Mapping[str, Ints]) -> None:
        """Fill probes from a column on with what a stretch of steps has recorded."""
        for name, found in recorded.items():
            store = self.recorded[name]
            for k, n in enumerate(n_active):
                store[self.rows[:n], t + k] = found[:n, k].reshape(n, *store.shape[2:])

    def save(self) -> None:
        """Write where the sequences stand back to the state of all."""
        for name, value in self.x.items():
            self.state.x[name][self.rows] = value
        for tile, moved in self.levels.items():
            self.state.levels[tile][self.rows] = moved
        self.state.pooled[self.rows] = self.pooled
