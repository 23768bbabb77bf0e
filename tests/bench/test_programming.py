"""Programming and drift of PCM cells, 1 and 16 million of them, beside their Gaussians."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from aimc_sim import load_chip, map_model, program
from tests.bench.roofs import GAUSSIAN_NS
from tests.unit.analysis.test_busy import one_layer

DAY_S = 86400.0


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("n", [512, 1024, 2048])
def test_program_and_drift(beside: Any, n: int) -> None:
    chip = load_chip("examples/chips/pcm_256.yaml", {"hardware.calibration.kind": "none"})
    weight = np.random.default_rng(1).integers(-127, 128, (n, n))
    plan = map_model(one_layer(weight, 8, 8), chip.hardware)
    n_cells = sum(tile.n_wordlines * tile.n_bitlines for tile in plan.tiles)

    def work() -> None:
        tiles = program(plan, chip.hardware, seed=1)
        for tile in plan.tiles:
            tiles.g_S(0, tile.tile_id, DAY_S)

    beside(work, 3 * n_cells * GAUSSIAN_NS * 1e-9, rounds=2)  # spread, exponent, spread of that
