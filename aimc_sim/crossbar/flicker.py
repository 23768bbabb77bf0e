"""The correlated part of 1/f noise, bound for reading: holds of all lengths, addressed by step."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aimc_sim.mapping.matrix import Indices
from aimc_sim.model.signal import Floats, Ints
from aimc_sim.rng import stream, stream_key

SHORTEST = 0.5
"""Shortest hold, in steps: at this value the spectrum stays within 3 % of 1/f up to a fifth of the
Nyquist frequency (tests/statistical/test_flicker.py)."""
LANES = 4


@dataclass(frozen=True)
class Entries:
    """Devices that disturb currents, one entry each.

    Parameters
    ----------
    number : int array, shape (n,)
        Of the device on its tile, ascending.
    source : int array, shape (n,)
        Input element that drives it.
    current : int array, shape (n,)
        Current that it adds to.
    amount : float array, shape (n,)
        Signed size of what it adds for input code 1 [units of a weight code].
    """

    number: Indices
    source: Indices
    current: Indices
    amount: Floats


@dataclass(frozen=True)
class BoundFlicker:
    r"""Correlated 1/f noise of the devices of one tile in one phase.

    Parameters
    ----------
    entries : Entries
        Devices with their spread.
    block, start : int arrays, shape (n_blocks,) and (n_blocks + 1,)
        Blocks of four devices that share a counter, and where their entries begin.
    period, phase : float arrays, shape (n_octaves, n_blocks)
        Length of the holds [steps], and where the first begins.
    keys : uint32 array, shape (n_octaves, 4)
        Stream of each octave.

    Notes
    -----
    A value drawn anew every T steps (with a random phase) has the one-sided spectral density
    :math:`2 T\,\mathrm{sinc}^2(fT)`. With T spread evenly in ln T over a band of width
    :math:`b = \ln(T_{max}/T_{min})`, the mean over T is
    :math:`\frac{2}{b}\int \mathrm{sinc}^2(fT)\,dT = \frac{1}{b f}`: 1/f noise of unit variance.
    Each block takes one T at random from each of n_octaves equal parts of the band. The value at a
    step follows from its address alone, so a run can be cut anywhere.
    """

    entries: Entries
    block: Indices
    start: Indices
    period: Floats
    phase: Floats
    keys: npt.NDArray[np.uint32]

    def held(self, step: int) -> Ints:
        """Return the number of the hold that each octave of each block is in at a step."""
        return np.asarray(np.floor(step / self.period + self.phase).astype(np.int64))


def bind_flicker(
    entries: Entries, band: float, base_steps: float, seed: int, path: tuple[str | int, ...]
) -> BoundFlicker:
    """Look up holds and streams.

    Parameters
    ----------
    entries : Entries
        Devices with their spread; ascending numbers.
    band : float
        ln(T_max / T_min).
    base_steps : float
        Steps that a read of the fit lasts, 1 or more; the shortest hold is half of it.
    seed : int
        Run seed.
    path : tuple
        Purpose, chip, layer, tile: what names the streams.
    """
    block, first = np.unique(entries.number // LANES, return_index=True)
    n_octaves = max(math.ceil(band / math.log(2.0) - 1.0e-9), 1)
    n = int(block[-1]) + 1
    named = stream(seed, *path, "flicker_octaves")
    u = np.stack([named.uniform(2 * n, sequence=k).reshape(n, 2)[block] for k in range(n_octaves)])
    depth = (np.arange(n_octaves)[:, None] + u[..., 0]) * (band / n_octaves)
    keys = [stream_key(seed, *path, f"flicker_correlated/{k}") for k in range(n_octaves)]
    return BoundFlicker(
        entries,
        block,
        np.append(first, len(entries.number)),
        SHORTEST * base_steps * np.exp(depth),
        u[..., 1],
        np.stack(keys),
    )
