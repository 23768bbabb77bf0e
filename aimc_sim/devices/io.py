"""Finding and reading device model files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aimc_sim.devices.file import DeviceFile
from aimc_sim.spec import InputError, load_spec, nearest

_PACKAGE = Path(__file__).resolve().parent.parent


def load_device(path: str | Path, overrides: Mapping[str, Any] | None = None) -> DeviceFile:
    """Read and check one device model file.

    Parameters
    ----------
    path : path
        A YAML file; shipped ones are found by `device_model_path`.
    overrides : mapping, optional
        Dotted path to value, as ``{"device.g_max_S": 20.0e-6}``.

    Raises
    ------
    InputError
        One line with file, path, value found and what is allowed.

    Examples
    --------
    >>> load_device(device_model_path("ideal")).device.kind
    'ideal'
    """
    return load_spec(DeviceFile, path, overrides)


def device_model_folder() -> Path:
    """Return the folder of shipped device models: inside a wheel, or beside the package."""
    inside = _PACKAGE / "device_models"
    return inside if inside.is_dir() else _PACKAGE.parent / "device_models"


def device_model_names() -> list[str]:
    """Return the names of the shipped device models, sorted."""
    return sorted(path.stem for path in device_model_folder().glob("*.yaml"))


def device_model_path(name: str) -> Path:
    """Return the file of a shipped device model.

    Raises
    ------
    InputError
        No model of that name; the message gives the nearest name and `shipped_near`.

    Examples
    --------
    >>> device_model_path("pcm_joshi2020").name
    'pcm_joshi2020.yaml'
    """
    names = device_model_names()
    if name in names:
        return device_model_folder() / f"{name}.yaml"
    near = nearest(name, names)
    hint = f"; did you mean {near!r}" if near else ""
    raise InputError(
        f"device: found {name!r}, no shipped model has this name{hint}; "
        f"shipped: {shipped_near(name)}"
    )


def shipped_near(name: str) -> str:
    """Return the shipped models in one line: those that begin with the same word, others counted.

    Examples
    --------
    >>> shipped_near("taox").split(", ")[-2:]
    ['taox_64x64', 'taox_64x64_yield84']
    >>> shipped_near("x").split(", ")[-1]
    'taox_... (2)'
    """
    words = Counter(known.split("_")[0] for known in device_model_names())
    parts: list[str] = []
    for known in device_model_names():
        word = known.split("_")[0]
        in_full = words[word] == 1 or word == name.split("_")[0]
        parts.append(known if in_full else f"{word}_... ({words[word]})")
    return ", ".join(dict.fromkeys(parts)) or "none"
