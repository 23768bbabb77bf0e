"""TaOx and the ideal device: levels, bounds, nothing that moves in time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given as given_by_hypothesis
from hypothesis import strategies as st

from aimc_sim.devices import IdealDevice, device_model_path, load_device
from aimc_sim.spec import InputError
from tests.unit.devices.draws import given, named

PATH = device_model_path("taox_64x64")
STEP_S = 299.0e-6 / 63


@pytest.fixture(scope="module")
def taox():
    return load_device(PATH).device


def test_there_are_64_levels_from_1_to_300(taox):
    levels = np.unique(taox.nearest_level(np.linspace(1.0e-6, 300.0e-6, 100_001)).round(12))
    assert levels == pytest.approx(np.linspace(1.0e-6, 300.0e-6, 64), abs=1e-12)


@given_by_hypothesis(g_S=st.floats(1.0e-6, 300.0e-6))
def test_a_target_moves_by_half_a_step_at_most(g_S):
    level_S = float(load_device(PATH).device.nearest_level(g_S))
    assert abs(level_S - g_S) <= STEP_S / 2 * (1 + 1e-9)
    assert 1.0e-6 <= level_S <= 300.0e-6
    assert float(load_device(PATH).device.nearest_level(level_S)) == level_S


def test_spread_is_constant(taox):
    g_S = [1.0e-6 + 10 * STEP_S, 300.0e-6]
    state = taox.program(g_S, given(programming=[1.0, -2.0]))
    assert state.g_programmed_S == pytest.approx([g_S[0] + 5.0e-6, 290.0e-6], rel=1e-12)
    assert (state.g_target_S == g_S).all()


def test_written_values_stay_within_physical_bounds_and_are_counted():
    wide = load_device(PATH, {"device.sigma_write_S": 1.0e-3}).device
    state = wide.program([1.0e-6, 300.0e-6, 150.0e-6], given(programming=[-1.0, 1.0, 0.0]))
    assert state.g_programmed_S[:2] == pytest.approx([0.01e-6, 1200.0e-6], rel=1e-12)
    assert state.n_clipped == 2


def test_no_drift_and_no_read_noise_are_published(taox):
    state = taox.program(np.linspace(1.0e-6, 300.0e-6, 64), named(1, (64,)))
    assert (taox.drift(state, 1.0e9) == state.g_programmed_S).all()
    assert taox.read_noise(state, state.g_programmed_S, 0.0).sigma_S() is None
    assert taox.read_source.grade == "assumed"


def test_read_noise_can_be_given():
    noisy = load_device(PATH, {"device.sigma_read_S": 1.5e-6}).device
    state = noisy.program([1.0e-6, 300.0e-6], named(1, (2,)))
    assert (noisy.read_noise(state, state.g_programmed_S, 0.0).sigma_S() == 1.5e-6).all()


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("device.n_levels", 1, "n_levels: found 1"),
        ("device.g_physical_min_S", 2.0e-6, "must enclose"),
        ("device.g_physical_max_S", 299.0e-6, "must enclose"),
        ("device.sigma_write_S", -1.0e-6, "sigma_write_S: found -1e-06"),
    ],
)
def test_bounds_that_cannot_hold_are_refused(path, value, message):
    with pytest.raises(InputError, match=message):
        load_device(PATH, {path: value})


@pytest.mark.parametrize(("name", "rate"), [("taox_64x64", 0.0), ("taox_64x64_yield84", 0.08)])
def test_stuck_devices_lie_in_the_ranges_that_were_seen(name, rate):
    faults = load_device(device_model_path(name)).device.faults
    for part, low_uS, high_uS in ((faults.stuck_off, 0.01, 1.0), (faults.stuck_on, 300.0, 1200.0)):
        assert part.rate == rate
        assert [part.low_S, part.high_S] == pytest.approx([low_uS * 1e-6, high_uS * 1e-6])
    assert faults.source.doi == "10.1145/3061639.3062310"


def test_yield_of_84_percent_differs_in_faults_only():
    good, worst = (
        load_device(device_model_path("taox_64x64" + n)).device for n in ("", "_yield84")
    )
    assert worst.model_copy(update={"faults": None}) == good.model_copy(update={"faults": None})
    assert 1.0 - worst.faults.stuck_off.rate - worst.faults.stuck_on.rate == pytest.approx(0.84)


def test_ideal_is_exact_and_draws_nothing():
    ideal = IdealDevice(kind="ideal", g_min_S=1.0e-6, g_max_S=9.0e-6)
    g_S = np.linspace(1.0e-6, 9.0e-6, 12).reshape(3, 4)
    state = ideal.program(g_S, given())
    assert (state.g_programmed_S == g_S).all()
    assert (ideal.drift(state, 1.0e9) == g_S).all()
    assert ideal.read_noise(state, g_S, 1.0e9).sigma_S() is None
    assert state.n_clipped == 0
