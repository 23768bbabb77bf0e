"""PCM against formulas written out here in microsiemens, with the published coefficients."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given as given_by_hypothesis
from hypothesis import strategies as st

from aimc_sim.devices import device_model_path, load_device
from aimc_sim.spec import InputError
from tests.unit.devices.draws import given, named

PATH = device_model_path("pcm_joshi2020")
GR = [0.0, 1e-8, 1e-3, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 1.0]
DAY_S = 86400.0


@pytest.fixture(scope="module")
def pcm():
    return load_device(PATH).device


def one_cell(pcm, gr, z=0.0, z_nu=0.0):
    return pcm.program([gr * 25.0e-6], given(programming=[z], drift_nu=[z_nu]))


def spread(gr):
    return 0.26348 + 1.9650 * gr - 1.1731 * gr * gr


def nu_mean(gr):
    return min(max(-0.0155 * math.log(max(gr, 1e-7)) + 0.0244, 0.049), 0.1)


def nu_std(gr):
    return min(max(-0.0125 * math.log(max(gr, 1e-7)) - 0.0059, 0.008), 0.045)


def q_s(gr):
    return min(0.0088 / max(gr**0.65, 1e-3), 0.2)


@pytest.mark.parametrize(
    ("gr", "by_hand_uS"), [(0.0, 0.26348), (0.2, 0.609556), (0.5, 0.952705), (1.0, 1.05538)]
)
def test_spread_by_hand(pcm, gr, by_hand_uS):
    assert spread(gr) == pytest.approx(by_hand_uS, rel=1e-12)
    assert float(pcm.sigma_programming(gr * 25.0e-6)) == pytest.approx(by_hand_uS * 1e-6, rel=1e-12)


@pytest.mark.parametrize(
    ("gr", "mean", "std"),
    [
        (1.0, 0.049, 0.008),
        (math.exp(-2), 0.0554, 0.0191),
        (math.exp(-4), 0.0864, 0.0441),
        (math.exp(-5), 0.1, 0.045),
        (0.0, 0.1, 0.045),
    ],
)
def test_drift_exponent_by_hand(pcm, gr, mean, std):
    assert one_cell(pcm, gr).drift_nu[0] == pytest.approx(mean, rel=1e-12)
    assert one_cell(pcm, gr, z_nu=1.0).drift_nu[0] == pytest.approx(mean + std, rel=1e-12)


@pytest.mark.parametrize(
    ("gr", "by_hand"), [(1.0, 0.0088), (0.01, 0.0088 * 10**1.3), (0.001, 0.2), (0.0, 0.2)]
)
def test_read_noise_strength_by_hand(pcm, gr, by_hand):
    assert float(pcm.flicker_law.q_s.at(gr)) == pytest.approx(by_hand, rel=1e-12)


@pytest.mark.parametrize("gr", GR)
@pytest.mark.parametrize("z", [-0.25, 0.0, 1.5, 3.0])
def test_one_cell_from_programming_to_reading(pcm, gr, z):
    state = one_cell(pcm, gr, z, z_nu=-0.5)
    g_prog_uS = max(25.0 * gr + spread(gr) * z, 0.0)
    assert state.g_programmed_S[0] == pytest.approx(g_prog_uS * 1e-6, rel=1e-12)
    nu = nu_mean(gr) - 0.5 * nu_std(gr)
    assert state.drift_nu[0] == pytest.approx(nu, rel=1e-12)
    for t_s in (0.0, 1.0, 3600.0, DAY_S, 3.15e7):
        g_uS = g_prog_uS * ((t_s + 20.0) / 20.0) ** -nu
        g_S = pcm.drift(state, t_s)
        assert g_S[0] == pytest.approx(g_uS * 1e-6, rel=1e-12)
        relative = q_s(g_prog_uS / 25.0) * math.sqrt(math.log((t_s + 20.0 + 250e-9) / 500e-9))
        assert pcm.read_noise(state, g_S, t_s).sigma_S()[0] == pytest.approx(
            relative * g_uS * 1e-6, rel=1e-12
        )


def test_relative_read_noise_at_full_conductance_by_hand(pcm):
    state = one_cell(pcm, 1.0)
    at_reference = pcm.read_noise(state, state.g_programmed_S, 0.0).sigma_S()[0] / 25.0e-6
    assert at_reference == pytest.approx(0.0088 * math.sqrt(math.log(40000000.5)), rel=1e-12)
    assert at_reference == pytest.approx(0.036818, abs=1e-5)


def test_drift_over_one_decade_by_hand(pcm):
    state = one_cell(pcm, 1.0)
    assert pcm.drift(state, 180.0)[0] == pytest.approx(25.0e-6 * 10**-0.049, rel=1e-12)


def test_at_the_reference_read_the_cell_is_as_written(pcm):
    state = pcm.program(np.linspace(0.0, 25.0e-6, 50), named(5, (50,)))
    assert (pcm.drift(state, 0.0) == state.g_programmed_S).all()


def test_zero_stays_zero_and_is_read_without_noise(pcm):
    state = one_cell(pcm, 0.0, z=-1.0)
    assert state.n_clipped == 1
    g_S = pcm.drift(state, DAY_S)
    assert g_S[0] == 0.0
    assert pcm.read_noise(state, g_S, DAY_S).sigma_S()[0] == 0.0


def test_clipped_cells_are_counted(pcm):
    state = pcm.program(np.zeros(5), given(programming=[-1, -2, 0, 1, 2], drift_nu=np.zeros(5)))
    assert state.n_clipped == 2


def test_exponent_is_folded_not_cut(pcm):
    state = one_cell(pcm, 1.0, z_nu=-10.0)
    assert state.drift_nu[0] == pytest.approx(abs(0.049 - 0.08), rel=1e-6)


def test_exponent_depends_on_the_target_not_on_what_was_written(pcm):
    targets = [one_cell(pcm, 0.1, z).drift_nu[0] for z in (-2.0, 0.0, 2.0)]
    assert targets == [targets[0]] * 3


def test_reading_on_two_days_is_one_trajectory(pcm):
    state = pcm.program(np.linspace(1e-6, 25.0e-6, 40), named(5, (40,)))
    first, later = pcm.drift(state, DAY_S), pcm.drift(state, 2 * DAY_S)
    expected = first * ((2 * DAY_S + 20.0) / (DAY_S + 20.0)) ** -state.drift_nu
    assert later == pytest.approx(expected, rel=1e-12)
    assert (pcm.drift(state, DAY_S) == first).all()


def test_spread_scales_with_g_max():
    half = load_device(PATH, {"device.g_max_S": 12.5e-6}).device
    assert float(half.sigma_programming(12.5e-6)) == pytest.approx(1.05538e-6 / 2, rel=1e-12)
    assert float(half.sigma_programming(0.0)) == pytest.approx(0.26348e-6 / 2, rel=1e-12)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("device.sigma_coefficients_S", [1.0e-6, -2.0e-6], "spread is negative somewhere"),
        (
            "device.flicker_law.t_read_s",
            30.0,
            r"t_read_s: found 30; must be below drift_law.t0_s 20",
        ),
        ("device.drift_law.nu_mean.low", 0.2, "low: found 0.2; must be below high 0.1"),
    ],
)
def test_laws_that_cannot_hold_are_refused(path, value, message):
    with pytest.raises(InputError, match=message):
        load_device(PATH, {path: value})


@given_by_hypothesis(
    gr=st.floats(0.0, 1.0),
    z=st.floats(-6.75, 6.75),
    z_nu=st.floats(-6.75, 6.75),
    t_s=st.floats(0.0, 1e10),
)
def test_nothing_is_ever_nan_negative_or_growing(gr, z, z_nu, t_s):
    pcm = load_device(PATH).device
    state = one_cell(pcm, gr, z, z_nu)
    g_S = pcm.drift(state, t_s)
    sigma_S = pcm.read_noise(state, g_S, t_s).sigma_S()
    assert 0.0 <= g_S[0] <= state.g_programmed_S[0]
    assert 0.0 <= sigma_S[0] < np.inf
