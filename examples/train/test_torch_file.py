"""State dicts as `torch.save` writes them: the same model as from .npz, and no pickle runs."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from aimc_sim.commands.kinds import Context, load_any  # noqa: E402
from aimc_sim.model.checkpoint import load_checkpoint  # noqa: E402
from aimc_sim.model.quantize import quantize  # noqa: E402
from aimc_sim.spec import InputError  # noqa: E402
from tests.unit.model.float_tensors import batch, tensors, write  # noqa: E402


def as_torch(**options: Any) -> OrderedDict[str, Any]:
    """A state dict of random tensors."""
    state = {k: torch.from_numpy(np.array(v)) for k, v in tensors(**options).items()}
    return OrderedDict(state)


def save(path: Path, content: object) -> Path:
    """Write with `torch.save`."""
    torch.save(content, path)
    return path


@pytest.mark.parametrize("suffix", [".pt", ".pth", ".ckpt"])
def test_three_containers_give_the_same_integer_model(tmp_path: Path, suffix: str) -> None:
    paths = [write(tmp_path / f"m{other}", tensors()) for other in (".npz", ".safetensors")]
    models = [load_checkpoint(p) for p in (*paths, save(tmp_path / f"m{suffix}", as_torch()))]
    assert len({model.digest for model in models}) == 1
    assert len({quantize(model, batch()).digest for model in models}) == 1
    assert len({model.notes for model in models}) == 1


@pytest.mark.parametrize("key", ["state_dict", "model", "model_state_dict"])
def test_a_training_checkpoint_holds_it_under_a_known_key(tmp_path: Path, key: str) -> None:
    state = OrderedDict((f"module.{name}", value) for name, value in as_torch().items())
    content = {key: state, "epoch": 7, "optimizer": {"state": {}, "lr": 0.1}}
    found = load_checkpoint(save(tmp_path / "ckpt.pth", content))
    plain = load_checkpoint(save(tmp_path / "plain.pth", as_torch()))
    assert found.digest == plain.digest
    told = f"state dict taken from the key {key!r}", "'module.' stripped from every key"
    assert found.notes == (*told, *plain.notes)


def test_parameters_and_half_precisions_are_tensors(tmp_path: Path) -> None:
    state = as_torch()
    for name, dtype in (("encoder.bias", torch.bfloat16), ("decoder.bias", torch.float16)):
        state[name] = torch.nn.Parameter(state[name].to(dtype))
    found = load_checkpoint(save(tmp_path / "m.pt", state))
    assert np.array_equal(found.encoder_bias, state["encoder.bias"].detach().double().numpy())
    assert np.array_equal(found.decoder_bias, state["decoder.bias"].detach().double().numpy())


def test_check_knows_it(tmp_path: Path) -> None:
    assert len(load_any(str(save(tmp_path / "m.pt", as_torch())), Context()).blocks) == 2


class Ran(Exception):  # noqa: N818
    """Raised where a pickle was executed."""


class Hostile:
    """What must not be built when a file is read."""

    def __reduce__(self) -> tuple[Any, ...]:
        return raise_ran, ()


def raise_ran() -> None:
    """Say that the pickle ran."""
    raise Ran


def test_python_objects_are_not_built(tmp_path: Path) -> None:
    path = save(tmp_path / "m.pt", {"model": as_torch(), "args": Hostile()})
    with pytest.raises(Ran):
        torch.load(path, weights_only=False)
    with pytest.raises(InputError, match=r"holds Python objects \(.*raise_ran\), which are not"):
        load_checkpoint(path)


BROKEN = {
    "whole module": (torch.nn.Linear(2, 2), r"holds Python objects \(torch.nn.*Linear"),
    "list": ([torch.zeros(2)], "found an object of type list; expected a state dict"),
    "no tensors": ({"epoch": 3, "lr": 0.1}, "found no tensors; keys 'epoch', 'lr'; expected one"),
    "empty": ({}, "found no tensors; keys none; expected one state dict"),
    "two": ({"model": as_torch(), "state_dict": as_torch()},
            "found 2 state dicts, under 'state_dict' and 'model'; expected one"),
    "number": (as_torch() | {"epoch": 3}, "key 'epoch': found int; expected a dense tensor"),
    "sparse": (as_torch() | {"D": torch.eye(2).to_sparse()}, "key 'D': found torch.*sparse"),
    "integers": (as_torch() | {"decoder.bias": torch.zeros(4, dtype=torch.int32)},
                 "'decoder.bias': found dtype int32"),
    "NaN": (as_torch() | {"encoder.bias": torch.full((6,), torch.nan)}, "encoder.bias': holds NaN"),
    "complex": (as_torch() | {"s4_layers.0.kernel.C": torch.zeros(6, 3, dtype=torch.cfloat)},
                "C': found dtype complex64; expected float16"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_state_dict_is_told_in_one_line(tmp_path: Path, name: str) -> None:
    content, message = BROKEN[name]
    path = save(tmp_path / "m.pt", content)
    with pytest.raises(InputError, match=message) as error:
        load_checkpoint(path)
    assert str(error.value).startswith(str(path))
    assert "\n" not in str(error.value)


def test_torn_files_are_told_in_one_line(tmp_path: Path) -> None:
    whole = save(tmp_path / "m.pt", as_torch()).read_bytes()
    for i, content in enumerate((b"", b"PK\x03\x04", whole[:-100], whole[:500], b"text\n" * 9)):
        path = tmp_path / f"{i}.pt"
        path.write_bytes(content)
        with pytest.raises(InputError, match=r"not a readable file of torch\.save: .") as error:
            load_checkpoint(path)
        assert "\n" not in str(error.value)
    with pytest.raises(InputError, match="no such file"):
        load_checkpoint(tmp_path / "none.pt")


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")  # of writing it, not reading
@pytest.mark.filterwarnings("ignore:.*torch.jit:FutureWarning")  # the same, since PyTorch 2.14
def test_a_torchscript_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "script.pt"
    torch.jit.save(torch.jit.script(torch.nn.Linear(2, 2)), path)
    with pytest.raises(InputError, match="TorchScript"):
        load_checkpoint(path)
