"""Analog reads as operations of a schedule: drive, sum, noise, conversion, accumulation."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from aimc_sim.converters import Slice
from aimc_sim.crossbar.bound import BoundPhase, BoundRead, BoundSlice
from aimc_sim.runner.bound import BoundLayer
from aimc_sim.runner.schedule import Tallied
from aimc_sim.runner.schedule_rows import Bench, Rows, UnscheduledError, whole


class Reads:
    """Puts the reads of phases into a schedule; they share rows for drives and currents.

    Parameters
    ----------
    bench : Bench
        Where operations go.
    reads : list of BoundRead
        All of them, to know how many rows they need.
    counts_active : bool
        Whether active codes are counted.
    """

    def __init__(self, bench: Bench, reads: list[BoundRead], *, counts_active: bool) -> None:
        self.bench, self.counts_active = bench, counts_active
        lines = max((len(r.wordlines) for r in reads), default=0)
        currents = max((len(r.out) for r in reads), default=0)
        self.drive, self.squares = bench.take(lines), bench.take(lines)
        self.current, self.variance = bench.take(currents), bench.take(currents)
        self.units = bench.take(currents)
        self.tallied: list[Tallied] = []
        self.n_tallied = 0

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
        from aimc_sim.runner.kernels_operations import CLEAR

        phase = bound.phases[name]
        n = n_sums(phase)
        self.bench.do(CLEAR, n, first)
        peak = np.array([0] * n, dtype=object)
        for index in range(len(phase.slices)):
            reference = phase.n_outputs
            for read in phase.reads:
                check(read, read.slices[index])
                noisy = bound.noise_form == "bitline" and read.variance is not None
                self._drive(bound.layer.name, phase, read, index, inputs, squares=noisy)
                self._currents(read, read.slices[index], bound.noise_form)
                self._convert(read, read.slices[index], first, reference, layer, peak)
                reference += read.n_reference > 0
        self._refer(phase, first, peak)
        found, start = {}, 0
        for vector in phase.phase.reads:
            limit = whole(bound.limits[vector], len(bound.limits[vector]))
            stop = start + len(limit)
            if (peak[start:stop] > limit).any():
                raise UnscheduledError  # it may saturate
            found[vector] = Rows(first + start, len(limit), -peak[start:stop], peak[start:stop])
            start = stop
        return found

    def _drive(
        self,
        layer: str,
        phase: BoundPhase,
        read: BoundRead,
        index: int,
        inputs: list[Rows],
        *,
        squares: bool,
    ) -> None:
        from aimc_sim.runner.kernels_operations import DRIVE, WHOLE

        driven, bench = phase.slices[index], self.bench
        rows, kinds = [], []
        parts: list[int] = []
        scales: list[int] = []
        for rows_in, name in zip(inputs, phase.phase.drives, strict=True):
            part = driven.slices.get(name)
            kinds.append(np.full(rows_in.n, len(parts)))
            if part is None:
                rows.append(np.full(rows_in.n, -1))
            else:
                rows.append(rows_in.first + np.arange(rows_in.n))
                kind, down, modulus = _cut(part, rows_in)
                parts.append(kind)
                scales.append(bench.floats([down, modulus]))
        source = np.append(np.concatenate(rows), -1)[read.gather]
        kind_of = np.append(np.concatenate(kinds), 0)[read.gather]
        table = np.zeros((2, 8), dtype=np.int64)
        table[0, : len(parts)], table[1, : len(parts)] = parts, scales
        table[0, len(parts) :] = WHOLE
        own, n = read.slices[index], len(read.wordlines)
        peak = max((part.magnitude for part in driven.slices.values()), default=0)
        counted = len(self.tallied) if self.counts_active else -1
        first, self.n_tallied = self.n_tallied, self.n_tallied + n
        self.tallied.append(Tallied(layer, phase.phase.name, read, index, first, n, peak))
        noisy = self.squares if squares else -1
        bench.do(
            DRIVE, n, self.drive, noisy, bench.ints(source), bench.ints(kind_of),
            bench.ints(table), own.tallied_power, first, counted,
        )  # fmt: skip

    def _currents(self, read: BoundRead, part: BoundSlice, noise_form: str) -> None:
        """Have the currents of a read summed, noise included."""
        from aimc_sim.runner.kernels_operations import CELLS, WHITE

        self.bench.product(read.g, self.drive, self.current)
        if read.sigma is None or read.variance is None:
            return
        bench = self.bench
        if noise_form == "bitline":
            bench.product(read.variance, self.squares, self.variance)
            slots, *drawn = bench.normals(part.key, read.lane)
            bench.do(
                WHITE, len(read.out), self.current, self.variance, bench.ints(slots), 0, 0, 0,
                *drawn,
            )  # fmt: skip
            return
        source, current, device = np.nonzero(read.sigma)
        slots, *drawn = bench.normals(part.key, read.device_of[source, current, device])
        places = bench.ints(source), bench.ints(current), bench.ints(slots)
        size = bench.floats(read.sigma[source, current, device])
        bench.do(CELLS, len(source), self.current, self.drive, *places, size, *drawn)

    def _convert(
        self,
        read: BoundRead,
        part: BoundSlice,
        first: int,
        reference: int,
        layer: int,
        peak: npt.NDArray[np.object_],
    ) -> None:
        from aimc_sim.runner.kernels_operations import CONVERT

        out = read.out.copy()
        if read.n_reference:
            out[-read.n_reference :] = reference
        weight = read.weight * part.sign * (1 << part.shift)
        ends = [
            np.floor(code * part.scale + part.offset + 0.5)
            for code in (part.code_min, part.code_max)
        ]
        units = np.maximum(*np.abs(ends))
        if not np.isfinite(units).all():
            raise UnscheduledError
        np.add.at(peak, out, [abs(int(w)) * int(u) for w, u in zip(weight, units, strict=True)])
        numbers = self.bench.floats(
            part.lsb, part.scale, part.offset, weight, [part.code_min, part.code_max]
        )
        self.bench.do(
            CONVERT, len(out), self.current, first, self.bench.ints(out), numbers, self.units,
            layer,
        )  # fmt: skip

    def _refer(self, phase: BoundPhase, first: int, peak: npt.NDArray[np.object_]) -> None:
        """Have the reference of each tile added to its outputs."""
        from aimc_sim.runner.kernels_operations import REFER

        reference = phase.n_outputs
        for read in phase.reads:
            if read.n_reference:
                out = np.unique(read.out[: -read.n_reference])
                self.bench.do(REFER, len(out), first, first + reference, self.bench.ints(out))
                peak[out] += peak[reference]
                reference += 1


def n_sums(phase: BoundPhase) -> int:
    """Return the accumulators of a phase, those of reference columns included."""
    return phase.n_outputs + sum(read.n_reference > 0 for read in phase.reads)


def check(read: BoundRead, part: BoundSlice) -> None:
    """Refuse what schedules do not cover.

    Raises
    ------
    UnscheduledError
        Noise that lasts, converters with faults, wires, sensed voltages, curved devices.
    """
    others = (
        read.dac,
        read.voltage,
        read.wired,
        read.telegraph,
        read.flicker,
        part.curve,
        part.adc,
    )
    if any(other is not None for other in others):
        raise UnscheduledError


def _cut(part: Slice, rows: Rows) -> tuple[int, float, float]:
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
