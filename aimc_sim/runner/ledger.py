"""What one chip has done so far: steps, readouts, tallies of its reads, sums of its arrays."""

from __future__ import annotations

from collections.abc import Mapping

from aimc_sim.crossbar.tally import Tally
from aimc_sim.events import ArrayKey, ArrayReads, Events, Key
from aimc_sim.hardware import Hardware
from aimc_sim.model.layers import Layer, Pool
from aimc_sim.model.network import Model
from aimc_sim.runner.bound import BoundLayer
from aimc_sim.runner.counts import array_reads, counts_of, pooling_counts, switched_lines
from aimc_sim.runner.schedule import Schedule
from aimc_sim.runner.stretch import Stretched

_NO_TALLY = Tally({})


class Ledger:
    """Exact counts of a model on one chip.

    Parameters
    ----------
    model : Model
        What it computes.
    bound : mapping
        ``layer -> BoundLayer``; what is counted does not change with age.
    hardware : Hardware
        Of the chip.
    chip : int
        Which instance.
    """

    def __init__(
        self, model: Model, bound: Mapping[str, BoundLayer], hardware: Hardware, chip: int
    ) -> None:
        self.model, self.bound, self.chip = model, bound, chip
        skips = hardware.dac.zero_skipping
        analog = [name for name, layer in bound.items() if layer.phases]
        self.tallies = {name: Tally({}, zero_skipping=skips) for name in analog}
        self.counts = {name: counts_of(layer, model, hardware) for name, layer in bound.items()}
        self.n_steps = self.n_ended = 0
        self.arrays: dict[ArrayKey, ArrayReads] = {}

    def tally(self, layer: Layer) -> Tally:
        """Return where the reads of a layer add up."""
        return self.tallies.get(layer.name) or _NO_TALLY

    def converted(self, name: str) -> int:
        """Return the conversions of a layer so far."""
        each = sum(n for (_, action), n in self.counts[name].items() if action == "adc.convert")
        return each * self._executions(name)

    def enter(self, schedule: Schedule, done: Stretched) -> None:
        """Enter what a stretch of steps has counted."""
        self.n_steps += done.n_done
        for t in schedule.tallied:
            sums, active = done.sums[t.places], done.active[t.places].sum()
            bound, own = t.peak**t.power * done.n_done, self.tallies[t.layer]
            own.add_sums(t.read, t.phase, t.index, sums, bound, int(active))
        for name, count in zip(schedule.layers, done.saturated, strict=True):
            self.tallies[name].saturated += int(count)

    def _executions(self, name: str) -> int:
        index = self.model.layers.index(self.model.by_name[name])
        return self.n_steps if index < self.model.pool_index else self.n_ended

    def events(self) -> Events:
        """Return everything but what the arrays did since the last `close`, exactly."""
        counts: dict[Key, int] = {}
        for name, each in self.counts.items():
            _add(counts, name, each, self._executions(name))
        for name, tally in self.tallies.items():
            _add(counts, name, switched_lines(self.bound[name], tally), 1)
        pool = self.model.layers[self.model.pool_index]
        assert isinstance(pool, Pool)
        _add(counts, pool.name, pooling_counts(pool, self.model), self.n_steps)
        return Events({k: v for k, v in counts.items() if v}, dict(self.arrays))

    def close(self, bound: Mapping[str, BoundLayer], age_s: float) -> None:
        """Enter what the arrays did in an epoch that ends: bound as then, at that age [s]."""
        for name, tally in self.tallies.items():
            for key, reads in array_reads(bound[name], tally, self.chip, age_s).items():
                before = self.arrays.get(key)
                self.arrays[key] = reads if before is None else before + reads
        for tally in self.tallies.values():
            tally.x2.clear()


def _add(
    counts: dict[Key, int], layer: str, each: Mapping[tuple[int, str], int], times: int
) -> None:
    for (tile, action), amount in each.items():
        key = (layer, tile, action)
        counts[key] = counts.get(key, 0) + amount * times
