"""Tensors of a file that `torch.save` wrote, as NumPy arrays, without running what is in it."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from aimc_sim.extras import extra
from aimc_sim.spec import InputError

SUFFIXES = (".pt", ".pth", ".ckpt")
NESTED = ("state_dict", "model", "model_state_dict")
"""Keys under which training scripts keep the state dict beside optimizer and epoch."""


def read_torch(path: Path) -> tuple[dict[str, npt.NDArray[Any]], tuple[str, ...]]:
    """Return the tensors of a state dict, and notes on where in the file it was.

    Parameters
    ----------
    path : Path
        A dict of tensors, or a dict that holds one under a key of `NESTED`.

    Raises
    ------
    InputError
        PyTorch is not installed; the file is missing or torn; it holds other objects than tensors
        and plain values, no state dict, or two of them; an entry is not a plain tensor.
    """
    try:
        torch = extra("torch", "train")
    except InputError as error:
        raise InputError(
            f"{path}: {error}, or save the state dict as .npz or .safetensors"
        ) from None
    found = _load(torch, path)
    if not isinstance(found, Mapping):
        raise InputError(
            f"{path}: found an object of type {type(found).__name__}; expected a state dict, as "
            f"torch.save(model.state_dict(), FILE) writes"
        )
    state, notes = _state_dict(torch, path, found)
    return {str(key): _array(torch, path, key, value) for key, value in state.items()}, notes


def _load(torch: Any, path: Path) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a TorchScript archive warns before it is refused
            return torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except Exception as error:  # whatever a torn or hostile file makes of the unpickler
        name = re.search(r"GLOBAL (\S+)", str(error))
        if name:
            raise InputError(
                f"{path}: holds Python objects ({name.group(1)}), which are not loaded; expected "
                f"tensors alone: torch.save(model.state_dict(), FILE)"
            ) from None
        reason = str(error).split("\n")[0].split(". ")[0][:100] or type(error).__name__
        raise InputError(f"{path}: not a readable file of torch.save: {reason}") from None


def _state_dict(
    torch: Any, path: Path, found: Mapping[Any, Any]
) -> tuple[Mapping[Any, Any], tuple[str, ...]]:
    """Return the state dict: the mapping itself, or the one that stands under a known key."""
    if any(isinstance(value, torch.Tensor) for value in found.values()):
        return found, ()
    inner = [key for key in NESTED if isinstance(found.get(key), Mapping) and found[key]]
    if len(inner) != 1:
        keys = ", ".join(repr(str(key)) for key in [*found][:6]) or "none"
        what = f"{len(inner)} state dicts, under {' and '.join(map(repr, inner))}"
        raise InputError(
            f"{path}: found {what if inner else f'no tensors; keys {keys}'}; expected one state "
            f"dict, at the top or under {' or '.join(map(repr, NESTED))}"
        )
    return found[inner[0]], (f"state dict taken from the key {inner[0]!r}",)


def _array(torch: Any, path: Path, key: Any, value: Any) -> npt.NDArray[Any]:
    """Return a tensor as an array; bfloat16, which NumPy lacks, becomes float32."""
    if not isinstance(value, torch.Tensor) or value.layout != torch.strided or value.is_quantized:
        kind = type(value).__name__ if not isinstance(value, torch.Tensor) else value.type()
        raise InputError(f"{path}: key {str(key)!r}: found {kind}; expected a dense tensor")
    plain = value.detach().resolve_conj().resolve_neg()
    return np.asarray((plain.float() if plain.dtype == torch.bfloat16 else plain).numpy())
