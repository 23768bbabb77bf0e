"""What the options of reports are called, and what the help says of each."""

from __future__ import annotations

from typing import Annotated

import typer

from aimc_sim.commands.arguments import option

Results = Annotated[
    list[str],
    typer.Argument(
        metavar="RESULTS...",
        help="JSON of runs, of studies and of their questions, and .sqlite results files.",
        show_default=False,
    ),
]
Page = Annotated[
    str, typer.Option("--output", "-o", metavar="REPORT.html", help="Page to write: one file.")
]
Figures = Annotated[
    str | None,
    option(
        "--figures",
        "DIR",
        "Also write every figure as PNG, SVG and PDF for print, and its data as CSV.",
    ),
]
Title = Annotated[str | None, option("--title", "TEXT", "Heading of the page.")]
