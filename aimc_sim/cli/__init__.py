"""The command line: which options each command takes, and what its help says."""

from __future__ import annotations

from aimc_sim.cli import arrays, models
from aimc_sim.cli.app import APP

__all__ = ["APP", "arrays", "main", "models"]


def main() -> None:
    """Entry point of `aimc`."""
    APP()
