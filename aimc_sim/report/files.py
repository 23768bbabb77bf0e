"""Writing what was asked for: whole or not at all; devices and pipes are written to directly."""

from __future__ import annotations

import os
from pathlib import Path

from aimc_sim.model.archive import replacing
from aimc_sim.spec import InputError


def write_text(path: str | Path, text: str) -> None:
    """Write text as UTF-8, as `write_bytes`."""
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: str | Path, content: bytes) -> None:
    """Write bytes; a file is replaced whole or stays as it was.

    Raises
    ------
    InputError
        It cannot be written, or the disk is full.
    """
    target = Path(path)
    if target.exists() and not target.is_file() and not target.is_dir():
        try:
            with target.open("wb") as stream:
                stream.write(content)
        except OSError as error:
            raise InputError(f"{path}: cannot be written ({error.strerror})") from None
        return
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def check_writable(option: str, path: str | Path | None) -> None:
    """Refuse, before the work, a target that could not be written after it.

    Raises
    ------
    InputError
        No such folder, no permission, or the target is a folder itself.
    """
    if path is None:
        return
    target, folder = Path(path), Path(path).absolute().parent
    problem = None
    if str(path) == "-":
        problem = "only --json writes to standard output"
    elif target.is_dir():
        problem = "it is a folder"
    elif not folder.is_dir():
        problem = f"there is no folder {folder}"
    elif not os.access(target if target.exists() and not target.is_file() else folder, os.W_OK):
        problem = "permission denied"
    if problem:
        raise InputError(f"{option} {path}: cannot be written ({problem})")
