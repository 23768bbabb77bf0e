"""The command line: which options each command takes, and what its help says."""

from __future__ import annotations

from aimc_sim.cli import costs, models, report, tiles
from aimc_sim.cli.app import APP

__all__ = ["APP", "costs", "main", "models", "report", "tiles"]


def main() -> None:
    """Entry point of `aimc`."""
    APP()
