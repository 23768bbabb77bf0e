"""Bundled models, whole, and a recurrence: batches of sequences on noisy chips."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numba
import numpy as np
import pytest

from aimc_sim import load_chip, load_data, load_model, map_model, program, run
from aimc_sim.blas import one_blas_thread
from aimc_sim.crossbar.tile import Tiles
from aimc_sim.data import Data
from aimc_sim.model.network import Model
from aimc_sim.runner.chip_run import ChipRun
from aimc_sim.runner.stream import Stepper
from tests.bench import deep
from tests.bench.roofs import Roofs, work_of_a_step, work_of_the_reference
from tests.bench.stacks import stack

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
MODELS = ("digits", "smnist196", "smnist784")
CHIPS = {
    "rram_64": ("rram_64", {}),  # no read noise
    "pcm_256": ("pcm_256", {}),  # white noise, and 1/f noise from step to step
    "pcm_256-white": ("pcm_256", {"hardware.effects.flicker_correlated": False}),
}


def programmed(model: Model, chip_name: str) -> Tiles:
    """Return the tiles of a model on one of the chips."""
    name, changes = CHIPS[chip_name]
    chip = load_chip(EXAMPLES / f"chips/{name}.yaml", changes)
    return program(map_model(model, chip.hardware), chip.hardware, seed=1)


def time_run(beside: Any, roofs: Roofs, model: Model, tiles: Tiles, data: Data) -> None:
    """Time a run beside the limit of its steps, the reference included."""
    chip = ChipRun(model, tiles, 0, 0.0, 1)
    assert chip.schedule is not None  # steps are compiled
    work = work_of_a_step(chip, model) + work_of_the_reference(model)
    limit_s = roofs.limit_s(work, int(data.lengths.sum()))
    run(model, tiles, data.steps(0, 40), seed=1)  # kernels are compiled
    rounds = 3 if len(data) < 512 else 1
    result = beside(lambda: run(model, tiles, data, seed=1, batch_size=512), limit_s, rounds=rounds)
    last = model.layers[-1].name
    assert result.converted[last] >= result.ended.sum() * model.n_classes  # it ran to the end


@pytest.mark.parametrize("batch", [1, 64, 512])
@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("chip_name", CHIPS)
def test_run(beside: Any, roofs: Roofs, chip_name: str, name: str, batch: int) -> None:
    model = load_model(EXAMPLES / f"models/{name}.npz")
    data = load_data(EXAMPLES / f"data/{name}_test.npz", model).rows(0, batch)
    time_run(beside, roofs, model, programmed(model, chip_name), data)


@pytest.mark.parametrize("batch", [1, 64])
@pytest.mark.parametrize("chip_name", CHIPS)
def test_recurrence(beside: Any, roofs: Roofs, chip_name: str, batch: int) -> None:
    """784 steps of 64 channels with 64 states each, half of them conjugates."""
    model = stack(1, 64, 32, mixes=False)
    codes = np.random.default_rng(3).integers(-127, 128, (batch, 784, 64))
    data = Data(codes, np.full(batch, 784), np.zeros(batch, dtype=np.int64))
    time_run(beside, roofs, model, programmed(model, chip_name), data)


@pytest.mark.parametrize("chip_name", CHIPS)
@pytest.mark.parametrize("name", MODELS)
def test_stream(beside: Any, roofs: Roofs, name: str, chip_name: str) -> None:
    """One sequence, a step at a time, on a chip that is bound: no run around it."""
    model = load_model(EXAMPLES / f"models/{name}.npz")
    chip = ChipRun(model, programmed(model, chip_name), 0, 0.0, 1)
    codes = load_data(EXAMPLES / f"data/{name}_test.npz", model).x_code[0]
    steps, stepper = np.resize(codes, (784, 1, model.n_input)), Stepper(chip, np.array([0]))

    def work() -> Any:
        return [stepper.step(t, row) for t, row in enumerate(steps)]

    found = beside(work, roofs.limit_s(work_of_a_step(chip, model), len(steps)), rounds=3)
    assert np.std(found) > 0.0


@pytest.mark.parametrize("chip_name", CHIPS)
def test_threads(beside: Any, chip_name: str) -> None:
    """All threads beside one, 256 sequences: the share is that of a perfect division."""
    model = load_model(EXAMPLES / "models/smnist196.npz")
    data = load_data(EXAMPLES / "data/smnist196_test.npz", model).rows(0, 256)
    tiles, n = programmed(model, chip_name), numba.config.NUMBA_NUM_THREADS

    def work() -> Any:
        return run(model, tiles, data, seed=1)

    alone_s = beside.alone_s(work)
    result = beside(work, alone_s / n, rounds=2, n_threads=n)
    assert result.ended.all()


def test_threads_of_one_sequence(beside: Any) -> None:
    """One sequence on tiles of 1024 x 1024: BLAS shares each tile among all threads."""
    model, hardware = stack(4, 1024, 2), load_chip(deep.CHIP, deep.CHANGES).hardware
    chip = ChipRun(model, program(map_model(model, hardware), hardware, seed=1), 0, 0.0, 1)
    stepper, codes = Stepper(chip, np.array([0])), np.full((1, 1024), 50)

    def work() -> Any:
        return [stepper.step(t, codes) for t in range(20)]

    with one_blas_thread():
        alone_s = beside.alone_s(work)
    n = numba.config.NUMBA_NUM_THREADS
    assert np.std(beside(work, alone_s / n, rounds=5, n_threads=n)) > 0.0
