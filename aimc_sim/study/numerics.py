"""The digest of the numeric modules: results of other code are never mistaken for ours."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent
OUTSIDE = ("cli", "commands", "report", "fit", "study")
"""Rooms that move no figure of a run; of `study` only `evaluate.py` counts."""


@cache
def numerics_digest(package: Path = _PACKAGE) -> str:
    """Return 32 hexadecimal digits over every source that a figure of a run may follow from.

    Parameters
    ----------
    package : Path
        Directory of the package.

    Examples
    --------
    >>> len(numerics_digest())
    32
    """
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        place = path.relative_to(package)
        if place.parts[0] in OUTSIDE and place.as_posix() != "study/evaluate.py":
            continue
        source = path.read_bytes()
        digest.update(f"\0{place.as_posix()}\0{len(source)}\0".encode())
        digest.update(source)
    return digest.hexdigest()[:32]
