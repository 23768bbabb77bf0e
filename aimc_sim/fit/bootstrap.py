"""Intervals by resampling devices: weights, and a Student interval on a scale that is even."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy import stats

from aimc_sim.devices.state import Array
from aimc_sim.rng import stream

LEVEL = 0.95
CHUNK = 25
Tick = Callable[[int, int], None]


def weightings(level: npt.NDArray[np.intp], n_samples: int, seed: int) -> Array:
    """Return how often each device is drawn, shape (n_samples, n_devices).

    Devices are drawn with replacement within each level, as many as it has.

    Examples
    --------
    >>> w = weightings(np.array([0, 0, 0, 1, 1]), 4, seed=0)
    >>> w[:, :3].sum(axis=1).tolist(), w[:, 3:].sum(axis=1).tolist()
    ([3.0, 3.0, 3.0, 3.0], [2.0, 2.0, 2.0, 2.0])
    """
    n = len(level)
    words = stream(seed, "bootstrap").uniform(n_samples * n).reshape(n_samples, n)
    out = np.zeros((n_samples, n))
    rows = np.arange(n_samples)[:, None]
    for k in np.unique(level):
        members = np.flatnonzero(level == k)
        drawn = members[(words[:, members] * len(members)).astype(np.intp)]
        np.add.at(out, (np.broadcast_to(rows, drawn.shape), drawn), 1.0)
    return out


def resampled(
    estimate: Callable[[Array], Array], weights: Array, tick: Tick | None = None
) -> Array:
    """Return the estimates of all weightings, shape (n_samples, n_parameters), in chunks."""
    parts = []
    for first in range(0, len(weights), CHUNK):
        parts.append(estimate(weights[first : first + CHUNK]))
        if tick is not None:
            tick(min(first + CHUNK, len(weights)), len(weights))
    return np.concatenate(parts)


def intervals(
    values: Array, samples: Array, n: Array, lost: Array, is_spread: npt.NDArray[np.bool_]
) -> tuple[Array, Array]:
    r"""Return the ends of 95 % intervals of every parameter: Student's, by the bootstrap's spread.

    Parameters
    ----------
    values : float64 array, shape (n_parameters,)
        The estimates.
    samples : float64 array, shape (n_samples, n_parameters)
        Those of the resampled devices.
    n : float64 array, shape (n_parameters,)
        Devices that each parameter rests on.
    lost : float64 array, shape (n_parameters,)
        Degrees of freedom that the estimate took from them.
    is_spread : bool array, shape (n_parameters,)
        Positive values whose logarithm is taken.

    Notes
    -----
    .. math:: v \pm t_{0.975,\,f}\;\mathrm{se}^*\,\sqrt{n / f}, \qquad f = n - lost

    se* is the standard deviation over the samples. For a spread all this is done with ln v, and
    n = 1 / (2 se*^2), f = n - 1: the logarithm of a spread from n normal values has the
    variance 1 / (2 n), so se* tells how many devices a point of a law rests on (Satterthwaite).
    Ends of percentile intervals would rest on a handful of samples and be too narrow with few
    devices; Student's t and the root make up for that (docs/fit.md has the coverage measured).
    """
    logs = is_spread & (values > 0.0) & (samples > 0.0).all(axis=0)
    scale = np.where(logs, np.log(np.where(samples > 0.0, samples, 1.0)), samples)
    se = scale.std(axis=0, ddof=1)
    own = 0.5 / np.maximum(se, 1.0e-6) ** 2
    n = np.where(logs, np.minimum(own, n), n)
    freedom = np.maximum(n - np.where(logs, 1.0, lost), 1.0)
    half = stats.t.ppf(0.5 + LEVEL / 2.0, freedom) * np.sqrt(n / freedom) * se
    grown = np.exp(np.where(logs, half, 0.0))
    low = np.where(logs, values / grown, values - half)
    high = np.where(logs, values * grown, values + half)
    return low, high
