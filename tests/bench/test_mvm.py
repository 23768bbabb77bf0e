"""One matrix-vector product of a tile: sizes, batches, forms of noise, encodings.

`test_mvm` steps a layer in compiled code, as a run does; `test_read` calls one read from Python.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numba
import numpy as np
import pytest

from aimc_sim import load_chip, map_model, program
from aimc_sim.analysis.random_codes import one_layer
from aimc_sim.blas import one_blas_thread
from aimc_sim.crossbar.bound import BoundRead
from aimc_sim.crossbar.read import read_phase
from aimc_sim.crossbar.setting import Address
from aimc_sim.crossbar.tally import Tally
from aimc_sim.runner.chip_run import ChipRun
from aimc_sim.runner.stretch import run_stretch
from tests.bench.roofs import GAUSSIAN_NS, product_s

WHITE = {"hardware.device.sigma_read_S": 1.0e-6}
NOISE = {
    "quiet": {"hardware.device.sigma_read_S": None},
    "bitline": WHITE | {"hardware.mapping.noise_form": "bitline"},
    "cell": WHITE | {"hardware.mapping.noise_form": "cell"},
}
ENCODINGS = {
    "pair": {},
    "offset": {"hardware.mapping.weights.encoding": "offset_column",
               "hardware.mapping.unused": "programmed"},
    "slices": {"hardware.mapping.weights.cell_bits": 2},
    "copies": {"hardware.mapping.weights.redundancy": 4},
}  # fmt: skip
STEPS = {1: 200, 64: 10, 256: 10}
"""Of one call, by the batch."""


def bound(n: int, changes: dict[str, Any]) -> tuple[ChipRun, Any]:
    """Return one bound tile of n x n weights, 8-bit converters, its form of noise; the weights."""
    tile = {"n_wordlines": n, "n_bitlines": 8 * n, "bitlines_per_adc": 1, "pair": "bitlines"}
    chip = load_chip("examples/chips/rram_64.yaml", {"hardware.tile": tile, **changes})
    weight = np.random.default_rng(1).integers(-127, 128, (n, n))
    model = one_layer(weight, 8, 8)
    plan = map_model(model, chip.hardware)
    return ChipRun(model, program(plan, chip.hardware, seed=1), 0, 0.0, 1), weight


def limit_of(reads: Sequence[BoundRead], batch: int, form: str, number: type = np.float64) -> float:
    """Return the time of products of the same shape in the same run, and of the Gaussians [s]."""
    limit_s = 0.0
    for read in reads:
        noisy = read.variance is not None
        n_draws = len(np.unique(read.lane if form == "bitline" else read.device_of)) * noisy
        products = (1 + (noisy and form == "bitline")) * product_s(batch, *read.g.shape, number)
        limit_s += len(read.slices) * (products + 1e-9 * GAUSSIAN_NS * batch * n_draws)
    return limit_s


def work_of_mvm(chip: ChipRun, weight: Any, batch: int, steps: int) -> Any:
    """Return a call that steps one layer, and checks its codes."""
    schedule, model = chip.schedule, chip.model
    assert schedule is not None
    name, n = model.layers[0].name, len(weight)
    x = np.random.default_rng(2).integers(-128, 128, (batch, steps, n))
    golden = np.zeros((batch, steps, n), dtype=np.int64)
    pooled, n_active = np.zeros((batch, n), dtype=np.int64), np.full(steps, batch)

    def work(*probes: str) -> Any:
        with one_blas_thread():
            return run_stretch(schedule, model.pool, np.arange(batch), 0, n_active, x, {}, pooled,
                               golden, probes)  # fmt: skip

    code, signal = work(name).recorded[name], model.layers[0].output
    exact = np.clip((x @ weight) >> 1, signal.code_min, signal.code_max)
    assert np.corrcoef(code.ravel(), exact.ravel())[0, 1] > 0.8  # it is that product
    return work


def time_mvm(
    beside: Any, n: int, batch: int, changes: dict[str, Any], number: type = np.float64
) -> None:
    """Time steps of one layer."""
    chip, weight = bound(n, changes)
    layer, steps = chip.bound[chip.model.layers[0].name], STEPS[batch]
    limit_s = limit_of(layer.phases["y"].reads, batch, layer.noise_form, number)
    beside(work_of_mvm(chip, weight, batch, steps), steps * limit_s, rounds=10)


@pytest.mark.parametrize("batch", [1, 64, 256])
@pytest.mark.parametrize("n", [64, 256, 1024])
@pytest.mark.parametrize("noise", ["quiet", "bitline"])
def test_mvm(beside: Any, noise: str, n: int, batch: int) -> None:
    time_mvm(beside, n, batch, NOISE[noise])


@pytest.mark.parametrize("batch", [1, 64, 256])
@pytest.mark.parametrize("n", [256, 1024])
def test_mvm_in_16_bits(beside: Any, n: int, batch: int) -> None:
    """Integers beside products in float32."""
    time_mvm(beside, n, batch, NOISE["quiet"] | {"hardware.mapping.sums": "fixed16"}, np.float32)


@pytest.mark.parametrize("n", [256, 1024])
def test_threads_of_mvm(beside: Any, n: int) -> None:
    """All threads beside one, batch 256, noisy: the share is that of a perfect division."""
    n_threads = numba.config.NUMBA_NUM_THREADS
    work = work_of_mvm(*bound(n, NOISE["bitline"]), 256, 10)
    beside(work, beside.alone_s(work) / n_threads, rounds=10, n_threads=n_threads)


@pytest.mark.parametrize("batch", [1, 64])
def test_mvm_with_a_draw_a_device(beside: Any, batch: int) -> None:
    time_mvm(beside, 256, batch, NOISE["cell"])


@pytest.mark.parametrize("batch", [1, 64])
@pytest.mark.parametrize("encoding", list(ENCODINGS))
def test_mvm_of_an_encoding(beside: Any, encoding: str, batch: int) -> None:
    form = "cell" if encoding == "offset" else "bitline"
    time_mvm(beside, 128, batch, NOISE[form] | ENCODINGS[encoding])


@pytest.mark.parametrize("batch", [1, 256])
@pytest.mark.parametrize("noise", ["quiet", "bitline"])
def test_read(beside: Any, noise: str, batch: int) -> None:
    """One read called from Python, as calibration and `aimc mvm` do."""
    chip, weight = bound(256, NOISE[noise])
    layer = chip.bound[chip.model.layers[0].name]
    phase = layer.phases["y"]
    x = np.random.default_rng(2).integers(-128, 128, (batch, 256))
    at = Address(np.arange(batch), 0, {})

    def work() -> Any:
        with one_blas_thread():
            return read_phase(phase, (x,), at, layer.noise_form, Tally({}))

    analog = beside(work, limit_of(phase.reads, batch, layer.noise_form), rounds=20)
    exact = x @ weight
    assert np.linalg.norm(analog - exact) < 0.5 * np.linalg.norm(exact)  # it was that product
