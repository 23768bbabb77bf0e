"""Student's interval of a mean of few values: half width, and the spread it is made from."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache


def mean_of(values: Sequence[float]) -> float:
    """Return the mean, rounded once; equal values have exactly that mean.

    Examples
    --------
    >>> mean_of([0.1, 0.1, 0.1])
    0.1
    """
    low = min(values)
    return low if low == max(values) else math.fsum(values) / len(values)


def spread_of(values: Sequence[float], step: float = 0.0) -> float:
    """Return the sample standard deviation, at least half of `step`.

    Parameters
    ----------
    values : sequence of float
        At least two.
    step : float
        Resolution of a value: 1 / n_sequences for an accuracy. Values that go one step up or down
        have a spread of up to step / 2, and yet a few of them may well be equal.

    Examples
    --------
    >>> spread_of([0.96, 0.96, 0.96]), spread_of([0.96, 0.96, 0.96], step=0.01)
    (0.0, 0.005)
    """
    mean = mean_of(values)
    squares = math.fsum((value - mean) ** 2 for value in values)
    return max(math.sqrt(squares / (len(values) - 1)), step / 2.0)


@lru_cache(maxsize=4096)
def quantile(n: int, tail: float) -> float:
    """Return what Student's t of n values exceeds with that probability.

    Examples
    --------
    >>> round(quantile(8, 0.025), 3)
    2.365
    """
    from scipy.special import stdtrit

    return -float(stdtrit(n - 1, tail))


def half_width(values: Sequence[float], tail: float, step: float = 0.0) -> float:
    """Return how far the mean may be off, on either side with that probability.

    Parameters
    ----------
    values : sequence of float
        At least two.
    tail : float
        Probability beyond one end: 0.025 for a two-sided interval of 95 %.
    step : float
        As in `spread_of`.

    References
    ----------
    Student, Biometrika 6, 1 (1908). Exact for independent normal values.
    """
    return quantile(len(values), tail) * spread_of(values, step) / math.sqrt(len(values))
