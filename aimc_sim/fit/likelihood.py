"""Likelihood of a clipped normal, seen through read noise, and its maximum for many weightings."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import log_ndtr

from aimc_sim.devices.state import Array
from aimc_sim.fit.cells import Mask

N_STEPS = 60
TOLERANCE = 1.0e-6
"""Relative change of sigma at which one weighting has converged."""
TOLERANCE_OF_SAMPLES = 1.0e-3
"""The same for samples of devices, which differ by several per cent among each other."""
REACH = 5.0
"""Standard deviations from the bound beyond which clipping is as good as impossible."""
_LOG_ROOT_2PI = 0.5 * math.log(2.0 * math.pi)


@dataclass(frozen=True)
class Written:
    """What each device was found at, at one time.

    Parameters
    ----------
    y_S : float64 array, shape (n_devices,)
        Conductances, reads averaged [S].
    noise_S : float64 array, same shape
        Spread of that average from read noise [S].
    censored : bool array, same shape
        Known only to be at or below `floor_S`.
    floor_S : float64 array, same shape
        Where values are censored, or clipped before read noise comes on top [S].
    noisy_floor : bool
        Read noise comes on top of what is clipped at 0, so that no value is exactly there.
    """

    y_S: Array
    noise_S: Array
    censored: Mask
    floor_S: Array
    noisy_floor: bool

    def take(self, which: Mask) -> Written:
        """Return some of the devices."""
        return Written(
            self.y_S[which],
            self.noise_S[which],
            self.censored[which],
            self.floor_S[which],
            self.noisy_floor,
        )


def log_likelihood(of: Written, mean_S: Array, sigma_S: Array) -> Array:
    r"""Return the log-likelihood of each device.

    Parameters
    ----------
    of : Written
        The devices, n of them.
    mean_S, sigma_S : float64 array, shape (..., n)
        Mean and spread before clipping [S].

    Notes
    -----
    With :math:`s^2 = \sigma^2 + e^2`, e the read noise of the average: censored devices have
    :math:`\Phi((floor - \mu)/s)`, others the normal density of spread s (Tobit). Where noise comes
    on top of clipping at 0, all have

    .. math::
        \Phi(-\mu/\sigma)\,\phi_e(y) + \phi_s(y - \mu)\,
        \Phi\!\left(\frac{\mu e^2 + y \sigma^2}{\sigma e s}\right)

    Examples
    --------
    >>> of = Written(np.zeros(1), np.zeros(1), np.ones(1, bool), np.zeros(1), False)
    >>> round(float(np.exp(log_likelihood(of, np.zeros(1), np.ones(1)))[0]), 3)
    0.5
    """
    total_S = np.sqrt(sigma_S**2 + of.noise_S**2)
    inside = _log_normal(of.y_S - mean_S, total_S)
    if not of.noisy_floor:
        below = log_ndtr((of.floor_S - mean_S) / total_S)
        return np.where(of.censored, below, inside)
    noise_S = np.maximum(of.noise_S, 1.0e-6 * sigma_S)
    above = (mean_S * noise_S**2 + of.y_S * sigma_S**2) / (sigma_S * noise_S * total_S)
    clipped = log_ndtr(-mean_S / sigma_S) + _log_normal(of.y_S, noise_S)
    return np.asarray(np.logaddexp(clipped, inside + log_ndtr(above)))


def _log_normal(deviation: Array, sigma: Array) -> Array:
    return np.asarray(-0.5 * (deviation / sigma) ** 2 - np.log(sigma) - _LOG_ROOT_2PI)


def scores(
    of: Written, near: Mask, mean_S: Array, sigma_S: Array, *, known_mean: bool
) -> tuple[Array, Array]:
    """Return d(log-likelihood)/d(mean) and /d(sigma) of each device [1/S], shape of `mean_S`.

    Devices that are not `near` a bound have the plain normal; the others' slopes are central
    differences. The first is of no use, and 0 there, with a known mean.
    """
    total_S2 = sigma_S**2 + of.noise_S**2
    r_S = of.y_S - mean_S
    by_mean = r_S / total_S2
    by_sigma = (r_S**2 / total_S2 - 1.0) * sigma_S / total_S2
    if near.any():
        part, m_S, s_S = of.take(near), mean_S[..., near], sigma_S[..., near]
        h_S = 1.0e-4 * s_S
        moves = ((by_mean, (h_S, 0.0)), (by_sigma, (0.0, h_S)))
        for slope, (dm, ds) in moves[known_mean:]:
            up = log_likelihood(part, m_S + dm, s_S + ds)
            slope[..., near] = (up - log_likelihood(part, m_S - dm, s_S - ds)) / (2.0 * h_S)
    return by_mean, by_sigma


def maximise(
    of: Written,
    weights: Array,
    base_S: Array,
    mean_design: Array,
    sigma_design: Array,
    start: Array,
) -> Array:
    r"""Return the coefficients of mean and spread of the largest weighted likelihood.

    Parameters
    ----------
    of : Written
        n devices.
    weights : float64 array, shape (n_weightings, n)
        How often each device counts; 0 where it is not to count.
    base_S : float64 array, shape (n,)
        Known part of the mean [S].
    mean_design : float64 array, shape (n, p)
        mean = base + design @ coefficients; p may be 0.
    sigma_design : float64 array, shape (n, q)
        sigma = design @ coefficients.
    start : float64 array, shape (p + q,) or (n_weightings, p + q)
        Where to begin.

    Returns
    -------
    float64 array, shape (n_weightings, p + q)

    Notes
    -----
    Fisher scoring for all weightings at once, mean and spread apart, as their information matrix
    is block diagonal: per device :math:`1/s^2` for the mean and :math:`2\sigma^2/s^4` for sigma.
    A step is halved where sigma would leave the range from a third to three times what it was.
    """
    p = mean_design.shape[1]
    theta = np.broadcast_to(start, (len(weights), start.shape[-1])).copy()
    least_S = 1.0e-4 * float(np.nanmax(np.abs(sigma_design @ theta[0, p:])))
    of = replace(of, y_S=np.where(np.isfinite(of.y_S), of.y_S, base_S))
    near = _near(of, base_S + mean_design @ theta[0, :p], sigma_design @ theta[0, p:])
    tolerance = TOLERANCE if len(weights) == 1 else TOLERANCE_OF_SAMPLES
    for _ in range(N_STEPS):
        mean_S = base_S + theta[:, :p] @ mean_design.T
        sigma_S = np.maximum(theta[:, p:] @ sigma_design.T, least_S)
        by_mean, by_sigma = scores(of, near, mean_S, sigma_S, known_mean=p == 0)
        total_S2 = sigma_S**2 + of.noise_S**2
        step = np.concatenate(
            [
                _step(weights, by_mean, 1.0 / total_S2, mean_design),
                _step(weights, by_sigma, 2.0 * sigma_S**2 / total_S2**2, sigma_design),
            ],
            axis=1,
        )
        ratio = np.abs(step[:, p:] @ sigma_design.T) / sigma_S
        step *= np.minimum(1.0, 0.67 / np.maximum(ratio.max(axis=1), 1.0e-300))[:, None]
        theta += step
        if ratio.max() < tolerance:
            break
    return theta


def _near(of: Written, mean_S: Array, sigma_S: Array) -> Mask:
    reach_S = mean_S - REACH * np.hypot(sigma_S, of.noise_S)
    return of.censored | (reach_S < of.floor_S) if of.noisy_floor else of.censored


def _step(weights: Array, slope: Array, information: Array, design: Array) -> Array:
    """Return information^-1 score for every weighting, shape (n_weightings, columns)."""
    n = design.shape[1]
    if n == 0:
        return np.zeros((len(weights), 0))
    pairs = (design[:, :, None] * design[:, None, :]).reshape(len(design), n * n)
    matrix = ((weights * information) @ pairs).reshape(-1, n, n)
    diagonal = np.sqrt(np.einsum("bii->bi", matrix))
    scaled = matrix / (diagonal[:, :, None] * diagonal[:, None, :])
    scaled += 1.0e-12 * np.eye(n)
    score = ((weights * slope) @ design) / diagonal
    return np.asarray(np.linalg.solve(scaled, score[:, :, None])[:, :, 0] / diagonal)
