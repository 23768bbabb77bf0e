"""run and stream: refusals, progress, a wrong model, codes outside their range."""

from __future__ import annotations

from itertools import count

import numpy as np
import pytest

from aimc_sim.data import Data
from aimc_sim.model.layers import Linear
from aimc_sim.model.network import Model
from aimc_sim.runner.bound import column_peaks
from aimc_sim.runner.run import run
from aimc_sim.runner.stream import stream
from aimc_sim.spec import InputError
from tests.generate import random_model
from tests.laws.build import (
    all_probes,
    device_of,
    hardware_of,
    kernel_model,
    linear_model,
    program_model,
    random_data,
)

MODEL = kernel_model()
TILES = program_model(MODEL, hardware_of())
DATA = Data(np.ones((3, 4, 2), np.int64), np.array([4, 1, 2]))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"seed": -1}, "found seed -1"),
        ({"batch_size": 0}, "batch_size 0"),
        ({"probes": ("ssm/y",)}, r"probe 'ssm/y' is unknown; allowed: ssm, ssm/x"),
        ({"probes": ("pool",)}, "probe 'pool' is unknown"),
    ],
)
def test_wrong_requests_are_refused(options, message):
    with pytest.raises(InputError, match=message):
        run(MODEL, TILES, DATA, **{"seed": 0} | options)


def data_of(*codes: int, lengths=(2,)) -> Data:
    """Return one sequence; each code stands on both channels of a step."""
    return Data(np.array(codes)[None, :, None].repeat(2, axis=2), np.array(lengths))


def test_codes_outside_the_input_are_refused_where_they_are_valid():
    with pytest.raises(InputError, match=r"data: found codes -3\.\.128; allowed -128\.\.127"):
        run(MODEL, TILES, data_of(-3, 128), seed=0)
    run(MODEL, TILES, data_of(5, 6, 128), seed=0)  # padded
    first = run(MODEL, TILES, data_of(5), seed=0)
    with pytest.raises(InputError, match=r"found codes 200\.\.200"):
        run(MODEL, TILES, data_of(200), seed=0, state=first.state)


def test_data_and_states_that_do_not_fit_are_refused():
    wide = Data(np.zeros((1, 2, 3), np.int64), np.array([2]))
    with pytest.raises(InputError, match="found 3 channels; the model has 2"):
        run(MODEL, TILES, wide, seed=0)
    state = run(MODEL, TILES, data_of(1), seed=0).state
    with pytest.raises(InputError, match="state: it holds 1 sequences on chips 0; found 3"):
        run(MODEL, TILES, DATA, seed=0, state=state)
    others = program_model(MODEL, hardware_of(), first_chip=2)
    with pytest.raises(InputError, match=r"1 sequences on chips 0; found 1 .* 2"):
        run(MODEL, others, data_of(1), seed=0, state=state)


def test_tiles_of_another_model_are_refused():
    other = kernel_model(tied=False)
    with pytest.raises(InputError, match="another model"):
        run(other, TILES, DATA, seed=0)
    with pytest.raises(InputError, match="another model"):
        next(stream(other, TILES, iter(DATA.x_code[0]), seed=0))


def test_an_age_that_the_device_cannot_tell_is_refused():
    tiles = program_model(MODEL, hardware_of(device_of("rram_wan2022")))
    with pytest.raises(InputError, match="measured read times"):
        run(MODEL, tiles, DATA, seed=0, age_s=7.0)


def test_a_model_without_a_matrix_takes_no_tile():
    model = random_model(np.random.default_rng(5), n_blocks=0, encoder=False, decoder=False)
    tiles = program_model(model, hardware_of(device_of("pcm_joshi2020")))
    data = random_data(np.random.default_rng(0), model, 3, 4)
    found = run(model, tiles, data, seed=1)
    assert (len(tiles.plan.tiles), tiles.plan.utilisation, found.saturated) == (0, 0.0, {})
    np.testing.assert_array_equal(found.y_code[0], found.reference_y_code)


def test_no_sequence_gives_no_score():
    found = run(MODEL, TILES, DATA.rows(0, 0), seed=0)
    assert (found.agreement, found.accuracy_reference, len(found.sequence)) == (None, None, 0)
    assert not found.events.counts


def test_progress_counts_sequence_steps_of_all_chips():
    tiles = program_model(MODEL, hardware_of(), n_chips=2)
    calls = []
    run(MODEL, tiles, DATA, seed=0, batch_size=2, progress=lambda *c: calls.append(c))
    assert calls[-1] == (14, 14)
    assert [done for done, _ in calls] == sorted(done for done, _ in calls)


def test_a_stream_is_endless_and_checks_each_step():
    def source():
        for step in count():
            yield np.array([step % 7, -(step % 3)])

    codes = stream(MODEL, TILES, source(), seed=0)
    assert len({tuple(next(codes)) for _ in range(50)}) > 3
    with pytest.raises(InputError, match=r"step 0 has shape \(3,\); expected \(2,\)"):
        next(stream(MODEL, TILES, iter([np.zeros(3, np.int64)]), seed=0))
    wrong = stream(MODEL, TILES, iter([np.zeros(2, np.int64), np.array([128, 0])]), seed=0)
    next(wrong)
    with pytest.raises(InputError, match=r"step 1 holds codes 0\.\.128; allowed -128\.\.127"):
        next(wrong)


def test_padded_steps_neither_run_nor_count():
    model = random_model(np.random.default_rng(12), n_blocks=1, decoder=True, pool="mean")
    data = random_data(np.random.default_rng(13), model, 6, 8)
    loud = data.x_code.copy()
    for row, length in enumerate(data.lengths):
        loud[row, length:] = model.input.code_max
    tiles = program_model(model, hardware_of(device_of("pcm_joshi2020")))
    one, two = (
        run(model, tiles, Data(x, data.lengths), seed=1, probes=all_probes(model))
        for x in (data.x_code, loud)
    )
    np.testing.assert_array_equal(one.y_code, two.y_code)
    assert one.events == two.events
    assert one.events.total("control.step") > 0
    for name, codes in one.probes.items():
        for row, length in enumerate(data.lengths):
            assert not codes[0, row, length:].any(), name


def test_a_bias_is_multiplied_by_the_length_where_the_layer_says_so():
    model = random_model(
        np.random.default_rng(3), n_blocks=0, pool="sum", encoder=True, decoder=True
    )
    decoder = model.layers[-1]
    assert isinstance(decoder, Linear)
    changed = Model(
        model.n_input,
        model.input,
        (
            *model.layers[:-1],
            Linear(
                decoder.name,
                decoder.input,
                decoder.weight,
                decoder.weight_bits,
                np.full(decoder.n_out, 50),
                decoder.requant,
                decoder.output,
                True,
            ),
        ),
    )
    data = random_data(np.random.default_rng(4), changed, 8, 20)
    found = run(changed, program_model(changed, hardware_of()), data, seed=0)
    np.testing.assert_array_equal(found.y_code[0], found.reference_y_code)
    plain = run(model, program_model(model, hardware_of()), data, seed=0)
    assert (plain.y_code != found.y_code).any()


def test_column_peaks_bound_every_exact_sum():
    weight = np.array([[3, -4], [5, 0]])
    tiles = program_model(linear_model(weight, x_bits=4), hardware_of())
    assert column_peaks(tiles.plan.matrices[0]).tolist() == [8 * 8, 4 * 8]
