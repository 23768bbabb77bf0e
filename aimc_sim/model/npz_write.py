"""Write the versioned model file, whole or not at all, the same bytes every time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from aimc_sim.model.archive import smallest_ints, write_archive
from aimc_sim.model.check import check_model
from aimc_sim.model.heads import (
    FORMAT,
    VERSION,
)
from aimc_sim.model.layers import GLU, S4D, Layer, LayerNorm, Linear, Pool, Residual
from aimc_sim.model.network import Model
from aimc_sim.model.signal import Requant, Signal

_JSON_FIELDS: dict[type[Layer], tuple[str, ...]] = {
    Linear: ("weight_bits", "bias_times_length"),
    S4D: ("readout", "tied", "grid"),
    Residual: ("skip",),
    LayerNorm: ("epsilon",),
    Pool: ("rule", "m", "k"),
}


def write_model(path: str | Path, model: Model) -> None:
    """Check and write a model file; the same model gives the same bytes.

    Parameters
    ----------
    path : path
        Target, replaced whole or not at all.
    model : Model
        What to write.
    """
    check_model(model, str(path))
    heads, arrays = [], {}
    for layer in model.layers:
        head, layer_arrays = _split(layer)
        heads.append(head)
        arrays.update({f"{layer.name}.{key}": value for key, value in layer_arrays.items()})
    header = {
        "format": FORMAT,
        "version": VERSION,
        "meta": dict(model.meta),
        "layers": heads,
        "input": {"channels": model.n_input, **_signal(model.input)},
    }
    text = json.dumps(header, allow_nan=False, sort_keys=True)
    write_archive(path, {"header": np.array(text), **arrays})


def _signal(signal: Signal) -> dict[str, Any]:
    return {"bits": signal.bits, "signed": signal.signed, "scale": signal.scale}


def _split(layer: Layer) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
    """Split a layer into its JSON head and its arrays."""
    head: dict[str, Any] = {
        "name": layer.name,
        "kind": layer.kind,
        "input": layer.input,
        "output": _signal(layer.output),
    }
    head |= {key: getattr(layer, key) for key in _JSON_FIELDS.get(type(layer), ())}
    arrays: dict[str, npt.NDArray[Any]] = {}
    for key, value in vars(layer).items():
        if isinstance(value, np.ndarray) and key in type(layer).__dataclass_fields__:
            arrays[key] = smallest_ints(value) if value.dtype.kind == "i" else value
        elif isinstance(value, Requant):
            suffix = key.removeprefix("requant")
            arrays["m" + suffix] = smallest_ints(value.m)
            arrays["k" + suffix] = smallest_ints(value.k)
    if isinstance(layer, Linear):
        head["n_out"] = layer.n_out
    if isinstance(layer, S4D):
        head |= {
            "complex": layer.is_complex,
            "bits": dict(layer.bits),
            "n_modes": layer.n_modes,
            "state": _signal(layer.state),
        }
    if isinstance(layer, GLU):
        head["gate"] = _signal(layer.gate)
    return head, arrays
