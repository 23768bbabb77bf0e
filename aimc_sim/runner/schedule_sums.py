"""Sums of converted codes of a phase: their rows in a schedule, and what they reach."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from aimc_sim.crossbar.bound import BoundPhase, BoundSlice
from aimc_sim.model.signal import Ints
from aimc_sim.runner.bound import BoundLayer
from aimc_sim.runner.schedule_bench import Bench
from aimc_sim.runner.schedule_rows import Rows, UnscheduledError, whole


class Accumulators:
    """Sums of converted codes of a phase: which have been written, and what they reach.

    Parameters
    ----------
    bench : Bench
        Where operations go.
    n, first : int
        Number of the sums, and their first row.
    """

    def __init__(self, bench: Bench, n: int, first: int) -> None:
        self.bench, self.first = bench, first
        self.is_written = np.zeros(n, dtype=np.bool_)
        self.peak = np.array([0] * n, dtype=object)

    def add(self, out: npt.NDArray[np.intp], weight: Ints, part: BoundSlice) -> Ints:
        """Take note of what a read adds; return which currents are the first of their sum."""
        ends = [
            np.floor(code * part.scale + part.offset + 0.5)
            for code in (part.code_min, part.code_max)
        ]
        units = np.maximum(*np.abs(ends))
        if not np.isfinite(units).all():
            raise UnscheduledError
        np.add.at(
            self.peak, out, [abs(int(w)) * int(u) for w, u in zip(weight, units, strict=True)]
        )
        fresh = np.zeros(len(out), dtype=np.int64)
        fresh[np.unique(out, return_index=True)[1]] = 1
        fresh[self.is_written[out]] = 0
        self.is_written[out] = True
        return fresh

    def close(self, phase: BoundPhase) -> npt.NDArray[np.object_]:
        """Have sums cleared that no read writes, and references added to the outputs of a tile."""
        from aimc_sim.runner.kernels_operations import CLEAR, REFER

        for row in np.flatnonzero(~self.is_written):
            self.bench.do(CLEAR, 1, self.first + int(row))
        reference = phase.n_outputs
        for read in phase.reads:
            if read.n_reference:
                out = np.unique(read.out[: -read.n_reference])
                at = self.bench.ints(out)
                self.bench.do(REFER, len(out), self.first, self.first + reference, at)
                self.peak[out] += self.peak[reference]
                reference += 1
        return self.peak


def n_sums(phase: BoundPhase) -> int:
    """Return the accumulators of a phase, those of reference columns included."""
    return phase.n_outputs + sum(read.n_reference > 0 for read in phase.reads)


def within_limits(
    bound: BoundLayer, phase: BoundPhase, first: int, peak: npt.NDArray[np.object_]
) -> dict[str, Rows]:
    """Return the accumulators of each vector; refuse those that may saturate."""
    found, start = {}, 0
    for vector in phase.phase.reads:
        limit = whole(bound.limits[vector], len(bound.limits[vector]))
        stop = start + len(limit)
        if (peak[start:stop] > limit).any():
            raise UnscheduledError
        found[vector] = Rows(first + start, len(limit), -peak[start:stop], peak[start:stop])
        start = stop
    return found
