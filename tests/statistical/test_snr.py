"""Closed-form SNR against Monte Carlo of the unquantised kernel, for every mode in range.

A mode's Monte Carlo of the static part is a mean of squares over chips: with 4,000 chips its error
is at most 0.1 dB for one dominating device, so that 0.5 dB is 5 of these; the per-read part is
measured over 400 sequences of 8 time constants.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from aimc_sim import calibrate, load_chip, load_model, map_model, program
from aimc_sim.analysis.device_moments import device_moments
from aimc_sim.analysis.kernel_errors import kernel_errors_of
from aimc_sim.analysis.snr import layer_snr
from aimc_sim.analysis.snr_monte_carlo import drawn_tiles, per_read_power, static_power
from aimc_sim.model.layers import S4D
from tests.unit.cli_case import CHIPS

ROOT = Path(__file__).resolve().parents[2]
POWER, CHIPS_A_TIME, TIMES = 1000.0, 500, 8
FINE = {
    "hardware.device.sigma_coefficients_S": [c * 0.004 for c in (0.26348e-6, 1.965e-6, -1.1731e-6)],
    "hardware.effects.flicker_frozen": False,
    "hardware.effects.flicker_correlated": False,
    "hardware.effects.drift": False,
}
CASES: list[Any] = [
    pytest.param("pcm_256", "hybrid", {}, id="pcm_256-hybrid"),
    pytest.param("rram_64", "hybrid", {}, id="rram_64-hybrid"),
    pytest.param("pcm_256", "split", FINE, id="pcm_256-split-fine"),
    pytest.param("pcm_256", "fused", FINE, id="pcm_256-fused-fine"),
]
pytestmark = [pytest.mark.statistical, pytest.mark.slow]


@pytest.mark.parametrize(("name", "mapping", "changes"), CASES)
def test_closed_form_is_within_half_a_decibel(
    name: str, mapping: str, changes: dict[str, Any]
) -> None:
    model = load_model(ROOT / "examples/models/digits.npz")
    chip = load_chip(
        CHIPS / f"{name}.yaml",
        {"hardware.mapping.s4d": mapping, "hardware.mapping.allow_narrow_state": True} | changes,
    )
    age_s = chip.hardware.device.first_age_s
    tiles = program(map_model(model, chip.hardware), chip.hardware, seed=1)
    tiles = calibrate(tiles, age_s=age_s, seed=1)
    moments = device_moments(chip.hardware, age_s, tiles.plan.t_step_s)
    layer, plan = next(
        (layer, plan)
        for layer, plan in zip(model.layers, tiles.plan.layers, strict=True)
        if isinstance(layer, S4D)
    )
    errors = kernel_errors_of(layer, plan, model, tiles, age_s, moments)
    snr = layer_snr(layer, errors, POWER)
    drawn = np.zeros(layer.n_modes)
    for i in range(TIMES):
        fresh = drawn_tiles(tiles, CHIPS_A_TIME, seed=100 + i)
        found = static_power(layer, plan, model, fresh, age_s, POWER, seed=i)
        drawn += found.mean(axis=0) / TIMES
    inside = snr.is_in_range & (snr.modes.signal > 0.0)
    assert inside.sum() > 0.3 * layer.n_modes
    off_dB = np.abs(10.0 * np.log10(snr.modes.static[inside] / drawn[inside]))
    reads = per_read_power(errors, POWER, n_draws=400, seed=3)
    off_reads_dB = np.abs(10.0 * np.log10(snr.modes.per_read / reads))[snr.is_stable & inside]
    assert off_dB.max() < 0.5, off_dB.max()
    assert off_reads_dB.max() < 0.5, off_reads_dB.max()
