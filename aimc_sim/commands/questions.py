"""`aimc study yield | sensitivity | spec | pareto`: questions that many runs answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aimc_sim.commands.options import at_least, one_of
from aimc_sim.commands.question_table import (
    pareto_table,
    sensitivity_table,
    spec_table,
    yield_table,
)
from aimc_sim.commands.study import StudyOptions, at_work, read_study
from aimc_sim.commands.telling import tell
from aimc_sim.report.figure_files import check_plot, write_figures_of
from aimc_sim.report.files import check_writable
from aimc_sim.spec import InputError
from aimc_sim.study.conduct import conduct
from aimc_sim.study.conductor import Conductor
from aimc_sim.study.good_chips import yield_json
from aimc_sim.study.loosest import answer, reference_accuracy, scale_of, search_of, spec_json
from aimc_sim.study.points import points_of
from aimc_sim.study.scale import Looser
from aimc_sim.study.sensitivity import ChipSeed, sensitivity_json, sensitivity_study
from aimc_sim.study.study import ACCURACY
from aimc_sim.study.tradeoff import objectives_of, pareto_json, points_of_models, search_front

Table = Callable[[Mapping[str, Any]], str]
_LEAST, _MOST = 50.0, 99.999


@dataclass(frozen=True)
class QuestionOptions(StudyOptions):
    """Options that all questions have besides those of `aimc study run`."""

    plot: str | None = None


def checked_plot(options: QuestionOptions) -> None:
    """Refuse a picture that cannot be written, before anything runs."""
    if options.plot is not None:
        check_plot("--plot", options.plot)
    check_writable("--plot", options.plot)


def told(options: QuestionOptions, tree: Mapping[str, Any], table: Table) -> None:
    """Write an answer as picture, JSON and text."""
    if options.plot:
        write_figures_of(tree, options.plot)
    tell(tree, lambda: table(tree), json=options.json, quiet=options.quiet)


def yield_command(options: QuestionOptions, least: float, metric: str) -> None:
    """Do what `aimc study yield` does."""
    checked_plot(options)
    study = read_study(options)
    if metric not in study.metrics:
        study = study.model_copy(update={"metrics": (*study.metrics, metric)})
    with at_work(options, study) as (store, settings):
        digest = conduct(study, Path(options.study).parent, store, settings)
        tree = yield_json(store, digest, metric=metric, least=least)
    told(options, tree, yield_table)


def sensitivity_command(options: QuestionOptions, samples: int | None, chip_seed: str) -> None:
    """Do what `aimc study sensitivity` does."""
    checked_plot(options)
    at_least("--samples", samples, 8)
    one_of("--chip-seed", chip_seed, ("averaged", "factor"))
    way: ChipSeed = "factor" if chip_seed == "factor" else "averaged"
    study = sensitivity_study(read_study(options), samples, way)
    with at_work(options, study) as (store, settings):
        digest = conduct(study, Path(options.study).parent, store, settings)
        tree = sensitivity_json(store, digest, study)
    told(options, tree, sensitivity_table)


@dataclass(frozen=True)
class Asked:
    """What `aimc study spec` is asked.

    Parameters
    ----------
    within : float
        How far accuracy may fall below the reference [percentage points].
    confidence : float
        Of the answer [%].
    looser : str, optional
        Which way is looser.
    most : int
        Most chips of a value.
    """

    within: float
    confidence: float
    looser: str | None
    most: int


def spec_command(options: QuestionOptions, asked: Asked) -> None:
    """Do what `aimc study spec` does."""
    checked_plot(options)
    one_of("--looser", asked.looser, ("up", "down"))
    at_least("--most", asked.most, 2)
    if not 0.0 <= asked.within < 100.0:
        raise InputError(f"--within: found {asked.within:g}; expected 0 to 100 percentage points")
    if not _LEAST <= asked.confidence <= _MOST:
        raise InputError(
            f"--confidence: found {asked.confidence:g}; expected {_LEAST:g} to {_MOST:g} %"
        )
    study, confidence = read_study(options), asked.confidence / 100.0
    if ACCURACY not in study.metrics:
        raise InputError(f"metrics: {ACCURACY} is missing, which is specified")
    ways: dict[str | None, Looser | None] = {"up": "up", "down": "down", None: None}
    scale = scale_of(study, ways[asked.looser])
    points = points_of(study)
    folder = Path(options.study).parent
    with (
        at_work(options, study) as (store, settings),
        Conductor(study, folder, store, settings, points, question="spec") as conductor,
    ):
        reference = reference_accuracy(conductor, points[0])
        limit = reference - asked.within / 100.0
        n = len(conductor.materials.data[points[0].model])
        found = answer(conductor, search_of(scale, limit, confidence, asked.most, n))
        conductor.keep_record()
    tree = spec_json(study, scale, found, reference=reference, limit=limit, confidence=confidence)
    told(options, tree, spec_table)


def pareto_command(options: QuestionOptions, objectives: str, trials: int) -> None:
    """Do what `aimc study pareto` does."""
    checked_plot(options)
    at_least("--trials", trials, 1)
    wanted = objectives_of(objectives)
    study = read_study(options)
    missing = [o.metric for o in wanted if o.metric not in study.metrics]
    study = study.model_copy(update={"metrics": (*study.metrics, *missing)})
    folder, points = Path(options.study).parent, points_of_models(study)
    with (
        at_work(options, study) as (store, settings),
        Conductor(study, folder, store, settings, points, question="pareto") as conductor,
    ):
        front = search_front(conductor, wanted, trials)
        tree = pareto_json(conductor, front, wanted)
        conductor.keep_record()
    told(options, tree, pareto_table)
