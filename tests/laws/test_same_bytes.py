"""Law 4 to the end of the line: random models, a real chip with its bill, other processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimc_sim.chip import load_chip
from aimc_sim.cost import cost_of
from aimc_sim.crossbar.tile import program
from aimc_sim.data import load_data
from aimc_sim.events import sum_events
from aimc_sim.mapping.mapper import map_model
from aimc_sim.model.npz import load_model
from aimc_sim.runner.run import run
from tests.generate import drawn, models
from tests.laws.build import (
    all_probes,
    assert_same,
    device_of,
    hardware_of,
    program_model,
    random_data,
)

PCM = device_of("pcm_joshi2020")


@given(
    models(weight_bits=(2, 8), activation_bits=(4, 10), state_bits=(6, 14)),
    st.sampled_from(["hybrid", "split", "fused"]),
    st.sampled_from(["bitline", "cell"]),
    st.sampled_from(["before_adc", "after_adc"]),
    st.integers(1, 6),
    st.integers(0, 5),
    st.integers(0, 2**32 - 1),
)
@drawn(10)
def test_any_model_in_any_cut(model, s4d, noise_form, subtraction, batch_size, cut, seed):
    data = random_data(np.random.default_rng(seed), model, 5, 6)
    tiles = program_model(model, hardware_of(
        PCM, (24, 20), s4d=s4d, noise_form=noise_form, subtraction=subtraction,
        allow_narrow_state=True, dac={"kind": "uniform", "bits": 6, "v_read_V": 0.2},
        adc={"kind": "uniform", "bits": 9}), n_chips=2)  # fmt: skip
    options = {"seed": seed, "age_s": 60.0, "probes": all_probes(model)}
    whole = run(model, tiles, data, **options)
    assert_same(run(model, tiles, data, **options, batch_size=batch_size), whole)
    first = run(model, tiles, data.steps(0, cut), **options, batch_size=batch_size)
    rest = run(model, tiles, data.steps(cut, 6), **options, state=first.state)
    np.testing.assert_array_equal(rest.y_code, whole.y_code)
    assert first.events + rest.events == whole.events
    part = run(model, tiles, data.rows(2, 4), **options)
    np.testing.assert_array_equal(part.y_code, whole.y_code[:, 2:4])


@pytest.fixture(scope="module")
def digits():
    """Return the bundled digits on a real chip: model, data, plan, tiles, costs."""
    model = load_model("examples/models/digits.npz")
    chip = load_chip("examples/chips/pcm_256.yaml")
    data = load_data("examples/data/digits_test.npz", model).rows(0, 9).steps(0, 40)
    plan = map_model(model, chip.hardware)
    return model, data, plan, program(plan, chip.hardware, seed=1, n_chips=2), chip.costs


def bill_of(digits, *results):
    """Return the bill of programming and of some runs, as bytes."""
    _, _, plan, tiles, costs = digits
    events = sum_events([tiles.events, *(result.events for result in results)])
    return json.dumps(cost_of(events, costs, plan).to_json()).encode()


def test_results_and_bills_of_a_real_chip(digits):
    model, data, _, tiles, _ = digits
    whole = run(model, tiles, data, seed=2)
    bill = bill_of(digits, whole)
    for batch_size in (1, 7, 64):
        again = run(model, tiles, data, seed=2, batch_size=batch_size)
        assert_same(again, whole)
        assert bill_of(digits, again) == bill
    first = run(model, tiles, data.steps(0, 5), seed=2)
    rest = run(model, tiles, data.steps(5, data.x_code.shape[1]), seed=2, state=first.state)
    np.testing.assert_array_equal(rest.y_code, whole.y_code)
    assert bill_of(digits, first, rest) == bill
    assert bill_of(digits, run(model, tiles, data, seed=3)) != bill


OTHER = """
import hashlib, json, sys
import aimc_sim as a
model = a.load_model("examples/models/digits.npz")
chip = a.load_chip("examples/chips/pcm_256.yaml")
data = a.load_data("examples/data/digits_test.npz", model).rows(0, 12).steps(0, 40)
plan = a.map_model(model, chip.hardware)
tiles = a.program(plan, chip.hardware, seed=1, n_chips=2)
result = a.run(model, tiles, data, seed=2)
bill = a.cost_of(tiles.events + result.events, chip.costs, plan).to_json()
print(json.dumps([result.y_code.tolist(), result.error_by_step, result.saturated, bill]))
"""


def test_other_processes_with_one_and_two_threads():
    """Hash seeds differ too: no order of a set or of memory may reach a result."""
    texts = {
        subprocess.run(
            [sys.executable, "-c", OTHER],
            env=os.environ | {"NUMBA_NUM_THREADS": threads, "PYTHONHASHSEED": hash_seed},
            check=True, capture_output=True, text=True, timeout=300,
        ).stdout
        for threads, hash_seed in (("1", "1"), ("2", "2"))
    }  # fmt: skip
    assert len(texts) == 1
    assert len(texts.pop()) > 1000
