"""1/f noise that lasts from step to step as operations of a schedule."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from aimc_sim.crossbar.bound import BoundRead
from aimc_sim.crossbar.flicker import LANES
from aimc_sim.model.signal import Ints
from aimc_sim.runner.schedule_bench import Bench


class Holding:
    """Puts the 1/f noise of tiles into a schedule: its draws are kept while they hold.

    Parameters
    ----------
    bench : Bench
        Where operations go.
    """

    def __init__(self, bench: Bench) -> None:
        self.bench = bench

    def entries(self, read: BoundRead) -> Callable[[Ints], int]:
        """Have the normals of a read's devices drawn; return what lists them for a slice.

        Parameters
        ----------
        read : BoundRead
            Of a tile.

        Returns
        -------
        callable
            Takes the row of each wordline; returns the field of a read that says what devices add.
        """
        flicker, bench = read.flicker, self.bench
        if flicker is None:
            return lambda rows: -1
        own, entries, n_currents = self._hold(read), flicker.entries, len(read.out)
        slot = np.searchsorted(own, flicker.slot)

        def listed(rows: Ints) -> int:
            source = rows[entries.source]
            return bench.table(n_currents, source, entries.current, slot, entries.amount)

        return listed

    def _hold(self, read: BoundRead) -> Ints:
        """Have the draws held; return the slots of the devices, ascending."""
        from aimc_sim.runner.kernels_operations import HOLD

        flicker, bench = read.flicker, self.bench
        assert flicker is not None
        octaves, n_blocks = flicker.period.shape
        slots = np.unique(flicker.slot)
        lanes = np.full(LANES * n_blocks, len(slots))  # no device: a place that nobody reads
        lanes[slots] = np.arange(len(slots))
        key = len(bench.keys)
        bench.keys.extend(flicker.keys)
        bench.do(
            HOLD, n_blocks, octaves, len(slots), bench.floats(flicker.period),
            bench.floats(flicker.phase), bench.floats(flicker.weight), key,
            bench.blocks(flicker.block), bench.ints(lanes), bench.n_held, bench.n_kept,
            bench.ints(slots // LANES),
        )  # fmt: skip
        bench.n_lasting = max(bench.n_lasting, len(slots))
        bench.n_held += octaves * n_blocks
        bench.n_kept += (octaves + 1) * (len(slots) + 1)
        return np.asarray(slots, dtype=np.int64)
