"""Spread of programming: what each device was found at, and its likelihood by level or law."""

from __future__ import annotations

import numpy as np

from aimc_sim.devices.state import Array
from aimc_sim.fit.cells import Cells
from aimc_sim.fit.exponents import Exponents
from aimc_sim.fit.likelihood import Written, maximise
from aimc_sim.fit.measurements import MIN_DEVICES
from aimc_sim.spec import InputError

MARGIN = 2.5
"""Spreads of one read above the floor within which an average may hold a read at it: censored."""


def written_at(cells: Cells, time: int, lines: Exponents | None = None) -> Written:
    """Return what each device was found at, at one time; at the reference read, given `lines`.

    With `lines`, the first reads are taken back to the reference read along each device's own
    drift, where they were not taken at it. Without a floor and without repeated reads, or where the
    instrument clips at 0, what is at or below 0 is censored there.
    """
    y_S, noise_S = cells.mean_S[:, time].copy(), _noise_of_mean_S(cells, time)
    floor_S = np.zeros(len(y_S))
    if cells.of.floor_S is not None:
        floor_S += cells.of.floor_S + MARGIN * _clean_spread_S(cells, time)
    exact = bool((y_S == 0.0).any()) or cells.of.floor_S is not None
    if lines is not None:
        noise_S = np.hypot(noise_S, lines.first_noise * np.nan_to_num(y_S))
        x = float(lines.x[time])
        if x > 0.0:
            back = np.exp(_exponent_or_mean(cells, lines) * x)
            y_S, floor_S, noise_S = y_S * back, floor_S * back, noise_S * back
            spread = np.where(lines.used, np.sqrt(lines.variance), 0.0)
            noise_S = np.hypot(noise_S, np.nan_to_num(y_S) * x * spread)
    noisy = not exact and bool((noise_S > 0.0).any())
    censored = np.zeros(len(y_S), dtype=bool) if noisy else y_S <= floor_S
    return Written(y_S, noise_S, censored, floor_S, noisy)


def _clean_spread_S(cells: Cells, time: int) -> Array:
    """Return the spread of one read for each device, from devices of its level off the floor [S].

    A level with fewer than `MIN_DEVICES` of them takes that of the next level above.
    """
    clean = ~cells.at_floor[:, time] & (cells.n[:, time] > 1.0)
    found = np.zeros(len(cells.of.levels_S))
    above = 0.0
    for k in reversed(range(len(found))):
        here = clean & (cells.of.level == k)
        if here.sum() >= MIN_DEVICES:
            freedom = (cells.n[here, time] - 1.0).sum()
            above = float(np.sqrt(cells.squares_S2[here, time].sum() / freedom))
        found[k] = above
    return np.asarray(found[cells.of.level])


def _noise_of_mean_S(cells: Cells, time: int) -> Array:
    """Return the spread of each average read at a time, from read noise [S]."""
    variance_S2 = cells.read_variance_S2[cells.of.level, time]
    return np.asarray(np.sqrt(variance_S2 / np.maximum(cells.n[:, time], 1.0)))


def _exponent_or_mean(cells: Cells, lines: Exponents) -> Array:
    """Return each device's exponent; the mean of all where it has none; 0 where nobody has."""
    if not lines.used.any():
        return np.zeros(cells.of.n_devices)
    return np.where(lines.used, np.nan_to_num(lines.nu), float(lines.nu[lines.used].mean()))


def counted(written: Written, weights: Array) -> Array:
    """Return the weights with 0 for devices that were not found at that time."""
    return np.asarray(weights * (np.isfinite(written.y_S) | written.censored))


def first_guess(cells: Cells, written: Written, centre_S: Array | None) -> tuple[Array, Array]:
    """Return rough mean and spread of each level [S], about `centre_S` where that is given."""
    means, sigmas = [], []
    for k in range(len(cells.of.levels_S)):
        here = (cells.of.level == k) & np.isfinite(written.y_S)
        y_S = written.y_S[here]
        centre = float(np.mean(y_S)) if centre_S is None else float(centre_S[k])
        inside = y_S[~written.censored[here]]
        square = float(np.mean((inside - centre) ** 2)) if len(inside) else 0.0
        square -= float(np.mean(written.noise_S[here] ** 2))
        least = 0.05 * max(float(np.std(y_S)), 1.0e-3 * centre, 1.0e-12)
        means.append(centre)
        sigmas.append(max(np.sqrt(max(square, 0.0)), least))
    return np.array(means), np.array(sigmas)


def spread_law(
    cells: Cells, written: Written, weights: Array, design: Array, start: Array | None = None
) -> Array:
    """Return the coefficients of sigma = design @ c about the targets, for each weighting.

    Parameters
    ----------
    cells : Cells
        The devices.
    written : Written
        What they were found at.
    weights : float64 array, shape (n_weightings, n_devices)
        How often each counts.
    design : float64 array, shape (n_levels, q)
        Columns of the law at each level.
    start : float64 array, shape (q,), optional
        Where to begin; by default, a regression of the levels' spreads.

    Returns
    -------
    float64 array, shape (n_weightings, q)
        [S]
    """
    if start is None:
        start = _regression(cells, written, design)
    level = cells.of.level
    nothing = np.zeros((len(level), 0))
    return maximise(
        written, counted(written, weights), cells.of.target_S, nothing, design[level], start
    )


def _regression(cells: Cells, written: Written, design: Array) -> Array:
    _, sigma_S = first_guess(cells, written, cells.of.levels_S)
    n = cells.one_hot.sum(axis=0)
    seen = (written.censored @ cells.one_hot) < 0.5 * n
    if not seen.any():
        raise InputError(f"{cells.of.name}: at every target, half of the devices are at the floor")
    root = np.where(seen, np.sqrt(n) / sigma_S, 0.0)
    start = np.linalg.lstsq(design * root[:, None], sigma_S * root, rcond=None)[0]
    if (design @ start).min() <= 0.0 or seen.sum() < design.shape[1]:
        middle_S = np.full(len(n), np.median(sigma_S[seen]))
        start = np.linalg.lstsq(design, middle_S, rcond=None)[0]
    return np.asarray(start)


def spread_alone(cells: Cells, written: Written) -> Array:
    """Return the spread about the target of each level taken alone [S]; NaN where too few tell."""
    everybody = np.ones((1, cells.of.n_devices))
    alone = spread_law(cells, written, everybody, np.eye(cells.one_hot.shape[1]))[0]
    return np.where(~written.censored @ cells.one_hot >= MIN_DEVICES, alone, np.nan)


def level_moments(cells: Cells, written: Written, weights: Array) -> tuple[Array, Array]:
    """Return mean and spread of every level before clipping [S], shape (n_weightings, n_levels).

    The spread is corrected for the mean that was fitted too: (sigma^2 + e^2) n / (n - 1) - e^2.

    Raises
    ------
    InputError
        A level with fewer than `MIN_DEVICES` devices above the floor.
    """
    mean_S, sigma_S = first_guess(cells, written, None)
    for k, target_S in enumerate(cells.of.levels_S):
        if (~written.censored & (cells.of.level == k)).sum() < MIN_DEVICES:
            raise InputError(
                f"{cells.of.name}: target_S {target_S:g}: fewer than {MIN_DEVICES} devices are "
                "above the floor; leave this target out, or take a family with a law"
            )
    weights = counted(written, weights)
    hot = cells.one_hot
    found = maximise(
        written, weights, np.zeros(len(hot)), hot, hot, np.concatenate([mean_S, sigma_S])
    )
    k = hot.shape[1]
    n = weights @ hot
    noise_S2 = (weights * written.noise_S**2) @ hot / n
    square = (found[:, k:] ** 2 + noise_S2) * n / np.maximum(n - 1.0, 1.0) - noise_S2
    return found[:, :k], np.sqrt(np.maximum(square, 0.0))
