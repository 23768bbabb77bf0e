"""Sobol indices: the design they take, and shares of variance with bootstrap intervals.

A base point with a missing value is left out with its whole block. Indices are then those of the
region that can be simulated, where factors may no longer be independent. Estimators: first order by
Saltelli et al. (Comput. Phys. Commun. 181, 259, 2010), table 2 (b), total by Jansen (1999), table 2
(f) there; both may leave [0, 1] by their error. Bootstrap over base points: Archer, Saltelli and
Sobol' (J. Stat. Comput. Simul. 58, 99, 1997).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from aimc_sim.extras import study_extra
from aimc_sim.model.signal import Floats
from aimc_sim.study.sampling import check_power_of_two

LEAST_BASE = 8
"""Base points below which no index is given."""


def saltelli_points(n_factors: int, n_base: int, seed: int) -> Floats:
    """Return the design of Saltelli in the unit cube, shape (n_base (n_factors + 2), n_factors).

    Parameters
    ----------
    n_factors : int
        Factors.
    n_base : int
        Points of the scrambled Sobol sequence below it, a power of two. Each gives a block of rows:
        A, then A with factor k from B for each k, then B.
    seed : int
        Of the scrambling.

    Raises
    ------
    InputError
        `n_base` is no power of two, or SALib is missing.

    Notes
    -----
    Rows of the first n blocks are those of any longer design.

    References
    ----------
    Saltelli et al., Comput. Phys. Commun. 181, 259 (2010), table 2 (radial sampling).

    Examples
    --------
    >>> saltelli_points(n_factors=3, n_base=8, seed=1).shape
    (40, 3)
    """
    check_power_of_two("sampling.n", n_base)
    sample = study_extra("SALib.sample.sobol").sample
    names = [str(k) for k in range(n_factors)]
    found = sample(
        _problem(names), n_base, calc_second_order=False, seed=np.random.default_rng(seed)
    )
    return np.asarray(found, dtype=np.float64)


def sobol_indices(
    y: Sequence[float | None] | Floats,
    names: Sequence[str],
    n_base: int,
    seed: int,
    confidence: float = 0.95,
    n_resamples: int = 1000,
) -> dict[str, Any]:
    """Return first-order and total indices of one metric, as they stand in JSON.

    Parameters
    ----------
    y : sequence of float or None, shape (n_base (n_factors + 2),)
        The metric at the points of `saltelli_points` in order; None or NaN where it is missing.
    names : sequence of str, shape (n_factors,)
        Factors.
    n_base, seed : int
        Base points of the design; of the bootstrap over them.
    confidence : float
        Of the intervals, each by itself: index ± z (spread of the resampled indices).
    n_resamples : int
        Bootstrap samples.

    Returns
    -------
    dict
        ``first`` and ``total`` (factor -> ``value`` and ``ci95``), ``mean``, ``variance``,
        ``n_missing`` (base points left out), ``note`` (None, or one line why there is no index).
        An index that cannot be given is None, with its interval.

    Raises
    ------
    ValueError
        Another number of values.
    InputError
        SALib is missing.

    Examples
    --------
    >>> points = saltelli_points(2, 256, seed=1)
    >>> found = sobol_indices(2.0 * points[:, 0] + points[:, 1], ["a", "b"], 256, seed=1)
    >>> round(found["first"]["a"]["value"], 2), round(found["total"]["b"]["value"], 2)
    (0.8, 0.2)
    """
    whole = _whole_blocks(y, len(names), n_base)
    note = _why_none(whole, n_base)
    found: dict[str, Any] = {}
    if note is None:
        found = study_extra("SALib.analyze.sobol").analyze(
            _problem(names), whole.reshape(-1), calc_second_order=False, num_resamples=n_resamples,
            conf_level=confidence, seed=np.random.default_rng(seed),
        )  # fmt: skip
    independent = whole[:, [0, -1]]
    return {
        "first": _by_factor(names, found.get("S1"), found.get("S1_conf")),
        "total": _by_factor(names, found.get("ST"), found.get("ST_conf")),
        "mean": float(independent.mean()) if len(whole) else None,
        "variance": float(independent.var()) if len(whole) else None,
        "n_missing": n_base - len(whole),
        "note": note,
    }


def _whole_blocks(y: Sequence[float | None] | Floats, n_factors: int, n_base: int) -> Floats:
    """Return the blocks of base points of which nothing is missing."""
    values = np.array([np.nan if v is None else v for v in y], dtype=np.float64)
    if len(values) != n_base * (n_factors + 2):
        raise ValueError(f"y: found {len(values)} values; expected {n_base} x {n_factors + 2}")
    blocks = values.reshape(n_base, -1)
    return blocks[np.isfinite(blocks).all(axis=1)]


def _why_none(whole: Floats, n_base: int) -> str | None:
    if len(whole) < LEAST_BASE:
        return f"{len(whole)} of {n_base} base points are complete; {LEAST_BASE} are needed"
    scale = np.abs(whole).max()
    if np.ptp(whole[:, [0, -1]]) <= 1.0e-12 * scale:
        return "the metric does not vary over the design"
    return None


def _by_factor(names: Sequence[str], value: Floats | None, half: Floats | None) -> dict[str, Any]:
    if value is None or half is None:
        return {name: {"value": None, "ci95": None} for name in names}
    return {
        name: {"value": float(v), "ci95": [float(v - h), float(v + h)]}
        for name, v, h in zip(names, value, half, strict=True)
    }


def _problem(names: Sequence[str]) -> dict[str, Any]:
    return {"num_vars": len(names), "names": list(names), "bounds": [[0.0, 1.0]] * len(names)}
