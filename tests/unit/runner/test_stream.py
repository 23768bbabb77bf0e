"""A stream: the codes of a run, one step at a time, in the same memory after many steps."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from aimc_sim.crossbar.flicker import MOST_STEPS
from aimc_sim.runner.chip_run import ChipRun
from aimc_sim.runner.run import run
from aimc_sim.runner.stream import Stepper, stream
from aimc_sim.spec import InputError
from tests.generate import random_model
from tests.laws.build import device_of, hardware_of, program_model, random_data

PCM = device_of("pcm_joshi2020")
DAC = {"kind": "uniform", "bits": 6, "v_read_V": 0.2}
RNG = np.random.default_rng(12)
MODEL = random_model(RNG, n_blocks=2, weight_bits=(6, 8), state_bits=(8, 10), complex=True)
DATA = random_data(RNG, MODEL, 3, 40)
LAST = MODEL.pool.input


def tiles_of(**options):
    options = {"timing": {"n_band_steps": 1 << 16}, **options}
    return program_model(MODEL, hardware_of(PCM, (24, 20), dac=DAC, **options))


@pytest.mark.parametrize(
    "options",
    [
        {"adc": {"kind": "uniform", "bits": 9}},
        {"adc": {"kind": "sar", "bits": 9, "capacitor_sigma": 0.02}},  # layer by layer
        {"adc": {"kind": "uniform", "bits": 9}, "timing": {"n_band_steps": 64, "t_step_s": 0.5}},
    ],
    ids=["compiled", "layer by layer", "epochs"],
)
def test_a_stream_is_a_run(options):
    tiles = tiles_of(**options)
    found = run(MODEL, tiles, DATA, seed=3, age_s=1.0, probes=(LAST,)).probes[LAST][0]
    for i, n_steps in enumerate(DATA.lengths):
        source = iter(DATA.x_code[i, :n_steps])
        streamed = list(stream(MODEL, tiles, source, seed=3, age_s=1.0, sequence=i))
        np.testing.assert_array_equal(streamed, found[i, :n_steps])


def test_memory_does_not_grow_with_steps():
    tiles = tiles_of(adc={"kind": "uniform", "bits": 9})
    assert ChipRun(MODEL, tiles, 0, 0.0, 3).schedule is not None
    endless = stream(MODEL, tiles, (DATA.x_code[0, t % 5] for t in range(10**9)), seed=3)

    def grown(n_steps):
        for _ in range(n_steps):
            next(endless)
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        before, after = grown(200), grown(3000)
    finally:
        tracemalloc.stop()
    assert after - before < 20_000  # one state alone has more bytes at 3000 steps


def test_a_step_that_noise_does_not_address_is_refused():
    tiles = tiles_of(adc={"kind": "uniform", "bits": 9}, timing={"n_band_steps": 1 << 40})
    stepper = Stepper(ChipRun(MODEL, tiles, 0, 0.0, 3), np.array([0]))
    row = DATA.x_code[0, :1]
    assert len(stepper.step(MOST_STEPS - 1, row)) == MODEL.widths[LAST]
    with pytest.raises(InputError, match=f"step {MOST_STEPS}: correlated 1/f noise"):
        stepper.step(MOST_STEPS, row)
