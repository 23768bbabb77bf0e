"""The correlated part of 1/f noise, bound for reading: holds of all lengths, addressed by step."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aimc_sim.mapping.matrix import Indices
from aimc_sim.model.signal import Floats
from aimc_sim.rng import stream, stream_key
from aimc_sim.spec import InputError

SHORTEST = 0.5
"""Shortest hold, in steps: at this value the spectrum stays within 3 % of 1/f up to a fifth of the
Nyquist frequency (tests/statistical/test_flicker.py)."""
LANES = 4
MOST_STEPS = 1 << 31

Words = npt.NDArray[np.uint32]


@dataclass(frozen=True)
class Entries:
    """Devices that disturb currents, one entry each.

    Parameters
    ----------
    number : int array, shape (n,)
        Of the device on its tile, ascending.
    source : int array, shape (n,)
        Wordline that drives it, among those read.
    current : int array, shape (n,)
        Current that it adds to.
    amount : float array, shape (n,)
        Signed size of what it adds for input code 1 [units of a weight code].
    amount_S : float array, shape (n,)
        Size of what it adds to the sum of conductances of its bitline [S].
    """

    number: Indices
    source: Indices
    current: Indices
    amount: Floats
    amount_S: Floats


@dataclass(frozen=True)
class Holds:
    """How holds are laid out: the same at every age, so that none is drawn anew by ageing.

    Parameters
    ----------
    band : float
        ln(T_max / T_min) of old devices; what is slower than a device is old has no weight.
    base_steps : float
        Steps that a read of the fit lasts, 1 or more; the shortest hold is half of it.
    """

    band: float
    base_steps: float

    @property
    def n_octaves(self) -> int:
        """Parts of the band, each at most an octave wide."""
        return max(math.ceil(self.band / math.log(2.0) - 1.0e-9), 1)

    def weights(self, band: float) -> Floats:
        """Return the amplitude of each part where only `band` is filled; squares sum to 1.

        Examples
        --------
        >>> Holds(4.0 * math.log(2.0), 1.0).weights(2.0 * math.log(2.0)).round(3).tolist()
        [0.707, 0.707, 0.0, 0.0]
        """
        width = self.band / self.n_octaves
        filled = np.clip(band - width * np.arange(self.n_octaves), 0.0, width)
        return np.asarray(np.sqrt(filled / filled.sum()))


@dataclass(frozen=True)
class BoundFlicker:
    r"""Correlated 1/f noise of the devices of one tile in one phase.

    Parameters
    ----------
    entries : Entries
        Devices with their spread.
    block : uint32 array, shape (n_blocks,)
        Blocks of four devices that share a counter.
    slot : int array, shape (n_entries,)
        Where the device of each entry stands among those of all blocks.
    period, phase : float arrays, shape (n_octaves, n_blocks)
        Length of the holds [steps], and where the first begins.
    weight : float32 array, shape (n_octaves,)
        Amplitude of each octave.
    keys : uint32 array, shape (n_octaves, 4)
        Stream of each octave.
    place : str
        Tile and phase.

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
    block: Words
    slot: Indices
    period: Floats
    phase: Floats
    weight: npt.NDArray[np.float32]
    keys: npt.NDArray[np.uint32]
    place: str = ""

    def held(self, step: int) -> Words:
        """Return the number of the hold that each octave of each block is in at a step."""
        check_step(step)
        return np.asarray(np.floor(step / self.period + self.phase).astype(np.uint32))


def check_step(step: int) -> None:
    """Refuse a step that correlated 1/f noise does not address.

    Raises
    ------
    InputError
        Beyond step 2^31, where 32 bits do not hold the number of a hold.
    """
    if step >= MOST_STEPS:
        raise InputError(
            f"step {step}: correlated 1/f noise is addressed up to step {MOST_STEPS}; "
            f"continue with another sequence, or set "
            f"hardware.effects.flicker_correlated=false"
        )


def bind_flicker(
    entries: Entries,
    band: float,
    holds: Holds,
    seed: int,
    path: tuple[str | int, ...],
    place: str = "",
) -> BoundFlicker:
    """Look up holds and streams.

    Parameters
    ----------
    entries : Entries
        Devices with their spread; ascending numbers.
    band : float
        Width that is filled at this age, above 0 and at most that of `holds`.
    holds : Holds
        Layout.
    seed : int
        Run seed.
    path : tuple
        Purpose, chip, layer, tile: what names the streams.
    place : str
        Tile and phase, for what is kept from step to step.
    """
    block, of_block = np.unique(entries.number // LANES, return_inverse=True)
    weight = holds.weights(band)
    n_used = int(np.count_nonzero(weight))
    n = int(block[-1]) + 1
    named = stream(seed, *path, "flicker_octaves")
    u = np.stack([named.uniform(2 * n, sequence=k).reshape(n, 2)[block] for k in range(n_used)])
    depth = (np.arange(n_used)[:, None] + u[..., 0]) * (holds.band / holds.n_octaves)
    keys = [stream_key(seed, *path, f"flicker_correlated/{k}") for k in range(n_used)]
    return BoundFlicker(
        entries,
        block.astype(np.uint32),
        LANES * of_block + entries.number % LANES,
        SHORTEST * holds.base_steps * np.exp(depth),
        u[..., 1],
        weight[:n_used].astype(np.float32),
        np.stack(keys),
        place,
    )
