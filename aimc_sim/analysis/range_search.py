"""The full scale that suits recorded values: a quantile, or that of the least error."""

from __future__ import annotations

import numpy as np

from aimc_sim.model.signal import Floats

GRID_PER_OCTAVE, N_OCTAVES = 4, 12
"""Full scales that are tried first, from twice the largest magnitude down."""
N_BETWEEN, N_REFINED = 8, 3
"""Steps between two neighbours of the best, and how often it is refined."""


def quantile_scale(values: Floats, percentile: float, peak: float) -> float:
    """Return the percentile of magnitudes, linear between them.

    Parameters
    ----------
    values : float array, shape (n,)
        Values.
    percentile : float
        Above 0, at most 100, which is `peak`.
    peak : float
        Largest magnitude, of all values, also of those that are not in the sample.

    Examples
    --------
    >>> quantile_scale(np.array([-4.0, 0.0, 1.0, 2.0, 3.0]), 75.0, 4.0)
    3.0
    """
    if percentile >= 100.0 or not values.size:
        return peak
    return float(np.quantile(np.abs(values), percentile / 100.0))


def least_error_scale(values: Floats, peak: float, code_min: int, code_max: int) -> float:
    """Return the full scale with the smallest `square_error`.

    Parameters
    ----------
    values : float array, shape (n,)
        Values.
    peak : float
        Largest magnitude.
    code_min, code_max : int
        Ends of the converter.

    Notes
    -----
    A geometric grid, then finer ones between the neighbours of the best; of equals the largest.

    Examples
    --------
    Three codes each side: an outlier is clipped for the sake of the others.

    >>> values = np.array([-1.0, 1.0] * 500 + [4.0])
    >>> round(least_error_scale(values, 4.0, -4, 3), 2)
    3.01
    """
    if not values.size or peak <= 0.0:
        return 0.0
    ratio = 2.0 ** (1.0 / GRID_PER_OCTAVE)
    best = _best(values, 2.0 * peak, ratio, GRID_PER_OCTAVE * N_OCTAVES, code_min, code_max)
    for _ in range(N_REFINED):
        top, ratio = best * ratio, ratio ** (1.0 / N_BETWEEN)
        best = _best(values, top, ratio, 2 * N_BETWEEN, code_min, code_max)
    return best


def _best(values: Floats, top: float, ratio: float, n: int, code_min: int, code_max: int) -> float:
    """Return the best of ``top / ratio^k``, k = 0 .. n."""
    tried = [top / ratio**k for k in range(n + 1)]
    errors = [square_error(values, full, code_min, code_max) for full in tried]
    return tried[int(np.argmin(errors))]


def square_error(values: Floats, full: float, code_min: int, code_max: int) -> float:
    r"""Return the mean squared error of conversions, by their exact rule.

    Parameters
    ----------
    values : float array, shape (n,)
        What is converted.
    full : float
        Full scale: what the code `code_max` stands for.
    code_min, code_max : int
        Ends.

    Notes
    -----
    With :math:`\Delta = full / code_{max}`, the mean of
    :math:`(\Delta\,\mathrm{clip}\lfloor v/\Delta + 1/2\rfloor - v)^2`: about :math:`\Delta^2/12`
    within the range, and what is cut off beyond it.
    """
    lsb = full / code_max
    code = codes_of(values, lsb)
    np.clip(code, code_min, code_max, out=code)
    code *= lsb
    code -= values
    return float(np.square(code).sum()) / max(len(values), 1)


def clipped(values: Floats, full: float, code_min: int, code_max: int) -> int:
    """Return how many values land outside of the codes."""
    code = codes_of(values, full / code_max)
    return int(((code < code_min) | (code > code_max)).sum())


def codes_of(values: Floats, lsb: float) -> Floats:
    """Return ``floor(v / lsb + 1/2)``."""
    return np.floor(values / lsb + 0.5)
