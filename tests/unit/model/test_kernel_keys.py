"""State dicts of the full s4.py: names, sign, shapes and discretisation of each version."""

from __future__ import annotations

import numpy as np
import pytest

from aimc_sim.model.checkpoint import load_checkpoint
from aimc_sim.model.float_model import kernel
from aimc_sim.model.quantize import quantize
from aimc_sim.spec import InputError
from tests.unit.model.float_tensors import batch, tensors, write
from tests.unit.model.float_variants import version_3, version_4

N_STEPS = 200
ZOH = {"discretization": "zoh"}


def kernels(path, state, options=None):
    model = load_checkpoint(write(path, state), options)
    return np.stack([kernel(block.ssm, N_STEPS) for block in model.blocks])


def written_kernel(state, where, real, sign, disc):
    """The reference code's equations once more, from the stored tensors alone."""
    get = lambda name: state[f"{where}.{name}"]  # noqa: E731
    A = -np.exp(get(real)) + sign * 1j * get("A_imag")
    B, C = (get(name)[..., 0] + 1j * get(name)[..., 1] for name in "BC")
    dt = np.exp(get("inv_dt" if sign < 0 else "log_dt"))
    C = (B * C).reshape(-1, *A.shape[1:])
    A, dtA = np.tile(A, (len(C) // len(A), 1)), dt * np.tile(A, (len(C) // len(A), 1))
    if disc == "zoh":
        C, pole = C * (np.exp(dtA) - 1) / A, np.exp(dtA)
    else:
        C, pole = C * dt / (1 - dtA / 2), (1 + dtA / 2) / (1 - dtA / 2)
    return 2 * np.einsum("hm,hml->hl", C, pole[:, :, None] ** np.arange(N_STEPS)).real


@pytest.mark.parametrize("version", [version_3, version_4])
def test_the_full_code_gives_the_kernel_of_s4d(tmp_path, version):
    state = tensors()
    wanted = kernels(tmp_path / "s4d.npz", state)
    found = kernels(tmp_path / "full.npz", version(state), ZOH)
    assert np.abs(found - wanted).max() < 1e-12 * np.abs(wanted).max()


@pytest.mark.parametrize("version", [version_3, version_4])
def test_the_full_code_gives_the_integer_model_of_s4d(tmp_path, version):
    wanted = quantize(load_checkpoint(write(tmp_path / "a.npz", tensors())), batch())
    full = load_checkpoint(write(tmp_path / "b.safetensors", version(tensors())), ZOH)
    assert quantize(full, batch()).digest == wanted.digest


@pytest.mark.parametrize("disc", ["zoh", "bilinear"])
@pytest.mark.parametrize(("version", "where", "real", "sign"), [
    (version_3, "kernel.kernel", "inv_A_real", 1), (version_4, "layer.kernel", "A_real", -1),
])  # fmt: skip
def test_kernels_are_those_of_the_equations(tmp_path, version, where, real, sign, disc):
    state, rng = version(tensors(n_layers=1)), np.random.default_rng(3)
    where = f"s4_layers.0.{where}"
    state[f"{where}.B"] = rng.normal(size=state[f"{where}.B"].shape)
    found = kernels(tmp_path / "m.npz", state, {"discretization": disc})[0]
    wanted = written_kernel(state, where, real, sign, disc)
    assert np.abs(found - wanted).max() < 1e-12 * np.abs(wanted).max()


def test_the_wrong_sign_is_another_kernel(tmp_path):
    state = version_4(tensors())
    right = kernels(tmp_path / "a.npz", state)
    wrong = kernels(tmp_path / "a.npz", state, {"a_imag_sign": 1})
    assert np.abs(right - wrong).max() > 0.1 * np.abs(right).max()


def test_systems_that_channels_share_are_repeated(tmp_path):
    where = "s4_layers.0.layer.kernel"
    shared, rng = version_4(tensors(n_layers=1)), np.random.default_rng(3)
    for name, shape in (("A_real", (2, 3)), ("A_imag", (2, 3)), ("B", (1, 2, 3, 2))):
        shared[f"{where}.{name}"] = rng.normal(size=shape)
    whole = dict(shared)
    for name in ("A_real", "A_imag"):
        whole[f"{where}.{name}"] = np.concatenate([shared[f"{where}.{name}"]] * 3)
    whole[f"{where}.B"] = np.concatenate([shared[f"{where}.B"]] * 3, axis=1)
    one, two = (kernels(tmp_path / "m.npz", state) for state in (shared, whole))
    assert np.array_equal(one, two)
    shared[f"{where}.A_real"] = rng.normal(size=(4, 3))
    with pytest.raises(InputError, match=r"A_real': found shape \(4, 3\).*rows that divide 6"):
        kernels(tmp_path / "m.npz", shared)


@pytest.mark.parametrize(("version", "says"), [
    (None, ()),
    (version_3, ("version 3: A = -exp(inv_A_real) + i A_imag, discretization bilinear",)),
    (version_4, ("version 4: A = -exp(A_real) - i A_imag, discretization zoh",)),
])  # fmt: skip
def test_what_is_taken_for_granted_is_told(tmp_path, version, says):
    state = version(tensors()) if version else tensors()
    path = write(tmp_path / "m.npz", state, {"activation": "relu", "norm_eps": 1e-5})
    *found, last = load_checkpoint(path, {"prenorm": True}).notes
    assert len(found) == len(says)
    assert all(note.endswith(end) for note, end in zip(found, says, strict=True))
    assert last == ("taken from the reference code, not from the file: residual=true, pooling=mean")


def test_a_checkpoint_that_says_all_has_no_notes(tmp_path):
    said = {"activation": "gelu", "prenorm": False, "residual": True, "pooling": "mean",
            "norm_eps": 1e-5}  # fmt: skip
    assert load_checkpoint(write(tmp_path / "m.npz", tensors(), said)).notes == ()


V4 = "s4_layers.0.layer.kernel"
CHANGES = {
    "low rank": ({f"{V4}.P": np.zeros((1, 6, 3, 2))},
                 f"'{V4}.P' is not expected here; allowed under '{V4}': A_imag, A_real, B, C, "),
    "real-valued": ({f"{V4}.A_imag": None}, f"'{V4}.A_imag' is missing"),
    "channels": ({f"{V4}.C": np.zeros((2, 6, 3, 2))},
                 r"found shape \(2, 6, 3, 2\); expected \(6, 3, 2\) or \(1, 6, 3, 2\)"),
    "dt of each mode": ({f"{V4}.inv_dt": np.zeros((6, 3))},
                        r"inv_dt': found shape \(6, 3\); expected \(6,\) or \(6, 1\)"),
    "B of other modes": ({f"{V4}.B": np.zeros((1, 6, 4, 2))}, r"B': found shape \(1, 6, 4, 2\)"),
    "two real parts": ({f"{V4}.log_A_real": np.zeros((6, 3))}, "log_A_real': found beside .*A_r"),
    "two dt": ({f"{V4}.log_dt": np.zeros(6)}, "log_dt' is not expected"),
    "gate": ({"s4_layers.0.input_gate.weight": np.zeros((6, 6))},
             "input_gate.weight' is not expected here; allowed under 's4_layers.0': layer, output"),
    "another model": ({"classifier.weight": np.zeros((6, 6))},
                      "allowed: decoder, encoder, norms, s4_layers"),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_not_understood_is_refused_by_name(tmp_path, name):
    change, message = CHANGES[name]
    state = {k: v for k, v in (version_4(tensors()) | change).items() if v is not None}
    path = write(tmp_path / "m.npz", state)
    with pytest.raises(InputError, match=message) as error:
        load_checkpoint(path)
    assert str(error.value).startswith(str(path))
    assert "\n" not in str(error.value)


def test_layers_of_two_versions_are_refused(tmp_path):
    old, new = tensors(), version_4(tensors())
    state = {k: v for k, v in (new | old).items() if not k.startswith("s4_layers")}
    for part, start in ((old, "s4_layers.0"), (new, "s4_layers.1")):
        state |= {k: v for k, v in part.items() if k.startswith(start)}
    with pytest.raises(InputError, match=r"1\.layer\.kernel\.A_real': found beside 's4_layers.0.k"):
        load_checkpoint(write(tmp_path / "m.npz", state))


def test_a_bilinear_pole_at_zero_is_refused(tmp_path):
    state = tensors()
    state["s4_layers.0.kernel.log_dt"][:] = 0.0
    state["s4_layers.0.kernel.log_A_real"][0, 0] = np.log(2.0)
    with pytest.raises(InputError, match="log_A_real': gives a bilinear pole at 0"):
        load_checkpoint(write(tmp_path / "m.npz", state), {"discretization": "bilinear"})
