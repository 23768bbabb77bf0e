"""Calibration: what it corrects, what it reads, what it refuses."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from aimc_sim import calibrate
from aimc_sim.data import Data
from aimc_sim.devices.table import TableDevice
from aimc_sim.runner.run import run
from aimc_sim.runner.stream import stream
from tests.laws.build import SILENT, device_of, hardware_of, linear_model, program_model

RNG = np.random.default_rng(5)
WEIGHT = RNG.integers(-127, 128, (20, 7))
MODEL = linear_model(WEIGHT)
X = RNG.integers(-128, 128, (60, 1, 20))
DATA = Data(X, np.full(60, 1))
EXACT = X[:, 0] @ WEIGHT
DAY_S = 86400.0


def same_exponent():
    """Return PCM without read noise whose devices all drift alike, nu = 0.05."""
    law = {"kind": "constant", "value": 0.05}
    drift = {**device_of("pcm_joshi2020").drift_law.model_dump(), "nu_mean": law,
             "nu_std": {"kind": "constant", "value": 0.0}}  # fmt: skip
    return device_of("pcm_joshi2020", flicker_law=SILENT, drift_law=drift)


def error_of(kind, device, *, age_s=DAY_S, tile=(8, 6), n_patterns=16, **options):
    """Return relative RMS error of the outputs, and the tiles."""
    calibration = {"kind": kind, "n_patterns": n_patterns}
    hardware = hardware_of(device, tile, calibration=calibration, **options)
    tiles = calibrate(program_model(MODEL, hardware), age_s=age_s, seed=1)
    y = run(MODEL, tiles, DATA, seed=2, age_s=age_s, probes=("enc",)).probes["enc"][0, :, 0]
    return float(np.sqrt(np.mean((y - EXACT) ** 2) / np.mean(EXACT**2))), tiles


@pytest.mark.parametrize("subtraction", ["before_adc", "after_adc"])
@pytest.mark.parametrize("kind", ["global", "per_bitline", "affine"])
def test_drift_that_all_devices_share_is_undone(kind, subtraction):
    device, effects = same_exponent(), {"programming": False}
    options = {"effects": effects, "subtraction": subtraction}
    before, _ = error_of("none", device, **options)
    after, tiles = error_of(kind, device, **options)
    assert before == pytest.approx(1.0 - (DAY_S / 20.0 + 1.0) ** -0.05, rel=0.01)
    assert after < 0.002
    for correction in tiles.corrections.values():
        driven = correction.gain != 1.0  # a bitline without weights has no current to scale
        assert driven.mean() > 0.6
        assert correction.gain[driven] == pytest.approx((DAY_S / 20.0 + 1.0) ** 0.05, rel=0.02)


def test_drift_that_differs_is_corrected_in_part():
    device = device_of("pcm_joshi2020")
    none, one, each, affine = (
        error_of(kind, device, n_patterns=200)[0]
        for kind in ("none", "global", "per_bitline", "affine")
    )
    assert none > 2.0 * max(one, each, affine)


@pytest.mark.parametrize(("subtraction", "left"), [("before_adc", 0.005), ("after_adc", 0.1)])
def test_only_affine_corrects_what_was_written_wrong(subtraction, left):
    """After the ADC a cell's offset goes with the input, which a constant does not follow."""
    levels = [{"g_target_S": t, "mean_S": m, "sigma_S": 0.0} for t, m in
              ((0.0, 1.0e-6), (25.0e-6, 21.0e-6))]  # fmt: skip
    source = {"cite": "a test", "grade": "assumed"}
    device = TableDevice(
        kind="table", statistic="after_verify", g_min_S=0.0, g_max_S=25.0e-6, levels=levels,
        set_pulses_mean=1, reset_pulses_mean=0, verify_reads_mean=1, pulses_source=source,
        programming_source=source,
    )  # fmt: skip
    error = {
        kind: error_of(kind, device, age_s=0.0, subtraction=subtraction)[0]
        for kind in ("none", "global", "per_bitline", "affine")
    }
    assert error["none"] == pytest.approx(0.2, abs=0.01)
    assert error["global"] == error["per_bitline"] == error["none"]
    assert error["affine"] < left


def test_an_ideal_chip_stays_exact():
    for kind in ("global", "per_bitline", "affine"):
        error, tiles = error_of(kind, None, age_s=0.0)
        assert error == 0.0
        for correction in tiles.corrections.values():
            np.testing.assert_allclose(correction.gain, 1.0, rtol=1e-12)
            np.testing.assert_allclose(correction.offset, 0.0, atol=1e-7)


def test_slices_share_gain_and_offset():
    dac = {"kind": "uniform", "bits": 4, "v_read_V": 0.2}
    device = same_exponent()
    error, _ = error_of("affine", device, dac=dac, effects={"programming": False})
    assert error < 0.002


def test_reads_are_counted():
    kinds = {"none": (0, 0), "global": (0, 2), "per_bitline": (0, 2), "affine": (1, 0)}
    for kind, (calibrations, compensations) in kinds.items():
        tiles = error_of(kind, None, age_s=0.0, n_patterns=5)[1]
        n_currents = sum(tile.n_columns for tile in tiles.plan.tiles)
        assert tiles.events.total("calibrate.read") == 5 * n_currents * calibrations
        assert tiles.events.total("compensate.read") == 5 * n_currents * compensations


def test_a_run_calibrates_what_was_not():
    """The same codes with and without the call; reads counted once, however the run is cut."""
    hardware = hardware_of(device_of("pcm_joshi2020"), calibration={"kind": "global"})
    tiles = program_model(MODEL, hardware)
    data = Data(np.repeat(X, 3, axis=1), np.full(60, 3))
    ready = calibrate(tiles, age_s=DAY_S, seed=4)
    called = run(MODEL, ready, data, seed=4, age_s=DAY_S)
    whole = run(MODEL, tiles, data, seed=4, age_s=DAY_S)
    np.testing.assert_array_equal(called.y_code, whole.y_code)
    assert ready.events + called.events == tiles.events + whole.events
    first = run(MODEL, tiles, data.steps(0, 1), seed=4, age_s=DAY_S)
    rest = run(MODEL, tiles, data.steps(1, 3), seed=4, age_s=DAY_S, state=first.state)
    assert first.events + rest.events == whole.events
    np.testing.assert_array_equal(rest.y_code, whole.y_code)


def test_a_stream_calibrates_too():
    hardware = hardware_of(same_exponent(), calibration={"kind": "global"})
    tiles = program_model(MODEL, hardware)
    y = np.stack(list(stream(MODEL, tiles, X[:, 0], seed=4, age_s=DAY_S)))
    assert np.abs(y - EXACT).mean() < 0.1 * np.abs(EXACT).mean()


def test_a_calibration_may_be_old():
    device = same_exponent()
    hardware = hardware_of(device, calibration={"kind": "global"})
    fresh = calibrate(program_model(MODEL, hardware), age_s=0.0, seed=1)
    y = run(MODEL, fresh, DATA, seed=1, age_s=DAY_S, probes=("enc",)).probes["enc"][0, :, 0]
    assert np.abs(y).mean() == pytest.approx(0.66 * np.abs(EXACT).mean(), rel=0.05)


def test_same_seed_same_corrections_and_calibrating_twice_is_calibrating_once():
    hardware = hardware_of(device_of("pcm_joshi2020"), calibration={"kind": "affine"})
    tiles = program_model(MODEL, hardware, n_chips=2)
    one, two = (calibrate(tiles, age_s=60.0, seed=s) for s in (1, 2))
    again = calibrate(one, age_s=60.0, seed=1)
    for key, correction in one.corrections.items():
        np.testing.assert_array_equal(correction.gain, again.corrections[key].gain)
        assert (correction.gain != two.corrections[key].gain).any()
    assert len(one.corrections) == 2 * len(one.plan.tiles)


def test_offsets_are_spread_over_slices():
    """Reads of input 0 give the offset once, however many slices there are."""
    dac = {"kind": "uniform", "bits": 4, "v_read_V": 0.2}
    hardware = hardware_of(dac=dac, calibration={"kind": "affine"})
    tiles = calibrate(program_model(MODEL, hardware), age_s=0.0, seed=1)
    moved = {key: replace(c, offset=c.offset + 170.0) for key, c in tiles.corrections.items()}
    dark = Data(np.zeros((1, 1, 20), dtype=np.int64), np.array([1]))
    found = run(MODEL, replace(tiles, corrections=moved), dark, seed=1, probes=("enc",))
    assert (found.probes["enc"] == 170).all()


def test_a_calibration_reads_the_devices_of_the_run():
    """Noise frozen over the run is there when the patterns are read: affine takes it out."""
    effects = {"programming": False, "drift": False, "flicker_correlated": False}
    weight = np.full((1, 4), 127)
    model, data = linear_model(weight), Data(np.full((9, 1, 1), 100), np.full(9, 1))
    error = {}
    for kind in ("none", "affine"):
        calibration = {"kind": kind, "n_patterns": 64}
        hardware = hardware_of(device_of("pcm_joshi2020"), effects=effects, calibration=calibration)
        tiles = program_model(model, hardware, n_chips=4)
        y = run(model, tiles, data, seed=2, probes=("enc",)).probes["enc"]
        error[kind] = float(np.abs(y - 12700).max())
    assert error["none"] > 400
    assert error["affine"] <= 3
