"""Law 5 of RRAM: moments at ten conductances and each read time, and independence of cells.

Every assertion alarms falsely with probability 1e-5 (seeds are fixed); spreads are written out here
in microsiemens from the published coefficients, moments are those of the clipped distribution.
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
    clipped_normal_moments,
    correlation_z,
    mean_z,
    variance_is_within_chi_square,
    variance_z,
    z_limit,
)
from tests.unit.devices.draws import named

pytestmark = pytest.mark.statistical
GR = [0.0, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9, 1.0]
SHAPE = (200, 250)
PUBLISHED = {
    1.0: (0.348, 16.030, -43.853, 45.393, -16.815),
    86400.0: (0.701, 22.086, -50.773, 47.095, -16.458),
    172800.0: (0.782, 20.274, -43.507, 37.062, -11.934),
}


def spread(gr, t_s):
    return sum(c * gr**i for i, c in enumerate(PUBLISHED[t_s]))


def crosssim_spread(g_uS):
    return 1.536e-4 * g_uS**3 - 1.167e-2 * g_uS**2 + 0.2374 * g_uS + 1.053


@pytest.fixture(scope="module")
def rram():
    return load_device(device_model_path("rram_wan2022")).device


@pytest.fixture(scope="module", params=GR)
def cells(request, rram):
    gr = request.param
    return gr, rram.program(np.full(SHAPE, gr * 40.0e-6), named(41, SHAPE, f"gr {gr}"))


def assert_moments(values, mean, variance, fourth):
    assert abs(mean_z(values, mean, math.sqrt(variance))) < z_limit()
    assert abs(variance_z(values, mean, variance, fourth)) < z_limit()


@pytest.mark.parametrize("t_s", PUBLISHED)
def test_mean_and_spread_at_each_time(cells, rram, t_s):
    gr, state = cells
    expected = clipped_normal_moments(40.0 * gr, spread(gr, t_s))
    assert_moments(rram.drift(state, t_s) * 1e6, *expected)


def test_share_of_clipped_cells(cells):
    gr, state = cells
    share = stats.norm.cdf(-40.0 * gr / spread(gr, 1.0))
    assert stats.binomtest(state.n_clipped, state.g_programmed_S.size, share).pvalue > ALARM


def test_cells_of_a_tile_are_independent(cells):
    _, state = cells
    g_S = state.g_programmed_S
    for one, two in ((g_S[1:], g_S[:-1]), (g_S[:, 1:], g_S[:, :-1]), (g_S[4:], g_S[:-4])):
        assert abs(correlation_z(one, two)) < z_limit()


def test_read_noise_requested_is_read_noise_realised(cells, rram):
    gr, state = cells
    g_S = rram.drift(state, 86400.0)
    z = stream(42, "read", f"gr {gr}").normal(g_S.size, 0, 5).reshape(g_S.shape)
    noise_S = z * rram.read_noise(state, g_S, 86400.0).sigma_S()
    assert abs(mean_z(noise_S, 0.0, 0.4e-6)) < z_limit()
    assert variance_is_within_chi_square(noise_S, 0.0, 0.4e-6)


def test_chips_tiles_and_pairs_are_distinct_and_independent(rram):
    names = [(0, 0, "plus"), (0, 0, "minus"), (0, 1, "plus"), (1, 0, "plus")]
    cells = [
        rram.program(np.full(SHAPE, 20.0e-6), named(7, SHAPE, *path)).g_programmed_S
        for path in names
    ]
    for one, two in itertools.combinations(cells, 2):
        assert np.count_nonzero(one == two) < 20
        assert abs(correlation_z(one, two)) < z_limit()


@pytest.mark.parametrize("gr", GR)
def test_crosssim_digitisation(gr):
    device = load_device(device_model_path("rram_wan2022_crosssim")).device
    state = device.program(np.full(SHAPE, gr * 39.26e-6), named(43, SHAPE, f"gr {gr}"))
    g_uS = 39.26 * gr
    assert_moments(state.g_programmed_S * 1e6, *clipped_normal_moments(g_uS, crosssim_spread(g_uS)))
