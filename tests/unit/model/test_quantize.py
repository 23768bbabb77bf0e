"""Post-training quantisation: close where bits are many, tied, bounded, and told about."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimc_sim.model.bounds import effective_multipliers
from aimc_sim.model.calibration import Calibration, load_calibration
from aimc_sim.model.check import faults
from aimc_sim.model.checkpoint import load_checkpoint
from aimc_sim.model.float_model import forward
from aimc_sim.model.grids import GRIDS
from aimc_sim.model.layers import GLU, S4D, Affine, LayerNorm, Table
from aimc_sim.model.npz import load_model
from aimc_sim.model.npz_write import write_model
from aimc_sim.model.quantize import Bits, parse_bits, quantize, quantize_file
from aimc_sim.model.reference import run_reference
from aimc_sim.spec import InputError
from tests.unit.model.float_tensors import OURS, batch, tensors, write

FINE = {"a": 16, "b": 16, "c": 16, "d": 16, "state": 24, "activations": 16, "weights": 16,
        "residual": 20, "input": 16, "pool": 20}  # fmt: skip


def logit_error(checkpoint, model, data):
    wanted = forward(checkpoint, data.raw(model.input), data.lengths, lambda *_: None)
    result = run_reference(model, data.codes(model.input), data.lengths)
    found = result.y_code * model.layers[-1].output.scale
    return np.abs(found - wanted).max() / np.abs(wanted).max()


ARCHITECTURES = {
    "reference code": ({}, {}),
    "prenorm LayerNorm, ReLU": ({"activation": "relu", "prenorm": True}, {}),
    "ours": (OURS, {"glu": False, "batch_norm": True}),
    "BatchNorm after": (OURS | {"prenorm": False}, {"glu": False, "batch_norm": True}),
    "no activation, last": ({"activation": "none", "pooling": "last"}, {"with_B": True}),
    "no residual, GELU": (OURS | {"residual": False, "activation": "gelu"},
                          {"glu": False, "batch_norm": True}),
}  # fmt: skip


@pytest.mark.parametrize("grid", GRIDS)
@pytest.mark.parametrize("name", ARCHITECTURES)
def test_sixteen_bits_are_close_to_float(tmp_path, name, grid):
    said, shape = ARCHITECTURES[name]
    checkpoint = load_checkpoint(write(tmp_path / "m.npz", tensors(**shape), said))
    data = batch()
    model = quantize(checkpoint, data, Bits(**FINE), a_grid=grid, percentile=100)
    assert logit_error(checkpoint, model, data) < 1e-3
    coarse = quantize(checkpoint, data, Bits(a=12), a_grid=grid, percentile=100)
    assert 1e-3 < logit_error(checkpoint, coarse, data) < 0.15


def test_the_reference_architecture_becomes_these_layers(tmp_path):
    checkpoint = load_checkpoint(write(tmp_path / "m.npz", tensors()))
    model = quantize(checkpoint, batch())
    assert [layer.name for layer in model.layers] == [
        "encoder", "in0", "s4d0", "act0", "mix0", "glu0", "sum0", "norm0",
        "in1", "s4d1", "act1", "mix1", "glu1", "sum1", "norm1", "pool", "decoder",
    ]  # fmt: skip
    kinds = {layer.name: type(layer) for layer in model.layers}
    assert kinds["act0"] is Table
    assert kinds["glu0"] is GLU
    assert kinds["norm1"] is LayerNorm
    assert kinds["in1"] is Affine
    assert model.by_name["norm0"].output.bits == 16
    assert model.by_name["in1"].output.bits == 8


def test_a_relu_is_an_unsigned_output(tmp_path):
    path = write(tmp_path / "m.npz", tensors(glu=False, batch_norm=True), OURS)
    model = quantize(load_checkpoint(path), batch())
    assert [layer.name for layer in model.layers[1:5]] == ["in0", "s4d0", "mix0", "sum0"]
    assert not model.by_name["s4d0"].output.signed


@given(seed=st.integers(0, 2**16), bits=st.integers(2, 16), state=st.integers(8, 24),
       grid=st.sampled_from(GRIDS), per_channel=st.booleans())  # fmt: skip
def test_every_model_is_tied_stable_and_exact_in_float64(
    tmp_path_factory, seed, bits, state, grid, per_channel
):
    path = write(tmp_path_factory.mktemp("m") / "m.npz",
                 tensors(seed, glu=False, batch_norm=True, n_layers=1), OURS)  # fmt: skip
    widths = Bits(a=bits, b=bits, c=bits, d=bits, weights=bits, state=state)
    model = quantize(load_checkpoint(path), batch(n=3), widths, a_grid=grid,
                     per_channel=per_channel)  # fmt: skip
    assert list(faults(model)) == []
    kernel = model.by_name["s4d0"]
    assert isinstance(kernel, S4D)
    assert kernel.tied
    assert np.abs(kernel.poles).max() < 1.0
    assert kernel.requant_C.m.ndim == per_channel
    m_A, m_B, _ = effective_multipliers(kernel.requant_A, kernel.requant_B, 1)[0]
    assert m_A & (m_A - 1) == m_B & (m_B - 1) == 0
    peak = 2 * (np.abs(kernel.C_re) + np.abs(kernel.C_im)).reshape(6, 3).sum(1).astype(object)
    rows = effective_multipliers(kernel.requant_C, kernel.requant_D, 6)
    for h, (m_C, m_D, K) in enumerate(rows):
        total = peak[h] * kernel.state.magnitude * m_C + abs(int(kernel.D[h])) * 128 * m_D
        assert total + (1 << (K - 1)) < 1 << 53 or state + bits > 28


def test_rounding_b_costs_nothing(tmp_path):
    checkpoint = load_checkpoint(write(tmp_path / "m.npz", tensors(with_B=True)))
    data = batch()
    few = quantize(checkpoint, data, Bits(**FINE | {"b": 3}), percentile=100)
    assert logit_error(checkpoint, few, data) < 1e-3


def test_input_codes_keep_their_scale(tmp_path):
    state = tensors(d=1, glu=False, batch_norm=True)
    codes = np.random.default_rng(0).integers(0, 256, (8, 30, 1)).astype(np.uint8)
    data = Calibration(codes, np.full(8, 30))
    plain = load_checkpoint(write(tmp_path / "a.npz", state, OURS))
    assert quantize(plain, data).input.scale == 1 / 255
    scaled = load_checkpoint(write(tmp_path / "b.npz", state, OURS | {"input_scale": 0.01}))
    assert quantize(scaled, data).input.scale == 0.01
    assert quantize(scaled, Calibration(codes * 0.01, data.lengths)).input.scale == 0.01
    with pytest.raises(InputError, match=r"found codes 0\.\.255; 7 bits hold 0\.\.127"):
        quantize(plain, data, Bits(input=7))


def test_saturation_agreement_and_pulled_in_poles_are_reported(tmp_path):
    state = tensors(glu=False, batch_norm=True)
    for key in state:
        if key.endswith("log_dt"):
            state[key] = np.linspace(np.log(1e-3), np.log(0.2), 6)
    path = write(tmp_path / "m.npz", state, OURS)
    data = batch()
    np.savez(tmp_path / "d.npz", inputs=data.inputs, lengths=data.lengths, labels=data.labels)
    _, report = quantize_file(path, tmp_path / "d.npz", "a=5", percentile=90)
    assert sum(p.n_pulled_in for p in report.poles) > 0
    assert report.poles[0].worst_time_constant > 1.1
    assert any(line.startswith("warning") and "pulled in" in line for line in report.lines())
    assert 0.02 < report.saturation["in0"] < 0.2
    assert report.saturation["in0"] == pytest.approx(0.1, abs=0.03)
    assert set(report.saturation) >= {"encoder", "s4d0", "s4d0/x", "sum1"}
    assert report.accuracy is not None
    _, fine = quantize_file(path, tmp_path / "d.npz", Bits(**FINE), percentile=100)
    assert fine.agreement == 1.0
    assert fine.logit_error < 1e-3 < report.logit_error
    assert fine.accuracy == fine.float_accuracy
    assert fine.to_json()["poles"][0]["n_pulled_in"] == 0
    assert fine.saturation["s4d0/x"] == 0.0


def test_the_file_is_the_model_and_says_how_it_was_made(tmp_path):
    checkpoint = load_checkpoint(write(tmp_path / "m.npz", tensors(), {"task": "noise"}))
    model = quantize(checkpoint, batch(), Bits(a=9), a_grid="polar")
    assert quantize(checkpoint, batch(), Bits(a=9), a_grid="polar").digest == model.digest
    write_model(tmp_path / "out.npz", model)
    again = load_model(tmp_path / "out.npz")
    assert again.digest == model.digest
    said = again.meta["quantised"]
    assert again.meta["task"] == "noise"
    assert said["bits"]["a"] == 9
    assert said["a_grid"] == "polar"
    assert said["source_digest"] == checkpoint.digest
    assert again.by_name["s4d0"].grid == "polar"
    assert again.by_name["s4d0"].bits["A"] == 16


@pytest.mark.parametrize(("text", "message"), [
    ("a=1", "a: found 1"), ("a=17", "a: found 17"), ("stat=16", "did you mean 'state'"),
    ("a", "expected NAME=WIDTH"), ("a=8,a=9", "each name once"), ("a=-3", "NAME=WIDTH"),
    ("a=8;b=3", "NAME=WIDTH"),
])  # fmt: skip
def test_bad_widths_are_told_in_one_line(text, message):
    with pytest.raises(InputError, match=message) as error:
        parse_bits(text)
    assert str(error.value).startswith("--bits: ")
    assert "\n" not in str(error.value)


def test_widths_are_read():
    assert parse_bits(" a=8, state=20 ,a_run=12") == Bits(a=8, state=20, a_run=12)


def test_requests_that_do_not_fit(tmp_path):
    checkpoint = load_checkpoint(write(tmp_path / "m.npz", tensors()))
    for options, message in (
        ({"a_grid": "Polar"}, "--a-grid: found 'Polar'; allowed: cartesian, polar, log-polar"),
        ({"percentile": 20}, "--percentile: found 20"),
    ):
        with pytest.raises(InputError, match=message):
            quantize(checkpoint, batch(), **options)
    logits = dataclasses.replace(batch(), float_logits=np.zeros((12, 5)))
    with pytest.raises(InputError, match="'float_logits': found 5 classes; the checkpoint has 4"):
        quantize(checkpoint, logits)
    with pytest.raises(InputError, match="found 3 channels; the checkpoint has 2"):
        quantize(checkpoint, batch(d=3))


@pytest.mark.parametrize(("change", "message"), [
    ({"inputs": None}, "'inputs' is missing"),
    ({"input": np.zeros(3)}, "'input': is not expected here"),
    ({"inputs": np.zeros((4, 5))}, "expected 3 axes of numbers"),
    ({"inputs": np.full((4, 5, 2), np.inf)}, "NaN or infinity"),
    ({"inputs": np.zeros((0, 5, 2))}, "expected values"),
    ({"lengths": np.array([1, 2, 3, 6])}, r"expected 4 lengths in 1\.\.5"),
    ({"lengths": np.ones(4)}, "expected 1 axes of integers"),
    ({"labels": np.zeros(3, dtype=int)}, "found 3 labels; expected 4"),
    ({"float_logits": np.zeros((3, 4))}, "'float_logits': expected finite values of 4 sequences"),
    ({"float_logits": np.full((4, 4), np.nan)}, "'float_logits': expected finite values"),
])  # fmt: skip
def test_a_broken_calibration_batch_is_told_in_one_line(tmp_path, change, message):
    arrays = {"inputs": np.zeros((4, 5, 2)), "labels": np.zeros(4, dtype=int)} | change
    np.savez(tmp_path / "d.npz", **{k: v for k, v in arrays.items() if v is not None})
    with pytest.raises(InputError, match=message):
        load_calibration(tmp_path / "d.npz")


def test_padded_steps_of_a_batch_may_hold_anything(tmp_path):
    inputs = batch().inputs[:2]
    padded = inputs.copy()
    padded[:, 15:] = np.nan
    np.savez(tmp_path / "d.npz", inputs=padded, lengths=np.array([15, 7]))
    data = load_calibration(tmp_path / "d.npz")
    assert np.array_equal(data.inputs[0, :15], inputs[0, :15])
    checkpoint = load_checkpoint(write(tmp_path / "m.npz", tensors()))
    cut = Calibration(inputs[:, :15], data.lengths)
    assert quantize(checkpoint, data).digest == quantize(checkpoint, cut).digest


def test_silent_and_dead_channels_do_no_harm(tmp_path):
    state = tensors(glu=False, batch_norm=True)
    state["s4_layers.0.kernel.C"][1] = 0.0
    state["s4_layers.0.D"][1] = 0.0
    state["norms.0.weight"][2] = 0.0
    state["norms.0.bias"][2] = 0.0
    state["encoder.weight"][3] = 0.0
    state["s4_layers.0.output_linear.0.weight"][4] = 0.0
    checkpoint = load_checkpoint(write(tmp_path / "m.npz", state, OURS))
    model = quantize(checkpoint, batch(), Bits(**FINE), percentile=100)
    assert logit_error(checkpoint, model, batch()) < 1e-3
    zero = dataclasses.replace(batch(), inputs=np.zeros((2, 5, 2)), lengths=np.array([5, 3]))
    assert list(faults(quantize(checkpoint, zero))) == []
