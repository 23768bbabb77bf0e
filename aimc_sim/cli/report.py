"""The command that shows results: options and help."""

from __future__ import annotations

import typer

from aimc_sim.cli.app import APP
from aimc_sim.commands import arguments as arg
from aimc_sim.commands import arguments_report as report
from aimc_sim.commands import epilogs
from aimc_sim.commands.exits import guarded


@APP.command("report", epilog=epilogs.REPORT)
def _report(
    results: report.Results,
    output: report.Page,
    figures: report.Figures = None,
    title: report.Title = None,
    quiet: arg.Quiet = False,
    debug: arg.Debug = False,
) -> None:
    """Show runs, studies and their answers on one self-contained page, and as figures for print.

    The page needs no network; each figure has its data as CSV, each table can be sorted.
    """
    with guarded(debug):
        from aimc_sim.commands.report import ReportOptions, report_command

        report_command(ReportOptions(tuple(results), output, figures, title, quiet))
    raise typer.Exit(0)
