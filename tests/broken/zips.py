"""Broken archives: torn, not a zip, forged sizes, entries that are no arrays."""

from __future__ import annotations

import io
import struct
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tests.broken.corpus import Broken, entries, from_bytes, model_bytes, npy, void

ENTRY = "encoder.weight.npy"


def replaced(name: str, change: Callable[[bytes], bytes], *says: str, entry: str = ENTRY) -> Broken:
    """Replace the bytes of one entry of a good file; the zip itself is sound."""

    def make(path: Path) -> None:
        good = entries(model_bytes())
        good[entry] = change(good.get(entry, b""))
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for key, data in good.items():
                archive.writestr(key, data)

    return Broken(name, make, says)


def forged(name: str, change: Callable[[zipfile.ZipInfo], None], *says: str) -> Broken:
    """Forge what the zip's directory says of one entry."""

    def make(path: Path) -> None:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for key, data in entries(model_bytes()).items():
                archive.writestr(key, data)
            change(archive.getinfo(ENTRY))

    return Broken(name, make, says)


def _duplicate(path: Path) -> None:
    good = entries(model_bytes())
    with zipfile.ZipFile(path, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for key, data in [*good.items(), (ENTRY, good[ENTRY])]:
            archive.writestr(key, data)


def _data_start(data: bytes, entry: str) -> tuple[int, int]:
    """Return where the packed data of an entry starts, and how long it is."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        info = archive.getinfo(entry)
    name, extra = struct.unpack("<HH", data[info.header_offset + 26 : info.header_offset + 30])
    return info.header_offset + 30 + name + extra, info.compress_size


def _stored_bit_flip(path: Path) -> None:
    """One wrong bit in an array's data, in an archive without compression."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for key, data in entries(model_bytes()).items():
            archive.writestr(key, data)
    raw = bytearray(out.getvalue())
    start, size = _data_start(bytes(raw), ENTRY)
    raw[start + size - 1] ^= 1
    path.write_bytes(bytes(raw))


def _packed_noise(data: bytes) -> bytes:
    """Overwrite the packed stream of the largest array."""
    start, size = _data_start(data, "act.table.npy")
    return data[:start] + b"\xff" * size + data[start + size :]


def _huge(info: zipfile.ZipInfo) -> None:
    info.file_size = 1 << 44


def _bomb(path: Path) -> None:
    """An entry that says it unpacks to 16 TB of zeros, header and directory agreeing."""
    good = entries(model_bytes())
    n = 1 << 44
    text = f"{{'descr': '|i1', 'fortran_order': False, 'shape': ({n},), }}".encode()
    text += b" " * (128 - 10 - len(text) - 1) + b"\n"
    good[ENTRY] = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + bytes(1000)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for key, data in good.items():
            archive.writestr(key, data)
        archive.getinfo(ENTRY).file_size = n + 128


# fmt: off
CASES: tuple[Broken, ...] = (
    Broken("missing_file", lambda path: None, ("no such file",)),
    Broken("folder", lambda path: path.mkdir(), ("is a directory",)),
    Broken("empty_file", lambda path: void(path.write_bytes(b"")), ("it is empty",)),
    Broken("text_file", lambda path: void(path.write_text("weights: 1\n" * 50)),
           ("not a readable .npz", "found b'weig'", "expected a zip")),
    Broken("bare_npy", lambda path: void(path.write_bytes(npy(np.arange(4)))),
           ("NUM", "expected a zip")),
    from_bytes("torn_early", lambda data: data[:20], "torn zip"),
    from_bytes("torn_middle", lambda data: data[:len(data) // 2], "torn zip"),
    from_bytes("torn_end", lambda data: data[:-10], "torn zip"),
    from_bytes("torn_start", lambda data: data[100:], "header", "torn"),
    from_bytes("packed_noise", _packed_noise, "'act.table'", "torn"),
    Broken("bad_checksum", _stored_bit_flip, ("'encoder.weight'", "CRC")),
    Broken("entry_twice", _duplicate, ("'encoder.weight.npy'", "twice")),
    replaced("foreign_entry", lambda data: b"hello", "'readme.txt'", "not an .npy array",
             entry="readme.txt"),
    replaced("entry_is_text", lambda data: b"1 2 3 4 5 6 7 8", "'encoder.weight'", "no .npy data"),
    replaced("entry_is_empty", lambda data: b"", "'encoder.weight'", "no .npy data"),
    replaced("entry_header_torn", lambda data: data[:40], "'encoder.weight'", "torn"),
    replaced("entry_data_torn", lambda data: data[:-2], "'encoder.weight'", "holds 132 bytes",
             "header says 134"),
    replaced("entry_too_long", lambda data: data + b"xy", "'encoder.weight'", "holds 136 bytes",
             "header says 134"),
    replaced("entry_header_garbage", lambda data: data.replace(b"'descr'", b"'descr(("),
             "'encoder.weight'", "no .npy data"),
    replaced("entry_header_no_dict", lambda data: data[:10] + b"[" * 117 + b"\n" + data[128:],
             "'encoder.weight'", "no .npy data"),
    replaced("entry_negative_shape", lambda data: data.replace(b"(3, 2), }  ", b"(-3, -2), }"),
             "'encoder.weight'"),
    replaced("npy_version_9", lambda data: data[:6] + b"\x09\x00" + data[8:], "'encoder.weight'",
             "version (9, 0)"),
    replaced("pickled_object", lambda data: npy(np.array([{}, []], dtype=object)),
             "'encoder.weight'", "object dtype", "pickle"),
    forged("encrypted", lambda info: setattr(info, "flag_bits", info.flag_bits | 1),
           "'encoder.weight'", "encrypted"),
    forged("unknown_compression", lambda info: setattr(info, "compress_type", 99),
           "'encoder.weight'", "compression"),
    forged("directory_claims_16_TB", _huge, "'encoder.weight'", "header says 134"),
    Broken("zip_bomb", _bomb, ("'encoder.weight'", "unpacks to", "at most")),
)
