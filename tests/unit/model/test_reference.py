"""The golden model against a second one in unbounded integers; chunks; padded steps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aimc_sim.model.equations import apply_layer, requant
from aimc_sim.model.layers import S4D, LayerNorm
from aimc_sim.model.network import Model
from aimc_sim.model.reference import ReferenceState, classify, run_reference
from aimc_sim.model.signal import Signal
from tests.generate import KERNEL_ONLY, models, random_batch, random_model
from tests.oracles.python_reference import run_sequence

SEEDS = st.integers(0, 2**32 - 1)


def all_probes(model: Model) -> tuple[str, ...]:
    """Name every layer before the pool, and every state."""
    layers = model.layers[: model.pool_index]
    return tuple(layer.name for layer in layers) + tuple(
        f"{layer.name}/x" for layer in layers if isinstance(layer, S4D)
    )


def assert_equals_oracle(model: Model, x_code: np.ndarray, lengths: np.ndarray) -> None:
    """Compare outputs, every layer and every state with the second reference."""
    result = run_reference(model, x_code, lengths, probes=all_probes(model))
    for i, length in enumerate(lengths):
        trace = run_sequence(model, x_code[i, :length].tolist())
        assert result.y_code[i].tolist() == trace.y
        for name, codes in trace.layers.items():
            assert result.probes[name][i, :length].tolist() == codes, name
        for name, codes in trace.states.items():
            assert result.probes[f"{name}/x"][i, :length].tolist() == codes, name


@settings(max_examples=120)
@given(model=models(), seed=SEEDS)
def test_equals_the_reference_in_unbounded_integers(model: Model, seed: int) -> None:
    x_code, lengths = random_batch(np.random.default_rng(seed), model, 3, 12)
    assert_equals_oracle(model, x_code, lengths)


@settings(max_examples=25)
@given(
    model=models(
        **KERNEL_ONLY,
        weight_bits=(14, 16),
        activation_bits=(12, 16),
        state_bits=(20, 24),
        max_modes=12,
    ),
    seed=SEEDS,
)
def test_equals_it_near_the_overflow_bound(model: Model, seed: int) -> None:
    x_code, lengths = random_batch(np.random.default_rng(seed), model, 2, 40)
    assert_equals_oracle(model, x_code, lengths)


def test_the_generator_reaches_clipping_without_drowning_in_it() -> None:
    """Otherwise the comparisons above would compare zeros, or ends of ranges."""
    at_end, zero, n = 0, 0, 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        model = random_model(rng)
        x_code, lengths = random_batch(rng, model, 2, 16, ragged=False)
        probes = run_reference(model, x_code, lengths, probes=all_probes(model)).probes
        for name, codes in probes.items():
            signal = model.signal(name) if "/" not in name else model.by_name[name[:-2]].state
            at_end += np.count_nonzero((codes == signal.code_max) | (codes == signal.code_min))
            zero += np.count_nonzero(codes == 0)
            n += codes.size
    assert 0.01 < at_end / n < 0.3
    assert zero / n < 0.3


@settings(max_examples=60)
@given(model=models(), seed=SEEDS, cut=st.integers(1, 11))
def test_continued_run_equals_whole_run(model: Model, seed: int, cut: int) -> None:
    x_code, lengths = random_batch(np.random.default_rng(seed), model, 4, 12)
    names = all_probes(model)
    whole = run_reference(model, x_code, lengths, probes=names)
    first = run_reference(model, x_code[:, :cut], lengths, probes=names)
    second = run_reference(model, x_code[:, cut:], lengths, state=first.state, probes=names)
    assert np.array_equal(second.y_code, whole.y_code)
    for name in names:
        joined = np.concatenate([first.probes[name], second.probes[name]], axis=1)
        assert np.array_equal(joined, whole.probes[name]), name
    assert_same_state(second.state, whole.state)


def assert_same_state(a: ReferenceState, b: ReferenceState) -> None:
    """Compare two run states."""
    assert a.step == b.step
    assert np.array_equal(a.pooled, b.pooled)
    assert a.x.keys() == b.x.keys()
    for name in a.x:
        assert np.array_equal(a.x[name], b.x[name])


def test_a_state_can_be_continued_twice() -> None:
    model, rng = random_model(np.random.default_rng(3)), np.random.default_rng(4)
    x_code, lengths = random_batch(rng, model, 3, 10, ragged=False)
    first = run_reference(model, x_code[:, :5], lengths)
    once = run_reference(model, x_code[:, 5:], lengths, state=first.state)
    again = run_reference(model, x_code[:, 5:], lengths, state=first.state)
    assert np.array_equal(once.y_code, again.y_code)
    assert_same_state(once.state, again.state)


@settings(max_examples=60)
@given(model=models(), seed=SEEDS)
def test_padded_steps_change_nothing(model: Model, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x_code, lengths = random_batch(rng, model, 4, 10)
    other = rng.integers(model.input.code_min, model.input.code_max, x_code.shape, endpoint=True)
    valid = np.arange(10)[None, :, None] < lengths[:, None, None]
    names = all_probes(model)
    first = run_reference(model, x_code, lengths, probes=names)
    second = run_reference(model, np.where(valid, x_code, other), lengths, probes=names)
    assert np.array_equal(first.y_code, second.y_code)
    assert_same_state(first.state, second.state)
    for name in names:
        assert np.array_equal(first.probes[name], second.probes[name])
        padded = ~valid.reshape(4, 10)
        assert not first.probes[name][padded].any()


def test_a_sequence_alone_equals_the_same_sequence_in_a_batch() -> None:
    model, rng = random_model(np.random.default_rng(11)), np.random.default_rng(12)
    x_code, lengths = random_batch(rng, model, 5, 9)
    batch = run_reference(model, x_code, lengths)
    for i, n in enumerate(lengths):
        alone = run_reference(model, x_code[i : i + 1, :n])
        assert np.array_equal(alone.y_code[0], batch.y_code[i])


def test_observer_sees_every_step_and_layer() -> None:
    model, rng = random_model(np.random.default_rng(5)), np.random.default_rng(6)
    x_code, lengths = random_batch(rng, model, 2, 7, ragged=False)
    seen: list[tuple[int, set[str]]] = []
    run_reference(model, x_code, lengths, on_step=lambda t, v: seen.append((t, set(v))))
    names = {"input"} | {layer.name for layer in model.layers[: model.pool_index]}
    assert seen == [(t, names) for t in range(7)]


@pytest.mark.parametrize(
    ("acc", "m", "k", "code"),
    [
        (3, 1, 1, 2),
        (-3, 1, 1, -1),
        (1, 1, 1, 1),
        (-1, 1, 1, 0),
        (5, 1, 2, 1),
        (6, 1, 2, 2),
        (-6, 1, 2, -1),
        (-7, 1, 2, -2),
        (1000, 1, 1, 127),
        (-1000, 1, 1, -128),
        (7, 3, 3, 3),
    ],
)
def test_requantisation_rounds_half_up_and_clips(acc: int, m: int, k: int, code: int) -> None:
    assert requant(np.array([acc]), m, k, Signal(8, True, 1.0)).tolist() == [code]


def test_layernorm_clips_values_beyond_64_bits() -> None:
    layer = LayerNorm(
        "norm", "input", np.array([1e30, 1e30]), np.zeros(2), 1.0, Signal(8, True, 1.0)
    )
    model = Model(2, Signal(8, True, 1.0), (layer,))
    y = apply_layer(layer, np.array([[100, -100]]), model, np.array([1]))
    assert y.tolist() == [[127, -128]]


def test_classify_takes_the_lowest_index_on_ties() -> None:
    assert classify(np.array([[1, 5, 5], [0, 0, 0], [-3, -2, -9]])).tolist() == [1, 0, 1]
