"""Pole calibration: what it measures, what it corrects, what it counts."""

from __future__ import annotations

import numpy as np
import pytest

from aimc_sim.analysis.effective import analog_codes, quantised_codes
from aimc_sim.crossbar.calibrate import calibrate
from aimc_sim.crossbar.tile import POLE_GAIN_BITS, PoleGains
from tests.laws.build import device_of, hardware_of, kernel_model, program_model

QUIET = device_of("gaussian", flicker_law=None, drift_law=None)
MODEL = kernel_model(is_complex=True, n_states=(3, 2))
LAYER = MODEL.layers[0]


def tiles_of(seed=3, **mapping):
    options = {"s4d": "split", "pole_gain": "complex", "noise_form": "cell"} | mapping
    hardware = hardware_of(QUIET, (40, 80), calibration={"n_patterns": 64}, **options)
    return program_model(MODEL, hardware, seed=seed, n_chips=4)


def poles(tiles, corrected):
    (plan, *_) = tiles.plan.layers
    A = analog_codes(LAYER, plan, MODEL, tiles, 0.0, corrected=corrected).A
    return (A[..., 0, 0] + A[..., 1, 1]) / 2.0 + 0.5j * (A[..., 0, 1] - A[..., 1, 0])


def wanted():
    A = quantised_codes(LAYER).A
    return A[:, 0, 0] + 1j * A[:, 0, 1]


@pytest.mark.parametrize("s4d", ["split", "fused"])
@pytest.mark.parametrize("a_stored", ["A", "A_minus_I"])
def test_a_complex_gain_puts_the_whole_pole_right(s4d, a_stored):
    tiles = calibrate(tiles_of(s4d=s4d, a_stored=a_stored), age_s=0.0, seed=1)
    before, after = (np.abs(poles(tiles, on) - wanted()) for on in (False, True))
    assert before.max() > 0.3  # codes; a spread of 0.2 uS in 25 uS
    stored = np.abs(wanted() - (128 if a_stored == "A_minus_I" else 0))
    assert after.max() < 1.5 * stored.max() * 2.0**-POLE_GAIN_BITS + 1.0e-9


@pytest.mark.parametrize("a_stored", ["A", "A_minus_I"])
def test_a_real_gain_puts_the_magnitude_right(a_stored):
    tiles = tiles_of(pole_gain="magnitude", a_stored=a_stored)
    tiles = calibrate(tiles, age_s=0.0, seed=1)
    before, after = (np.abs(np.abs(poles(tiles, on)) - np.abs(wanted())) for on in (False, True))
    assert before.max() > 0.3
    assert after.max() < 0.02
    assert not any(gains.mixes for gains in tiles.pole_gains.values())


def test_reads_are_counted_and_go_through_the_converters():
    bare = tiles_of()
    tiles = calibrate(bare, age_s=0.0, seed=1)
    n_x = 2 * 5
    assert tiles.events.total("calibrate.read") == 4 * 64 * n_x  # chips, patterns, bitlines
    coarse = hardware_of(
        QUIET, (40, 80), calibration={"n_patterns": 64}, s4d="split", pole_gain="complex",
        noise_form="cell", adc={"kind": "uniform", "bits": 4, "range": "worst_case"},
        allow_narrow_state=True,
    )  # fmt: skip
    rough = calibrate(program_model(MODEL, coarse, seed=3, n_chips=4), age_s=0.0, seed=1)
    assert (rough.pole_gains[0, "ssm"].re != tiles.pole_gains[0, "ssm"].re).any()
    assert np.abs(rough.pole_gains[0, "ssm"].re - tiles.pole_gains[0, "ssm"].re).max() < 4000


def test_a_digital_recurrence_has_no_gains():
    tiles = calibrate(tiles_of(s4d="hybrid"), age_s=0.0, seed=1)
    assert tiles.pole_gains == {}
    assert tiles.events.total("calibrate.read") == 0


def test_gains_round_half_up_and_mix_parts():
    half = 1 << (POLE_GAIN_BITS - 1)
    gains = PoleGains(np.array([2 * half, half]), np.array([0, 3 * half]))
    acc = np.array([[[10, 3], [-7, 5]]])
    assert gains.mixes
    # mode 0 unchanged; mode 1: (0.5 + 1.5i)(3 + 5i) = -6 + 7i
    assert gains.apply(acc).tolist() == [[[10, -6], [-7, 7]]]
    plain = PoleGains(np.array([half, half]), np.zeros(2, dtype=np.int64))
    assert plain.apply(np.array([[[3, -3]]])).tolist() == [[[2, -1]]]
