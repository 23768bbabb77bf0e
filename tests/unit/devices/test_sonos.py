"""SONOS flash of Agrawal et al. against the published fits, written out here in nanoampere."""

from __future__ import annotations

import math

import numpy as np
import pytest

from aimc_sim.devices import device_model_path, load_device
from aimc_sim.spec import InputError
from tests.unit.devices.draws import given, named

PATH = device_model_path("sonos_agrawal2022")
DAY_s = 86400.0
A = [19.88665, 25.59102, 28.72753, 31.04318, 33.76214, 34.57909]
B = [176.3115, 186.85544, 193.56834, 198.90332, 204.77023, 207.34309]
# fmt: off
SHIFT = [
    [],
    [1.72684e-01, 5.72552e-02, -6.85715e-04, 3.50271e-06, -9.37682e-09, 1.40575e-11,
     -1.19803e-14, 5.41293e-18, -8.85448e-22, -1.66869e-25, 5.95180e-29],
    [2.50712e-01, 6.62195e-02, -6.83218e-04, 2.99442e-06, -6.78255e-09, 7.70482e-12,
     -3.04983e-15, -2.15919e-18, 2.94617e-21, -1.23359e-24, 1.85329e-28],
    [-1.75300e-02, 9.76883e-02, -9.63791e-04, 4.55551e-06, -1.22391e-08, 1.93786e-11,
     -1.85899e-14, 1.07659e-17, -3.58211e-21, 5.96785e-25, -3.30410e-29],
    [4.03338e-02, 1.03111e-01, -1.04740e-03, 4.83961e-06, -1.28132e-08, 1.99484e-11,
     -1.85139e-14, 1.00008e-17, -2.84944e-21, 3.01008e-25, 1.18747e-29],
    [3.19927e-01, 1.06596e-01, -1.04054e-03, 4.50290e-06, -1.10352e-08, 1.56477e-11,
     -1.27592e-14, 5.45513e-18, -7.26841e-22, -2.43893e-25, 7.14608e-29],
]
# fmt: on
CURRENTS_nA = [0.0, 1.0, 50.0, 176.3115, 500.0, 1000.0, 1500.0, 1800.0]


@pytest.fixture(scope="module")
def sonos():
    return load_device(PATH).device


def moments_nA(current_nA, day):
    mean = current_nA + sum(c * current_nA**i for i, c in enumerate(SHIFT[day]))
    return mean, A[day] * (1.0 - math.exp(-max(mean, 0.0) / B[day]))


def in_S(current_nA):
    return current_nA * 1e-9 / 0.2


def test_spread_at_one_scale_by_hand(sonos):
    """At I = B the spread is A (1 - 1/e) = 19.88665 * 0.6321205588 = 12.5707604... nA."""
    _, sigma_A = sonos.moments_A(176.3115e-9, 0.0)
    assert float(sigma_A) * 1e9 == pytest.approx(19.88665 * 0.6321205588285577, rel=1e-12)


def test_shift_of_a_small_current_by_hand(sonos):
    """At 1 nA the sum of the coefficients: 0.172684 + 0.0572552 - 0.000685715 + 3.5e-6 nA."""
    mean_A, _ = sonos.moments_A(1.0e-9, DAY_s)
    assert float(mean_A) * 1e9 == pytest.approx(1.0 + 0.2292569783471, abs=1e-12)


@pytest.mark.parametrize("current_nA", CURRENTS_nA)
@pytest.mark.parametrize("day", range(6))
@pytest.mark.parametrize("z", [-6.0, 0.0, 1.0])
def test_one_cell_on_each_day(sonos, current_nA, day, z):
    state = sonos.program([in_S(current_nA)], given(programming=[z]))
    mean, sigma = moments_nA(current_nA, day)
    found_nA = sonos.drift(state, day * DAY_s)[0] * 0.2 * 1e9
    assert found_nA == pytest.approx(max(mean + sigma * z, 0.0), rel=1e-12, abs=1e-9)


def test_on_the_day_of_writing_nothing_has_shifted(sonos):
    state = sonos.program(in_S(np.array(CURRENTS_nA)), given(programming=np.zeros(8)))
    assert state.g_programmed_S * 0.2e9 == pytest.approx(CURRENTS_nA, rel=1e-12)


def test_read_noise_by_hand(sonos):
    state = sonos.program([in_S(215.36557), 0.0], given(programming=[0.0, 0.0]))
    sigma_S = sonos.read_noise(state, state.g_programmed_S, DAY_s).sigma_S()
    by_hand_S = in_S(12.58037 * 0.6321205588285577)
    assert sigma_S == pytest.approx([by_hand_S, 0.0], rel=1e-12)


@pytest.mark.parametrize("t_s", [1.0, 0.5 * DAY_s, 5.5 * DAY_s])
def test_other_days_are_refused_by_name(sonos, t_s):
    state = sonos.program([1.0e-6], named(1, (1,)))
    with pytest.raises(InputError, match="read times only: --after 0s or --after 1d or --after 2d"):
        sonos.drift(state, t_s)


def test_between_days_it_may_be_linear_in_time():
    device = load_device(PATH, {"device.interpolation": "linear_time"}).device
    for current_nA in CURRENTS_nA:
        mean_A, sigma_A = device.moments_A(current_nA * 1e-9, 1.25 * DAY_s)
        mean = 0.75 * moments_nA(current_nA, 1)[0] + 0.25 * moments_nA(current_nA, 2)[0]
        sigmas = [A[day] * (1.0 - math.exp(-mean / B[day])) for day in (1, 2)]
        assert float(mean_A) * 1e9 == pytest.approx(mean, rel=1e-12, abs=1e-9)
        expected = 0.75 * sigmas[0] + 0.25 * sigmas[1]
        assert float(sigma_A) * 1e9 == pytest.approx(expected, rel=1e-10)
    with pytest.raises(InputError, match="known from --after 0s to --after 5d only"):
        device.moments_A(1.0e-9, 6.0 * DAY_s)


def test_targets_end_where_the_shift_is_fitted(sonos):
    with pytest.raises(InputError, match="allowed 0 to 9e-06 S"):
        sonos.program([in_S(1810.0)], named(1, (1,)))


def test_the_read_voltage_is_assumed_and_scales_conductances_only(sonos):
    assert sonos.sources()["range_source"].grade == "assumed"
    other = load_device(PATH, {"device.v_read_V": 0.1, "device.g_max_S": 18.0e-6}).device
    z = given(programming=[1.0])
    one, two = sonos.program([4.0e-6], z), other.program([8.0e-6], z)
    assert two.g_programmed_S[0] == pytest.approx(2.0 * one.g_programmed_S[0], rel=1e-12)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("device.fits", [], "at least 1 item"),
        ("device.interpolation", "log_time", "interpolation: found 'log_time'"),
        ("device.read_sigma.b_A", 0.0, r"b_A: found 0\.0"),
        ("device.v_read_V", 0.0, r"v_read_V: found 0\.0"),
    ],
)
def test_values_that_cannot_hold_are_refused(path, value, message):
    with pytest.raises(InputError, match=message):
        load_device(PATH, {path: value})


def test_fits_must_ascend():
    fit = {"t_s": 0.0, "sigma": {"a_A": 1e-9, "b_A": 1e-9}}
    with pytest.raises(InputError, match=r"fits: found times .* must ascend"):
        load_device(PATH, {"device.fits": [fit, fit]})
