"""CMO/HfOx RRAM of Falcone et al. against the published lines, written out here in microsiemens."""

from __future__ import annotations

import math

import numpy as np
import pytest

from aimc_sim.devices import device_model_path, load_device
from aimc_sim.spec import InputError
from tests.unit.devices.draws import given, named

PATHS = {
    "0.2": device_model_path("cmo_hfox_falcone_0p2pct"),
    "2": device_model_path("cmo_hfox_falcone_2pct"),
}
TIMES_s = [1.0, 2.0, 3600.0, 86400.0, 3.15e8]


@pytest.fixture(scope="module", params=PATHS)
def cmo(request):
    return request.param, load_device(PATHS[request.param]).device


def spread(window, g_uS):
    if window == "0.2":
        return 0.00081107 + 0.00106879 * g_uS
    return 0.0112185391 + 0.01129027418 * g_uS


@pytest.mark.parametrize(
    ("window", "g_uS", "by_hand_uS"), [("0.2", 50.0, 0.05425057), ("2", 50.0, 0.5757322481)]
)
def test_spread_by_hand(window, g_uS, by_hand_uS):
    found_S = float(load_device(PATHS[window]).device.sigma_programming(g_uS * 1e-6))
    assert found_S == pytest.approx(by_hand_uS * 1e-6, rel=1e-12)


@pytest.mark.parametrize("g_uS", [9.0, 20.0, 50.0, 88.19])
@pytest.mark.parametrize("t_s", TIMES_s)
@pytest.mark.parametrize(("z", "z_relax"), [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (-2.0, 1.5)])
def test_one_cell_from_programming_to_reading(cmo, g_uS, t_s, z, z_relax):
    window, device = cmo
    state = device.program([g_uS * 1e-6], given(programming=[z], relaxation=[z_relax]))
    written_uS = g_uS + spread(window, g_uS) * z
    assert state.g_programmed_S[0] == pytest.approx(written_uS * 1e-6, rel=1e-12)
    sigma_uS = 0.04201137 * math.log(t_s) + 0.41183342
    now_uS = written_uS - 0.08900206 * math.log(t_s) + sigma_uS * z_relax
    g_S = device.drift(state, t_s)
    assert g_S[0] == pytest.approx(now_uS * 1e-6, rel=1e-12)
    noise_uS = 0.0277316483 * math.log10(now_uS) * math.sqrt(math.log((t_s + 1e-6) / 2e-6))
    found_S = device.read_noise(state, g_S, t_s).sigma_S()[0]
    assert found_S == pytest.approx(noise_uS * 1e-6, rel=1e-12)


def test_relaxation_at_one_second_is_its_spread_alone(cmo):
    _, device = cmo
    state = device.program([50.0e-6, 50.0e-6], given(programming=[0, 0], relaxation=[0, 1]))
    moved_S = device.drift(state, 1.0) - 50.0e-6
    assert moved_S == pytest.approx([0.0, 0.41183342e-6], rel=1e-9, abs=1e-18)


def test_read_at_two_times_it_is_the_same_cell(cmo):
    _, device = cmo
    state = device.program(np.full(100, 50.0e-6), named(3, (100,)))
    z = state.z_relaxation
    early, late = (device.drift(state, t_s) for t_s in (10.0, 1.0e6))
    shift_uS = -0.08900206 * math.log(1.0e5) + 0.04201137 * math.log(1.0e5) * z
    assert (late - early) * 1e6 == pytest.approx(shift_uS, rel=1e-9)


@pytest.mark.parametrize("t_s", [0.0, 1.0e-9, 0.999])
def test_before_one_second_is_refused_by_name(cmo, t_s):
    _, device = cmo
    state = device.program([50.0e-6], named(1, (1,)))
    for act in (
        lambda: device.drift(state, t_s),
        lambda: device.read_noise(state, state.g_programmed_S, t_s),
    ):
        with pytest.raises(InputError, match="relaxation of this device is known from --after 1s"):
            act()


@pytest.mark.parametrize("g_uS", [0.0, 1e-9, 0.5, 1.0])
def test_noise_is_none_where_the_logarithm_is_negative(cmo, g_uS):
    _, device = cmo
    state = device.program([50.0e-6], named(1, (1,)))
    noise = device.read_noise(state, np.array([g_uS * 1e-6]), 100.0)
    assert noise.sigma_S()[0] == 0.0


def test_what_relaxes_below_zero_is_zero():
    path = PATHS["2"]
    device = load_device(path, {"device.g_min_S": 0.0}).device
    state = device.program([0.0, 0.1e-6], given(programming=[-5, 0], relaxation=[0, -6.7]))
    assert state.n_clipped == 1
    assert (device.drift(state, 1.0e8) == 0.0).all()


@pytest.mark.parametrize("key", ["0.02", "pct_1", "2", 0.02])
def test_a_window_that_was_not_measured_is_refused(key):
    with pytest.raises(InputError, match=r"acceptance: found .*'pct_0p2' or 'pct_2'"):
        load_device(PATHS["2"], {"device.acceptance": key})


def test_the_window_chosen_is_the_window_used():
    device = load_device(PATHS["2"], {"device.acceptance": "pct_0p2"}).device
    assert float(device.sigma_programming(50.0e-6)) == pytest.approx(0.05425057e-6, rel=1e-12)


def test_a_third_window_is_refused():
    with pytest.raises(InputError, match=r"windows\.pct_1: unknown key"):
        load_device(PATHS["2"], {"device.windows.pct_1": {"intercept_S": 0.0, "slope": 0.0}})
