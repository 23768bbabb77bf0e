"""A state dict from any container: tensors by key, what the file says of itself, what was done."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy.typing as npt

from aimc_sim.model import torch_file
from aimc_sim.model.archive import Archive
from aimc_sim.spec import InputError

META_KEY = "aimc_sim"
SUFFIXES = (".safetensors", ".npz", *torch_file.SUFFIXES)
_ROOT = "encoder.weight"
Arrays = dict[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class StateDict:
    """Tensors of a model by key.

    Parameters
    ----------
    tensors : dict of arrays
        With keys as `encoder.weight`, whatever stood before them in the file.
    said : dict
        The JSON that the file holds about itself; {} if none.
    notes : tuple of str
        What was done to get at the tensors, for people.
    """

    tensors: Arrays
    said: dict[str, Any]
    notes: tuple[str, ...] = ()


def read_state_dict(path: Path) -> StateDict:
    """Read a state dict from `.safetensors`, `.npz`, or a file of `torch.save`.

    Raises
    ------
    InputError
        One line: file, key, found, expected.

    Examples
    --------
    >>> read_state_dict(Path("model.h5"))
    Traceback (most recent call last):
    aimc_sim.spec.InputError: model.h5: found suffix '.h5'; expected .safetensors, .npz, .pt, \
.pth, .ckpt
    """
    notes: tuple[str, ...] = ()
    said: Any = {}
    if path.suffix == ".safetensors":
        tensors, said = _read_safetensors(path)
    elif path.suffix == ".npz":
        tensors, said = _read_npz(path)
    elif path.suffix in torch_file.SUFFIXES:
        tensors, notes = torch_file.read_torch(path)
    else:
        raise InputError(f"{path}: found suffix {path.suffix!r}; expected {', '.join(SUFFIXES)}")
    if not isinstance(said, dict):
        raise InputError(
            f"{path}: metadata {META_KEY!r}: expected a JSON object, found {type(said).__name__}"
        )
    prefix = _prefix(path, tensors)
    if prefix:
        tensors = {key.removeprefix(prefix): value for key, value in tensors.items()}
        notes = (*notes, f"{prefix!r} stripped from every key")
    return StateDict(tensors, said, notes)


def _read_npz(path: Path) -> tuple[Arrays, Any]:
    with Archive(path) as archive:
        said = archive.read_json(META_KEY) if META_KEY in archive.headers else {}
        return {name: archive.read(name) for name in archive.headers if name != META_KEY}, said


def _read_safetensors(path: Path) -> tuple[Arrays, Any]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "np") as file:
            text = (file.metadata() or {}).get(META_KEY, "{}")
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except (SafetensorError, OSError, TypeError, ValueError) as error:
        reason = str(error).splitlines()[0][:100]
        raise InputError(f"{path}: not a readable .safetensors file: {reason}") from None
    try:
        return tensors, json.loads(text)
    except ValueError as error:
        raise InputError(f"{path}: metadata {META_KEY!r} is not valid JSON ({error})") from None


def _prefix(path: Path, tensors: Arrays) -> str:
    """Return what stands before every key, as a wrapper such as DataParallel puts it there."""
    found = sorted(key.removesuffix(_ROOT) for key in tensors if key.endswith("." + _ROOT))
    if _ROOT in tensors or not found:
        return ""
    if len(found) > 1:
        raise InputError(
            f"{path}: found {len(found)} models, under {', '.join(map(repr, found))}; expected one"
        )
    other = next((key for key in sorted(tensors) if not key.startswith(found[0])), None)
    if other is not None:
        raise InputError(
            f"{path}: key {other!r} is not expected here: the model stands under {found[0]!r}"
        )
    return found[0]
