"""Sobol indices of Ishigami's function: known answers, and how often the intervals have them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from aimc_sim.study.sobol_indices import saltelli_points, sobol_indices
from tests.statistical.bounds import ALARM

pytestmark = [pytest.mark.statistical]
NAMES = ["x1", "x2", "x3"]
FIRST = {"x1": 0.3139, "x2": 0.4424, "x3": 0.0}
TOTAL = {"x1": 0.5576, "x2": 0.4424, "x3": 0.2437}


def ishigami(points):
    """sin x1 + 7 sin^2 x2 + 0.1 x3^4 sin x1 on [-pi, pi]^3 (Ishigami and Homma, 1990)."""
    x1, x2, x3 = ((2.0 * points - 1.0) * np.pi).T
    return np.sin(x1) + 7.0 * np.sin(x2) ** 2 + 0.1 * x3**4 * np.sin(x1)


def indices_of(n_base, seed, n_resamples=200):
    y = ishigami(saltelli_points(3, n_base, seed))
    return sobol_indices(y, NAMES, n_base, seed, n_resamples=n_resamples)


def test_the_answers_are_those_of_the_integrals():
    """V1 = (1 + b pi^4/5)^2 / 2, V2 = a^2/8, V13 = b^2 pi^8 (1/18 - 1/50)."""
    v1, v2 = (1.0 + 0.1 * np.pi**4 / 5.0) ** 2 / 2.0, 49.0 / 8.0
    v13 = 0.01 * np.pi**8 * (1.0 / 18.0 - 1.0 / 50.0)
    variance = v1 + v2 + v13
    expected = [v1 / variance, v2 / variance, 0.0]
    assert list(FIRST.values()) == pytest.approx(expected, abs=5e-5)
    totals = [(v1 + v13) / variance, v2 / variance, v13 / variance]
    assert list(TOTAL.values()) == pytest.approx(totals, abs=5e-5)
    one = indices_of(4096, seed=1)
    assert one["variance"] == pytest.approx(variance, rel=0.01)
    assert one["mean"] == pytest.approx(3.5, abs=0.01)


def test_ishigami():
    """The mean over 40 designs is the answer, in standard errors; each is 0.02 off or so."""
    n_designs = 40
    designs = [indices_of(1024, seed, n_resamples=2) for seed in range(n_designs)]
    limit = stats.t.isf(ALARM / 2.0, n_designs - 1) / np.sqrt(n_designs)
    for kind, truths in (("first", FIRST), ("total", TOTAL)):
        for name, truth in truths.items():
            values = np.array([one[kind][name]["value"] for one in designs])
            assert abs(values.mean() - truth) <= limit * values.std(ddof=1), (kind, name)
            assert values.std(ddof=1) < 0.04


def test_intervals_have_the_answers():
    """Base points are more even than random ones, so that the bootstrap errs to the safe side."""
    n_trials, hits = 200, dict.fromkeys([(k, n) for k in ("first", "total") for n in NAMES], 0)
    for seed in range(n_trials):
        one = indices_of(256, seed)
        for kind, name in hits:
            low, high = one[kind][name]["ci95"]
            hits[kind, name] += low <= {"first": FIRST, "total": TOTAL}[kind][name] <= high
    least = stats.binom.ppf(ALARM, n_trials, 0.95)
    assert min(hits.values()) >= least, hits
