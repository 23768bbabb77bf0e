"""Bounds of statistical tests: each test that uses one alarms falsely with probability ALARM.

Seeds are fixed, so a test that passes keeps passing; ALARM is the chance that a correct program
would have failed with the seed chosen.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import stats

ALARM = 1.0e-5


def z_limit(alarm: float = ALARM) -> float:
    """Return the two-sided standard normal limit of that false-alarm rate (4.417 at 1e-5)."""
    return float(stats.norm.isf(alarm / 2.0))


def mean_z(values: npt.ArrayLike, mean: float, std: float) -> float:
    """Return (sample mean - mean) in standard errors; exact for Gaussians, else by the CLT."""
    flat = np.asarray(values, dtype=np.float64).reshape(-1)
    return float((flat.mean() - mean) / (std / math.sqrt(flat.size)))


def variance_is_within_chi_square(
    values: npt.ArrayLike, mean: float, std: float, alarm: float = ALARM
) -> bool:
    """Tell whether independent Gaussians of known mean have the variance std**2."""
    flat = np.asarray(values, dtype=np.float64).reshape(-1)
    total = float((((flat - mean) / std) ** 2).sum())
    low, high = stats.chi2.ppf([alarm / 2.0, 1.0 - alarm / 2.0], df=flat.size)
    return bool(low <= total <= high)


def variance_z(values: npt.ArrayLike, mean: float, variance: float, fourth: float) -> float:
    """Return (mean squared deviation - variance) in standard errors, by the 4th central moment."""
    flat = np.asarray(values, dtype=np.float64).reshape(-1)
    found = float(((flat - mean) ** 2).mean())
    return (found - variance) / math.sqrt((fourth - variance**2) / flat.size)


def clipped_normal_moments(
    mean: float, std: float, low: float = 0.0, high: float = math.inf
) -> tuple[float, float, float]:
    """Return mean, variance and 4th central moment of clip(N(mean, std), low, high).

    With a, b the bounds in standard units and I_k the k-th moment of z between them:
    I_0 = Phi(b) - Phi(a), I_1 = phi(a) - phi(b),
    I_k = (k - 1) I_(k-2) + a^(k-1) phi(a) - b^(k-1) phi(b); the clipped mass sits at the bounds.
    """
    return central_moments(raw_clipped_normal_moments(mean, std, low, high))


def raw_clipped_normal_moments(
    mean: float, std: float, low: float = 0.0, high: float = math.inf
) -> list[float]:
    """Return the raw moments 0 .. 4 of clip(N(mean, std), low, high)."""
    a, b = (low - mean) / std, (high - mean) / std
    inner = _partial_moments(a, b)
    below, above = float(stats.norm.cdf(a)), float(stats.norm.sf(b))
    return [
        sum(math.comb(n, k) * mean ** (n - k) * std**k * inner[k] for k in range(n + 1))
        + below * low**n
        + (above * high**n if above else 0.0)
        for n in range(5)
    ]


def central_moments(raw: Sequence[float]) -> tuple[float, float, float]:
    """Return mean, variance and 4th central moment from raw moments 0 .. 4."""
    _, m, second, third, fourth = raw
    return m, second - m**2, fourth - 4.0 * m * third + 6.0 * m**2 * second - 3.0 * m**4


def _partial_moments(a: float, b: float) -> list[float]:
    phi_a, phi_b = float(stats.norm.pdf(a)), float(stats.norm.pdf(b))
    moments = [float(stats.norm.cdf(b) - stats.norm.cdf(a)), phi_a - phi_b]
    for k in range(2, 5):
        edge_a = a ** (k - 1) * phi_a if phi_a else 0.0
        edge_b = b ** (k - 1) * phi_b if phi_b else 0.0
        moments.append((k - 1) * moments[k - 2] + edge_a - edge_b)
    return moments


def folded_normal_moments(mean: float, std: float) -> tuple[float, float, float]:
    """Return mean, variance and 4th central moment of |N(mean, std)|."""
    first = std * math.sqrt(2.0 / math.pi) * math.exp(
        -(mean**2) / (2.0 * std**2)
    ) + mean * math.erf(mean / (std * math.sqrt(2.0)))
    second = mean**2 + std**2
    positive = _partial_moments(-mean / std, math.inf)
    negative = _partial_moments(-math.inf, -mean / std)
    third = sum(
        c * mean ** (3 - k) * std**k * (positive[k] - negative[k])
        for k, c in enumerate((1, 3, 3, 1))
    )
    fourth = mean**4 + 6.0 * mean**2 * std**2 + 3.0 * std**4
    return central_moments([1.0, first, second, third, fourth])


def correlation_z(one: npt.ArrayLike, two: npt.ArrayLike) -> float:
    """Return the sample correlation in standard errors of independent samples."""
    x = np.asarray(one, dtype=np.float64).reshape(-1)
    y = np.asarray(two, dtype=np.float64).reshape(-1)
    return float(np.corrcoef(x, y)[0, 1] * math.sqrt(x.size))
