"""HERMES PCM and CrossSim's PCM against formulas written out here, with the published coefficients.

Conductances are in microsiemens. `by_hand` numbers were worked out from the polynomials on paper.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from aimc_sim.devices import PiecewiseLog, device_model_path, load_device
from aimc_sim.spec import InputError
from tests.unit.devices.draws import given, named

GR = [0.0, 1e-8, 0.01, 0.05, 0.0944, 0.0946, 0.13, 0.159, 0.1605, 0.2, 0.3038, 0.306, 0.5, 0.8, 1.0]
G_MAX_uS = {1: 10.35, 2: 20.7}
T0_s = {1: 200.0, 2: 300.0}
NAMES = {1: "pcm_hermes2023_one_device", 2: "pcm_hermes2023_two_devices"}


@pytest.fixture(scope="module", params=[1, 2])
def hermes(request):
    return request.param, load_device(device_model_path(NAMES[request.param])).device


def clip(x, low, high):
    return min(max(x, low), high)


def log(gr):
    return math.log(max(gr, 1e-7))


def spread(n, gr):
    if n == 1:
        return 0.15781817 + 2.32443916 * gr - 2.16310839 * gr**2 + 0.68841818 * gr**3
    return 0.16603222 + 4.71806468 * gr - 8.48101252 * gr**2 + 4.68961419 * gr**3


def nu_mean(gr):
    if gr < 0.0945:
        return clip(-0.0387 * log(gr) - 0.0182, 0.0720, 0.13)
    return -0.0436 * gr**2 - 0.0126 * gr + 0.0736


def nu_std(n, gr):
    if n == 1:
        if gr < 0.3039:
            return clip(-0.0120 * log(gr) - 0.0023, 0.0124, 0.04)
        return -0.0165 * gr**2 + 0.0116 * gr + 0.0104
    if gr < 0.3055:
        return clip(-0.0117 * log(gr) - 0.0057, 0.0091, 0.04)
    return -0.0118 * gr**2 + 0.0093 * gr + 0.0073


def q_s(n, gr):
    if n == 1:
        if gr < 0.1591:
            return clip(-0.0078 * log(gr) + 0.0038, 0.0179, 0.04)
        return 0.0664 * gr**3 - 0.1352 * gr**2 + 0.0768 * gr + 0.0088
    if gr < 0.16:
        return clip(-0.0117 * log(gr) - 0.0069, 0.015, 0.04)
    return 0.0069 * gr**3 - 0.0280 * gr**2 + 0.0211 * gr + 0.0123


@pytest.mark.parametrize(
    ("n", "gr", "by_hand_uS"),
    [(1, 0.0, 0.15781817), (1, 1.0, 1.00756712), (2, 0.0, 0.16603222), (2, 1.0, 1.09269857)],
)
def test_spread_by_hand(n, gr, by_hand_uS):
    device = load_device(device_model_path(NAMES[n])).device
    found_uS = float(device.sigma_programming(gr * G_MAX_uS[n] * 1e-6)) * 1e6
    assert found_uS == pytest.approx(by_hand_uS, rel=1e-12)


@pytest.mark.parametrize(
    ("n", "mean", "std", "q"), [(1, 0.0174, 0.0055, 0.0168), (2, 0.0174, 0.0048, 0.0123)]
)
def test_laws_at_full_conductance_by_hand(n, mean, std, q):
    device = load_device(device_model_path(NAMES[n])).device
    found = [device.drift_law.nu_mean.at(1.0), device.drift_law.nu_std.at(1.0)]
    assert [float(x) for x in found] == pytest.approx([mean, std], rel=1e-12)
    assert float(device.flicker_law.q_s.at(1.0)) == pytest.approx(q, rel=1e-12)


@pytest.mark.parametrize("gr", GR)
@pytest.mark.parametrize("z", [-0.2, 0.0, 2.0])
def test_one_cell_from_programming_to_reading(hermes, gr, z):
    n, device = hermes
    state = device.program([gr * G_MAX_uS[n] * 1e-6], given(programming=[z], drift_nu=[-0.5]))
    g_prog_uS = max(gr * G_MAX_uS[n] + spread(n, gr) * z, 0.0)
    nu = nu_mean(gr) - 0.5 * nu_std(n, gr)
    assert state.g_programmed_S[0] == pytest.approx(g_prog_uS * 1e-6, rel=1e-12)
    assert state.drift_nu[0] == pytest.approx(nu, rel=1e-12)
    for t_s in (0.0, 3600.0, 3.15e7):
        g_uS = g_prog_uS * ((t_s + T0_s[n]) / T0_s[n]) ** -nu
        g_S = device.drift(state, t_s)
        assert g_S[0] == pytest.approx(g_uS * 1e-6, rel=1e-12)
        q = q_s(n, min(g_prog_uS / G_MAX_uS[n], 1.0))
        sigma_uS = g_uS * q * math.sqrt(math.log((t_s + T0_s[n] + 512e-9) / 1024e-9))
        found_S = device.read_noise(state, g_S, t_s).sigma_S()[0]
        assert found_S == pytest.approx(sigma_uS * 1e-6, rel=1e-12)


def test_curves_jump_little_where_their_pieces_meet(hermes):
    _, device = hermes
    for curve in (device.drift_law.nu_mean, device.drift_law.nu_std, device.flicker_law.q_s):
        below, above = curve.at(curve.gr_switch - 1e-9), curve.at(curve.gr_switch)
        assert float(below) == pytest.approx(float(above), rel=0.05)


def test_a_pair_of_devices_is_more_precise_than_one():
    one, two = (load_device(device_model_path(NAMES[n])).device for n in (1, 2))
    for gr in (0.5, 0.75, 1.0):
        relative = [float(d.sigma_programming(gr * d.g_max_S)) / d.g_max_S for d in (one, two)]
        assert relative[1] < relative[0]


def test_a_curve_that_is_negative_is_refused(hermes):
    n, _ = hermes
    path = device_model_path(NAMES[n])
    with pytest.raises(InputError, match="the curve is negative between gr_switch and 1"):
        load_device(path, {"device.drift_law.nu_std.coefficients": [0.01, -0.02]})
    with pytest.raises(InputError, match=r"kind: found 'log'.*'piecewise_log'"):
        load_device(path, {"device.drift_law.nu_std.kind": "log"})


def test_curves_of_one_value_take_their_ends_outside():
    curve = load_device(device_model_path(NAMES[1])).device.flicker_law.q_s
    assert isinstance(curve, PiecewiseLog)
    assert float(curve.at(1.7)) == float(curve.at(1.0))
    assert float(curve.at(0.0)) == 0.04


@pytest.mark.parametrize("g_uS", [0.25, 1.0, 5.0, 12.5, 20.0, 25.0])
def test_crosssim_fit_is_its_published_polynomial(g_uS):
    device = load_device(device_model_path("pcm_joshi2020_crosssim")).device
    expected_uS = -0.00178767 * g_uS**2 + 0.07585724 * g_uS + 0.28638599
    assert float(device.sigma_programming(g_uS * 1e-6)) == pytest.approx(
        expected_uS * 1e-6, rel=1e-12
    )


def test_crosssim_fit_has_neither_drift_nor_read_noise():
    device = load_device(device_model_path("pcm_joshi2020_crosssim")).device
    state = device.program(np.full(50, 5.0e-6), named(1, (50,)))
    assert (device.drift(state, 1.0e9) == state.g_programmed_S).all()
    assert state.drift_nu is None
    assert device.read_noise(state, state.g_programmed_S, 0.0).sigma_S() is None


@pytest.mark.parametrize("g_uS", [0.0, 0.2499, 25.01])
def test_crosssim_fit_refuses_what_it_does_not_cover(g_uS):
    device = load_device(device_model_path("pcm_joshi2020_crosssim")).device
    with pytest.raises(InputError, match=r"allowed 2\.5e-07 to 2\.5e-05 S"):
        device.program([g_uS * 1e-6], named(1, (1,)))
