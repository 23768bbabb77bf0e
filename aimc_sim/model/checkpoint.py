"""Read a float S4D checkpoint: a state dict with the reference code's keys, from any container."""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from aimc_sim.model.architecture import Architecture
from aimc_sim.model.float_model import Block, FloatModel, Norm
from aimc_sim.model.kernel_keys import Place, place_of, read_diagonal
from aimc_sim.model.state_dict import read_state_dict
from aimc_sim.model.tensors import Tensors
from aimc_sim.spec import InputError, canonical_json, validate

_UNSEEN = ("activation", "prenorm", "residual", "pooling", "norm_eps")
"""Fields of `Architecture` that no key and no shape tells."""
_IGNORED = re.compile(r"^norms\.\d+\.num_batches_tracked$")


def load_checkpoint(path: str | Path, options: Mapping[str, Any] | None = None) -> FloatModel:
    """Read and check a float checkpoint.

    Parameters
    ----------
    path : path
        `.safetensors`, `.npz`, or `.pt`, `.pth` or `.ckpt` of `torch.save`, with the keys that
        docs/formats.md lists.
    options : mapping, optional
        Fields of `Architecture`; they override what the file says about itself.

    Raises
    ------
    InputError
        One line: file, key, found, expected.

    Examples
    --------
    >>> load_checkpoint("missing.safetensors")
    Traceback (most recent call last):
    aimc_sim.spec.InputError: missing.safetensors: no such file
    """
    state = read_state_dict(Path(path))
    reader = _Reader(str(path), state.tensors)
    known = set(Architecture.model_fields)
    for key in state.said:
        near = difflib.get_close_matches(key, known, n=1, cutoff=0.8)
        if key not in known and near:
            raise InputError(f"{path}: metadata: unknown key {key!r}; did you mean {near[0]!r}?")
    stated = {key: value for key, value in state.said.items() if key in known}
    stated |= dict(options or {})
    arch = validate(Architecture, reader.inferred() | stated, f"{path}: options")
    model = reader.model(arch)
    for key in sorted(state.tensors):
        if key not in reader.used and not _IGNORED.match(key):
            raise reader.unexpected(key)
    meta = {key: value for key, value in state.said.items() if key not in known}
    notes = (*state.notes, *reader.notes(arch, stated))
    return replace(model, meta=meta, digest=_digest(reader, arch), notes=notes)


def _digest(reader: Tensors, arch: Architecture) -> str:
    """Return the SHA-256 of every tensor used (as float64) and of the architecture."""
    found = hashlib.sha256(canonical_json(arch.model_dump(mode="json")).encode())
    for key in sorted(reader.used):
        tensor = reader.tensors[key]
        found.update(f"{key}{tensor.shape}".encode() + tensor.astype("<f8").tobytes())
    return found.hexdigest()


class _Reader(Tensors):
    """Takes the parts of the model."""

    def inferred(self) -> dict[str, Any]:
        """Return what shapes and keys tell about the architecture."""
        variant = place_of(self, "s4_layers.0").variant
        out: dict[str, Any] = {
            "a_imag_sign": variant.a_imag_sign,
            "discretization": variant.discretization,
        }
        mix = self.tensors.get("s4_layers.0.output_linear.0.weight")
        if mix is not None and mix.ndim in (2, 3):
            out["glu"] = mix.shape[0] == 2 * mix.shape[1]
        if "norms.0.running_mean" in self:
            out["norm"] = "batch"
        elif "norms.0.weight" not in self:
            out["norm"] = "none"
        return out

    def notes(self, arch: Architecture, stated: Mapping[str, Any]) -> list[str]:
        """Return what the import took for granted, where nobody stated it."""
        out = []
        place = place_of(self, "s4_layers.0")
        if place.variant.code != "s4d.py":
            sign = "+" if arch.a_imag_sign > 0 else "-"
            out.append(
                f"kernel as in {place.variant.code}: A = -exp({place.real}) {sign} i A_imag, "
                f"discretization {arch.discretization}"
            )
        taken = {key: getattr(arch, key) for key in _UNSEEN if key not in stated}
        if taken:
            words = ", ".join(f"{key}={str(value).lower()}" for key, value in taken.items())
            out.append(f"taken from the reference code, not from the file: {words}")
        return out

    def model(self, arch: Architecture) -> FloatModel:
        """Return the model, without metadata."""
        encoder = self.take("encoder.weight", (None, None))
        H = encoder.shape[0]
        n = len(
            {
                int(found.group(1))
                for key in self.tensors
                if (found := re.match(r"s4_layers\.(\d+)\.", key))
            }
        )
        if n == 0:
            raise InputError(f"{self.path}: no key 's4_layers.0...'; expected one or more layers")
        bias = self.take("encoder.bias", (H,))
        blocks = tuple(self.block(i, H, arch) for i in range(n))
        decoder = self.take("decoder.weight", (None, H))
        return FloatModel(
            arch, encoder.T, bias, blocks, decoder.T, self.take("decoder.bias", (decoder.shape[0],))
        )

    def block(self, i: int, H: int, arch: Architecture) -> Block:
        """Return block i."""
        rows = 2 * H if arch.glu else H
        mix = f"s4_layers.{i}.output_linear.0"
        weight = self.take(f"{mix}.weight", (rows, H, 1), (rows, H))
        return Block(
            read_diagonal(self, self.place(i), H, arch),
            weight.reshape(rows, H).T,
            self.take(f"{mix}.bias", (rows,)),
            self.norm(f"norms.{i}", H, arch),
        )

    def norm(self, key: str, H: int, arch: Architecture) -> Norm | None:
        """Return the norm of a block, or None."""
        if arch.norm == "none":
            return None
        gain, bias = self.take(f"{key}.weight", (H,)), self.take(f"{key}.bias", (H,))
        if arch.norm == "layer":
            return Norm(gain, bias)
        mean, var = self.take(f"{key}.running_mean", (H,)), self.take(f"{key}.running_var", (H,))
        if var.min() < 0:
            raise InputError(
                f"{self.path}: key '{key}.running_var': found {var.min():g}; "
                f"a variance is not negative"
            )
        return Norm(gain, bias, mean, var)

    def place(self, i: int) -> Place:
        """Return where the kernel of block i stands; all blocks are of one version."""
        first, found = (place_of(self, f"s4_layers.{j}") for j in (0, i))
        if found.real != first.real:
            raise self.fail(
                f"{found.kernel}.{found.real}",
                f"found beside '{first.kernel}.{first.real}'; expected one name in all layers",
            )
        return found
