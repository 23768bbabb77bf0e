"""RRAM of Wan et al. against formulas written out here in microsiemens, at the three times."""

from __future__ import annotations

import math

import numpy as np
import pytest

from aimc_sim.devices import device_model_path, load_device
from aimc_sim.spec import InputError
from tests.unit.devices.draws import given, named

PATH = device_model_path("rram_wan2022")
CROSSSIM = device_model_path("rram_wan2022_crosssim")
PUBLISHED = {
    1.0: (0.348, 16.030, -43.853, 45.393, -16.815),
    86400.0: (0.701, 22.086, -50.773, 47.095, -16.458),
    172800.0: (0.782, 20.274, -43.507, 37.062, -11.934),
}
GR = [0.0, 0.05, 0.1, 0.2, 0.3, 0.45, 0.5, 0.7, 0.9, 1.0]


@pytest.fixture(scope="module")
def rram():
    return load_device(PATH).device


def spread(gr, t_s):
    a, b, c, d, e = PUBLISHED[t_s]
    return a + b * gr + c * gr**2 + d * gr**3 + e * gr**4


@pytest.mark.parametrize(
    ("t_s", "by_hand_uS"), [(1.0, 2.0229375), (86400.0, 3.909), (172800.0, 3.929125)]
)
def test_spread_at_half_conductance_by_hand(rram, t_s, by_hand_uS):
    assert float(rram.sigma_at(20.0e-6, t_s)) == pytest.approx(by_hand_uS * 1e-6, rel=1e-12)


@pytest.mark.parametrize("gr", GR)
@pytest.mark.parametrize("t_s", PUBLISHED)
@pytest.mark.parametrize("z", [-4.0, -1.0, 0.0, 2.0])
def test_one_cell_at_each_time(rram, gr, t_s, z):
    state = rram.program([gr * 40.0e-6], given(programming=[z]))
    expected_uS = max(40.0 * gr + spread(gr, t_s) * z, 0.0)
    assert rram.drift(state, t_s)[0] == pytest.approx(expected_uS * 1e-6, rel=1e-12, abs=1e-18)


def test_programmed_is_the_state_at_the_first_time(rram):
    state = rram.program(np.linspace(0, 40.0e-6, 30), named(2, (30,)))
    assert (state.g_programmed_S == rram.drift(state, 1.0)).all()


def test_reading_at_each_time_is_the_same_device(rram):
    state = rram.program(np.full(200, 20.0e-6), named(2, (200,)))
    first, later = rram.drift(state, 1.0), rram.drift(state, 172800.0)
    assert (later - 20.0e-6) / 3.929125 == pytest.approx((first - 20.0e-6) / 2.0229375, rel=1e-9)


@pytest.mark.parametrize("t_s", [0.0, 0.999, 2.0, 3600.0, 86399.0, 259200.0])
def test_any_other_time_is_refused_by_name(rram, t_s):
    state = rram.program([1.0e-6], named(2, (1,)))
    message = "measured read times only: --after 1s or --after 1d or --after 2d"
    with pytest.raises(InputError, match=message):
        rram.drift(state, t_s)


@pytest.mark.parametrize(
    ("t_s", "low", "high"), [(3600.0, 1.0, 86400.0), (1.0e5, 86400.0, 172800.0)]
)
def test_between_fitted_times_the_spread_may_be_linear_in_log_time(t_s, low, high):
    device = load_device(PATH, {"device.interpolation": "log_time"}).device
    share = math.log(t_s / low) / math.log(high / low)
    for gr in GR:
        expected_uS = (1.0 - share) * spread(gr, low) + share * spread(gr, high)
        found_S = float(device.sigma_at(gr * 40.0e-6, t_s))
        assert found_S == pytest.approx(expected_uS * 1e-6, rel=1e-12)
    state = device.program([20.0e-6], given(programming=[1.0]))
    for t in (low, t_s, high):
        found_S = device.drift(state, t)[0] - 20.0e-6
        assert found_S == pytest.approx(float(device.sigma_at(20.0e-6, t)), rel=1e-9)


@pytest.mark.parametrize("t_s", [0.0, 0.5, 172801.0, 1.0e9])
def test_outside_the_fitted_times_nothing_is_interpolated(t_s):
    device = load_device(PATH, {"device.interpolation": "log_time"}).device
    state = device.program([1.0e-6], named(2, (1,)))
    with pytest.raises(InputError, match="known from --after 1s to --after 2d only"):
        device.drift(state, t_s)


def test_interpolation_has_two_forms():
    with pytest.raises(InputError, match="interpolation: found 'linear'"):
        load_device(PATH, {"device.interpolation": "linear"})


def test_clipped_cells_are_counted(rram):
    state = rram.program(np.zeros(4), given(programming=[-1.0, 0.0, -0.1, 0.5]))
    assert state.n_clipped == 2
    assert state.g_programmed_S[1] == 0.0


def test_short_term_read_noise_is_one_percent_of_g_max(rram):
    state = rram.program([0.0, 40.0e-6], given(programming=[0.0, 0.0]))
    sigma_S = rram.read_noise(state, state.g_programmed_S, 1.0).sigma_S()
    assert sigma_S == pytest.approx([0.4e-6, 0.4e-6], rel=1e-12)


def test_spread_scales_with_g_max():
    small = load_device(PATH, {"device.g_max_S": 10.0e-6}).device
    assert float(small.sigma_at(5.0e-6, 1.0)) == pytest.approx(2.0229375e-6 / 4, rel=1e-12)


@pytest.mark.parametrize("g_uS", [0.0, 1.0, 5.0, 10.0, 20.0, 30.0, 39.26])
def test_crosssim_digitisation_is_its_published_cubic(g_uS):
    device = load_device(CROSSSIM).device
    expected_uS = 1.536e-4 * g_uS**3 - 1.167e-2 * g_uS**2 + 0.2374 * g_uS + 1.053
    assert float(device.sigma_at(g_uS * 1e-6, 1.0)) == pytest.approx(expected_uS * 1e-6, rel=1e-12)


def test_the_two_digitisations_differ_threefold_at_zero(rram):
    other = load_device(CROSSSIM).device
    ratio = float(other.sigma_at(0.0, 1.0)) / float(rram.sigma_at(0.0, 1.0))
    assert ratio == pytest.approx(1.053 / 0.348, rel=1e-12)


def test_the_two_digitisations_differ_by_7_to_52_percent_elsewhere(rram):
    other = load_device(CROSSSIM).device
    gr = np.linspace(0.1, 1.0, 91)
    excess = other.sigma_at(gr * 39.26e-6, 1.0) / rram.sigma_at(gr * 40.0e-6, 1.0) - 1.0
    assert excess.min() == pytest.approx(0.07, abs=0.01)
    assert excess.max() == pytest.approx(0.52, abs=0.01)


def test_crosssim_digitisation_knows_one_second_only():
    device = load_device(CROSSSIM).device
    state = device.program([1.0e-6], named(2, (1,)))
    with pytest.raises(InputError, match=r"only: --after 1s$"):
        device.drift(state, 86400.0)


@pytest.mark.parametrize(
    ("fits", "message"),
    [
        (
            [
                {"t_s": 2.0, "sigma_coefficients_S": [1e-6]},
                {"t_s": 1.0, "sigma_coefficients_S": [1e-6]},
            ],
            "must ascend",
        ),
        ([{"t_s": 1.0, "sigma_coefficients_S": [1e-6]}] * 2, "must ascend"),
        ([{"t_s": 1.0, "sigma_coefficients_S": [1e-6, -9e-6, 9e-6]}], "at t_s 1 the spread"),
        ([], "at least 1 item"),
    ],
)
def test_fits_that_cannot_hold_are_refused(fits, message):
    with pytest.raises(InputError, match=message):
        load_device(PATH, {"device.spread_fits": fits})
