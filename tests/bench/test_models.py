"""Bundled models, whole, on one noisy chip: batches of 1, 64 and 512 sequences."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aimc_sim import load_chip, load_data, load_model, map_model, program, run
from aimc_sim.runner.chip_run import ChipRun
from tests.bench.roofs import Roofs, work_of_a_step

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
STEPS = {"digits": 92, "smnist196": 50, "smnist784": 20}


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("batch", [1, 64, 512])
@pytest.mark.parametrize("name", list(STEPS))
@pytest.mark.parametrize("chip_name", ["rram_64", "pcm_256"])
def test_run(beside: Any, roofs: Roofs, chip_name: str, name: str, batch: int) -> None:
    model = load_model(EXAMPLES / f"models/{name}.npz")
    data = load_data(EXAMPLES / f"data/{name}_test.npz", model).rows(0, batch)
    data = data.steps(0, STEPS[name])
    chip = load_chip(EXAMPLES / f"chips/{chip_name}.yaml")
    tiles = program(map_model(model, chip.hardware), chip.hardware, seed=1)
    products, draws = work_of_a_step(ChipRun(model, tiles, 0, 0.0, 1), model)
    n = int(data.lengths.clip(max=STEPS[name]).sum())
    limit_s = roofs.limit_s(n * products, n * draws)
    result = beside(lambda: run(model, tiles, data, seed=1, batch_size=512), limit_s, rounds=2)
    last = model.layers[-1].name
    assert result.converted[last] == result.ended.sum() * 2 * model.n_classes  # it ran to the end
