"""The law clip(slope ln gr + offset, low, high) by weighted least squares over level values."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from aimc_sim.devices.state import Array

BETWEEN = 8
"""Places for a bend in each gap between neighbouring levels, its upper end included."""
WORTH = 3.841
"""What chi-square must fall by (a slope, 5 %) for the law to be taken over a constant."""


@dataclass(frozen=True)
class Bends:
    """All pairs of places where the line may bend, and the levels bent by each.

    Parameters
    ----------
    low, high : float64 array, shape (n_pairs,)
        ln gr of the bends.
    u : float64 array, shape (n_pairs, n_levels)
        clip(ln gr, low, high) of each level.
    """

    low: Array
    high: Array
    u: Array


def bends(log_gr: Array) -> Bends:
    """Return the pairs of places with at least two levels from one to the other.

    Examples
    --------
    >>> len(bends(np.array([-2.0, -1.0])).low)
    1
    """
    steps = [np.linspace(a, b, BETWEEN + 1)[1:] for a, b in itertools.pairwise(log_gr)]
    places = np.concatenate([log_gr[:1], *steps])
    low, high = (side.ravel() for side in np.meshgrid(places, places, indexing="ij"))
    inside = (log_gr >= low[:, None] - 1e-12) & (log_gr <= high[:, None] + 1e-12)
    keep = (low < high) & (inside.sum(axis=1) >= 2)
    low, high = low[keep], high[keep]
    return Bends(low, high, np.clip(log_gr, low[:, None], high[:, None]))


def fit_log(bends_: Bends, y: Array, weight: Array) -> tuple[Array, Array]:
    """Return the best law of each sample, and its chi-square.

    Parameters
    ----------
    bends_ : Bends
        Candidates; given one, the law is linear in its parameters.
    y : float64 array, shape (n_samples, n_levels)
        Values.
    weight : float64 array, same shape
        1 / variance.

    Returns
    -------
    law : float64 array, shape (n_samples, 4)
        Slope, offset, and the values at the bends of low and of high ln gr.
    chi2 : float64 array, shape (n_samples,)
    """
    u = bends_.u
    w = weight.sum(axis=1)[:, None]
    u1, u2 = weight @ u.T, weight @ (u**2).T
    y1, y2 = (weight * y).sum(axis=1)[:, None], (weight * y**2).sum(axis=1)[:, None]
    uy = (weight * y) @ u.T
    suu, suy = u2 - u1**2 / w, uy - u1 * y1 / w
    slope = suy / suu
    chi2 = y2 - y1**2 / w - slope * suy
    best = chi2.argmin(axis=1)
    rows = np.arange(len(y))
    slope = slope[rows, best]
    offset = (y1[:, 0] - slope * u1[rows, best]) / w[:, 0]
    ends = [offset + slope * side[best] for side in (bends_.low, bends_.high)]
    return np.stack([slope, offset, *ends], axis=1), chi2[rows, best]


def fit_constant(y: Array, weight: Array) -> tuple[Array, Array]:
    """Return the constant of each sample as a law of slope 0, and its chi-square."""
    mean = (weight * y).sum(axis=1) / weight.sum(axis=1)
    chi2 = (weight * (y - mean[:, None]) ** 2).sum(axis=1)
    zero = np.zeros_like(mean)
    return np.stack([zero, mean, mean, mean], axis=1), chi2


def at(law: Array, log_gr: Array) -> Array:
    """Return the law of each sample at each ln gr, shape (n_samples, n_levels)."""
    ends = np.sort(law[:, 2:], axis=1)
    return np.clip(law[:, :1] * log_gr + law[:, 1:2], ends[:, :1], ends[:, 1:])
