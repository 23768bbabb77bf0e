"""Scales, codes, multipliers and shifts: what post-training quantisation rounds with."""

from __future__ import annotations

import math

import numpy as np

from aimc_sim.model.signal import Floats, Ints, Requant, Signal

M_BITS = 16
AFFINE_BITS = 20


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

    A weight's scale is free, so it is raised until its multiplier is exact: by 2^-8 at most.

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


def integer(value: int) -> Ints:
    """Return a per-tensor value as an int64 array of shape ()."""
    return np.array(value, dtype=np.int64)
