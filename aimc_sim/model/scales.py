"""Scales, codes, multipliers and shifts: what post-training quantisation rounds with."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from aimc_sim.model.signal import Floats, Ints, Requant, Signal

M_BITS = 16
AFFINE_BITS = 20
MULTIPLIERS = ("free", "power_of_two")


def codes_of(values: Floats, scale: Floats | float, low: int, high: int) -> Ints:
    """Return ``clip(floor(values/scale + 0.5), low, high)``.

    Examples
    --------
    >>> codes_of(np.array([0.25, -0.25, 9.0]), 0.5, -8, 7)
    array([1, 0, 7])
    """
    return np.clip(np.floor(values / scale + 0.5), low, high).astype(np.int64)


def weight_scale(weight: Floats, bits: int, *, per_channel: bool) -> Floats:
    """Return scales, one for each column, that make the largest ``|value|`` the largest code.

    A column of zeros has scale 1; without `per_channel` all columns have the largest scale.
    """
    high = (1 << (bits - 1)) - 1
    largest = np.abs(weight).max(axis=0, initial=0.0)
    if not per_channel:
        largest = np.full_like(largest, largest.max(initial=0.0))
    return np.where(largest > 0, largest / high, 1.0)


def signal_for(largest: float, bits: int, *, signed: bool, power_of_two: bool = False) -> Signal:
    """Return a signal whose largest code is `largest` (or the next power of two of a scale).

    Examples
    --------
    >>> signal_for(0.9, 8, signed=True, power_of_two=True)
    Signal(bits=8, signed=True, scale=0.0078125)
    """
    scale = (largest if largest > 0 else 1.0) / Signal(bits, signed, 1.0).code_max
    if power_of_two:
        scale = 2.0 ** math.ceil(math.log2(scale))
    return Signal(bits, signed, scale)


def multiplier(ratio: float, bits: int) -> tuple[int, int]:
    """Return (m, k) with ``m / 2^k`` nearest `ratio`, m of at most `bits` bits, 1 <= k <= 61.

    Common factors of two are divided out, so a power of two has m = 1 where k allows it.

    Examples
    --------
    >>> multiplier(0.125, 16), multiplier(4.0, 16), multiplier(0.3, 8)
    ((1, 3), (8, 1), (77, 8))
    """
    mantissa, exponent = math.frexp(ratio)
    m, k = round(math.ldexp(mantissa, bits)), bits - exponent
    while m % 2 == 0 and k > 1:
        m, k = m // 2, k - 1
    if k > 61:
        m, k = max(1, round(math.ldexp(m, 61 - k))), 61
    return (m << (1 - k), 1) if k < 1 else (m, k)


def exact_requants(ratios: Floats, peaks: Floats) -> tuple[Requant, Floats]:
    """Return multipliers just above each ratio, and the ratios that they are exactly.

    A weight's scale is free, so it is raised until its multiplier is exact: by 2^-8 at most, and
    not at all where the ratio is a power of two.

    Parameters
    ----------
    ratios : float array
        Wanted m/2^k.
    peaks : float array
        Largest sums; m has 8 to 16 bits, as many as keep ``sum * m`` below 2^51 (if 8 do).

    Examples
    --------
    >>> requant, exact = exact_requants(np.array([0.1]), np.array([2.0**43]))
    >>> requant.m.tolist(), requant.k.tolist(), exact.tolist()
    ([205], [11], [0.10009765625])
    """
    rows = []
    for ratio, peak in zip(ratios, peaks, strict=True):
        bits = max(8, min(M_BITS, 51 - math.ceil(math.log2(max(float(peak), 1.0)))))
        mantissa, exponent = math.frexp(float(ratio))
        above = math.ldexp(math.ceil(math.ldexp(mantissa, bits)), exponent - bits)
        m, k = multiplier(above, bits + 1)
        rows.append((m, k, math.ldexp(m, -k)))
    m_all, k_all, exact = zip(*rows, strict=True)
    requant = Requant(np.array(m_all, dtype=np.int64), np.array(k_all, dtype=np.int64))
    return requant, np.array(exact)


def rounding_error(weight: Floats, scale: Floats, bits: int) -> Floats:
    """Return the squared error of weight codes, clipped ones too, summed over the first axis.

    Examples
    --------
    >>> rounding_error(np.array([[0.3], [2.0]]), np.array([0.25]), 3).round(4).tolist()
    [1.565]
    """
    high = (1 << (bits - 1)) - 1
    left = codes_of(weight, scale, -high, high) * scale - weight
    return np.asarray((left * left).sum(axis=0))


def nearest_shifts(ratios: Floats, error: Callable[[Floats], Floats], *, shared: bool) -> Floats:
    """Return for each ratio the power of two above it, or the one below where its error is less.

    Parameters
    ----------
    ratios : float array, shape (n,)
        What makes the largest weight of a channel its largest code.
    error : callable
        From such ratios to what they cost, shape (n,); below the ratio, weights are clipped.
    shared : bool
        Whether all channels decide together.

    Examples
    --------
    >>> nearest_shifts(np.array([0.3, 0.6]), lambda r: np.abs(r - 0.5), shared=False).tolist()
    [0.5, 0.5]
    """
    above = 2.0 ** np.ceil(np.log2(ratios))
    gained = error(above) - error(above / 2)
    gained = np.full_like(gained, gained.sum()) if shared else gained
    return np.where(gained > 0, above / 2, above)


def common_multipliers(ratios: Floats) -> tuple[Ints, int]:
    """Return integers m and one shift k with ``m / 2^k`` near each ratio (either sign).

    Examples
    --------
    >>> common_multipliers(np.array([0.5, -0.25]))
    (array([ 2, -1]), 2)
    """
    largest = float(np.abs(ratios).max(initial=0.0))
    if largest == 0.0:
        return np.zeros(ratios.shape, dtype=np.int64), 1
    k = min(max(AFFINE_BITS - math.frexp(largest)[1], 1), 61)
    m = np.floor(ratios * 2.0**k + 0.5).astype(np.int64)
    while k > 1 and not (m % 2).any():
        m, k = m // 2, k - 1
    return m, k


def power_of_two_gains(ratios: Floats) -> tuple[Ints, int, Floats]:
    """Return multipliers of powers of two, next below each ratio, and what is left of the ratios.

    Returns
    -------
    tuple of int array, int and float array
        m (either sign), k, and ``ratio / (m / 2^k)``: 1 to 2; 1 where m is 0.

    Examples
    --------
    >>> m, k, left = power_of_two_gains(np.array([0.75, -0.25, 0.0]))
    >>> m.tolist(), k, left.tolist()
    ([2, -1, 0], 2, [1.5, 1.0, 1.0])
    """
    mantissa, exponent = np.frexp(ratios)
    m, k = common_multipliers(np.sign(mantissa) * np.ldexp(0.5, exponent))
    return m, k, np.where(m != 0, ratios / np.where(m != 0, m * 2.0**-k, 1.0), 1.0)


def integer(value: int) -> Ints:
    """Return a per-tensor value as an int64 array of shape ()."""
    return np.array(value, dtype=np.int64)
