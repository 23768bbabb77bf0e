"""Strength of 1/f noise from repeated reads: Q_s = scale / gr^exponent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aimc_sim.devices.state import Array
from aimc_sim.fit.cells import Cells
from aimc_sim.fit.exponents import Exponents

N_ROUNDS = 40
SMALLEST = 1.0e-30


@dataclass(frozen=True)
class ReadSquares:
    """Scatter of the repeated reads of each device, relative to its conductance and the band.

    Parameters
    ----------
    log_gr : float64 array, shape (n_devices,)
        ln of the relative conductance as programmed.
    squares : float64 array, same shape
        Sum of squared deviations over g^2 band: its expectation is freedom Q_s^2.
    freedom : float64 array, same shape
        Reads less one a time; 0 where the device is not used.
    """

    log_gr: Array
    squares: Array
    freedom: Array


def band_at(t_s: Array, t_read_s: float) -> Array:
    """Return ln((t + t_read) / (2 t_read)), t since programming [s]."""
    return np.asarray(np.log((t_s + t_read_s) / (2.0 * t_read_s)))


def read_squares(cells: Cells, lines: Exponents, g_max_S: float, t_read_s: float) -> ReadSquares:
    """Return the scatter of each device's repeated reads; g is that of its drift line.

    exp(-2 v) takes out that 1 / g^2 is on average larger than it should be, v the variance of ln g.
    """
    used = lines.used
    nu = np.where(used, np.nan_to_num(lines.nu), 0.0)
    start_S = np.where(used, lines.start_S, 1.0)
    g_S = start_S[:, None] * np.exp(-nu[:, None] * lines.x)
    band = band_at(cells.of.times_s + lines.t0_s, t_read_s)
    inverse = np.exp(-2.0 * np.minimum(lines.line_variance, 1.0))
    squares = (cells.squares_S2 * inverse / (g_S**2 * band)).sum(axis=1)
    freedom = np.maximum(cells.n - 1.0, 0.0).sum(axis=1) * used
    return ReadSquares(np.log(start_S / g_max_S), squares * used, freedom)


def fit_power(of: ReadSquares, weights: Array, *, constant: bool = False) -> Array:
    r"""Return ln(scale) and exponent of each weighting, shape (n_weightings, 2).

    With `constant` the exponent is 0.

    Notes
    -----
    Squares over Q_s^2 are chi-square with `freedom` degrees; with
    :math:`\ln Q = a - b \ln gr` and :math:`u = squares / (freedom\,Q^2)` the score of ln Q is
    freedom (u - 1) and its information 2 freedom: a regression of u - 1, repeated.
    """
    f = weights * of.freedom
    x = of.log_gr
    x1, x2, f1 = f @ x, f @ x**2, f.sum(axis=1)
    spread = x2 - x1**2 / f1
    total = (weights @ of.squares) / f1
    law = np.stack([0.5 * np.log(np.maximum(total, SMALLEST)), np.zeros(len(f))], axis=1)
    if constant:
        return law
    squares = weights * of.squares
    for _ in range(N_ROUNDS):
        u = squares * np.exp(-2.0 * (law[:, :1] - law[:, 1:] * x)) - f
        u1, ux = u.sum(axis=1), u @ x
        slope = (ux - u1 * x1 / f1) / np.maximum(spread, 1.0e-12 * f1)
        step = 0.5 * np.stack([(u1 - slope * x1) / f1, -slope], axis=1)
        step = np.clip(step, -1.0, 1.0)
        law = law + step
        if np.abs(step).max() < 1.0e-8:
            break
    return law
