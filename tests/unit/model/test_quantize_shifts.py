"""Multipliers that are powers of two: all of them are, and the model is as close to float."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimc_sim.model.checkpoint import load_checkpoint
from aimc_sim.model.layers import LayerNorm, Pool
from aimc_sim.model.quantize import Bits, quantize, quantize_file
from aimc_sim.model.reference import run_reference
from aimc_sim.model.requantisations import requantisations
from aimc_sim.model.scales import (
    exact_requants,
    nearest_shifts,
    power_of_two_gains,
    rounding_error,
    weight_scale,
)
from aimc_sim.spec import InputError
from tests.unit.model.float_tensors import OURS, batch, tensors, write
from tests.unit.model.test_quantize import ARCHITECTURES, FINE, logit_error

EXAMPLES = Path(__file__).parents[3] / "examples"


def multipliers(model):
    """Yield (layer, multiplier) for everything in a model that is called m, m_skip or Requant."""
    for layer in model.layers:
        for f in fields(layer):
            value = getattr(layer, f.name)
            if f.name in ("m", "m_skip") or f.name.startswith("requant"):
                m = value.m if is_dataclass(value) else value
                yield from ((layer, abs(int(v))) for v in np.ravel(m))


def free_ones(model):
    """Return the names of layers with a multiplier that is no power of two."""
    return {layer.name for layer, m in multipliers(model) if m.bit_count() > 1}


@pytest.mark.parametrize("per_channel", [True, False])
@pytest.mark.parametrize("name", ARCHITECTURES)
def test_all_multipliers_are_powers_of_two_and_the_model_is_close_to_float(
    tmp_path, name, per_channel
):
    said, shape = ARCHITECTURES[name]
    checkpoint = load_checkpoint(write(tmp_path / "m.npz", tensors(**shape), said))
    data, options = batch(), {"percentile": 100, "per_channel": per_channel}
    assert free_ones(quantize(checkpoint, data, Bits(**FINE), **options))
    options["multipliers"] = "power_of_two"
    model = quantize(checkpoint, data, Bits(**FINE), **options)
    assert free_ones(model) == set()
    assert logit_error(checkpoint, model, data) < 2e-3
    coarse = quantize(checkpoint, data, Bits(), **options)
    assert free_ones(coarse) == set()
    assert logit_error(checkpoint, coarse, data) < (0.15 if per_channel else 0.3)


def test_what_is_left_to_multiply_is_norms_and_means(tmp_path):
    checkpoint = load_checkpoint(write(tmp_path / "m.npz", tensors()))
    model = quantize(checkpoint, batch(), multipliers="power_of_two")
    products = {x.name: requantisations(x, model)[0] for x in model.layers}
    for layer in model.layers:
        assert (products[layer.name] > 0) == isinstance(layer, (LayerNorm, Pool)), layer.name
    assert model.meta["quantised"]["multipliers"] == "power_of_two"


@pytest.mark.parametrize("prenorm", [True, False])
def test_what_is_left_of_a_batch_norm_is_in_the_weights_behind(tmp_path, prenorm):
    """Gains of either sign, one of them 0, one tiny: the logits stay those of the float model."""
    state = tensors(glu=False, batch_norm=True)
    for i in range(2):
        state[f"norms.{i}.weight"] = np.array([0.7, -1.9, 0.0, 1e-3, 1.01, -0.26])
    checkpoint = load_checkpoint(write(tmp_path / "m.npz", state, OURS | {"prenorm": prenorm}))
    data = batch()
    model = quantize(checkpoint, data, Bits(**FINE), percentile=100, multipliers="power_of_two")
    norm = model.by_name["in1" if prenorm else "norm1"]
    assert sorted(np.sign(norm.m).tolist()) == [-1, -1, 0, 1, 1, 1]
    assert free_ones(model) == set()
    assert logit_error(checkpoint, model, data) < 2e-3


def test_activations_keep_the_percentile_that_no_shift_ties(tmp_path):
    """A table's output, an S4D's output and a LayerNorm's output take any scale."""
    for said, free in (({}, {"s4d0", "act0"}), ({"prenorm": True}, {"in0", "s4d0", "act0"})):
        checkpoint = load_checkpoint(write(tmp_path / "m.npz", tensors(), said))
        plain = quantize(checkpoint, batch(), percentile=99)
        shifts = quantize(checkpoint, batch(), percentile=99, multipliers="power_of_two")
        for one, two in zip(plain.layers, shifts.layers, strict=True):
            if one.name in free:
                assert one.output == two.output
            else:
                assert one.output.scale <= two.output.scale < 2 * one.output.scale, one.name
        mantissas = {x.name: np.frexp(x.output.scale)[0] for x in shifts.layers}
        assert {name for name in ("in0", "mix0", "glu0", "sum0") if mantissas[name] != 0.5} == (
            free & {"in0"}
        )


@given(exponent=st.integers(-40, 10), peak=st.floats(1.0, 1e12))
def test_a_ratio_of_a_power_of_two_stays(exponent, peak):
    requant, exact = exact_requants(np.array([2.0**exponent]), np.array([peak]))
    assert int(requant.m[0]).bit_count() == 1
    assert int(requant.m[0]) * 2.0 ** -int(requant.k[0]) == exact[0] == 2.0**exponent


@given(seed=st.integers(0, 2**32 - 1), bits=st.integers(2, 8), shared=st.booleans())
def test_weights_are_clipped_only_where_that_is_nearer(seed, bits, shared):
    rng = np.random.default_rng(seed)
    weight = rng.normal(size=(20, 5)) * (3.0 ** rng.normal(size=5))
    ratios = weight_scale(weight, bits, per_channel=not shared)

    def error(scale):
        return rounding_error(weight, scale, bits)

    found = nearest_shifts(ratios, error, shared=shared)
    above = 2.0 ** np.ceil(np.log2(ratios))
    assert ((found == above) | (found == above / 2)).all()
    reduce = np.sum if shared else np.asarray
    for other in (above, above / 2):
        assert (reduce(error(found)) <= reduce(error(other)) * (1 + 1e-12)).all()
    assert not shared or len(set(found)) == 1


@given(st.lists(st.floats(-100.0, 100.0), min_size=1, max_size=6))
def test_gains_are_a_power_of_two_and_what_is_left(ratios):
    m, k, left = power_of_two_gains(np.array(ratios))
    assert all(abs(int(v)).bit_count() <= 1 for v in m)
    largest = max(map(abs, ratios))
    assert np.abs(m * 2.0**-k * left - ratios).max() <= max(largest * 2.0**-19, 2.0**-60)
    assert ((left >= 0.5) & (left < 2)).all()
    big = np.abs(ratios) > largest * 2.0**-18
    assert (left[big & (largest > 1e-9)] >= 1).all()


def test_a_bundled_model_agrees_with_float():
    model, report = quantize_file(
        EXAMPLES / "models/digits_float.safetensors",
        EXAMPLES / "data/digits_calibration.npz",
        "a=10",
        limit=64,
        multipliers="power_of_two",
    )
    assert free_ones(model) == set()
    assert report.agreement > 0.97
    assert report.to_json()["multipliers"] == "power_of_two"
    assert "multipliers power_of_two" in report.lines()


def test_another_word_is_told_in_one_line(tmp_path):
    checkpoint = load_checkpoint(write(tmp_path / "m.npz", tensors()))
    with pytest.raises(InputError, match="--multipliers: found 'two'; allowed: free, power_of_two"):
        quantize(checkpoint, batch(), multipliers="two")


@pytest.mark.parametrize("word", ["free", "power_of_two"])
def test_a_state_is_filled_as_far_as_its_b_allows(tmp_path, word):
    """What is left of a gain makes the input smaller and B larger, not the state smaller."""
    path = write(tmp_path / "m.npz", tensors(H=40, glu=False, batch_norm=True), OURS)
    data = batch()
    model = quantize(load_checkpoint(path), data, multipliers=word, percentile=100)
    probes = ("s4d0/x",)
    result = run_reference(model, data.codes(model.input), data.lengths, probes=probes)
    size = np.hypot(*np.moveaxis(result.probes["s4d0/x"], 2, 0)).max(axis=(0, 1))
    b = model.by_name["s4d0"].B_re
    chosen = (b > 20) & (b < 127)
    assert chosen.sum() > 20
    assert np.abs(size[chosen] / (0.9 * 2**15) - 1).max() < 0.1
