"""Model: layers in order, names as wires, and the digest of what they hold."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from functools import cached_property
from typing import Any

import numpy as np

from aimc_sim.model.layers import GLU, Layer, Pool
from aimc_sim.model.signal import Signal
from aimc_sim.spec import canonical_json


@dataclass(frozen=True)
class Model:
    """What to compute: integers only (but for LayerNorm), layers in order, names as wires.

    Parameters
    ----------
    n_input : int
        Input channels.
    input : Signal
        Codes of the input.
    layers : tuple of Layer
        In order of execution; each names its input, "input" or an earlier layer.
    meta : mapping
        Free JSON metadata (task, origin, float accuracy); no meaning for what runs.
    """

    n_input: int
    input: Signal
    layers: tuple[Layer, ...]
    meta: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def by_name(self) -> dict[str, Layer]:
        """Layers by name."""
        return {layer.name: layer for layer in self.layers}

    def signal(self, name: str) -> Signal:
        """Return the signal that a layer (or "input") puts out."""
        return self.input if name == "input" else self.by_name[name].output

    @cached_property
    def widths(self) -> dict[str, int]:
        """Number of channels of every layer's output, and of "input"."""
        widths = {"input": self.n_input}
        for layer in self.layers:
            width = getattr(layer, "n_out", widths[layer.input])
            widths[layer.name] = width // 2 if isinstance(layer, GLU) else width
        return widths

    @cached_property
    def pool_index(self) -> int:
        """Index of the pool: layers before it run every step, those after it once a sequence."""
        return next(i for i, layer in enumerate(self.layers) if isinstance(layer, Pool))

    @property
    def pool(self) -> Pool:
        """The pool."""
        return next(layer for layer in self.layers if isinstance(layer, Pool))

    @property
    def n_classes(self) -> int:
        """Number of outputs."""
        return self.widths[self.layers[-1].name]

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the canonical content (not of the zip that carried it)."""
        return hashlib.sha256(b"".join(_canonical(self))).hexdigest()


def _canonical(value: Any) -> list[bytes]:
    """Return a value as bytes with types, shapes and names, in field order.

    A field at its default is left out, so that a later version's fields keep old digests.
    """
    if isinstance(value, np.ndarray):
        wide = value.astype("<f8" if value.dtype.kind == "f" else "<i8")
        return [f"array{wide.shape}".encode(), wide.tobytes()]
    if isinstance(value, tuple):
        return [part for item in value for part in _canonical(item)]
    if hasattr(value, "__dataclass_fields__"):
        parts = [type(value).__name__.encode()]
        for f in fields(value):
            item = getattr(value, f.name)
            if f.name != "meta" and (f.default is MISSING or item != f.default):
                parts += [f.name.encode(), *_canonical(item)]
        return parts
    if isinstance(value, Mapping):
        return [canonical_json(dict(value)).encode()]
    return [canonical_json(value).encode()]
