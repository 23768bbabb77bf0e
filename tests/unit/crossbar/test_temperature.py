"""Tiles at a temperature: live devices of both signs move, nothing else does, no draw moves."""

from __future__ import annotations

import math

import numpy as np
import pytest

from aimc_sim import calibrate
from aimc_sim.chip import load_chip
from aimc_sim.hardware import Hardware
from aimc_sim.runner.run import run
from aimc_sim.spec import InputError, validate
from tests.laws.build import (
    device_of,
    hardware_of,
    kernel_model,
    linear_model,
    program_model,
    random_data,
)

LAW = {
    "reference_K": 300.0,
    "conductance_activation_eV": {"kind": "constant", "value": 0.1},
    "range_K": (290.0, 360.0),
    "source": {"cite": "a test, no device", "grade": "assumed"},
}
FACTOR_330 = math.exp(0.1 / 8.617333262e-5 * (1.0 / 300.0 - 1.0 / 330.0))
STUCK = {
    "stuck_off": {"rate": 0.2, "low_S": 1.0e-9, "high_S": 1.0e-8},
    "source": {"cite": "a test", "grade": "assumed"},
}
WEIGHT = np.random.default_rng(0).integers(-127, 128, (9, 7))
MODEL = linear_model(WEIGHT)
DATA = random_data(np.random.default_rng(1), MODEL, 8, 3, ragged=False)
DAY_S = 86400.0


def at(temperature_K, device=None, **options):
    """Return hardware at a temperature."""
    device = device or device_of("pcm_joshi2020", temperature=LAW)
    hardware = hardware_of(device, (16, 16), **options)
    return validate(Hardware, {**hardware.model_dump(), "temperature_K": temperature_K}, "chip")


def test_both_devices_of_a_pair_are_scaled_after_they_drift():
    cold, warm = (program_model(MODEL, at(t)) for t in (None, 330.0))
    for age_s in (0.0, DAY_S):
        cold_S, warm_S = cold.g_S(0, 0, age_s)[:9, :7], warm.g_S(0, 0, age_s)[:9, :7]
        for side in (0, 1):
            assert (cold_S[..., side] > 0.0).sum() > 40
            scaled_S = cold_S[..., side] * FACTOR_330
            np.testing.assert_allclose(warm_S[..., side], scaled_S, rtol=1e-12, atol=0.0)


@pytest.mark.parametrize("name", ["pcm_joshi2020", "gaussian", "table_example"])
def test_the_reference_is_the_same_bytes(name):
    device = device_of(name, temperature=LAW)
    cold, same = (program_model(MODEL, at(t, device)) for t in (None, 300.0))
    np.testing.assert_array_equal(cold.g_S(0, 0, DAY_S), same.g_S(0, 0, DAY_S))
    one, two = (run(MODEL, tiles, DATA, seed=5, age_s=60.0) for tiles in (cold, same))
    np.testing.assert_array_equal(one.y_code, two.y_code)
    np.testing.assert_array_equal(one.error_square, two.error_square)
    assert one.events == two.events


def test_cells_without_a_weight_and_broken_devices_stay():
    device = device_of("pcm_joshi2020", temperature=LAW, faults=STUCK)
    model = kernel_model(is_complex=True)
    cold, warm = (
        program_model(model, at(t, device, s4d="split", unused_S=3.0e-6)) for t in (None, 330.0)
    )
    n_stay = n_move = 0
    for key in cold.states:
        live = cold.live(*key)
        np.testing.assert_array_equal(live, warm.live(*key))
        cold_S, warm_S = cold.g_S(*key), warm.g_S(*key)
        np.testing.assert_array_equal(warm_S[~live], cold_S[~live])
        np.testing.assert_allclose(warm_S[live], cold_S[live] * FACTOR_330, rtol=1e-12)
        n_stay, n_move = n_stay + (~live).sum(), n_move + (cold_S[live] > 0.0).sum()
    assert n_stay > 20
    assert n_move > 20


def test_no_draw_moves():
    cold, warm = (program_model(MODEL, at(t), n_chips=2) for t in (None, 330.0))
    assert cold.events == warm.events
    for key, state in cold.states.items():
        np.testing.assert_array_equal(warm.states[key].g_programmed_S, state.g_programmed_S)
        np.testing.assert_array_equal(warm.states[key].drift_nu, state.drift_nu)
    results = [run(MODEL, tiles, DATA, seed=5, probes=("enc",)) for tiles in (cold, warm)]
    assert results[0].events.counts == results[1].events.counts
    # Same noise, all of it relative to the conductance: every output is scaled alike.
    cold_y, warm_y = (result.probes["enc"].astype(np.float64) for result in results)
    assert np.abs(cold_y).max() > 1000
    np.testing.assert_allclose(warm_y, cold_y * FACTOR_330, atol=2.0)
    arrays = [result.events.arrays for result in results]
    for key, reads in arrays[0].items():  # what the array's energy is made of
        cold_S, warm_S = np.array(reads.g_row_S), np.array(arrays[1][key].g_row_S)
        np.testing.assert_allclose(warm_S, cold_S * FACTOR_330, rtol=1e-9)


@pytest.mark.parametrize("kind", ["none", "global", "affine"])
def test_one_factor_a_tile_undoes_one_activation_energy(kind):
    quiet = {"programming": False, "drift": False, "flicker_frozen": False,
             "flicker_correlated": False, "flicker_white": False}  # fmt: skip
    hardware = at(330.0, calibration={"kind": kind, "n_patterns": 16}, effects=quiet)
    tiles = calibrate(program_model(MODEL, hardware), age_s=0.0, seed=1)
    y = run(MODEL, tiles, DATA, seed=2, probes=("enc",)).probes["enc"][0].astype(np.float64)
    exact = DATA.x_code @ WEIGHT
    gain = float((y * exact).sum() / (exact * exact).sum())
    assert gain == pytest.approx(FACTOR_330 if kind == "none" else 1.0, rel=2e-3)


@pytest.mark.parametrize(
    ("device", "temperature_K", "message"),
    [
        (None, 289.0, "temperature_K: found 289; the device is known from 290 to 360 K"),
        (None, 360.5, "temperature_K: found 360.5; the device is known from 290 to 360 K"),
        (None, -3.0, "temperature_K: found -3.0; Input should be greater than 0"),
        (
            device_of("rram_wan2022"),
            300.0,
            "temperature_K: found 300; this device has no temperature law; allowed: null",
        ),
        (
            device_of("pcm_joshi2020"),
            330.0,
            "temperature_K: found 330; this device has no temperature law; allowed: null",
        ),
    ],
)
def test_unknown_temperatures_are_refused(device, temperature_K, message):
    with pytest.raises(InputError) as error:
        at(temperature_K, device)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_it_is_set_like_any_other_key():
    path = "examples/chips/pcm_256.yaml"
    law = {"hardware.device.temperature": {**LAW, "range_K": [290.0, 360.0]}}
    chip = load_chip(path, {**law, "hardware.temperature_K": 330})
    assert chip.hardware.temperature_K == 330.0
    with pytest.raises(InputError, match="hardware: temperature_K: found 330; this device has no"):
        load_chip(path, {"hardware.temperature_K": 330})
