"""Law 4: same seed, same bytes, however the work is cut; another name moves no other stream."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numba
import numpy as np
import pytest

from aimc_sim.data import Data
from aimc_sim.events import sum_events
from aimc_sim.model.layers import Linear
from aimc_sim.model.network import Model
from aimc_sim.runner.result import Result
from aimc_sim.runner.run import run
from aimc_sim.runner.stream import stream
from tests.generate import random_model
from tests.laws.build import (
    SILENT,
    all_probes,
    assert_same,
    device_of,
    hardware_of,
    program_model,
    random_data,
)

PCM = device_of("pcm_joshi2020")
DAC = {"kind": "uniform", "bits": 4, "v_read_V": 0.2}
ADC = {"kind": "uniform", "bits": 9}
N, STEPS = 70, 9


def noisy_model(seed: int = 1) -> Model:
    """Return a model with every kind of analog layer, and one after the pool."""
    return random_model(
        np.random.default_rng(seed),
        n_blocks=2,
        encoder=True,
        mixing=True,
        glu=True,
        residual=True,
        decoder=True,
        pool="sum",
        complex=True,
        weight_bits=(6, 8),
        activation_bits=(8, 8),
        state_bits=(9, 9),
    )


MODEL = noisy_model()
DATA = random_data(np.random.default_rng(2), MODEL, N, STEPS)
PROBES = all_probes(MODEL)


@pytest.fixture(
    scope="module",
    params=[("hybrid", "bitline"), ("fused", "cell"), ("split", "bitline")],
    ids="-".join,
)
def tiles(request):
    s4d, noise_form = request.param
    return program_model(
        MODEL,
        hardware_of(PCM, (16, 20), dac=DAC, adc=ADC, s4d=s4d, noise_form=noise_form),
        n_chips=2,
    )


def run_it(tiles, data: Data = DATA, **options) -> Result:
    """Run with every probe and a seed of 11 where nothing else is said."""
    return run(MODEL, tiles, data, **{"seed": 11, "age_s": 100.0, "probes": PROBES, **options})


@pytest.fixture(scope="module")
def whole(tiles):
    return run_it(tiles)


def test_the_run_is_noisy_and_saturates(whole):
    assert whole.error_square.all()
    assert (whole.y_code[0] != whole.y_code[1]).any()
    assert sum(whole.saturated.values()) > 0
    assert whole.events.total("crossbar.x2") > 0


@pytest.mark.parametrize("batch_size", [7, 64])
def test_batch_size(tiles, whole, batch_size):
    assert_same(run_it(tiles, batch_size=batch_size), whole)


def test_one_sequence_at_a_time(tiles):
    some = DATA.rows(3, 12)
    assert_same(run_it(tiles, some, batch_size=1), run_it(tiles, some))


@pytest.mark.parametrize("cuts", [(0, 4, STEPS), (0, 1, 2, 8, STEPS)], ids=str)
def test_continued_runs(tiles, whole, cuts):
    state, parts = None, []
    for start, stop in pairwise(cuts):
        parts.append(run_it(tiles, DATA.steps(start, stop), state=state, batch_size=9))
        state = parts[-1].state
    np.testing.assert_array_equal(parts[-1].y_code, whole.y_code)
    np.testing.assert_array_equal(parts[-1].reference_y_code, whole.reference_y_code)
    assert parts[-1].ended.all()
    assert parts[0].ended.tolist() == (DATA.lengths <= cuts[1]).tolist()
    assert sum_events(part.events for part in parts) == whole.events
    for name in whole.saturated:
        assert sum(part.saturated[name] for part in parts) == whole.saturated[name]
    for name in ("error_square", "reference_square"):
        joined = np.concatenate([getattr(part, name) for part in parts], axis=-1)
        np.testing.assert_array_equal(joined, getattr(whole, name))
    for name in PROBES:
        np.testing.assert_array_equal(
            np.concatenate([p.probes[name] for p in parts], axis=2),
            whole.probes[name],
            err_msg=name,
        )


def test_a_state_continues_more_than_once(tiles):
    first = run_it(tiles, DATA.steps(0, 4))
    again = [run_it(tiles, DATA.steps(4, STEPS), state=first.state) for _ in range(2)]
    assert_same(*again)


def test_limit_and_offset(tiles, whole):
    parts = [run_it(tiles, DATA.rows(a, b)) for a, b in ((0, 5), (5, 40), (40, N))]
    assert parts[1].sequence.tolist() == list(range(5, 40))
    assert sum_events(part.events for part in parts) == whole.events
    np.testing.assert_array_equal(sum(p.error_square for p in parts), whole.error_square)
    for name in PROBES:
        np.testing.assert_array_equal(
            np.concatenate([p.probes[name] for p in parts], axis=1),
            whole.probes[name],
            err_msg=name,
        )
    np.testing.assert_array_equal(np.concatenate([p.y_code for p in parts], axis=1), whole.y_code)
    bare = Data(DATA.x_code[5:40], DATA.lengths[5:40], DATA.labels[5:40])
    assert_same(run_it(tiles, bare, first_sequence=5), parts[1])
    assert (run_it(tiles, bare).y_code != parts[1].y_code).any()


def test_order_of_sequences_does_not_matter(tiles, whole):
    """A sequence is addressed by its index, not by where it stands among those run with it."""
    for i in (3, 66):
        alone = run_it(tiles, DATA.rows(i, i + 1))
        np.testing.assert_array_equal(alone.y_code[:, 0], whole.y_code[:, i])


def test_threads(tiles, whole):
    before = numba.get_num_threads()
    try:
        for n in (1, 2):
            numba.set_num_threads(n)
            assert_same(run_it(tiles), whole)
    finally:
        numba.set_num_threads(before)


def test_probes_change_nothing(tiles, whole):
    assert_same(run_it(tiles, probes=()), whole)
    assert_same(run_it(tiles, probes=PROBES[1:2]), whole)


def test_another_run_seed_differs(tiles, whole):
    other = run_it(tiles, seed=12)
    for name in PROBES:
        assert (other.probes[name] != whole.probes[name]).any(), name
    assert (other.y_code != whole.y_code).any()
    assert other.seeds == {"build": 7, "run": 12}


def test_one_more_chip_changes_nothing_else(tiles, whole):
    alone = program_model(MODEL, tiles.hardware, n_chips=1, first_chip=1)
    second = run_it(alone)
    np.testing.assert_array_equal(second.y_code[0], whole.y_code[1])
    np.testing.assert_array_equal(second.error_square[0], whole.error_square[1])
    for name in PROBES:
        np.testing.assert_array_equal(second.probes[name][0], whole.probes[name][1])


def test_build_seed_and_run_seed_are_apart(tiles):
    again, other = (program_model(MODEL, tiles.hardware, seed=s, n_chips=2) for s in (7, 8))
    for key, state in tiles.states.items():
        np.testing.assert_array_equal(again.states[key].g_programmed_S, state.g_programmed_S)
        written = state.g_programmed_S > 0.0
        assert (other.states[key].g_programmed_S != state.g_programmed_S)[written].any()
    quiet = device_of(
        "pcm_joshi2020", flicker_law=SILENT
    )  # no read noise: the run seed draws nothing
    calm = program_model(MODEL, hardware_of(quiet, (16, 20), dac=DAC, adc=ADC))
    one, two = (run(MODEL, calm, DATA.rows(0, 3), seed=s) for s in (1, 2))
    np.testing.assert_array_equal(one.y_code, two.y_code)


def wider(model: Model, n_extra: int) -> Model:
    """Return the model with inputs more, whose weights take a tile of their own."""
    encoder = model.layers[0]
    assert isinstance(encoder, Linear)
    rows = np.ones((n_extra, encoder.n_out), dtype=np.int64)
    layers = (replace(encoder, weight=np.concatenate([encoder.weight, rows])), *model.layers[1:])
    return Model(model.n_input + n_extra, model.input, layers)


def test_one_more_tile_changes_no_other_stream(tiles):
    """New inputs that are always 0 take a new tile of the encoder: no other draw may move."""
    hardware = hardware_of(PCM, (MODEL.n_input, 40), dac=DAC, adc={"kind": "ideal"})
    big = wider(MODEL, 2)
    old, new = program_model(MODEL, hardware), program_model(big, hardware)
    assert len(new.plan.tiles) == len(old.plan.tiles) + 1
    data = DATA.rows(0, 6)
    zeros = np.zeros((*data.x_code.shape[:2], 2), dtype=np.int64)
    more = replace(data, x_code=np.concatenate([data.x_code, zeros], axis=2))
    one = run(MODEL, old, data, seed=3, probes=PROBES)
    two = run(big, new, more, seed=3, probes=PROBES)
    for name in PROBES:
        np.testing.assert_array_equal(one.probes[name], two.probes[name], err_msg=name)
    np.testing.assert_array_equal(one.y_code, two.y_code)
    assert two.events.total("crossbar.mvm") > one.events.total("crossbar.mvm")


def test_a_stream_gives_what_a_run_gives(tiles, whole):
    last = MODEL.layers[MODEL.pool_index].input
    for i in (0, 69):
        x = DATA.x_code[i, : DATA.lengths[i]]
        found = list(stream(MODEL, tiles, iter(x), seed=11, age_s=100.0, sequence=i))
        np.testing.assert_array_equal(found, whole.probes[last][0, i, : DATA.lengths[i]])
