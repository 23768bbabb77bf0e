"""The application: what `aimc` is, and what stands before a command."""

from __future__ import annotations

from typing import Annotated

import typer

from aimc_sim import __version__

APP = typer.Typer(
    name="aimc",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help="Integer S4D models on simulated analog in-memory computing tiles: how accurate, how "
    "costly, how fast, how large.",
    epilog="Exit codes: 0 ok, 1 an --assert failed, 2 bad input, 3 internal error, "
    "130 interrupted.",
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"aimc_sim {__version__}")
        raise typer.Exit


@APP.callback()
def _top(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    """Take what stands before a command."""
