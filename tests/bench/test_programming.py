"""Programming and drift of PCM cells, 1, 16 and 64 million of them, beside what is promised."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from aimc_sim import load_chip, map_model, program
from aimc_sim.analysis.random_codes import one_layer
from aimc_sim.devices.state import Levels
from aimc_sim.rng import stream

CHIP = "examples/chips/pcm_256.yaml"
TILE = {
    "hardware.calibration.kind": "none",
    "hardware.tile.n_wordlines": 1024,
    "hardware.tile.n_bitlines": 1024,
}
DAY_S = 86400.0
PROMISED_NS = 20.0
"""A cell, drift to one day included."""


def test_devices(beside: Any) -> None:
    """A million devices, each at one of 256 levels."""
    device, n = load_chip(CHIP).hardware.device, 1 << 20
    table_S = np.linspace(0.0, device.g_max_S, 256)[:, None].repeat(2, axis=1)
    levels = Levels(table_S, np.random.default_rng(0).integers(0, 256, n // 2))

    def work() -> Any:
        state = device.write(levels, lambda name: stream(1, name).normal(n), 0.0)
        return state, device.drift(state, DAY_S)

    state, old_S = beside(work, n * PROMISED_NS * 1e-9, rounds=10)
    assert 0.3 < old_S.mean() / state.g_programmed_S.mean() < 0.9  # it has drifted


@pytest.mark.parametrize("n", [724, 2896, 5793])
def test_program_and_drift(beside: Any, n: int) -> None:
    """A whole layer: weights are encoded, written, counted, and read after a day."""
    chip = load_chip(CHIP, TILE)
    weight = np.random.default_rng(1).integers(-127, 128, (n, n))
    plan = map_model(one_layer(weight, 8, 8), chip.hardware)

    def work() -> list[float]:
        tiles = program(plan, chip.hardware, seed=1)
        first = tiles.g_S(0, plan.tiles[0].tile_id).mean()
        return [first, *(tiles.g_S(0, tile.tile_id, DAY_S).mean() for tile in plan.tiles)]

    fresh_S, old_S, *_ = beside(work, 2 * n * n * PROMISED_NS * 1e-9, rounds=2)
    assert 0.3 < old_S / fresh_S < 0.9  # it has drifted
