"""Programming and drift of PCM cells, 1, 16 and 64 million of them, beside what is promised."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from aimc_sim import load_chip, map_model, program
from aimc_sim.analysis.random_codes import one_layer

DAY_S = 86400.0
PROMISED_NS = 20.0
"""A cell, drift to one day included."""


@pytest.mark.parametrize("n", [724, 2896, 5793])
def test_program_and_drift(beside: Any, n: int) -> None:
    chip = load_chip("examples/chips/pcm_256.yaml", {"hardware.calibration.kind": "none"})
    weight = np.random.default_rng(1).integers(-127, 128, (n, n))
    plan = map_model(one_layer(weight, 8, 8), chip.hardware)

    def work() -> list[float]:
        tiles = program(plan, chip.hardware, seed=1)
        first = tiles.g_S(0, plan.tiles[0].tile_id).mean()
        return [first, *(tiles.g_S(0, tile.tile_id, DAY_S).mean() for tile in plan.tiles)]

    fresh_S, old_S, *_ = beside(work, 2 * n * n * PROMISED_NS * 1e-9, rounds=1)
    assert 0.3 < old_S / fresh_S < 0.9  # it has drifted
