"""Telling: a command's answer as JSON, in a file or on standard output, or as text."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from aimc_sim.report.files import check_writable, write_text
from aimc_sim.tree import to_text


def check_json(path: str | None) -> None:
    """Refuse, before the work, a target of ``--json`` that could not be written after it.

    Raises
    ------
    InputError
        It is a folder, there is no such folder, or permission is denied.
    """
    check_writable("--json", None if path == "-" else path)


def tell(
    tree: Any, text: Callable[[], str] | None = None, *, json: str | None, quiet: bool = False
) -> None:
    """Write an answer: JSON alone to standard output, or text there and JSON to a file.

    Parameters
    ----------
    tree : mapping or list
        The answer as plain data.
    text : callable, optional
        The answer as text, called only where it is shown.
    json : str, optional
        Target of the JSON; "-" is standard output.
    quiet : bool
        Without the text.

    Raises
    ------
    InputError
        The file cannot be written.
    """
    if json == "-":
        sys.stdout.write(to_text(tree))
        return
    if json:
        write_text(json, to_text(tree))
    if text is not None and not quiet:
        sys.stdout.write(text())


__all__ = ["check_json", "tell"]
