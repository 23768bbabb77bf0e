"""Plain trees, as JSON holds them: their text, and the value at a dotted path."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from aimc_sim.spec import InputError, nearest


def to_text(tree: Any) -> str:
    """Return JSON text, indented, the same for the same content; NaN and infinity are refused."""
    return json.dumps(tree, indent=1, allow_nan=False, ensure_ascii=False) + "\n"


def value_at(tree: Any, path: str, asked: str = "--assert") -> Any:
    """Return the value at a dotted path; keys may hold dots themselves, lists take a number.

    Parameters
    ----------
    tree : mapping or list
        Plain data.
    path : str
        Keys with dots between them.
    asked : str
        Who asks, for the message.

    Raises
    ------
    InputError
        Nothing there; the message names what is.

    Examples
    --------
    >>> value_at({"events": {"adc.convert": [5, 7]}}, "events.adc.convert.1")
    7
    """
    value, parts = tree, path.split(".")
    while parts:
        known = _children(value)
        key = next(
            (".".join(parts[:n]) for n in range(len(parts), 0, -1) if ".".join(parts[:n]) in known),
            None,
        )
        if key is None:
            near = nearest(".".join(parts), known)
            hint = f"; did you mean {near!r}" if near else ""
            raise InputError(
                f"{asked} {path}: {'.'.join(parts)!r} is not there{hint}; "
                f"known: {', '.join(list(known)[:12]) or 'nothing'}"
            )
        value, parts = known[key], parts[key.count(".") + 1 :]
    return value


def _children(value: Any) -> Mapping[str, Any]:
    if isinstance(value, Mapping):
        return value
    return {str(i): item for i, item in enumerate(value)} if isinstance(value, list) else {}
