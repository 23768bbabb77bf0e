"""What the converters of a run see: exact extremes, and an even sample of the values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from aimc_sim.converters.adc import UNBOUNDED
from aimc_sim.crossbar.bound import BoundPhase, BoundRead
from aimc_sim.crossbar.ranges import ReadRanges
from aimc_sim.crossbar.setting import Address
from aimc_sim.crossbar.tile import Tiles
from aimc_sim.model.network import Model
from aimc_sim.model.signal import Floats, Ints
from aimc_sim.runner.bound import BoundLayer
from aimc_sim.runner.chip_run import ChipRun

N_KEPT = 1 << 17
"""Values that are kept of each read of a tile, over all chips: 1 MiB."""
ReadKey = tuple[int, str, int]  # tile, phase, number of the read: as in `Plan.ranges`
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)  # 2^64 over the golden ratio: multiples spread evenly


class ReadRecord:
    """Values that the converters of one read of a tile see.

    Parameters
    ----------
    ranges : ReadRanges
        Which values share a range.
    n_reads : int
        Times that it will be read, on all chips.
    """

    def __init__(self, ranges: ReadRanges, n_reads: int) -> None:
        n = len(ranges.unit)
        self.ranges, self.n_seen = ranges, 0
        self.low, self.high = np.full(n, np.inf), np.full(n, -np.inf)
        share = N_KEPT / max(n_reads * n, 1)
        self.below = None if share >= 1.0 else np.uint64(int(share * 2.0**64))
        self.kept: list[Floats] = []

    def add(self, i: Floats, number: Ints) -> None:
        """Take in reads, shape (n_sequences, n_currents) [accumulator units], by their numbers."""
        if not len(i):
            return
        self.n_seen += i.size
        self.low = np.minimum(self.low, i.min(axis=0))
        self.high = np.maximum(self.high, i.max(axis=0))
        if self.below is not None:
            i = i[number.astype(np.uint64) * _GOLDEN < self.below]
        self.kept.append(i.copy())

    def values(self) -> list[Floats]:
        """Return the sample of each range, sorted [A or V]: it does not tell in which order."""
        found = np.concatenate([*self.kept, np.empty((0, len(self.low)))]) * self.ranges.unit
        order = np.argsort(self.ranges.group, kind="stable")
        ends = np.cumsum(np.bincount(self.ranges.group))[:-1]
        return [np.sort(part, axis=None) for part in np.split(found[:, order], ends, axis=1)]

    def peaks(self) -> Floats:
        """Return the largest magnitude in each range, of all values [A or V]."""
        peak = np.zeros(len(self.ranges.worst))
        if self.n_seen:
            size = np.maximum(np.abs(self.low), np.abs(self.high)) * self.ranges.unit
            np.maximum.at(peak, self.ranges.group, size)
        return peak


class RecordingAdc:
    """An ideal converter, one accumulator unit a step and no end, that records what it sees.

    Parameters
    ----------
    record : ReadRecord
        Added to.
    first_sequence : int
        Index of row 0 in its file.
    start : int array, shape (n_rows,)
        Reads of all rows before each one: what numbers the reads.
    """

    def __init__(self, record: ReadRecord, first_sequence: int, start: Ints) -> None:
        self.record, self.first, self.start = record, first_sequence, start

    def convert(self, i: Floats, lsb: Floats, at: Address, codes: Ints, saturated: Ints) -> None:
        """Record currents, shape (n_sequences, n_currents), and convert them."""
        from aimc_sim.crossbar.kernels import convert_uniform

        self.record.add(i, self.start[at.sequence - self.first] + at.step)
        convert_uniform(i, lsb, -UNBOUNDED, UNBOUNDED, codes, saturated)


class RecordedRun(ChipRun):
    """A chip whose ideal converters record.

    Parameters
    ----------
    model, tiles, chip, age_s, seed
        Of `ChipRun`; the tiles have ideal converters.
    adcs : mapping
        ``(tile_id, phase, read) -> RecordingAdc``, shared by all chips.
    """

    def __init__(
        self,
        model: Model,
        tiles: Tiles,
        chip: int,
        age_s: float,
        seed: int,
        adcs: Mapping[ReadKey, RecordingAdc],
    ) -> None:
        self.adcs = adcs
        super().__init__(model, tiles, chip, age_s, seed)

    def _bind(self, epoch: int) -> dict[str, BoundLayer]:
        return {name: self._recorded(layer) for name, layer in super()._bind(epoch).items()}

    def _recorded(self, layer: BoundLayer) -> BoundLayer:
        phases = {
            name: replace(phase, reads=tuple(self._read(phase, read) for read in phase.reads))
            for name, phase in layer.phases.items()
        }
        return replace(layer, phases=phases)

    def _read(self, phase: BoundPhase, read: BoundRead) -> BoundRead:
        slices = tuple(
            replace(part, adc=self.adcs[read.tile.tile_id, phase.phase.name, part.index])
            for part in read.slices
        )
        return replace(read, slices=slices)
