"""What follows the pool is read when its sequence ends, whoever else is stepped (law 4)."""

from __future__ import annotations

import numpy as np
import pytest

from aimc_sim.model.layers import Linear
from aimc_sim.model.network import Model
from aimc_sim.model.signal import Signal
from aimc_sim.runner.run import run
from tests.laws.build import (
    assert_same,
    device_of,
    hardware_of,
    kernel_model,
    program_model,
    random_data,
    requant_by,
)

LENGTHS = np.array([14, 40, 32, 11, 24, 22, 29, 7, 38])


@pytest.fixture(scope="module")
def ageing():
    """Return a model with a head, on devices that age by much while a run lasts, and data."""
    kernel = kernel_model()
    rng = np.random.default_rng(4)
    weight = rng.integers(-127, 128, (2, 3))
    output = Signal(24, True, 1.0)
    head = Linear("head", "pool", weight, 8, np.zeros(3, np.int64), requant_by(2, 1), output)
    model = Model(kernel.n_input, kernel.input, (*kernel.layers, head))
    timing = {"t_step_s": 1000.0, "n_band_steps": 64}
    hardware = hardware_of(device_of("pcm_joshi2020"), (16, 16), timing=timing)
    data = random_data(rng, model, len(LENGTHS), 40)
    data.lengths[:] = LENGTHS
    return model, program_model(model, hardware), data


@pytest.mark.parametrize("batch_size", [1, 2, 4])
def test_sequences_stepped_together_do_not_move_the_read_out(ageing, batch_size):
    model, tiles, data = ageing
    whole = run(model, tiles, data, seed=5)
    assert_same(run(model, tiles, data, seed=5, batch_size=batch_size), whole)


def test_a_sequence_alone_is_read_out_as_among_others(ageing):
    model, tiles, data = ageing
    whole = run(model, tiles, data, seed=5)
    for i in range(len(LENGTHS)):
        alone = run(model, tiles, data.rows(i, i + 1), seed=5)
        np.testing.assert_array_equal(alone.y_code[:, 0], whole.y_code[:, i])


def test_a_cut_does_not_move_the_read_out(ageing):
    model, tiles, data = ageing
    whole = run(model, tiles, data, seed=5)
    first = run(model, tiles, data.steps(0, 25), seed=5)
    rest = run(model, tiles, data.steps(25, 40), seed=5, state=first.state)
    np.testing.assert_array_equal(rest.y_code, whole.y_code)
    assert first.events + rest.events == whole.events
