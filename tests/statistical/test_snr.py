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
from aimc_sim.analysis.snr_monte_carlo import per_read_power, static_mean
from aimc_sim.crossbar.tile import Tiles
from aimc_sim.model.layers import S4D
from aimc_sim.model.network import Model
from aimc_sim.model.signal import Floats
from tests.unit.cli_case import CHIPS

ROOT = Path(__file__).resolve().parents[2]
POWER, N_CHIPS = 1000.0, 4000
FINE = {
    "hardware.device.sigma_coefficients_S": [c * 0.004 for c in (0.26348e-6, 1.965e-6, -1.1731e-6)],
    "hardware.effects.flicker_frozen": False,
    "hardware.effects.flicker_correlated": False,
    "hardware.effects.drift": False,
}
CASES: list[Any] = [
    pytest.param(model, chip, mapping, changes, id=f"{model}-{chip}-{mapping}")
    for model, chip, mapping, changes in (
        ("digits", "pcm_256", "hybrid", {}),
        ("digits", "rram_64", "hybrid", {}),
        ("digits", "pcm_256", "split", FINE),
        ("digits", "pcm_256", "fused", FINE),
        ("smnist196", "pcm_256", "hybrid", {}),
        ("smnist196", "pcm_256", "split", FINE),
        ("smnist784", "pcm_256", "hybrid", {}),
        ("smnist784", "pcm_256", "split", FINE),
    )
]
pytestmark = [pytest.mark.statistical, pytest.mark.slow]


@pytest.mark.parametrize(("model", "chip", "mapping", "changes"), CASES)
def test_closed_form_is_within_half_a_decibel(
    model: str, chip: str, mapping: str, changes: dict[str, Any]
) -> None:
    network = load_model(ROOT / f"examples/models/{model}.npz")
    tiles = tiles_of(network, chip, mapping, changes)
    age_s = tiles.hardware.device.first_age_s
    moments = device_moments(tiles, age_s)
    layers = [
        (layer, plan)
        for layer, plan in zip(network.layers, tiles.plan.layers, strict=True)
        if isinstance(layer, S4D)
    ]
    powers = {layer.name: POWER for layer, _ in layers}
    drawn = static_mean(network, tiles, age_s, powers, N_CHIPS, seed=100)
    for layer, plan in layers:
        errors = kernel_errors_of(layer, plan, network, tiles, age_s, moments)
        snr = layer_snr(layer, errors, POWER)
        inside = snr.is_in_range & (snr.modes.signal > 0.0)
        assert inside.sum() > 0.3 * layer.n_modes
        static = off_dB(snr.modes.static[inside], drawn[layer.name][inside])
        reads = per_read_power(errors, POWER, n_draws=400, seed=3)
        steady = inside & snr.is_stable
        per_read = off_dB(snr.modes.per_read[steady], reads[steady])
        print(f"{layer.name}: {inside.sum()} modes, static {static:.2f}, reads {per_read:.2f} dB")
        assert static < 0.5
        assert per_read < 0.5


def tiles_of(network: Model, chip: str, mapping: str, changes: dict[str, Any]) -> Tiles:
    """Return a programmed and calibrated chip."""
    found = load_chip(
        CHIPS / f"{chip}.yaml",
        {"hardware.mapping.s4d": mapping, "hardware.mapping.allow_narrow_state": True} | changes,
    )
    plan = map_model(network, found.hardware)
    tiles = program(plan, found.hardware, seed=1)
    return calibrate(tiles, age_s=found.hardware.device.first_age_s, seed=1)


def off_dB(one: Floats, other: Floats) -> float:
    """Return the largest distance of two powers of the same modes [dB]."""
    return float(np.abs(10.0 * np.log10(one / other)).max())
