"""Commands that keep many runs in one file: options and help."""

from __future__ import annotations

import shlex
import sys

from aimc_sim.cli.study_app import STUDY
from aimc_sim.commands import arguments as arg
from aimc_sim.commands import arguments_study as study_arg
from aimc_sim.commands import epilogs
from aimc_sim.commands.exits import guarded


@STUDY.command("run", epilog=epilogs.STUDY_RUN)
def _run(
    study: study_arg.StudyFile,
    output: study_arg.Output = None,
    workers: study_arg.Workers = None,
    dask: study_arg.Dask = None,
    chips: study_arg.Chips = None,
    limit: study_arg.Limit = None,
    ci: study_arg.Width = None,
    json: arg.Json = None,
    quiet: arg.Quiet = False,
    debug: arg.Debug = False,
) -> None:
    """Run what is missing of a study: every point on every chip instance, one row each.

    The rows do not depend on workers, machines, or how often it was stopped.
    """
    with guarded(debug):
        from aimc_sim.commands.study import StudyOptions, study_command

        study_command(StudyOptions(
            study, output, workers, dask, chips, limit, ci, json, quiet,
            shlex.join(["aimc", *sys.argv[1:]]),
        ))  # fmt: skip


@STUDY.command("status", epilog=epilogs.STUDY_STATUS)
def _status(results: study_arg.Results, json: arg.Json = None, debug: arg.Debug = False) -> None:
    """Say which studies a results file holds, and how far they are."""
    with guarded(debug):
        from aimc_sim.commands.study import status_command

        status_command(results, json)


@STUDY.command("export", epilog=epilogs.STUDY_EXPORT)
def _export(
    results: study_arg.Results,
    study: study_arg.Name = None,
    csv: study_arg.Csv = None,
    parquet: study_arg.Parquet = None,
    json: arg.Json = None,
    debug: arg.Debug = False,
) -> None:
    """Write the results of a study as CSV, Parquet or JSON."""
    with guarded(debug):
        from aimc_sim.commands.study import ExportOptions, export_command

        export_command(ExportOptions(results, study, csv, parquet, json))


@STUDY.command("merge", epilog=epilogs.STUDY_MERGE)
def _merge(
    sources: study_arg.Sources, output: study_arg.MergeOutput, debug: arg.Debug = False
) -> None:
    """Add the results of several machines to one file."""
    with guarded(debug):
        from aimc_sim.commands.study import merge_command

        merge_command(sources, output)
