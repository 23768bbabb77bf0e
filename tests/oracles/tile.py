"""The kernels of aimc_sim/crossbar/kernels.py again, in plain NumPy: loops over reads, no compiler.

Normals come from the oracle of the generator, sums are made in the order that the kernels state
(wordline after wordline), so that the results must be the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tests.unit.rng_oracle import gaussians

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Read:
    """What every kernel takes, in its order."""

    x: Ints
    gather: Ints
    g: Floats
    extra: Floats
    lsb: Floats
    scale: Floats
    offset: Floats
    code_min: int
    code_max: int
    out: Ints
    sign: Ints
    shift: int

    def currents(self, b: int) -> Floats:
        """Return the currents of sequence b in units of the accumulator."""
        i = np.zeros(self.g.shape[1])
        for r, source in enumerate(self.gather):
            i = i + float(self.x[b, source]) * self.g[r]
        return i + self.extra[b]

    def codes(self, i: Floats) -> tuple[Ints, int]:
        """Return clipped codes, and how many were clipped."""
        raw = np.floor(i / self.lsb + 0.5)
        code = np.clip(raw, float(self.code_min), float(self.code_max))
        return code.astype(np.int64), int((raw != code).sum())

    def convert(self, currents: list[Floats], n_outputs: int) -> tuple[Ints, Ints]:
        """Return accumulators [sequence, output] and saturated conversions [sequence]."""
        acc = np.zeros((len(currents), n_outputs), dtype=np.int64)
        saturated = np.zeros(len(currents), dtype=np.int64)
        for b, i in enumerate(currents):
            code, saturated[b] = self.codes(i)
            units = np.floor(code * self.scale + self.offset + 0.5).astype(np.int64)
            np.add.at(acc[b], self.out, self.sign * units * 2**self.shift)
        return acc, saturated


def read_quiet(read: Read, n_outputs: int) -> tuple[Ints, Ints]:
    """Return accumulators and saturated conversions without noise."""
    return read.convert([read.currents(b) for b in range(len(read.x))], n_outputs)


def read_bitline(
    read: Read,
    n_outputs: int,
    variance: Floats,
    lane: Ints,
    n_lanes: int,
    key: npt.NDArray[np.uint32],
    sequence: Ints,
    step: int,
) -> tuple[Ints, Ints]:
    """Return the same with one normal a current."""
    currents = []
    for b in range(len(read.x)):
        v = np.zeros(read.g.shape[1])
        for r, source in enumerate(read.gather):
            v = v + float(read.x[b, source] ** 2) * variance[r]
        z = gaussians(key, int(sequence[b]), step, n_lanes).astype(np.float64)
        currents.append(read.currents(b) + np.sqrt(v) * z[lane])
    return read.convert(currents, n_outputs)


def read_cell(
    read: Read,
    n_outputs: int,
    sigma: Floats,
    device_of: Ints,
    key: npt.NDArray[np.uint32],
    sequence: Ints,
    step: int,
) -> tuple[Ints, Ints]:
    """Return the same with one normal a device."""
    currents = []
    for b in range(len(read.x)):
        z = gaussians(key, int(sequence[b]), step, int(device_of.max()) + 1).astype(np.float64)
        i = read.currents(b)
        for r, source in enumerate(read.gather):
            for d in range(sigma.shape[2]):
                i = i + float(read.x[b, source]) * sigma[r, :, d] * z[device_of[r, :, d]]
        currents.append(i)
    return read.convert(currents, n_outputs)
