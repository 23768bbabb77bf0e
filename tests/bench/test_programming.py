"""Programming and drift of PCM cells, 1 and 16 million of them, beside their Gaussians."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from aimc_sim import load_chip, map_model, program
from aimc_sim.analysis.random_codes import one_layer
from tests.bench.roofs import GAUSSIAN_NS

DAY_S = 86400.0


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("n", [512, 1024, 2048])
def test_program_and_drift(beside: Any, n: int) -> None:
    chip = load_chip("examples/chips/pcm_256.yaml", {"hardware.calibration.kind": "none"})
    weight = np.random.default_rng(1).integers(-127, 128, (n, n))
    plan = map_model(one_layer(weight, 8, 8), chip.hardware)
    n_cells = sum(tile.n_wordlines * tile.n_bitlines for tile in plan.tiles)

    def work() -> list[float]:
        tiles = program(plan, chip.hardware, seed=1)
        means_S = [tiles.g_S(0, tile.tile_id, age_s).mean() for tile in plan.tiles[:1]
                   for age_s in (0.0, DAY_S)]  # fmt: skip
        for tile in plan.tiles[1:]:
            tiles.g_S(0, tile.tile_id, DAY_S)
        return means_S

    limit_s = 3 * n_cells * GAUSSIAN_NS * 1e-9  # spread, exponent, spread of that
    fresh_S, old_S = beside(work, limit_s, rounds=2)
    assert 0.3 < old_S / fresh_S < 0.9  # it has drifted
