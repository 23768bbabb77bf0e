"""The exact interval of a share: its coverage, summed over all outcomes."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from aimc_sim.study.binomial import Share


@pytest.mark.parametrize("n", [1, 5, 20, 100])
@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_it_covers_at_least_as_often_as_it_says_and_misses_evenly(n, confidence):
    ends = np.array([Share(k, n).interval(confidence) for k in range(n + 1)])
    for p in (0.001, 0.01, 0.1, 0.3, 0.5, 0.77, 0.95, 0.999):
        chance = stats.binom.pmf(np.arange(n + 1), n, p)
        above, below = chance[ends[:, 0] > p].sum(), chance[ends[:, 1] < p].sum()
        assert max(above, below) <= (1.0 - confidence) / 2.0 + 1e-12


def test_it_is_no_wider_than_needed():
    """Each end is where the tail of what was found is just the error of that side."""
    low, high = Share(17, 20).interval()
    assert stats.binom.sf(16, 20, low) == pytest.approx(0.025)
    assert stats.binom.cdf(17, 20, high) == pytest.approx(0.025)


def test_all_or_none():
    """Rule of three: of n chips none was bad, so that at most 3.7 / n are (two-sided)."""
    assert Share(20, 20).interval() == (pytest.approx(0.025 ** (1 / 20)), 1.0)
    assert Share(0, 20).interval() == (0.0, pytest.approx(1.0 - 0.025 ** (1 / 20)))
    assert Share(20, 20).value == 1.0


@pytest.mark.parametrize(("good", "n"), [(0, 0), (3, 2), (-1, 2)])
def test_what_is_no_share(good, n):
    with pytest.raises(ValueError, match="share: found"):
        Share(good, n)
