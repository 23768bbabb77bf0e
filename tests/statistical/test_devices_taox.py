"""Law 5 of TaOx: moments at ten levels within the physical bounds (1e-5 for each assertion)."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from aimc_sim.devices import device_model_path, load_device
from tests.statistical.bounds import (
    ALARM,
    clipped_normal_moments,
    correlation_z,
    mean_z,
    variance_z,
    z_limit,
)
from tests.unit.devices.draws import named

pytestmark = pytest.mark.statistical
SHAPE = (200, 250)


@pytest.fixture(scope="module", params=[0, 1, 2, 3, 7, 15, 31, 47, 62, 63])
def cells(request):
    device = load_device(device_model_path("taox_64x64")).device
    level_uS = 1.0 + request.param * 299.0 / 63
    target_S = np.full(SHAPE, min(max(level_uS + 2.0, 1.0), 300.0) * 1e-6)
    return level_uS, device.program(target_S, named(51, SHAPE, f"level {request.param}"))


def test_mean_and_spread_are_those_of_the_nearest_level(cells):
    level_uS, state = cells
    mean, variance, fourth = clipped_normal_moments(level_uS, 5.0, 0.01, 1200.0)
    values = state.g_programmed_S * 1e6
    assert abs(mean_z(values, mean, math.sqrt(variance))) < z_limit()
    assert abs(variance_z(values, mean, variance, fourth)) < z_limit()


def test_share_of_clipped_cells(cells):
    level_uS, state = cells
    share = stats.norm.cdf((0.01 - level_uS) / 5.0)
    assert stats.binomtest(state.n_clipped, state.g_programmed_S.size, share).pvalue > ALARM


def test_cells_are_independent(cells):
    _, state = cells
    g_S = state.g_programmed_S
    for one, two in ((g_S[1:], g_S[:-1]), (g_S[:, 1:], g_S[:, :-1])):
        assert abs(correlation_z(one, two)) < z_limit()
