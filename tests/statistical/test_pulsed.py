"""Law 5 of single-pulse devices: one pulse, devices, what is seen (1e-5 for each assertion)."""

from __future__ import annotations

import math

import numpy as np
import pytest

from aimc_sim.devices import device_model_path, load_device
from tests.statistical.bounds import (
    correlation_z,
    folded_normal_moments,
    mean_z,
    variance_is_within_chi_square,
    variance_z,
    z_limit,
)
from tests.unit.devices.draws import named
from tests.unit.devices.pulsed_cases import pulsed

pytestmark = pytest.mark.statistical
SHAPE = (200, 250)
UNIT_S = 50.0e-6
"""Siemens of a unit of weight in the devices of this file."""


def weights_after(device, n_pulses, seed, up=True):
    """Weights of many cells after so many pulses in one direction, of a budget that ends them."""
    loop = device.write_verify.model_copy(update={"max_pulses": n_pulses, "window_S": 1.0e-15})
    short = device.model_copy(update={"write_verify": loop})
    target_S = np.full(SHAPE, device.g_max_S if up else device.g_min_S)
    state = short.program(target_S, named(seed, SHAPE, "pulsed", device.response.kind))
    pulses = state.writing.n_set_pulses if up else state.writing.n_reset_pulses
    assert (pulses == n_pulses).all()
    return state.g_programmed_S / UNIT_S - 1.0


def is_normal_with(values, mean, std):
    return abs(mean_z(values, mean, std)) < z_limit() and variance_is_within_chi_square(
        values, mean, std
    )


@pytest.mark.parametrize("up", [True, False])
@pytest.mark.parametrize(
    ("kind", "changes", "size", "spread"),
    [
        ("constant_step", {}, (0.01, 0.01), (0.002, 0.002)),
        ("linear_step", {}, (0.01 * 0.91, 0.01 * 1.21), (0.002 * 0.91, 0.002 * 1.21)),
        ("linear_step", {"mult_noise": False}, (0.01 * 0.91, 0.01 * 1.21), (0.002, 0.002)),
        ("soft_bounds", {"mult_noise": True}, (0.007, 0.013), (0.0014, 0.0026)),
        ("soft_bounds", {"mult_noise": False}, (0.007, 0.013), (0.002, 0.002)),
    ],
)
def test_mean_and_spread_of_one_pulse(kind, changes, size, spread, up):
    device = pulsed(kind, start_weight=0.3, response={"dw_min_std": 0.2, **changes})
    w = weights_after(device, 1, 61, up)
    which = 0 if up else 1
    assert is_normal_with(w, 0.3 + (size[0] if up else -size[1]), spread[which])


def test_the_spread_of_an_exponential_step_grows_with_weight_and_step():
    changes = {"dw_min_std": 0.6, "dw_min_std_add": 0.042, "dw_min_std_slope": 0.108}
    device = pulsed("exp_step", start_weight=0.2, response=changes)
    size = 0.01 * (1 + 1.5 * math.exp(2.0 * (0.25 - 0.5 * 0.2)))
    spread = 0.6 * (size + 0.042 + 0.108 * 0.2)
    assert is_normal_with(weights_after(device, 1, 62), 0.2 + size, spread)


def test_pulses_of_a_cell_and_cells_of_an_array_are_independent():
    device = pulsed(start_weight=0.0, response={"dw_min_std": 0.3})
    one, two = (weights_after(device, n, 63) for n in (1, 2))
    assert abs(correlation_z(one, two - one)) < z_limit()
    assert is_normal_with(two, 0.02, 0.003 * math.sqrt(2.0))
    for w in (one, two):
        assert abs(correlation_z(w[1:], w[:-1])) < z_limit()
        assert abs(correlation_z(w[:, 1:], w[:, :-1])) < z_limit()


def test_steps_spread_from_device_to_device():
    device = pulsed(start_weight=0.0, response={"dw_min_dtod": 0.2, "up_down_dtod": 0.1})
    up = weights_after(device, 1, 64)
    down = -weights_after(device, 1, 64, up=False)
    std = 0.01 * math.hypot(0.2, 0.1)
    for step in (up, down):
        mean, variance, fourth = folded_normal_moments(0.01, std)
        assert abs(mean_z(step, mean, math.sqrt(variance))) < z_limit()
        assert abs(variance_z(step, mean, variance, fourth)) < z_limit()
    assert is_normal_with((up - down) / 2.0, 0.0, 0.001)  # gain cancels, asymmetry stays
    assert abs(correlation_z(up + down, up - down)) < z_limit()


def test_log_normal_steps():
    changes = {"dw_min_dtod": 0.7, "dw_min_dtod_log_normal": True}
    step = weights_after(pulsed(start_weight=0.0, response=changes), 1, 65)
    assert is_normal_with(np.log(step / 0.01), 0.0, 0.7)


@pytest.mark.parametrize(("up", "dtod"), [(True, 0.1), (False, 0.05)])
def test_bounds_spread_from_device_to_device(up, dtod):
    """One pulse of 1.6 from weight 0 ends at the bound; 20 uS a unit, so that none is dark."""
    window = {"g_min_S": 46.0e-6, "g_max_S": 54.0e-6, "w_at_g_min": -0.2, "w_at_g_max": 0.2}
    changes = {"dw_min": 1.6, "w_max_dtod": 0.1, "w_min_dtod": 0.05}
    device = pulsed(start_weight=0.0, response=changes, max_pulses=1, **window)
    target_S = np.full(SHAPE, 54.0e-6 if up else 46.0e-6)
    state = device.program(target_S, named(66, SHAPE))
    w = (state.g_programmed_S - 50.0e-6) / 20.0e-6
    assert is_normal_with(w, 1.0 if up else -1.0, dtod)
    assert state.n_clipped == w.size


def test_what_is_seen_spreads_by_the_write_noise_and_does_not_add_up():
    changes = {"write_noise_std": 4.0, "dw_min": 0.005}
    device = pulsed(start_weight=0.0, response=changes)
    one, two = (weights_after(device, n, 67) for n in (1, 2))
    assert is_normal_with(one, 0.005, 0.02)
    assert is_normal_with(two, 0.010, 0.02)
    assert abs(correlation_z(one, two)) < z_limit()


def test_a_full_reset_spreads_from_device_to_device_and_from_one_to_the_next():
    pcm = load_device(device_model_path("pulse_pcm_nandakumar2020")).device
    reset = pcm.reset.model_copy(update={"weight": 0.2})
    loop = pcm.write_verify.model_copy(update={"window_S": 1.0})
    device = pcm.model_copy(update={"reset": reset, "write_verify": loop})
    state = device.program(np.zeros(SHAPE), named(68, SHAPE))
    assert is_normal_with(state.g_programmed_S / 12.5e-6, 0.2, math.hypot(0.02, 0.01))


def test_the_loop_leaves_an_even_spread_within_its_window():
    """Small steps from below end just inside the lower edge: within a step of it, evenly."""
    device = pulsed(window_S=2.0e-6, response={"dw_min": 0.005})
    g_S = np.random.default_rng(1).uniform(10.0e-6, 90.0e-6, SHAPE)
    state = device.program(g_S, named(69, SHAPE))
    share = (state.g_programmed_S - g_S + 2.0e-6) / 0.25e-6
    assert ((share > -1e-6) & (share < 1 + 1e-6)).all()
    assert abs(mean_z(share, 0.5, math.sqrt(1 / 12))) < z_limit()
    assert abs(variance_z(share, 0.5, 1 / 12, 1 / 80)) < z_limit()
