"""Student's interval, against scipy.stats."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from aimc_sim.study.student import half_width, mean_of, quantile, spread_of


@pytest.mark.parametrize("n", [2, 3, 8, 64])
def test_the_interval_is_scipys(n):
    values = np.random.default_rng(1).normal(0.9, 0.02, n).tolist()
    expected = stats.ttest_1samp(values, 0.0).confidence_interval(0.95)
    half = half_width(values, 0.025)
    ends = (mean_of(values) - half, mean_of(values) + half)
    assert ends == pytest.approx((expected.low, expected.high), rel=1e-12)


def test_tails():
    assert quantile(5, 1e-4) == pytest.approx(stats.t.isf(1e-4, 4), rel=1e-12)
    assert half_width([0.0, 1.0], 0.025) == pytest.approx(stats.t.isf(0.025, 1) * 0.5)


@pytest.mark.parametrize("value", [0.1, 0.7, 0.96, 1.0 / 3.0])
@pytest.mark.parametrize("n", [2, 3, 7, 10, 49])
def test_equal_values_have_no_spread_and_exactly_their_mean(value, n):
    """A sum of equal values over their number may be a bit off, and would then fail a limit."""
    assert mean_of([value] * n) == value
    assert spread_of([value] * n) == 0.0


def test_the_step_is_a_floor_and_no_more():
    assert spread_of([0.9, 0.9], step=0.02) == 0.01
    assert spread_of([0.8, 1.0], step=0.02) == pytest.approx(0.2 / np.sqrt(2.0))
