"""How long the reads of a phase take: settling, conversions, and whether they overlap."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aimc_sim.converters import BitPulseDac
from aimc_sim.cost.costs import Price
from aimc_sim.hardware import Hardware
from aimc_sim.mapping.matrix import Phase
from aimc_sim.mapping.plan import MatrixPlan, Plan
from aimc_sim.mapping.reads import (
    InputRead,
    bits_above,
    conversions_per_adc,
    converted_lines,
    reads_of,
)


@dataclass(frozen=True)
class ReadTimes:
    """The reads of a phase, in order.

    Parameters
    ----------
    settle : tuple of float
        Of each read: DAC, drive, hold [s].
    convert : tuple of float
        Of each read: conversions of the busiest ADC, with the switching between bitlines [s].
    after : float
        Shift-and-add after the last conversion of a read [s].
    """

    settle: tuple[float, ...]
    convert: tuple[float, ...]
    after: float

    def latency(self, overlaps: bool) -> float:
        """Return the time from the first drive to the last sum [s].

        Parameters
        ----------
        overlaps : bool
            Whether a read settles while the one before it is converted.

        Examples
        --------
        >>> times = ReadTimes((3.0, 3.0), (2.0, 2.0), 1.0)
        >>> times.latency(False), times.latency(True), times.interval
        (12.0, 9.0, 6.0)
        """
        if not self.settle:
            return 0.0
        if not overlaps:
            return sum(self.settle) + sum(self.convert) + len(self.settle) * self.after
        between = zip(self.settle[1:], self.convert, strict=False)
        return self.settle[0] + sum(map(max, between)) + self.convert[-1] + self.after

    @property
    def interval(self) -> float:
        """Between the starts of two phases, where reads overlap [s]."""
        return sum(map(max, zip(self.settle, self.convert, strict=True)))


def phase_times(m: MatrixPlan, phase: Phase, plan: Plan, prices: Mapping[str, Price]) -> ReadTimes:
    """Return the times of all reads of a phase; none where nothing is read.

    Notes
    -----
    A read is: DAC, drive, hold, conversions of the busiest ADC of any tile (with the switching
    between bitlines), one shift-and-add after the last conversion.
    """
    hardware = plan.hardware
    busiest = 0
    for tile in m.tiles:
        if m.lines_of(tile, phase.drives, "inputs")[0].size:
            columns, _ = m.lines_of(tile, phase.reads, "outputs")
            lines = converted_lines(m.layout, tile, columns, hardware)
            busiest = max(busiest, conversions_per_adc(lines, hardware))
    if not busiest:
        return ReadTimes((), (), 0.0)
    time_s = {action: price.cost.latency_s for action, price in prices.items()}
    reads = reads_of(m.matrix, phase, hardware)
    settle = tuple(
        time_s["dac.convert"] + drive_s(read, hardware, time_s) + time_s["sample_hold.hold"]
        for read in reads
    )
    convert = tuple(
        busiest
        * (
            time_s["adc.convert"]
            + time_s["mux.switch"]
            + hardware.adc.n_steps_of(bits_above(reads, i)) * time_s["adc.step"]
        )
        for i in range(len(reads))
    )
    return ReadTimes(settle, convert, time_s["shift_add.op"])


def drive_s(read: InputRead, hardware: Hardware, time_s: Mapping[str, float]) -> float:
    """Return how long a read drives its wordlines [s].

    Notes
    -----
    Where each bit is a pulse, that is the integrations of its slice; else the chip's read time.
    """
    if isinstance(hardware.dac, BitPulseDac):
        each_s = hardware.dac.t_integrate_s + time_s["integrator.step"]
        return hardware.dac.n_integrations(read.bits) * each_s
    return time_s["crossbar.mvm"]
