"""Drift exponents: one straight line a device, and their mean and spread without the noise."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from aimc_sim.devices.state import Array
from aimc_sim.fit.cells import Cells, Mask
from aimc_sim.fit.measurements import MIN_DEVICES

MOST_RELATIVE_NOISE = 0.125
"""Relative read noise of an average above which its logarithm says nothing."""
MOST_LOST = 0.02
"""Share of reads of a level at or below 0, or at the floor, above which it has no exponents."""
N_ROUNDS = 15
LARGEST_LOG = 100.0
SMALLEST = 1.0e-12
"""Spread that is as good as none, relative to 1."""


@dataclass(frozen=True)
class Exponents:
    """Drift exponent of every device.

    Parameters
    ----------
    t0_s : float
        Time from programming to the reference read [s].
    x : float64 array, shape (n_times,)
        ln((t + t0) / t0).
    nu : float64 array, shape (n_devices,)
        Slope of -ln g against x, by least squares; NaN where there is none.
    variance : float64 array, same shape
        Its variance from read noise.
    start_S : float64 array, same shape
        Conductance of the line at the reference read [S].
    line_variance : float64 array, shape (n_devices, n_times)
        Variance of the logarithm of the line at each time, from read noise.
    used : bool array, same shape
        Devices that have a slope and belong to a level that can be trusted.
    first_noise : float64 array, same shape
        Relative noise of the first average, from the scatter about the lines; 0 where cycles tell.
    readable : bool array, shape (n_levels,)
        Levels whose reads are positive and clean enough for a logarithm.
    level_ok : bool array, shape (n_levels,)
        Those of them that have exponents.
    """

    t0_s: float
    x: Array
    nu: Array
    variance: Array
    start_S: Array
    line_variance: Array
    used: Mask
    first_noise: Array
    readable: Mask
    level_ok: Mask


def exponents(cells: Cells, t0_s: float) -> Exponents:
    r"""Return the drift exponent of every device.

    Parameters
    ----------
    cells : Cells
        Averages of repeated reads.
    t0_s : float
        Time from programming to the reference read [s].

    Notes
    -----
    .. math:: \ln \bar g_d(t) + \frac{s^2}{2 n} = \ln g_{0,d} - \nu_d x(t), \qquad
        \mathrm{var}(\hat\nu_d) = \sum_t \frac{(x_t - \bar x)^2 s^2_t}{n_t S_{xx}^2}

    s^2 is the relative variance of one read, pooled over the level (the second term is the bias of
    the logarithm of a noisy average). Without repeated reads the scatter about the lines, pooled
    over the level, stands for it where three or more times were read.
    """
    x = np.log1p(cells.of.times_s / t0_s)
    ok = np.isfinite(cells.mean_S) & (cells.mean_S > 0.0) & ~cells.at_floor
    n = np.maximum(cells.n, 1.0)
    relative = cells.relative_variance[cells.of.level] / n
    y = np.log(np.where(ok, cells.mean_S, 1.0)) + 0.5 * relative
    count = np.maximum(ok.sum(axis=1), 1)
    dx = np.where(ok, x - ((ok * x).sum(axis=1) / count)[:, None], 0.0)
    sxx = (dx**2).sum(axis=1)
    has_line = sxx > 0.0
    safe = np.where(has_line, sxx, 1.0)
    nu = np.where(has_line, -(dx * y).sum(axis=1) / safe, np.nan)
    middle = (ok * (y + np.nan_to_num(nu)[:, None] * x)).sum(axis=1) / count
    variance = (dx**2 * relative).sum(axis=1) / safe**2
    line_variance = relative * (1.0 / count[:, None] + dx**2 / safe[:, None])
    first = np.zeros(len(nu))
    if not cells.has_cycles:
        residual = np.where(ok & has_line[:, None], y - middle[:, None] + nu[:, None] * x, 0.0)
        scatter = _pooled(cells, residual, np.maximum(ok.sum(axis=1) - 2.0, 0.0) * has_line)
        variance, first = scatter / safe, np.sqrt(scatter)
    readable = _readable(cells, ok, relative)
    level_ok = readable & (cells.one_hot.T @ has_line >= MIN_DEVICES)
    used = has_line & level_ok[cells.of.level]
    return Exponents(
        t0_s,
        x,
        nu,
        variance,
        np.exp(np.clip(middle, -LARGEST_LOG, LARGEST_LOG)),
        line_variance,
        used,
        first,
        readable,
        level_ok,
    )


def _pooled(cells: Cells, residual: Array, freedom: Array) -> Array:
    """Return the residual variance of each device's level; 0 where it has no degree of freedom."""
    squares = cells.one_hot.T @ (residual**2).sum(axis=1)
    free = cells.one_hot.T @ freedom
    variance = np.divide(squares, free, out=np.zeros_like(squares), where=free > 0)
    return np.asarray(variance[cells.of.level])


def _readable(cells: Cells, ok: Mask, relative: Array) -> Mask:
    found = np.isfinite(cells.mean_S)
    n = np.maximum(cells.one_hot.T @ found.sum(axis=1), 1.0)
    lost = cells.one_hot.T @ (found & ~ok).sum(axis=1) / n
    noise2 = cells.one_hot.T @ (relative * found).sum(axis=1) / n
    return np.asarray((lost <= MOST_LOST) & (noise2 <= MOST_RELATIVE_NOISE**2))


def spread_without_noise(
    cells: Cells, y: Array, variance: Array, weights: Array
) -> tuple[Array, Array]:
    r"""Return mean and variance of each level, the noise of each value taken out.

    Parameters
    ----------
    cells : Cells
        Says which device is of which level.
    y, variance : float64 array, shape (n_devices,)
        Values, each with a noise variance of its own.
    weights : float64 array, shape (n_weightings, n_devices)
        How often each device counts; 0 where it has no value.

    Returns
    -------
    mean, variance : float64 array, shape (n_weightings, n_levels)
        NaN where a level has no value.

    Notes
    -----
    Maximum likelihood of :math:`y_d \sim N(\mu, \tau^2 + v_d)` by scoring,

    .. math:: \tau^2 = \frac{\sum w_d^2\,[(y_d - \mu)^2\,n/(n - 1) - v_d]}{\sum w_d^2},
        \qquad w_d = (\tau^2 + v_d)^{-1},

    not below 0; n/(n - 1) for the mean that was fitted too.
    """
    hot, level = cells.one_hot, cells.of.level
    value, noise = np.nan_to_num(y), np.nan_to_num(variance)
    n = weights @ hot
    mean = _over((weights * value) @ hot, n)
    inflate = n / np.maximum(n - 1.0, 1.0)
    tau2 = _over((weights * (value - mean[:, level]) ** 2) @ hot, n) * inflate
    least = np.maximum(1.0e-6 * tau2, SMALLEST**2)
    for _ in range(N_ROUNDS):
        w = weights / (np.maximum(tau2, least)[:, level] + noise)
        w2 = w / (np.maximum(tau2, least)[:, level] + noise)
        mean = _over((w * value) @ hot, w @ hot)
        excess = (value - mean[:, level]) ** 2 * inflate[:, level] - noise
        tau2 = np.maximum(_over((w2 * excess) @ hot, w2 @ hot), 0.0)
    nothing = np.where(n > 0.0, 0.0, np.nan)
    return mean + nothing, tau2 + nothing


def _over(total: Array, n: Array) -> Array:
    return np.divide(total, n, out=np.zeros_like(total), where=n > 0.0)


def unfolded(mean: Array, variance: Array) -> tuple[Array, Array]:
    r"""Return mean and spread of a normal from mean and variance of its absolute value.

    Notes
    -----
    :math:`\mu^2 + \sigma^2` is the same for both; :math:`\mu` is found from

    .. math:: E|N| = \sigma \sqrt{2/\pi}\, e^{-\mu^2 / 2\sigma^2}
        + \mu\,\mathrm{erf}(\mu / \sigma \sqrt 2)

    Examples
    --------
    >>> mu, sigma = unfolded(np.array([0.0512]), np.array([0.000529]))
    >>> bool(mu[0] < 0.0512) and bool(sigma[0] > 0.023)
    True
    """
    from scipy.special import erf

    square = mean**2 + variance
    mu = mean.copy()
    for _ in range(N_ROUNDS):
        sigma = np.sqrt(np.maximum(square - mu**2, 0.0))
        safe = np.maximum(sigma, 1.0e-12)
        folded = sigma * math.sqrt(2.0 / math.pi) * np.exp(-0.5 * (mu / safe) ** 2)
        folded += mu * erf(mu / (safe * math.sqrt(2.0)))
        mu = np.clip(mu + mean - folded, 0.0, mean)
    return mu, np.sqrt(np.maximum(square - mu**2, 0.0))
