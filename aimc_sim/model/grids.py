"""Poles on a cartesian, polar or log-polar grid, and as the cartesian integers that run."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

from aimc_sim.model.signal import Floats, Ints

Complexes = npt.NDArray[np.complex128]
GRIDS = ("cartesian", "polar", "log-polar")


@dataclass(frozen=True)
class PoleCodes:
    """Integers of a set of poles; pole = (re + i im) * 2^-shift, inside the unit circle.

    Parameters
    ----------
    re, im : int arrays
        Codes, the shape of the poles.
    shift : int
        One code is 2^-shift.
    n_outside : int
        Poles that were on or outside the unit circle after plain rounding, before the pull-in.
    """

    re: Ints
    im: Ints
    shift: int
    n_outside: int

    @property
    def poles(self) -> Complexes:
        """The poles that run."""
        return np.asarray((self.re + 1j * self.im) * 2.0**-self.shift)


def nearest_level(values: Floats, bits: int, *, per_channel: bool = False) -> Floats:
    """Round to 2^bits equally spaced levels from the smallest value to the largest.

    With `per_channel` every row (all axes but the last) has levels of its own.

    Examples
    --------
    >>> nearest_level(np.array([0.0, 0.4, 1.0]), 1)
    array([0., 0., 1.])
    """
    axis = -1 if per_channel else None
    low, high = values.min(axis=axis, keepdims=True), values.max(axis=axis, keepdims=True)
    step = (high - low) / (2**bits - 1)
    level = np.floor((values - low) / np.where(step > 0, step, 1.0) + 0.5)
    return np.asarray(low + level * step)


def on_grid(poles: Complexes, bits: int, grid: str, *, per_channel: bool = False) -> Complexes:
    """Return poles on a polar or log-polar grid; a cartesian grid is that of the integers.

    Parameters
    ----------
    poles : complex array, shape (H, M)
        Poles, none of them zero.
    bits : int
        Levels are 2^bits of magnitude and 2^bits of phase, each spread evenly over what occurs.
    grid : {"cartesian", "polar", "log-polar"}
        log-polar spreads the logarithm of the magnitude, ``-dt |Re A|`` for a zero-order hold.
    per_channel : bool
        What occurs in each channel, or in the layer.
    """
    if grid == "cartesian":
        return poles
    size, phase = np.abs(poles), nearest_level(np.angle(poles), bits, per_channel=per_channel)
    if grid == "polar":
        size = nearest_level(size, bits, per_channel=per_channel)
    else:
        size = np.exp(nearest_level(np.log(size), bits, per_channel=per_channel))
    return np.asarray(size * np.exp(1j * phase))


def quantise_poles(
    poles: Complexes, bits: int, run_bits: int, grid: str, *, per_channel: bool = False
) -> PoleCodes:
    """Quantise poles; none ends on or outside the unit circle.

    Parameters
    ----------
    poles : complex array
        Poles to be stored.
    bits : int
        Width of the grid (of magnitude and of phase where it is polar).
    run_bits : int
        Width of the integers that run; for a cartesian grid both are the same.
    grid, per_channel
        See `on_grid`.

    Notes
    -----
    A pole becomes the nearest integer pair whose parts fit the width and whose magnitude is below
    2^shift. To first order the error of a kernel depends on the distance alone.

    Examples
    --------
    >>> codes = quantise_poles(np.array([0.72 + 0.72j, 0.999 + 0j]), 4, 4, "cartesian")
    >>> codes.re.tolist(), codes.im.tolist(), codes.shift, codes.n_outside
    ([6, 7], [5, 0], 3, 2)
    """
    target = on_grid(poles, bits, grid, per_channel=per_channel)
    largest = max(np.abs(target.real).max(initial=0.0), np.abs(target.imag).max(initial=0.0))
    room = int(np.floor(-np.log2(largest))) if largest > 0 else 0
    shift = run_bits - 1 + min(max(room, 0), 8)
    scaled = target * 2.0**shift
    n_outside = int((np.abs(_rounded(scaled)) >= 2.0**shift).sum())
    return PoleCodes(*nearest_stable(scaled, run_bits, shift), shift, n_outside)


def nearest_stable(scaled: Complexes, run_bits: int, shift: int) -> tuple[Ints, Ints]:
    """Return the nearest integer pairs of that width whose magnitude is below 2^shift.

    Parameters
    ----------
    scaled : complex array
        Poles times 2^shift.
    run_bits, shift : int
        Width of the integers, and what stands for 1.

    Examples
    --------
    >>> re, im = nearest_stable(np.array([7.9 + 0.2j, 5.6 - 5.7j]), 4, 3)
    >>> re.tolist(), im.tolist()
    ([7, 5], [0, -6])
    """
    high = (1 << (run_bits - 1)) - 1
    inside = _clip(_rounded(scaled), high)
    best, distance = np.zeros_like(inside), np.full(inside.shape, np.inf)
    for re, im in product((0, -1, 1, -2, 2), repeat=2):
        candidate = _clip(inside + (re + 1j * im), high)
        far = np.where(np.abs(candidate) < 2.0**shift, np.abs(candidate - scaled), np.inf)
        best = np.where(far < distance, candidate, best)
        distance = np.minimum(far, distance)
    return best.real.astype(np.int64), best.imag.astype(np.int64)


def _rounded(scaled: Complexes) -> Complexes:
    return np.asarray(np.floor(scaled.real + 0.5) + 1j * np.floor(scaled.imag + 0.5))


def _clip(codes: Complexes, high: int) -> Complexes:
    return np.asarray(np.clip(codes.real, -high, high) + 1j * np.clip(codes.imag, -high, high))
