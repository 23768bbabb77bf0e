"""Small laws that device families share: polynomials, clipping that is counted, times."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from aimc_sim.devices.state import Array
from aimc_sim.spec import InputError

PART = 1 << 14
"""Numbers of an array that are worked on together."""


def check_age(t_s: float) -> None:
    """Refuse a read time before the reference read.

    Raises
    ------
    InputError
        Negative `t_s`, or one that is not a finite number.
    """
    if not 0.0 <= t_s < np.inf:
        raise InputError(
            f"t_s: found {t_s:g} s; time counts from the reference read after "
            "programming and is finite and >= 0"
        )


def polynomial(coefficients: Sequence[float], x: npt.ArrayLike) -> Array:
    """Return sum_i coefficients[i] * x**i by Horner's rule.

    Examples
    --------
    >>> float(polynomial([1.0, 0.0, 2.0], 3.0))
    19.0
    """
    values = np.asarray(x, dtype=np.float64)
    total = np.zeros(values.shape)
    for coefficient in reversed(coefficients):
        total *= values
        total += coefficient
    return total


def polynomial_minimum(coefficients: Sequence[float], low: float, high: float) -> float:
    """Return the least value of a polynomial on [low, high]: at an end or where it is level.

    Examples
    --------
    >>> polynomial_minimum([1.0, -2.0, 1.0], 0.0, 3.0)
    0.0
    """
    level = np.polynomial.Polynomial(list(coefficients)).deriv().roots()
    real = level.real[abs(level.imag) < 1.0e-9]
    inside = real[(real > low) & (real < high)]
    return float(polynomial(coefficients, np.concatenate([[low, high], inside])).min())


def clip_counted(g_S: Array, low_S: float, high_S: float = np.inf) -> tuple[Array, int]:
    """Return `g_S` clipped to [low_S, high_S], and how many cells that changed."""
    clipped = np.clip(g_S, low_S, high_S)
    return clipped, int(np.count_nonzero(clipped != g_S))


def cache_parts(size: int, part: int = PART) -> list[slice]:
    """Return slices of an array that caches hold together with what is computed from them.

    Examples
    --------
    >>> cache_parts(PART + 1)
    [slice(0, 16384, None), slice(16384, 16385, None)]
    """
    return [slice(start, min(start + part, size)) for start in range(0, size, part)]


def power_of_time(nu: Array, t_s: float, t0_s: float) -> Array:
    """Return ((t + t0) / t0) ** -nu, what drift by a power of time leaves of a conductance.

    Examples
    --------
    >>> float(power_of_time(np.array(0.5), 60.0, 20.0))
    0.5
    """
    return np.asarray(((t_s + t0_s) / t0_s) ** -nu)


def age_text(t_s: float) -> str:
    """Return a time as the command line takes it.

    Examples
    --------
    >>> age_text(1.0), age_text(7200.0), age_text(172800.0)
    ('1s', '2h', '2d')
    """
    for unit, length_s in (("d", 86400.0), ("h", 3600.0)):
        if t_s >= length_s and t_s % length_s == 0.0:
            return f"{t_s / length_s:g}{unit}"
    return f"{t_s:g}s"
