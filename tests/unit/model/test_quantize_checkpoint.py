"""Reading float checkpoints: two containers, two signs, and every way to be wrong."""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest

from aimc_sim.model.checkpoint import load_checkpoint
from aimc_sim.model.float_model import forward
from aimc_sim.model.quantize import quantize, quantize_file
from aimc_sim.spec import InputError
from tests.unit.model.float_tensors import OURS, batch, tensors, write


def integer_digest(path, **options):
    return quantize(load_checkpoint(path, options), batch()).digest


def test_both_containers_give_the_same_model(tmp_path):
    state = tensors(glu=False, batch_norm=True, with_B=True)
    said = OURS | {"seed": 3}
    one, two = (load_checkpoint(write(tmp_path / f"m{s}", state, said))
                for s in (".npz", ".safetensors"))  # fmt: skip
    assert one.digest == two.digest
    assert one.meta == two.meta == {"seed": 3}
    assert quantize(one, batch()).digest == quantize(two, batch()).digest


def test_both_signs_of_the_imaginary_part_give_the_same_model(tmp_path):
    state = tensors(with_B=True)
    flipped = {k: -v if k.endswith("A_imag") else v for k, v in state.items()}
    plus = write(tmp_path / "plus.npz", state)
    minus = write(tmp_path / "minus.npz", flipped, {"a_imag_sign": -1})
    assert integer_digest(plus) == integer_digest(minus)
    assert integer_digest(plus) == integer_digest(write(tmp_path / "m.npz", flipped),
                                                  a_imag_sign=-1)  # fmt: skip
    assert integer_digest(plus) != integer_digest(write(tmp_path / "wrong.npz", flipped))


def test_a_conjugated_checkpoint_is_the_same_model(tmp_path):
    state = tensors(with_B=True)
    mirror = np.array([1.0, -1.0])
    conjugate = {k: -v if k.endswith("A_imag") else v * mirror if k.endswith(("B", "C")) else v
                 for k, v in state.items()}  # fmt: skip
    one, two = write(tmp_path / "a.npz", state), write(tmp_path / "b.npz", conjugate)
    assert integer_digest(one) == integer_digest(two)


def test_without_metadata_it_is_the_reference_architecture(tmp_path):
    arch = load_checkpoint(write(tmp_path / "m.npz", tensors())).arch
    assert (arch.activation, arch.norm, arch.prenorm, arch.glu) == ("gelu", "layer", False, True)


def test_shapes_and_keys_tell_glu_and_norm(tmp_path):
    arch = load_checkpoint(write(tmp_path / "m.npz", tensors(glu=False, batch_norm=True))).arch
    assert (arch.glu, arch.norm) == (False, "batch")
    state = {k: v for k, v in tensors().items() if not k.startswith("norms")}
    assert load_checkpoint(write(tmp_path / "n.npz", state)).arch.norm == "none"


def test_a_real_b_is_a_complex_one_without_imaginary_part(tmp_path):
    state = tensors(with_B=True)
    real = {k: v[..., 0] if k.endswith("kernel.B") else v for k, v in state.items()}
    flat = {k: v * np.array([1.0, 0.0]) if k.endswith("kernel.B") else v for k, v in state.items()}
    data = batch()
    one, two = (forward(load_checkpoint(write(tmp_path / f"{i}.npz", s)), data.inputs,
                        data.lengths, lambda *_: None)
                for i, s in enumerate((real, flat)))  # fmt: skip
    assert np.array_equal(one, two)


def test_buffers_of_a_batch_norm_that_do_not_compute_are_ignored(tmp_path):
    state = tensors(glu=False, batch_norm=True)
    plain = load_checkpoint(write(tmp_path / "a.npz", state, OURS))
    state["norms.0.num_batches_tracked"] = np.array(7)
    assert load_checkpoint(write(tmp_path / "b.npz", state, OURS)).digest == plain.digest


KERNEL = "s4_layers.0.kernel"
CHANGES = {
    "missing C": ({f"{KERNEL}.C": None}, "'s4_layers.0.kernel.C' is missing"),
    "missing decoder": ({"decoder.bias": None}, "'decoder.bias' is missing"),
    "missing encoder": ({"encoder.weight": None}, "'encoder.weight' is missing"),
    "typo": ({f"{KERNEL}.log_dt": None, f"{KERNEL}.logdt": np.zeros(6)}, "found '.*logdt'"),
    "extra key": ({f"{KERNEL}.E": np.zeros(3)}, "'s4_layers.0.kernel.E' is not expected"),
    "C without parts": ({f"{KERNEL}.C": np.zeros((6, 3))}, r"found shape \(6, 3\).*\(6, 3, 2\)"),
    "D per mode": ({"s4_layers.1.D": np.zeros((6, 3))}, r"D'.*found shape \(6, 3\).*\(6,\)"),
    "mixing width": ({"s4_layers.1.output_linear.0.weight": np.zeros((6, 6, 1))}, "12, 6, 1"),
    "integers": ({"decoder.bias": np.zeros(4, dtype=np.int32)}, "found dtype int32"),
    "NaN": ({"encoder.bias": np.full(6, np.nan)}, "'encoder.bias': holds NaN"),
    "huge dt": ({f"{KERNEL}.log_dt": np.full(6, 99.0)}, r"log_dt': found 99; allowed -50\.\.50"),
    "layer gap": ({"s4_layers.5.D": np.zeros(6)}, "s4_layers.2"),
}


@pytest.mark.parametrize("suffix", [".npz", ".safetensors"])
@pytest.mark.parametrize("name", CHANGES)
def test_a_broken_checkpoint_is_told_in_one_line(tmp_path, name, suffix):
    change, message = CHANGES[name]
    state = {k: v for k, v in (tensors() | change).items() if v is not None}
    path = write(tmp_path / f"broken{suffix}", state)
    with pytest.raises(InputError, match=message) as error:
        load_checkpoint(path)
    assert str(error.value).startswith(str(path))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(("said", "message"), [
    ({"activation": "tanh"}, "options: activation: found 'tanh'"),
    ({"pre_norm": True}, "unknown key 'pre_norm'; did you mean 'prenorm'"),
    ({"discretization": "dss"}, "discretization: found 'dss'"),
    ({"a_imag_sign": 0}, "a_imag_sign: found 0"),
    ({"norm": "batch"}, "'norms.0.running_mean' is missing"),
    ({"norm": "none"}, "'norms.0.bias' is not expected"),
    ({"norm_eps": -1.0}, "norm_eps: found -1.0"),
    ({"glu": False}, "output_linear.0.weight.*expected .*6, 6, 1"),
    (["gelu"], "expected a JSON object, found list"),
])  # fmt: skip
def test_broken_metadata_is_told_in_one_line(tmp_path, said, message):
    for suffix in (".npz", ".safetensors"):
        path = write(tmp_path / f"m{suffix}", tensors(), said)
        with pytest.raises(InputError, match=message):
            load_checkpoint(path)


def test_negative_variance(tmp_path):
    state = tensors(glu=False, batch_norm=True)
    state["norms.1.running_var"][2] = -0.5
    with pytest.raises(InputError, match=r"norms.1.running_var': found -0\.5"):
        load_checkpoint(write(tmp_path / "m.npz", state, OURS))


def test_files_that_are_no_checkpoint(tmp_path):
    (tmp_path / "torn.safetensors").write_bytes(b"\x08\x00\x00\x00\x00\x00\x00\x00{}")
    (tmp_path / "torn.npz").write_bytes(b"PK\x03\x04")
    (tmp_path / "model.h5").write_bytes(b"")
    np.savez(tmp_path / "pickle.npz", **{"encoder.weight": np.array([{}], dtype=object)})
    said = json.dumps(OURS)[:-1]
    np.savez(tmp_path / "json.npz", aimc_sim=np.array(said), **tensors())
    for name, message in (
        ("torn.safetensors", "not a readable .safetensors"), ("torn.npz", "not a readable"),
        ("model.h5", "suffix '.h5'; expected .safetensors, .npz, .pt, .pth, .ckpt"),
        ("pickle.npz", "pickle"),
        ("json.npz", "not valid JSON"), ("none.npz", "no such file"),
        ("none.safetensors", "no such file"),
    ):  # fmt: skip
        with pytest.raises(InputError, match=message):
            load_checkpoint(tmp_path / name)


@pytest.mark.parametrize("suffix", [".npz", ".safetensors"])
@pytest.mark.parametrize("prefix", ["module.", "model.", "net._orig_mod."])
def test_what_a_wrapper_put_before_the_keys_is_stripped_and_told(tmp_path, prefix, suffix):
    plain = load_checkpoint(write(tmp_path / f"a{suffix}", tensors()))
    state = {prefix + key: value for key, value in tensors().items()}
    found = load_checkpoint(write(tmp_path / f"b{suffix}", state))
    assert found.digest == plain.digest
    assert found.notes == (f"{prefix!r} stripped from every key", *plain.notes)


def test_two_models_and_a_prefix_of_some_keys_are_refused(tmp_path):
    state = {"model." + key: value for key, value in tensors().items()}
    for other, message in (
        (
            {"loss.weight": np.zeros(3)},
            "'loss.weight' is not expected here: the model stands",
        ),
        ({"ema.encoder.weight": np.zeros((6, 2))}, r"found 2 models, under 'ema\.', 'model\.'"),
    ):
        with pytest.raises(InputError, match=message):
            load_checkpoint(write(tmp_path / "m.npz", state | other))


@pytest.mark.parametrize("suffix", [".pt", ".pth", ".ckpt"])
def test_without_torch_its_files_are_refused_with_what_to_type(tmp_path, suffix, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    path = tmp_path / f"m{suffix}"
    path.write_bytes(b"PK\x03\x04")
    with pytest.raises(InputError) as error:
        load_checkpoint(path)
    assert str(error.value) == (
        f"{path}: this needs torch; type: pip install 'aimc-sim[train]', or save the state dict as "
        f".npz or .safetensors"
    )


def test_logits_of_the_origin_tell_a_wrong_import(tmp_path):
    path, data = write(tmp_path / "m.npz", tensors(), {"activation": "relu"}), batch()
    wanted = forward(load_checkpoint(path), data.inputs, data.lengths, lambda *_: None)
    np.savez(tmp_path / "d.npz", inputs=data.inputs, lengths=data.lengths,
             float_logits=wanted.astype(np.float32))  # fmt: skip
    _, report = quantize_file(path, tmp_path / "d.npz")
    assert report.origin_error < 1e-6
    assert report.notes == load_checkpoint(path).notes != ()
    assert [line[12:] for line in report.lines() if line.startswith("note ")] == [*report.notes]
    assert not [line for line in report.lines() if "not the one that gave" in line]
    _, wrong = quantize_file(path, tmp_path / "d.npz", options={"activation": "gelu"})
    assert wrong.origin_error > 0.05
    assert [line for line in wrong.lines() if "not the one that gave float_logits" in line]
    np.savez(tmp_path / "n.npz", inputs=data.inputs)
    assert quantize_file(path, tmp_path / "n.npz")[1].origin_error is None
