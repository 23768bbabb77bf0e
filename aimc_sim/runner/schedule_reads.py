"""Analog reads as operations of a schedule: drive, sum, noise, conversion, accumulation."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from aimc_sim.converters import Slice
from aimc_sim.crossbar.bound import BoundPhase, BoundRead, BoundSlice
from aimc_sim.model.signal import Ints
from aimc_sim.runner.bound import BoundLayer
from aimc_sim.runner.schedule import Tallied
from aimc_sim.runner.schedule_bench import Bench, is_dense
from aimc_sim.runner.schedule_fixed import fixed_sums
from aimc_sim.runner.schedule_hold import Holding
from aimc_sim.runner.schedule_rows import Rows, UnscheduledError
from aimc_sim.runner.schedule_sums import Accumulators, n_sums, within_limits

NOT_DRIVEN = -1
"""Stands for the row of a wordline at 0 V."""


class Reads:
    """Puts the reads of phases into a schedule; they share rows for drives and currents.

    Parameters
    ----------
    bench : Bench
        Where operations go.
    reads : list of BoundRead
        All of them, to know how many rows they need.
    widest : int
        Codes that drive a phase, at most.
    counts_active : bool
        Whether active codes are counted.
    """

    def __init__(
        self, bench: Bench, reads: list[BoundRead], widest: int, *, counts_active: bool
    ) -> None:
        self.bench, self.counts_active = bench, counts_active
        lines = max((len(r.wordlines) for r in reads), default=0)
        currents = max((len(r.out) for r in reads), default=0)
        self.slices = bench.take(widest)
        self.drive, self.squares = bench.take(lines), bench.take(lines)
        self.current, self.variance = bench.take(currents), bench.take(currents)
        self.scratch = bench.take(3 * max(currents, 1))
        self.holding = Holding(bench)
        self.tallied: list[Tallied] = []
        self.n_sums = 0

    def phase(
        self, bound: BoundLayer, name: str, inputs: list[Rows], first: int, layer: int
    ) -> dict[str, Rows]:
        """Have a phase read; return the rows of its accumulators, by vector.

        Parameters
        ----------
        bound : BoundLayer
            Of the layer.
        name : str
            Of the phase.
        inputs : list of Rows
            Codes of the vectors it drives.
        first : int
            First of the rows for accumulators, `n_sums` of them.
        layer : int
            Place of its count of saturated conversions.
        """
        phase = bound.phases[name]
        writes = Accumulators(self.bench, n_sums(phase), first)
        n_driven = sum(given.n for given in inputs)
        cuts = [
            self._cut(phase, index, inputs, self.slices + index * n_driven)
            for index in range(len(phase.slices))
        ]
        reference = phase.n_outputs
        for read in phase.reads:
            out = read.out.copy()
            if read.n_reference:
                out[-read.n_reference :] = reference
                reference += 1
            lasting = self.holding.entries(read)
            for part, (rows, places, peak) in zip(read.slices, cuts, strict=True):
                check(read, part)
                at = places[read.gather]
                self.tallied.append(Tallied(bound.layer.name, name, read, part.index, at, peak))
                sums = self._sums(read, part, bound.noise_form, rows[read.gather], peak)
                fields = [*sums, lasting(rows[read.gather])]
                self._read(read, part, out, writes, layer, fields)
        return within_limits(bound, phase, first, writes.close(phase))

    def _cut(
        self, phase: BoundPhase, index: int, inputs: list[Rows], to: int
    ) -> tuple[Ints, Ints, int]:
        """Have the slices of an input read cut and tallied.

        Returns
        -------
        rows : int array
            Row of each element that wordlines gather, the idle one at the end.
        places : int array
            Place of its tally; that of the idle one is the one after all.
        peak : int
            Largest magnitude of a slice.
        """
        from aimc_sim.runner.kernels_operations import CUT, TALLY, WHOLE

        rows, places, bench = [], [], self.bench
        power = phase.reads[0].slices[index].tallied_power if phase.reads else 2
        for given, name in zip(inputs, phase.phase.drives, strict=True):
            part = phase.slices[index].slices.get(name)
            if part is None:
                rows.append(np.full(given.n, NOT_DRIVEN))
                places.append(np.full(given.n, NOT_DRIVEN))
                continue
            kind, down, modulus = _slice_of(part, given)
            first = given.first
            if kind != WHOLE:
                bench.do(CUT, given.n, to, given.first, kind, bench.floats([down, modulus]))
                first, to = to, to + given.n
            bench.do(TALLY, given.n, first, power, self.n_sums, int(self.counts_active))
            rows.append(first + np.arange(given.n))
            places.append(self.n_sums + np.arange(given.n))
            self.n_sums += given.n
        peak = max((part.magnitude for part in phase.slices[index].slices.values()), default=0)
        if peak >= 1 << 31:
            raise UnscheduledError
        idle = np.array([NOT_DRIVEN])
        return np.concatenate([*rows, idle]), np.concatenate([*places, idle]), peak

    def _sums(
        self, read: BoundRead, part: BoundSlice, noise_form: str, rows: Ints, peak: int
    ) -> list[int]:
        """Have products summed; return the fields of a read that say where, and of its draws."""
        from aimc_sim.runner.kernels_operations import DRAW, GATHER, SQUARE

        bench, variance, slots, of_cells = self.bench, None, -1, -1
        if read.variance is not None and noise_form == "bitline":
            variance = read.variance
            found, *drawn = bench.normals(part.key, read.lane)
            slots = bench.ints(found)
            bench.do(DRAW, *drawn)
        elif read.sigma is not None and read.device_of is not None:
            source, current, device = np.nonzero(read.sigma)
            found, *drawn = bench.normals(part.key, read.device_of[source, current, device])
            size = read.sigma[source, current, device]
            of_cells = bench.table(len(read.out), rows[source], current, found, size)
            bench.do(DRAW, *drawn)
        if not is_dense(read.g):
            if variance is None:
                return [*bench.listed(rows, read.g), -1, slots, of_cells]
            return [*bench.listed(rows, read.g, variance), slots, of_cells]
        is_summed = read.places is not None and fixed_sums(
            bench, read.g, read.places, rows, peak, self.current
        )
        if variance is not None or not is_summed:
            drive = int(rows[0])
            if drive < 0 or (np.diff(rows) != 1).any():
                drive = self.drive
                bench.do(GATHER, len(rows), drive, bench.ints(rows))
        if not is_summed:
            bench.dense(read.g, drive, self.current)
        if variance is not None:
            bench.do(SQUARE, len(rows), self.squares, drive)
            bench.dense(variance, self.squares, self.variance)
        return [-1, self.current, 0, -1 if variance is None else self.variance, slots, of_cells]

    def _read(
        self,
        read: BoundRead,
        part: BoundSlice,
        out: npt.NDArray[np.intp],
        writes: Accumulators,
        layer: int,
        fields: list[int],
    ) -> None:
        """Have currents converted and added to accumulators."""
        from aimc_sim.runner.kernels_operations import READ

        bench = self.bench
        weight = read.weight * part.sign * (1 << part.shift)
        fresh = writes.add(out, weight, part)
        numbers = bench.floats(
            part.lsb, part.scale, part.offset, weight, [part.code_min, part.code_max]
        )
        *sums, of_cells, lasting = fields
        bench.do(
            READ, len(out), writes.first, bench.ints(out), bench.ints(fresh), numbers, layer,
            *sums, lasting, of_cells, self.scratch,
        )  # fmt: skip


def check(read: BoundRead, part: BoundSlice) -> None:
    """Refuse what schedules do not cover.

    Raises
    ------
    UnscheduledError
        Telegraph noise, converters with faults, wires, sensed voltages, curved devices.
    """
    others = (read.dac, read.voltage, read.wired, read.telegraph, part.curve, part.adc)
    if any(other is not None for other in others):
        raise UnscheduledError


def _slice_of(part: Slice, rows: Rows) -> tuple[int, float, float]:
    """Return what a slice takes of a code, the factor that shifts it, its modulus or 0."""
    from aimc_sim.runner import kernels_operations as kernels

    size = float(1 << part.bits)
    down = 2.0**-part.shift
    if part.part == "magnitude":
        return kernels.MAGNITUDE, down, size if part.magnitude < 1 << part.bits else 0.0
    modulus = 0.0 if part.signed else size
    if part.part != "code":
        return kernels.NEGATIVE if part.negative else kernels.POSITIVE, down, modulus
    low, high = (min(rows.low, default=0), max(rows.high, default=0))
    fits = part.signed or 0 <= low <= high < 1 << part.bits
    return kernels.WHOLE if part.shift == 0 and fits else kernels.FIELD, down, modulus
