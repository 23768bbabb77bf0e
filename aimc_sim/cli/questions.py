"""Questions that take many runs: options and help."""

from __future__ import annotations

import shlex
import sys

from aimc_sim.cli.study_app import STUDY
from aimc_sim.commands import arguments as arg
from aimc_sim.commands import arguments_study as study_arg
from aimc_sim.commands import epilogs
from aimc_sim.commands.exits import guarded


@STUDY.command("yield", epilog=epilogs.STUDY_YIELD)
def _yield(
    study: study_arg.StudyFile,
    least: study_arg.Least,
    metric: study_arg.Metric = "accuracy.analog.mean",
    output: study_arg.Output = None,
    workers: study_arg.Workers = None,
    dask: study_arg.Dask = None,
    chips: study_arg.Chips = None,
    limit: study_arg.Limit = None,
    json: arg.Json = None,
    plot: study_arg.Plot = None,
    quiet: arg.Quiet = False,
    debug: arg.Debug = False,
) -> None:
    """Say which share of chips meets a specification, at every point, with a binomial interval."""
    with guarded(debug):
        from aimc_sim.commands.questions import QuestionOptions, yield_command

        yield_command(
            QuestionOptions(
                study, output, workers, dask, chips, limit, None, json, quiet, _line(), plot
            ),
            least,
            metric,
        )


@STUDY.command("sensitivity", epilog=epilogs.STUDY_SENSITIVITY)
def _sensitivity(
    study: study_arg.StudyFile,
    samples: study_arg.Samples = None,
    chip_seed: study_arg.ChipSeed = "averaged",
    output: study_arg.Output = None,
    workers: study_arg.Workers = None,
    dask: study_arg.Dask = None,
    chips: study_arg.Chips = None,
    limit: study_arg.Limit = None,
    json: arg.Json = None,
    plot: study_arg.Plot = None,
    quiet: arg.Quiet = False,
    debug: arg.Debug = False,
) -> None:
    """Say how much of the variance of each metric every axis makes: global Sobol indices.

    First order is what the axis makes alone, total what it makes together with others.
    """
    with guarded(debug):
        from aimc_sim.commands.questions import QuestionOptions, sensitivity_command

        sensitivity_command(
            QuestionOptions(
                study, output, workers, dask, chips, limit, None, json, quiet, _line(), plot
            ),
            samples,
            chip_seed,
        )


@STUDY.command("spec", epilog=epilogs.STUDY_SPEC)
def _spec(
    study: study_arg.StudyFile,
    within: study_arg.Within = 1.0,
    confidence: study_arg.Confidence = 95.0,
    looser: study_arg.Looser = None,
    most: study_arg.Most = 64,
    output: study_arg.Output = None,
    workers: study_arg.Workers = None,
    dask: study_arg.Dask = None,
    limit: study_arg.Limit = None,
    json: arg.Json = None,
    plot: study_arg.Plot = None,
    quiet: arg.Quiet = False,
    debug: arg.Debug = False,
) -> None:
    """Find the loosest value of one parameter that still keeps accuracy, by bisection.

    The study has one axis, whose values are the resolution; few of them are run. Means are over
    chip instances, to which more are added until a value is decided.
    """
    with guarded(debug):
        from aimc_sim.commands.questions import Asked, QuestionOptions, spec_command

        spec_command(
            QuestionOptions(
                study, output, workers, dask, None, limit, None, json, quiet, _line(), plot
            ),
            Asked(within, confidence, looser, most),
        )


@STUDY.command("pareto", epilog=epilogs.STUDY_PARETO)
def _pareto(
    study: study_arg.StudyFile,
    objectives: study_arg.Objectives = "accuracy,energy,latency,area",
    trials: study_arg.Trials = 100,
    output: study_arg.Output = None,
    workers: study_arg.Workers = None,
    dask: study_arg.Dask = None,
    chips: study_arg.Chips = None,
    limit: study_arg.Limit = None,
    json: arg.Json = None,
    plot: study_arg.Plot = None,
    quiet: arg.Quiet = False,
    debug: arg.Debug = False,
) -> None:
    """Search the axes for choices that no other beats: accuracy against energy, latency and area.

    What is tried follows from the study's seed, whatever the workers and interruptions.
    """
    with guarded(debug):
        from aimc_sim.commands.questions import QuestionOptions, pareto_command

        pareto_command(
            QuestionOptions(
                study, output, workers, dask, chips, limit, None, json, quiet, _line(), plot
            ),
            objectives,
            trials,
        )


def _line() -> str:
    return shlex.join(["aimc", *sys.argv[1:]])
