"""Read a float S4D checkpoint: the reference code's state-dict keys in `.npz` or `.safetensors`."""

from __future__ import annotations

import difflib
import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from aimc_sim.model.archive import Archive
from aimc_sim.model.float_model import Architecture, Block, Diagonal, FloatModel, Norm
from aimc_sim.model.signal import Floats
from aimc_sim.spec import InputError, canonical_json, nearest, validate

META_KEY = "aimc_sim"
_IGNORED = re.compile(r"^norms\.\d+\.num_batches_tracked$")


def load_checkpoint(path: str | Path, options: Mapping[str, Any] | None = None) -> FloatModel:
    """Read and check a float checkpoint.

    Parameters
    ----------
    path : path
        `.safetensors` or `.npz` with the keys that docs/formats.md lists.
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
    tensors, said = _read(Path(path))
    reader = _Reader(str(path), tensors)
    known = set(Architecture.model_fields)
    for key in said:
        near = difflib.get_close_matches(key, known, n=1, cutoff=0.8)
        if key not in known and near:
            raise InputError(f"{path}: metadata: unknown key {key!r}; did you mean {near[0]!r}?")
    stated = {key: value for key, value in said.items() if key in known} | dict(options or {})
    arch = validate(Architecture, reader.inferred() | stated, f"{path}: options")
    model = reader.model(arch)
    for key in sorted(tensors):
        if key not in reader.used and not _IGNORED.match(key):
            raise InputError(f"{path}: key {key!r} is not expected here")
    meta = {key: value for key, value in said.items() if key not in known}
    parts = (model.encoder_weight, model.encoder_bias, model.blocks)
    return FloatModel(
        arch, *parts, model.decoder_weight, model.decoder_bias, meta, _digest(reader, arch)
    )


def _read(path: Path) -> tuple[dict[str, npt.NDArray[Any]], dict[str, Any]]:
    """Return all tensors and the JSON that the file says about itself ({} if none)."""
    if path.suffix == ".safetensors":
        return _read_safetensors(path)
    if path.suffix != ".npz":
        raise InputError(f"{path}: found suffix {path.suffix!r}; expected .npz or .safetensors")
    with Archive(path) as archive:
        said = archive.read_json(META_KEY) if META_KEY in archive.headers else {}
        tensors = {name: archive.read(name) for name in archive.headers if name != META_KEY}
    return tensors, _object(path, said)


def _read_safetensors(path: Path) -> tuple[dict[str, npt.NDArray[Any]], dict[str, Any]]:
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
        return tensors, _object(path, json.loads(text))
    except ValueError as error:
        raise InputError(f"{path}: metadata {META_KEY!r} is not valid JSON ({error})") from None


def _object(path: Path, said: Any) -> dict[str, Any]:
    if not isinstance(said, dict):
        raise InputError(
            f"{path}: metadata {META_KEY!r}: expected a JSON object, found {type(said).__name__}"
        )
    return said


def _digest(reader: _Reader, arch: Architecture) -> str:
    """Return the SHA-256 of every tensor used (as float64) and of the architecture."""
    found = hashlib.sha256(canonical_json(arch.model_dump(mode="json")).encode())
    for key in sorted(reader.used):
        tensor = reader.tensors[key]
        found.update(f"{key}{tensor.shape}".encode() + tensor.astype("<f8").tobytes())
    return found.hexdigest()


class _Reader:
    """Takes tensors by key, each checked for shape, dtype and finite values."""

    def __init__(self, path: str, tensors: dict[str, npt.NDArray[Any]]) -> None:
        self.path, self.tensors, self.used = path, tensors, set[str]()

    def take(self, key: str, *shapes: tuple[int | None, ...]) -> Floats:
        """Return a tensor as float64; None in a shape stands for any length."""
        expected = " or ".join(str(s).replace("None", "any") for s in shapes)
        if key not in self.tensors:
            near = nearest(key, set(self.tensors) - self.used)
            hint = f"; found {near!r}" if near else ""
            raise InputError(
                f"{self.path}: key {key!r} is missing{hint}; expected shape {expected}"
            )
        tensor = self.tensors[key]
        self.used.add(key)
        if tensor.dtype.kind != "f":
            raise InputError(
                f"{self.path}: key {key!r}: found dtype {tensor.dtype}; expected "
                f"float16, float32 or float64"
            )
        if not any(_fits(tensor.shape, shape) for shape in shapes):
            raise InputError(
                f"{self.path}: key {key!r}: found shape {tensor.shape}; expected {expected}"
            )
        if not np.isfinite(tensor).all():
            raise InputError(f"{self.path}: key {key!r}: holds NaN or infinity; expected finite")
        return tensor.astype(np.float64)

    def inferred(self) -> dict[str, Any]:
        """Return what shapes and keys tell about the architecture."""
        mix = self.tensors.get("s4_layers.0.output_linear.0.weight")
        out: dict[str, Any] = {}
        if mix is not None and mix.ndim == 3:
            out["glu"] = mix.shape[0] == 2 * mix.shape[1]
        if "norms.0.running_mean" in self.tensors:
            out["norm"] = "batch"
        elif "norms.0.weight" not in self.tensors:
            out["norm"] = "none"
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
            self.diagonal(f"s4_layers.{i}", H, arch),
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

    def diagonal(self, key: str, H: int, arch: Architecture) -> Diagonal:
        """Return the diagonal system, with every imaginary part of A made non-negative.

        A mode and its conjugate have the same real part, so both signs give the same system.
        """
        log_real = self.take(f"{key}.kernel.log_A_real", (H, None))
        M = log_real.shape[1]
        imag = arch.a_imag_sign * self.take(f"{key}.kernel.A_imag", (H, M))
        C = _complex(self.take(f"{key}.kernel.C", (H, M, 2)))
        B = np.ones((H, M), dtype=np.complex128)
        if f"{key}.kernel.B" in self.tensors:
            B = _complex(self.take(f"{key}.kernel.B", (H, M), (H, M, 2)))
        log_dt = self.take(f"{key}.kernel.log_dt", (H,))
        for name, value in (("log_dt", log_dt), ("log_A_real", log_real)):
            if np.abs(value).max(initial=0.0) > 50:
                raise InputError(
                    f"{self.path}: key '{key}.kernel.{name}': found "
                    f"{value.flat[np.abs(value).argmax()]:g}; allowed -50..50"
                )
        A = -np.exp(log_real) + 1j * np.abs(imag)
        B, C = (np.where(imag < 0, v.conj(), v) for v in (B, C))
        return Diagonal(A, B, C, np.exp(log_dt), self.take(f"{key}.D", (H,)))


def _complex(tensor: Floats) -> npt.NDArray[np.complex128]:
    if tensor.ndim == 2:
        return tensor.astype(np.complex128)
    return np.asarray(tensor[..., 0] + 1j * tensor[..., 1])


def _fits(found: tuple[int, ...], shape: tuple[int | None, ...]) -> bool:
    return len(found) == len(shape) and all(
        n is None or n == m for m, n in zip(found, shape, strict=True)
    )
