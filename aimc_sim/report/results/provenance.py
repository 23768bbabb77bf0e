"""Where results come from: commands, digests, versions, seeds, machines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from aimc_sim.report.run_section import machine_text

_NAMES = {"numerics": "digest of the numeric modules", "rng_version": "generator",
          "n_tasks": "tasks", "n_done": "tasks done", "n_refused": "tasks refused",
          "seconds": "seconds of all tasks"}  # fmt: skip


def provenance_rows(tree: Mapping[str, Any], **first: Any) -> list[tuple[str, str]]:
    """Return name and value of everything that a study or a question says of its origin.

    Parameters
    ----------
    tree : mapping
        Its JSON; what stands under ``provenance``, if anything does.
    **first
        What else to tell, on top; names are written with spaces, None is left out.
    """
    rows = [(name.replace("_", " "), str(v)) for name, v in first.items() if v is not None]
    for key, value in (tree.get("provenance") or {}).items():
        rows += list(_rows(key, value))
    return rows


def _rows(key: str, value: Any) -> Iterator[tuple[str, str]]:
    """Yield the rows of one entry: lists have one a member, digests one a name."""
    if isinstance(value, Mapping) and key == "digests":
        for name, digest in value.items():
            if isinstance(digest, Mapping):
                yield from ((f"digest of {name} {of}", str(d)) for of, d in digest.items())
            elif digest is not None:
                yield f"digest of {name}", str(digest)
    elif isinstance(value, list):
        singular = key.removesuffix("s").replace("_", " ")
        yield from ((singular, _text(each)) for each in value)
    elif value is not None:
        yield _NAMES.get(key, key.replace("_", " ")), _text(value)


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return machine_text(value)
    return f"{value:,.0f}" if isinstance(value, float) else str(value)
