"""HfO2 RRAM of Milo et al. against its published line and cubic, written out here."""

from __future__ import annotations

import numpy as np
import pytest

from aimc_sim.devices import device_model_path, load_device
from aimc_sim.spec import InputError
from tests.unit.devices.draws import given, named

PATH = device_model_path("rram_milo2021")
LINEAR = device_model_path("rram_milo2021_linear")


@pytest.fixture(scope="module", params=[PATH, LINEAR], ids=["cubic", "linear"])
def milo(request):
    return load_device(request.param).device


@pytest.mark.parametrize(
    ("g_uS", "by_hand_uS"), [(62.5, 4.2131335), (100.0, 3.871621), (110.0, 3.780551)]
)
def test_spread_by_hand(milo, g_uS, by_hand_uS):
    assert 4.782321 - 0.009107 * g_uS == pytest.approx(by_hand_uS, rel=1e-12)
    for z in (-3.0, 0.0, 1.0):
        state = milo.program([g_uS * 1e-6], given(programming=[z]))
        expected_S = (g_uS + z * by_hand_uS) * 1e-6
        assert state.g_programmed_S[0] == pytest.approx(expected_S, rel=1e-12)


def test_spread_is_of_the_conductance_and_not_of_the_range():
    narrow = load_device(LINEAR, {"device.g_max_S": 120.0e-6}).device
    whole = load_device(LINEAR).device
    assert float(narrow.sigma_law.at(100.0e-6)) == float(whole.sigma_law.at(100.0e-6))


def test_spread_is_never_negative():
    assert float(load_device(LINEAR).device.sigma_law.at(600.0e-6)) == 0.0


@pytest.mark.parametrize("g_uS", [62.5, 70.0, 80.0, 100.0, 110.0])
def test_cubic_current_is_the_published_polynomial(g_uS):
    device = load_device(PATH).device
    g_S = g_uS * 1e-6
    log = np.log10(g_S)
    nl2 = np.polyval([0.0001388, 0.001541, 0.005711, 0.007063], log)
    nl3 = np.polyval([8.8710e-5, 6.7919e-4, 1.2968e-3], log)
    a, b = (float(x[0]) for x in device.nonlinearity(np.array([g_S])))
    for v_V in (-0.5, -0.1, 0.2, 0.5):
        expected_A = g_S * v_V + nl2 * v_V**2 + nl3 * v_V**3
        assert g_S * v_V + a * v_V**2 + b * v_V**3 == pytest.approx(expected_A, rel=1e-12)


def test_coefficients_at_100_uS_by_hand():
    """log10(100e-6) = -4: -0.0088832 + 0.024656 - 0.022844 + 0.007063 = -8.2e-6, and so on."""
    a, b = load_device(PATH).device.nonlinearity(np.array([100.0e-6]))
    assert float(a[0]) == pytest.approx(-8.2e-6, rel=1e-9)
    assert float(b[0]) == pytest.approx(-6.0e-7, rel=1e-9)


def test_coefficients_outside_are_those_of_the_nearest_end():
    device = load_device(PATH).device
    a, b = device.nonlinearity(np.array([0.0, 50.0, 62.5, 110.0, 130.0, 225.0]) * 1e-6)
    for values in (a, b):
        assert values[0] == values[1] == values[2]
        assert values[3] == values[4] == values[5]
        assert values[2] != values[3]


def test_current_rises_with_voltage_in_all_of_the_range():
    device = load_device(PATH).device
    g_S = np.linspace(62.5e-6, 110.0e-6, 50)[:, None]
    a, b = device.nonlinearity(g_S)
    slope_S = g_S + 2.0 * a * (v := np.linspace(-0.5, 0.5, 101)) + 3.0 * b * v**2
    assert (slope_S > 0.0).all()


def test_voltage_range_of_the_curve_is_told():
    assert load_device(PATH).device.v_max_V == 0.5
    assert load_device(LINEAR).device.v_max_V is None
    assert load_device(LINEAR).device.nonlinearity(np.array([1e-4])) is None


def test_neither_drift_nor_read_noise_is_published(milo):
    state = milo.program(np.full(20, 90.0e-6), named(1, (20,)))
    assert (milo.drift(state, 1.0e9) == state.g_programmed_S).all()
    assert milo.read_noise(state, state.g_programmed_S, 0.0).sigma_S() is None


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("device.g_max_S", 225.0e-6, "known from 6.25e-05 to 0.00011 S; found .* g_max_S 0.000225"),
        ("device.g_min_S", 50.0e-6, "current_law: the I-V curve is known from"),
        ("device.current_law.g_low_S", 120.0e-6, "g_low_S: found 0.00012; must be below g_high_S"),
        ("device.current_law.v_max_V", 0.0, r"v_max_V: found 0\.0"),
    ],
)
def test_targets_outside_the_curve_are_refused(path, value, message):
    with pytest.raises(InputError, match=message):
        load_device(PATH, {path: value})


@pytest.mark.parametrize(("path", "g_uS"), [(PATH, 62.0), (PATH, 111.0), (LINEAR, 49.0)])
def test_targets_outside_the_fit_are_refused(path, g_uS):
    with pytest.raises(InputError, match="g_target_S: found"):
        load_device(path).device.program([g_uS * 1e-6], named(1, (1,)))
