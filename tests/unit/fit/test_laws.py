"""Exponents, their laws and noise from data without noise: exact."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from aimc_sim.fit import Measurements
from aimc_sim.fit.bootstrap import intervals, weightings
from aimc_sim.fit.cells import Cells, split_outliers
from aimc_sim.fit.exponents import exponents, spread_without_noise, unfolded
from aimc_sim.fit.flicker import ReadSquares, fit_power
from aimc_sim.fit.logs import at, bends, fit_constant, fit_log
from aimc_sim.fit.programming import level_moments, written_at
from aimc_sim.spec import InputError
from tests.statistical.bounds import folded_normal_moments

TIMES = np.array([0.0, 10.0, 300.0, 9000.0])


def measured(g_S, target_S, times_s=TIMES, floor_S=None):
    names = tuple(f"d{i}" for i in range(len(g_S)))
    return Measurements("m.csv", "0", names, np.asarray(target_S), times_s, g_S, floor_S)


def drifting(nu, target_S=1.0e-5, n_cycles=1):
    g_S = target_S * ((TIMES + 20.0) / 20.0) ** -np.asarray(nu)[:, None]
    return measured(np.repeat(g_S[:, :, None], n_cycles, axis=2), np.full(len(g_S), target_S))


def test_exponents_of_clean_lines_are_exact():
    nu = np.linspace(0.01, 0.1, 8)
    m = drifting(nu)
    m.g_S[2, 1:3] = np.nan  # two reads are missing: the other two tell
    m.g_S[3, 1:] = np.nan  # one read has no line
    found = exponents(Cells(m), 20.0)
    keep = np.arange(8) != 3
    assert found.nu[keep] == pytest.approx(nu[keep], rel=1e-9)
    assert found.used.tolist() == keep.tolist()
    assert math.isnan(found.nu[3])
    assert found.start_S[keep] == pytest.approx(np.full(7, 1.0e-5))


def test_first_reads_are_taken_back_to_the_reference_read():
    nu = np.linspace(0.01, 0.1, 6)
    m = drifting(nu)
    late = measured(m.g_S[:, 1:], m.target_S, TIMES[1:])
    cells = Cells(late)
    back = written_at(cells, 0, exponents(cells, 20.0))
    assert back.y_S == pytest.approx(np.full(6, 1.0e-5), rel=1e-9)
    assert written_at(cells, 0).y_S == pytest.approx(late.g_S[:, 0, 0])


def test_read_noise_is_taken_out_of_the_spread():
    """10^5 devices: mean and spread of the exponents to 4.4 standard errors."""
    rng = np.random.default_rng(5)
    n, v = 100_000, 0.03**2
    m = measured(np.ones((n, 1, 1)), np.full(n, 1e-5), np.zeros(1))
    y = 0.06 + 0.02 * rng.normal(size=n) + math.sqrt(v) * rng.normal(size=n)
    mean, variance = spread_without_noise(Cells(m), y, np.full(n, v), np.ones((1, n)))
    total = 0.02**2 + v
    assert mean[0, 0] == pytest.approx(0.06, abs=4.4 * math.sqrt(total / n))
    assert variance[0, 0] == pytest.approx(0.02**2, abs=4.4 * total * math.sqrt(2.0 / n))


def test_precise_devices_count_more():
    """Half of the devices have noise so large that they say nothing."""
    y = np.concatenate([np.linspace(0.04, 0.08, 20), np.linspace(-300, 300, 20)])
    v = np.repeat([0.0, 1.0e8], 20)
    m = measured(np.ones((40, 1, 1)), np.full(40, 1e-5), np.zeros(1))
    mean, variance = spread_without_noise(Cells(m), y, v, np.ones((1, 40)))
    assert mean[0, 0] == pytest.approx(0.06, abs=1e-5)
    assert math.sqrt(variance[0, 0]) == pytest.approx(y[:20].std(ddof=1), rel=0.05)


@pytest.mark.parametrize(("mu", "sigma"), [(0.05, 0.008), (0.06, 0.03), (0.05, 0.04)])
def test_folding_is_undone(mu, sigma):
    mean, variance, _ = folded_normal_moments(mu, sigma)
    found = unfolded(np.array([mean]), np.array([variance]))
    assert found[0][0] == pytest.approx(mu, rel=1e-2)
    assert found[1][0] == pytest.approx(sigma, rel=1e-2)


def test_a_clipped_log_is_found_again():
    x = np.log([0.02, 0.05, 0.1, 0.2, 0.4, 0.7, 1.0])
    truth = np.clip(-0.0155 * x + 0.0244, 0.049, 0.08)
    law, chi2 = fit_log(bends(x), truth[None], np.full((1, 7), 1.0e8))
    assert at(law, x)[0] == pytest.approx(truth, rel=0.01)
    assert chi2[0] < 20.0  # a bend is placed to an eighth of a gap
    assert fit_constant(truth[None], np.full((1, 7), 1.0e8))[1][0] > 1.0e4
    beyond = at(law, np.log([1.0e-5, 3.0]))[0]
    assert beyond == pytest.approx([truth.max(), truth.min()], rel=0.01)


def test_a_power_law_is_found_again():
    log_gr = np.linspace(-4.0, 0.0, 30)
    freedom = np.full(30, 12.0)
    of = ReadSquares(log_gr, 12.0 * (0.0088 * np.exp(-0.65 * log_gr)) ** 2, freedom)
    found = fit_power(of, np.ones((2, 30)))
    assert np.exp(found[:, 0]) == pytest.approx([0.0088] * 2)
    assert found[:, 1] == pytest.approx([0.65] * 2)
    assert fit_power(of, np.ones((1, 30)), constant=True)[0, 1] == 0.0


def test_outliers_are_told_apart_and_the_rest_is_not():
    rng = np.random.default_rng(8)
    g_S = 1e-5 + 1e-7 * rng.normal(size=(400, 1, 1))
    g_S[7], g_S[11] = 3e-5, 0.0
    m = measured(g_S, np.full(400, 1e-5), np.zeros(1))
    rest, found = split_outliers(m)
    assert [row["device"] for row in found] == ["d7", "d11"]
    assert rest.n_devices == 398
    half_clipped = np.maximum(1e-7 * rng.normal(size=(400, 1, 1)), 0.0)
    assert split_outliers(measured(half_clipped, np.zeros(400), np.zeros(1)))[1] == []


def test_a_level_that_nobody_read_first_is_refused():
    m = drifting(np.linspace(0.01, 0.1, 8))
    m.g_S[:4, 0] = np.nan
    with pytest.raises(InputError, match="4 devices were read at time_s 0"):
        split_outliers(m)


def test_samples_draw_within_levels_and_by_name():
    level = np.repeat([0, 1, 2], [5, 7, 40])
    w = weightings(level, 300, seed=4)
    for k, n in enumerate((5, 7, 40)):
        assert (w[:, level == k].sum(axis=1) == n).all()
    assert np.array_equal(w, weightings(level, 300, seed=4))
    assert not np.array_equal(w, weightings(level, 300, seed=5))
    assert w[:, level == 2].var() == pytest.approx(39.0 / 40.0, rel=0.1)


def test_intervals_are_student_on_the_scale_of_the_parameter():
    rng = np.random.default_rng(2)
    z = rng.normal(size=(20_000, 1))
    samples = np.concatenate([3.0 + 0.5 * z, 2.0 * np.exp(0.1 * z)], axis=1)
    values, n = np.array([3.0, 2.0]), np.array([21.0, 1000.0])
    low, high = intervals(values, samples, n, np.ones(2), np.array([False, True]))
    half = stats.t.ppf(0.975, 20) * math.sqrt(21 / 20) * 0.5
    assert (high - values)[0] == pytest.approx(half, rel=0.02)
    assert (values - low)[0] == pytest.approx(half, rel=0.02)
    grown = stats.t.ppf(0.975, 49) * math.sqrt(50 / 49) * 0.1
    assert math.log(high[1] / 2.0) == pytest.approx(grown, rel=0.02)
    assert math.log(2.0 / low[1]) == pytest.approx(grown, rel=0.02)


def test_moments_of_a_level_are_those_of_its_devices():
    """Without noise: the mean, and the spread with n - 1; six devices make the difference 10 %."""
    rng = np.random.default_rng(6)
    g_S = 1e-5 + 1e-6 * rng.normal(size=(12, 1, 1))
    m = measured(g_S, np.repeat([1e-5, 2e-5], 6), np.zeros(1))
    cells = Cells(m)
    mean_S, sigma_S = level_moments(cells, written_at(cells, 0), np.ones((1, 12)))
    groups = g_S.reshape(2, 6)
    assert mean_S[0] == pytest.approx(groups.mean(axis=1))
    assert sigma_S[0] == pytest.approx(groups.std(axis=1, ddof=1), rel=1e-5)
