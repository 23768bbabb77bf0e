"""The application of `aimc study`: many runs, and questions that take many."""

from __future__ import annotations

import typer

from aimc_sim.cli.app import APP

STUDY = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Run studies of device parameters, from one laptop to a cluster, and ask them questions.",
)
APP.add_typer(STUDY, name="study")
