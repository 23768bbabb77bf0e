"""How well it fits: p-values of standardised residuals by level, and a share explained."""

from __future__ import annotations

import math

import numpy as np
from scipy import stats
from scipy.special import ndtr, ndtri

from aimc_sim.devices.state import Array
from aimc_sim.fit.cells import Cells, Mask
from aimc_sim.fit.exponents import Exponents
from aimc_sim.fit.likelihood import Written
from aimc_sim.fit.result import Check

N_NODES = 400
LEAST = 5
SMALLEST = 1.0e-9
"""Relative spread below which values are the same but for rounding."""
NEVER = 1.0e-9
"""Least probability told apart when ranks become normal scores."""
MOST = 5000
"""Devices that Shapiro-Wilk's p-value holds for."""


def check_normal(
    of: str, target_S: float, time_s: float, found: float, written: Written, mean: float,
    sigma: float, *, free: bool,
) -> Check:  # fmt: skip
    """Return the check of one level against a clipped normal.

    Parameters
    ----------
    of, target_S, time_s, found
        As in `Check`.
    written : Written
        The devices of the level.
    mean, sigma : float
        Of the model, before clipping.
    free : bool
        Both were fitted to this very level: then only the shape can be off (Shapiro-Wilk).

    Notes
    -----
    Near a bound, residuals are normal scores of the model's probability of a value below each,
    given that it is not censored.
    """
    use = np.isfinite(written.y_S) & ~written.censored
    part = written.take(use)
    n = int((use | written.censored).sum())
    total = np.sqrt(sigma**2 + part.noise_S**2)
    if total.min(initial=1.0) <= SMALLEST * (abs(mean) if of == "programming" else 1.0):
        nothing = math.nan, math.nan, math.nan
        return Check(
            of, target_S, time_s, n, found, sigma if of == "programming" else mean, *nothing
        )
    reach = 6.0 * math.hypot(sigma, float(part.noise_S.max(initial=0.0)))
    if mean - reach > written.floor_S.max(initial=-math.inf):
        z = (part.y_S - mean) / total
    else:
        z = ndtri(np.clip(_rank(part, mean, sigma), NEVER, 1.0 - NEVER))
    model = sigma if of == "programming" else mean
    return Check(of, target_S, time_s, n, found, model, *_p_values(z, free=free))


def _p_values(z: Array, *, free: bool) -> tuple[float, float, float]:
    """Return the p-values of mean, spread and shape of what should be standard normal."""
    if len(z) < LEAST or np.ptp(z) == 0.0:
        return math.nan, math.nan, math.nan
    if free:
        return math.nan, math.nan, float(stats.shapiro(z[:MOST]).pvalue)
    square = float((z**2).sum())
    tails = stats.chi2.sf(square, len(z)), stats.chi2.cdf(square, len(z))
    p_mean = float(2.0 * stats.norm.sf(abs(z.sum()) / math.sqrt(len(z))))
    return p_mean, min(2.0 * float(min(tails)), 1.0), float(stats.kstest(z, "norm").pvalue)


def _rank(part: Written, mean: float, sigma: float) -> Array:
    """Return the model's probability of a value below each; uniform where the model holds."""
    if part.noisy_floor:
        nodes = ndtri((np.arange(N_NODES) + 0.5) / N_NODES)
        before = part.y_S[:, None] - part.noise_S[:, None] * nodes
        return np.asarray((np.where(before >= 0.0, ndtr((before - mean) / sigma), 0.0)).mean(1))
    spread = np.sqrt(sigma**2 + part.noise_S**2)
    below = ndtr((part.floor_S - mean) / spread)
    return np.asarray((ndtr((part.y_S - mean) / spread) - below) / np.maximum(1.0 - below, 1e-300))


def drift_checks(
    cells: Cells, lines: Exponents, mean: Array, std: Array, *, free: bool
) -> list[Check]:
    """Return the checks of the exponents of each level that has some."""
    found = []
    for k, target_S in enumerate(cells.of.levels_S):
        here = lines.used & (cells.of.level == k)
        if not here.any():
            continue
        none = np.zeros(int(here.sum()), dtype=bool)
        no_floor = np.full(len(none), -math.inf)
        of = Written(lines.nu[here], np.sqrt(lines.variance[here]), none, no_floor, False)
        found.append(
            check_normal(
                "drift", float(target_S), 0.0, float(of.y_S.mean()), of, float(mean[k]),
                float(std[k]), free=free,
            )
        )  # fmt: skip
    return found


def read_check(
    target_S: float, time_s: float, squares: Array, freedom: Array, found: float, model: float
) -> Check:
    """Return the check of read noise: squares over the model's variance against chi-square."""
    n = float(freedom.sum())
    total = float(squares.sum())
    p = (
        math.nan
        if found <= SMALLEST * target_S
        else 2.0 * float(min(stats.chi2.sf(total, n), stats.chi2.cdf(total, n)))
    )
    return Check(
        "read", target_S, time_s, int((freedom > 0).sum()), found, model, math.nan, min(p, 1.0),
        math.nan,
    )  # fmt: skip


def explained(found: Array, model: Array) -> float:
    """Return 1 - residual / variation, both summed squares.

    Examples
    --------
    >>> explained(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 3.0]))
    1.0
    """
    known = np.isfinite(found)
    found, model = found[known], model[known]
    around = float(((found - found.mean()) ** 2).sum()) if known.any() else 0.0
    return 1.0 - float(((found - model) ** 2).sum()) / around if around > 0.0 else math.nan


def mean_log_ratio(cells: Cells, lines: Exponents, here: Mask) -> Array:
    """Return the mean of ln(g / g0) of some devices at each time, g0 that of each one's line."""
    ok = here[:, None] & (cells.mean_S > 0.0) & lines.used[:, None]
    ratio = np.where(ok, cells.mean_S, 1.0) / np.where(ok, lines.start_S[:, None], 1.0)
    return np.asarray(np.log(ratio).sum(axis=0) / np.maximum(ok.sum(axis=0), 1))


def drift_explained(cells: Cells, lines: Exponents, nu_mean: Array) -> float:
    """Return the share of the mean drift, over levels and times, that the exponents explain.

    1 - residual / drift, both summed squares of ln(g / g0): 0 would be no better than no drift.
    """
    found, model = [], []
    for k, ok in enumerate(lines.level_ok):
        if ok:
            found.append(mean_log_ratio(cells, lines, cells.of.level == k))
            model.append(-nu_mean[k] * lines.x)
    whole, gap = np.concatenate(found), np.concatenate(found) - np.concatenate(model)
    return 1.0 - float((gap**2).sum()) / max(float((whole**2).sum()), np.finfo(float).tiny)
