"""A `.npz` without pickles, read with suspicion: headers are checked before data is unpacked."""

from __future__ import annotations

import json
import lzma
import os
import struct
import tempfile
import tokenize
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.lib import format as npy

from aimc_sim.spec import InputError

MAX_BYTES = 8 << 30
MAX_META_BYTES = 16 << 20
_ZIP_FAULTS = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    tokenize.TokenError,
    OSError,
    EOFError,
    ValueError,
    TypeError,
    RuntimeError,
    MemoryError,
)


class Archive:
    """Open `.npz` file: array headers first, data on demand.

    Parameters
    ----------
    path : path
        The file.

    Raises
    ------
    InputError
        Not a zip, torn, an entry that is not a plain array, object dtype, or too large.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = str(path)
        try:
            self._zip = zipfile.ZipFile(path)
        except FileNotFoundError:
            raise InputError(f"{path}: no such file") from None
        except _ZIP_FAULTS as error:
            raise InputError(f"{path}: not a readable .npz file: {_no_zip(path, error)}") from None
        self.headers: dict[str, tuple[tuple[int, ...], np.dtype[Any]]] = {}
        try:
            for info in self._zip.infolist():
                self._read_header(info)
        except BaseException:
            self._zip.close()
            raise

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._zip.close()

    def fail(self, name: str, message: str) -> InputError:
        """Return an error that names this file and an array."""
        return InputError(f"{self.path}: array {name!r}: {message}")

    def _read_header(self, info: zipfile.ZipInfo) -> None:
        name = info.filename.removesuffix(".npy")
        if name == info.filename or name in self.headers:
            problem = "appears twice" if name in self.headers else "is not an .npy array"
            raise InputError(f"{self.path}: entry {info.filename!r} {problem}")
        if info.flag_bits & 1:
            raise self.fail(name, "is encrypted; expected a plain zip")
        try:
            with self._zip.open(info) as entry:
                version = npy.read_magic(entry)
                if version not in ((1, 0), (2, 0), (3, 0)):
                    raise ValueError(f"found .npy version {version}; expected 1.0 to 3.0")
                reader = (
                    npy.read_array_header_1_0 if version == (1, 0) else (npy.read_array_header_2_0)
                )
                shape, _, dtype = reader(entry)
                data_offset = entry.tell()
        except _ZIP_FAULTS as error:
            raise self.fail(name, f"is torn or no .npy data ({_short(error)})") from None
        if dtype.hasobject:
            raise self.fail(name, "has object dtype (a pickle); expected plain numbers or text")
        expected = data_offset + dtype.itemsize * int(np.prod(shape, dtype=object))
        if expected != info.file_size:
            raise self.fail(name, f"holds {info.file_size} bytes; its header says {expected}")
        if expected > MAX_BYTES:
            raise self.fail(name, f"unpacks to {expected} bytes; at most {MAX_BYTES} are read")
        self.headers[name] = (tuple(shape), dtype)

    def read(self, name: str) -> npt.NDArray[Any]:
        """Return one array; a failed checksum is an `InputError`."""
        try:
            with self._zip.open(name + ".npy") as entry:
                return np.asarray(npy.read_array(entry, allow_pickle=False))
        except _ZIP_FAULTS as error:
            raise self.fail(name, f"cannot be unpacked ({_short(error)})") from None

    def read_json(self, name: str) -> Any:
        """Return the JSON value in a text array of shape ()."""
        if name not in self.headers:
            raise InputError(f"{self.path}: array {name!r} is missing; expected a JSON text")
        shape, dtype = self.headers[name]
        if shape != () or dtype.kind != "U":
            raise self.fail(name, f"found {dtype} of shape {shape}; expected one text, shape ()")
        if dtype.itemsize > MAX_META_BYTES:
            raise self.fail(name, f"holds {dtype.itemsize} bytes; at most {MAX_META_BYTES}")
        try:
            return json.loads(
                str(self.read(name)[()]),
                parse_constant=_no_constant,
                object_pairs_hook=_unique_object,
            )
        except (ValueError, RecursionError) as error:
            raise self.fail(name, f"is not valid JSON ({error})") from None


def _no_zip(path: str | Path, error: BaseException) -> str:
    """Say why a file is no zip: unreadable, empty, torn, or something else."""
    if isinstance(error, OSError):
        return error.strerror or str(error)
    with open(path, "rb") as file:
        start = file.read(4)
    if not start:
        return "it is empty"
    if start == b"PK\x03\x04":
        return f"a torn zip ({_short(error)}); expected the directory at its end"
    return f"found {start!r} at its start; expected a zip, b'PK\\x03\\x04'"


def _short(error: BaseException) -> str:
    text = str(error).splitlines()[0] if str(error) else type(error).__name__
    return text[:100]


def _no_constant(text: str) -> float:
    raise ValueError(f"{text} is not allowed; numbers are finite")


def _unique_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    for key in keys:
        if keys.count(key) > 1:
            raise ValueError(f"key {key!r} is given twice")
    return dict(pairs)


def write_archive(path: str | Path, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
    """Write arrays as a compressed `.npz`, whole or not at all, the same bytes every time."""
    with (
        replacing(path) as temporary,
        zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name, array in arrays.items():
            info = zipfile.ZipInfo(name + ".npy", date_time=(1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            with target.open(info, "w") as entry:
                npy.write_array(entry, np.asarray(array), version=(1, 0), allow_pickle=False)


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Yield a temporary file beside `path` that replaces it on success; a fault leaves no trace.

    Raises
    ------
    InputError
        The folder cannot be written, the disk is full, or `path` is a folder or a device.
    """
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file():
        raise InputError(f"{path}: cannot be written (it is not a regular file)")
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        os.close(handle)
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror})") from None
    try:
        yield Path(name)
        os.chmod(name, 0o644)
        os.replace(name, target)
    except OSError as error:
        Path(name).unlink(missing_ok=True)
        raise InputError(f"{path}: cannot be written ({error.strerror or error})") from None
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def smallest_ints(array: npt.NDArray[np.int64]) -> npt.NDArray[Any]:
    """Return an int64 array in the smallest signed dtype that holds it."""
    low, high = (int(array.min()), int(array.max())) if array.size else (0, 0)
    for dtype in (np.int8, np.int16, np.int32):
        if np.iinfo(dtype).min <= low and high <= np.iinfo(dtype).max:
            return array.astype(dtype)
    return array
