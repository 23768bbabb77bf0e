"""The corpus of broken files: each is made from a good one by a function that breaks one thing.

A `Broken` names the file it makes, the kind of file a reader takes it for, and what the one line
of the error must contain besides the file's name.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from aimc_sim.model.network import Model
from aimc_sim.model.npz_write import write_model
from tests.fixtures.make_model_v1_0 import complex_mean, glu_sum

Arrays = dict[str, np.ndarray]
Header = dict[str, Any]


@dataclass(frozen=True)
class Broken:
    """One broken file.

    Parameters
    ----------
    name : str
        Name of the case, and of the file without its ending.
    make : callable
        Writes the file at the path given.
    says : tuple of str
        What the message must contain.
    ending : str
        Ending of the file's name.
    """

    name: str
    make: Callable[[Path], None]
    says: tuple[str, ...]
    ending: str = ".npz"

    def write(self, folder: Path) -> Path:
        """Write the file into a folder and return its path."""
        path = folder / f"{self.name}{self.ending}"
        self.make(path)
        return path


def good_model() -> Model:
    """A good model with every layer but GLU and LayerNorm."""
    return complex_mean()


def gated_model() -> Model:
    """A good model with GLU, LayerNorm and a pooled sum."""
    return glu_sum()


@cache
def model_bytes(gated: bool = False) -> bytes:
    """Return the bytes of a good model file."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "good.npz"
        write_model(path, gated_model() if gated else good_model())
        return path.read_bytes()


def parts(gated: bool = False) -> tuple[Header, Arrays]:
    """Return the header and the arrays of a good model file."""
    with np.load(io.BytesIO(model_bytes(gated)), allow_pickle=False) as archive:
        arrays = dict(archive.items())
    return json.loads(str(arrays.pop("header")[()])), arrays


def write_parts(path: Path, header: Any, arrays: Arrays) -> None:
    """Write whatever is given as a model file, right or wrong."""
    text = header if isinstance(header, str) else json.dumps(header)
    np.savez_compressed(path, allow_pickle=True, header=np.array(text), **arrays)


def from_header(
    name: str, change: Callable[[Header], Any], *says: str, gated: bool = False
) -> Broken:
    """Break the JSON header; `change` edits it in place or returns another value (or text)."""

    def make(path: Path) -> None:
        header, arrays = parts(gated)
        changed = change(header)
        write_parts(path, header if changed is None else changed, arrays)

    return Broken(name, make, says)


def from_arrays(
    name: str, change: Callable[[Arrays], None], *says: str, gated: bool = False
) -> Broken:
    """Break the arrays, which `change` edits in place."""

    def make(path: Path) -> None:
        header, arrays = parts(gated)
        change(arrays)
        write_parts(path, header, arrays)

    return Broken(name, make, says)


def from_both(
    name: str, change: Callable[[Header, Arrays], None], *says: str, gated: bool = False
) -> Broken:
    """Break header and arrays together."""

    def make(path: Path) -> None:
        header, arrays = parts(gated)
        change(header, arrays)
        write_parts(path, header, arrays)

    return Broken(name, make, says)


def from_bytes(name: str, change: Callable[[bytes], bytes], *says: str) -> Broken:
    """Break the bytes of a good model file."""
    return Broken(name, lambda path: void(path.write_bytes(change(model_bytes()))), says)


def void(_: Any) -> None:
    """Drop a value."""


def layer(header: Header, name: str) -> dict[str, Any]:
    """Return the header of a layer."""
    return next(item for item in header["layers"] if item["name"] == name)


def put(name: str, /, **values: Any) -> Callable[[Header], None]:
    """Return a change that sets keys of a layer's header."""
    return lambda header: layer(header, name).update(values)


def entries(data: bytes) -> dict[str, bytes]:
    """Return the raw entries of a zip."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def npy(array: np.ndarray) -> bytes:
    """Return an array as .npy bytes."""
    out = io.BytesIO()
    np.lib.format.write_array(out, array, allow_pickle=True)
    return out.getvalue()
