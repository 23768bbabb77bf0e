"""Law 5 of PCM: moments at ten conductances, and independence of whatever is drawn.

Every assertion alarms falsely with probability 1e-5 (seeds are fixed); formulas are written out
here in microsiemens from the published coefficients, moments are those of the clipped or folded
distribution.
"""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from aimc_sim.devices import device_model_path, load_device
from aimc_sim.rng import stream
from tests.statistical.bounds import (
    ALARM,
    central_moments,
    clipped_normal_moments,
    correlation_z,
    folded_normal_moments,
    mean_z,
    raw_clipped_normal_moments,
    variance_z,
    z_limit,
)
from tests.unit.devices.draws import named

pytestmark = pytest.mark.statistical
GR = [0.0, 0.01, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9, 1.0]
SHAPE = (200, 250)
DAY_S = 86400.0


@pytest.fixture(scope="module")
def pcm():
    return load_device(device_model_path("pcm_joshi2020")).device


@pytest.fixture(scope="module", params=GR)
def cells(request, pcm):
    gr = request.param
    return gr, pcm.program(np.full(SHAPE, gr * 25.0e-6), named(31, SHAPE, f"gr {gr}"))


def spread(gr):
    return 0.26348 + 1.9650 * gr - 1.1731 * gr**2


def nu_law(gr):
    log = math.log(max(gr, 1e-7))
    return (
        min(max(-0.0155 * log + 0.0244, 0.049), 0.1),
        min(max(-0.0125 * log - 0.0059, 0.008), 0.045),
    )


def folded_power_mean(mean, std, log_ratio):
    """E[exp(-L |N(mean, std)|)], L = log_ratio, by completing the square on either side of 0."""
    up = math.exp((log_ratio * std) ** 2 / 2.0)
    phi = stats.norm.cdf
    return up * (
        math.exp(-log_ratio * mean) * phi(mean / std - log_ratio * std)
        + math.exp(log_ratio * mean) * phi(-mean / std - log_ratio * std)
    )


def assert_moments(values, mean, variance, fourth):
    assert abs(mean_z(values, mean, math.sqrt(variance))) < z_limit()
    assert abs(variance_z(values, mean, variance, fourth)) < z_limit()


def test_programmed_mean_and_spread(cells):
    gr, state = cells
    assert_moments(state.g_programmed_S * 1e6, *clipped_normal_moments(25.0 * gr, spread(gr)))


def test_share_of_clipped_cells(cells):
    gr, state = cells
    share = stats.norm.cdf(-25.0 * gr / spread(gr))
    n = state.g_programmed_S.size
    assert stats.binomtest(state.n_clipped, n, share).pvalue > ALARM
    assert state.n_clipped == np.count_nonzero(state.g_programmed_S == 0.0)


def test_drift_exponent_mean_and_spread(cells):
    gr, state = cells
    assert_moments(state.drift_nu, *folded_normal_moments(*nu_law(gr)))


@pytest.mark.parametrize("t_s", [1.0, 3600.0, DAY_S, 365 * DAY_S])
def test_drifted_mean_and_spread(cells, pcm, t_s):
    gr, state = cells
    log_ratio = math.log((t_s + 20.0) / 20.0)
    written = raw_clipped_normal_moments(25.0 * gr, spread(gr))
    raw = [written[k] * folded_power_mean(*nu_law(gr), k * log_ratio) for k in range(5)]
    assert_moments(pcm.drift(state, t_s) * 1e6, *central_moments(raw))


@pytest.mark.parametrize("t_s", [0.0, DAY_S])
def test_read_noise_requested_is_read_noise_realised(cells, pcm, t_s):
    gr, state = cells
    g_S = pcm.drift(state, t_s)
    z = stream(32, "read", f"gr {gr}").normal(g_S.size, 0, 5).reshape(g_S.shape)
    relative = (z * pcm.read_noise(state, g_S, t_s).sigma_S())[g_S > 0.0] / g_S[g_S > 0.0]
    gr_programmed = state.g_programmed_S[g_S > 0.0] / 25.0e-6
    band = math.log((t_s + 20.0 + 250e-9) / 500e-9)
    published = np.minimum(0.0088 / np.maximum(gr_programmed**0.65, 1e-3), 0.2) * math.sqrt(band)
    assert_moments(relative / published, 0.0, 1.0, 3.0)


def test_programming_and_exponent_are_independent(cells):
    _, state = cells
    assert abs(correlation_z(state.g_programmed_S, state.drift_nu)) < z_limit()


def test_cells_of_a_tile_are_independent(cells):
    _, state = cells
    for values in (state.g_programmed_S, state.drift_nu):
        for one, two in (
            (values[1:], values[:-1]),
            (values[:, 1:], values[:, :-1]),
            (values[4:], values[:-4]),
            (values[:, 4:], values[:, :-4]),
        ):
            assert abs(correlation_z(one, two)) < z_limit()


def test_chips_layers_tiles_pairs_and_seeds_are_distinct_and_independent(pcm):
    g_S = np.full(SHAPE, 12.5e-6)
    names = [
        (7, 0, "enc", 0, "plus"),
        (7, 0, "enc", 0, "minus"),
        (7, 0, "enc", 1, "plus"),
        (7, 0, "dec", 0, "plus"),
        (7, 1, "enc", 0, "plus"),
        (8, 0, "enc", 0, "plus"),
    ]
    states = [pcm.program(g_S, named(seed, SHAPE, *path)) for seed, *path in names]
    for one, two in itertools.combinations(states, 2):
        for field in ("g_programmed_S", "drift_nu"):
            a, b = getattr(one, field), getattr(two, field)
            assert np.count_nonzero(a == b) < 20
            assert abs(correlation_z(a, b)) < z_limit()


def test_a_cell_written_to_zero_has_the_moments_of_a_clipped_normal(pcm):
    """With sigma = 0.26348 uS: mean sigma / sqrt(2 pi) = 0.105, spread 0.154 uS."""
    cells_uS = pcm.program(np.zeros(SHAPE), named(33, SHAPE)).g_programmed_S * 1e6
    mean, variance, fourth = clipped_normal_moments(0.0, 0.26348)
    assert mean == pytest.approx(0.26348 / math.sqrt(2.0 * math.pi), rel=1e-12)
    assert (mean, math.sqrt(variance)) == pytest.approx((0.105, 0.154), abs=5e-4)
    assert_moments(cells_uS, mean, variance, fourth)


def test_a_pair_of_cells_drifts_apart_and_not_as_one_weight(pcm):
    """A weight written as two equal sides is zero; a day later the sides differ by two spreads."""
    plus, minus = (pcm.program(np.full(SHAPE, 12.5e-6), named(34, SHAPE, s)) for s in ("+", "-"))
    weight_S = pcm.drift(plus, DAY_S) - pcm.drift(minus, DAY_S)
    log_ratio = math.log((DAY_S + 20.0) / 20.0)
    written = raw_clipped_normal_moments(12.5, spread(0.5))
    raw = [written[k] * folded_power_mean(*nu_law(0.5), k * log_ratio) for k in range(5)]
    _, variance, fourth = central_moments(raw)
    assert_moments(weight_S * 1e6, 0.0, 2.0 * variance, 2.0 * fourth + 6.0 * variance**2)
