"""One matrix-vector product of a tile: sizes, batches, forms of noise, encodings."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from aimc_sim import load_chip, map_model, program
from aimc_sim.analysis.random_codes import one_layer
from aimc_sim.blas import one_blas_thread
from aimc_sim.crossbar.bind import bind_phase
from aimc_sim.crossbar.read import read_phase
from aimc_sim.crossbar.setting import Address, ReadSetting
from aimc_sim.crossbar.tally import Tally
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


def bound(n: int, changes: dict[str, Any]) -> Any:
    """Return one bound tile of n x n weights, 8-bit converters, its form of noise, the weights."""
    tile = {"n_wordlines": n, "n_bitlines": 8 * n, "bitlines_per_adc": 1, "pair": "bitlines"}
    chip = load_chip("examples/chips/rram_64.yaml", {"hardware.tile": tile, **changes})
    weight = np.random.default_rng(1).integers(-127, 128, (n, n))
    model = one_layer(weight, 8, 8)
    plan = map_model(model, chip.hardware)
    tiles = program(plan, chip.hardware, seed=1)
    matrix = plan.layers[0].matrices[0]
    phase = bind_phase(ReadSetting(tiles, 0, 0.0, 1), matrix, matrix.matrix.phases[0])
    return phase, chip.hardware.mapping.noise_form, weight


def time_read(beside: Any, n: int, batch: int, changes: dict[str, Any]) -> None:
    """Time a read beside products of its shape in the same run, and its Gaussians."""
    phase, form, weight = bound(n, changes)
    x = np.random.default_rng(2).integers(-128, 128, (batch, n))
    at = Address(np.arange(batch), 0, {})
    limit_s = 0.0
    for read in phase.reads:
        noisy = read.variance is not None
        n_draws = (len(np.unique(read.lane)) if form == "bitline" else read.device_of.size) * noisy
        products = (1 + (noisy and form == "bitline")) * product_s(batch, *read.g.shape)
        limit_s += len(read.slices) * (products + 1e-9 * GAUSSIAN_NS * batch * n_draws)

    def work() -> Any:
        with one_blas_thread():
            for _ in range(10):
                acc = read_phase(phase, (x,), at, form, Tally({}))
        return acc

    rounds = 3 if form == "cell" else 10
    analog = beside(work, 10 * limit_s, rounds=rounds)
    exact = x @ weight
    assert np.linalg.norm(analog - exact) < 0.5 * np.linalg.norm(exact)  # it was that product


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("batch", [1, 64, 256])
@pytest.mark.parametrize("n", [64, 256, 1024])
@pytest.mark.parametrize("noise", ["quiet", "bitline"])
def test_read(beside: Any, noise: str, n: int, batch: int) -> None:
    time_read(beside, n, batch, NOISE[noise])


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("batch", [1, 64])
def test_read_with_a_draw_a_device(beside: Any, batch: int) -> None:
    time_read(beside, 256, batch, NOISE["cell"])


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("encoding", list(ENCODINGS))
def test_read_of_an_encoding(beside: Any, encoding: str) -> None:
    form = "cell" if encoding == "offset" else "bitline"
    time_read(beside, 128, 64, NOISE[form] | ENCODINGS[encoding])
