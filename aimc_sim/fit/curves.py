"""Curves of a model beside the data, as plain series for a drawing."""

from __future__ import annotations

import numpy as np

from aimc_sim.devices.state import Array
from aimc_sim.fit.cells import Cells
from aimc_sim.fit.exponents import Exponents
from aimc_sim.fit.goodness import mean_log_ratio
from aimc_sim.fit.result import Series

N_CURVE = 101
MOST_LEVELS = 5
"""Levels that a drawing of drift shows; more cannot be told apart."""


def grid_S(targets_S: Array) -> Array:
    """Return conductances from the least to the greatest target [S]."""
    return np.linspace(targets_S[0], targets_S[-1], N_CURVE)


def curve(label: str, x: Array, model: Array, points_x: Array, points: Array) -> Series:
    """Return a series from arrays."""
    return Series(
        label,
        tuple(map(float, x)),
        tuple(map(float, model)),
        tuple(map(float, points_x)),
        tuple(map(float, points)),
    )


def points_of(label: str, x: Array, y: Array) -> Series:
    """Return a series whose curve goes straight from point to point."""
    return curve(label, x, y, x, y)


def drift_series(cells: Cells, lines: Exponents, nu_mean: Array) -> tuple[Series, ...]:
    """Return g / g0 against time for a few levels: mean of the logarithms, and the model."""
    good = np.flatnonzero(lines.level_ok)
    shown = good[np.unique(np.linspace(0, len(good) - 1, MOST_LEVELS).astype(int))]
    t0_s = lines.t0_s
    t_s = np.expm1(np.linspace(0.0, float(lines.x[-1]), N_CURVE)) * t0_s
    out = []
    for k in shown:
        found = np.exp(mean_log_ratio(cells, lines, cells.of.level == k))
        model = ((t_s + t0_s) / t0_s) ** -float(nu_mean[k])
        label = f"{1e6 * cells.of.levels_S[k]:.4g} µS"
        out.append(curve(label, t_s + t0_s, model, cells.of.times_s + t0_s, found))
    return tuple(out)
