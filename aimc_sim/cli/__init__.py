"""The command line: which options each command takes, and what its help says."""

from __future__ import annotations

from aimc_sim.cli import costs, models, questions, report, studies, study_snr, tiles
from aimc_sim.cli.app import APP

__all__ = ["APP", "costs", "main", "models", "questions", "report", "studies", "study_snr", "tiles"]


def main() -> None:
    """Entry point of `aimc`."""
    APP()
