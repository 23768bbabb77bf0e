"""What a hand-made fault is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutation:
    """One fault: a text that stands once in a file below aimc_sim/, and what replaces it."""

    label: str
    file: str
    old: str
    new: str
    test: str
