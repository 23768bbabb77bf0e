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


def intervals(values: Array, samples: Array, n: Array, lost: Array) -> tuple[Array, Array]:
    r"""Return the ends of 95 % intervals of every parameter.

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

    Notes
    -----
    .. math:: \ln v \pm t_{0.975,\,n - lost}\;\mathrm{se}^*\,\sqrt{n / (n - lost)}

    se* is the spread of ln v over the samples; v itself is taken where it, or a sample, is not
    positive. Ends of percentile intervals would rest on a handful of samples, and are too
    narrow with few devices; Student's t and the last factor make up for that (docs/fit.md has
    the coverage that was measured).
    """
    positive = (values > 0.0) & (samples > 0.0).all(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.where(positive, np.log(np.where(samples > 0.0, samples, 1.0)), samples)
    freedom = np.maximum(n - lost, 1.0)
    half = stats.t.ppf(0.5 + LEVEL / 2.0, freedom) * np.sqrt(n / freedom) * logs.std(axis=0, ddof=1)
    low = np.where(positive, values * np.exp(-half), values - half)
    high = np.where(positive, values * np.exp(half), values + half)
    return low, high
