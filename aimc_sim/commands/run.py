"""`aimc run`: model, chip and data to figures, table, JSON and page."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aimc_sim.analysis.budget import error_budget
from aimc_sim.analysis.budget_rows import Budget
from aimc_sim.analysis.poles import Complexes, trained_poles
from aimc_sim.analysis.run_json import run_json
from aimc_sim.analysis.s4d import LayerPicture, s4d_pictures
from aimc_sim.chip import Chip, load_chip
from aimc_sim.commands.exits import complain
from aimc_sim.commands.logits import check_logits
from aimc_sim.commands.options import (
    Condition,
    at_least,
    judged,
    parse_changes,
    parse_condition,
)
from aimc_sim.commands.progress import Tell, progress_bar, threads
from aimc_sim.commands.telling import check_json, tell
from aimc_sim.cost.bill import Bill, cost_of
from aimc_sim.crossbar.calibrate import calibrate
from aimc_sim.crossbar.ranges import check_calibrated
from aimc_sim.crossbar.tile import Tiles, program
from aimc_sim.data import Data, load_data
from aimc_sim.duration import parse_time_s
from aimc_sim.mapping.io import read_plan, write_plan
from aimc_sim.mapping.mapper import map_model
from aimc_sim.mapping.plan import Plan
from aimc_sim.model.checkpoint import load_checkpoint
from aimc_sim.model.network import Model
from aimc_sim.model.npz import load_model
from aimc_sim.model.reference import run_reference
from aimc_sim.report.files import check_writable
from aimc_sim.report.table import run_table
from aimc_sim.runner.result import Result
from aimc_sim.runner.run import BATCH, run


@dataclass(frozen=True)
class RunOptions:
    """The options of `aimc run`, as typed; see ``aimc run --help``."""

    model: str
    chip: str
    data: str
    n_chips: int = 1
    seed: int = 0
    build_seed: int | None = None
    run_seed: int | None = None
    after: str = "0s"
    mapping: str | None = None
    limit: int | None = None
    changes: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    plan: str | None = None
    save_plan: str | None = None
    json: str | None = None
    html: str | None = None
    n_threads: int | None = None
    batch: int | None = None
    quiet: bool = False
    command: str = ""
    budget: bool = False
    trained: str | None = None


@dataclass(frozen=True)
class Inputs:
    """What was read."""

    model: Model
    chip: Chip
    data: Data
    plan: Plan
    trained: Mapping[str, Complexes] | None


@dataclass(frozen=True)
class Outcome:
    """What came out."""

    tiles: Tiles
    result: Result
    bill: Bill
    pictures: Mapping[str, LayerPicture]
    json: dict[str, Any]


def run_command(options: RunOptions) -> int:
    """Do what `aimc run` does; return the exit code."""
    start = time.perf_counter()
    changes, conditions, age_s = _checked(options)
    inputs = _read(options, changes)
    if options.save_plan:
        write_plan(options.save_plan, inputs.plan)
    outcome = _simulate(options, inputs, age_s, start)
    _write(options, inputs, outcome)
    return judged(conditions, outcome.json)


def _checked(options: RunOptions) -> tuple[dict[str, Any], list[Condition], float]:
    """Return changes, conditions and age; refuse what can be refused before any file is read."""
    for option, value, least in (
        ("--chips", options.n_chips, 1),
        ("--limit", options.limit, 1),
        ("--batch", options.batch, 1),
        ("--seed", options.seed, 0),
        ("--build-seed", options.build_seed, 0),
        ("--run-seed", options.run_seed, 0),
    ):
        at_least(option, value, least)
    changes = parse_changes(options.changes, options.mapping)
    conditions = [parse_condition(text) for text in options.conditions]
    check_json(options.json)
    check_writable("--html", options.html)
    check_writable("--save-plan", options.save_plan)
    return changes, conditions, parse_time_s(options.after)


def _read(options: RunOptions, changes: Mapping[str, Any]) -> Inputs:
    model = load_model(options.model)
    chip = load_chip(options.chip, changes)
    data = load_data(options.data, model)
    if options.limit is not None:
        data = data.rows(0, options.limit)
    data = data.steps(0, int(data.lengths.max()))
    plan = (
        read_plan(options.plan, model, chip.hardware)
        if options.plan
        else map_model(model, chip.hardware)
    )
    check_calibrated(plan)
    if data.logits is not None:  # the whole batch is compared below, with no extra run
        first = run_reference(model, data.x_code[:1], data.lengths[:1])
        check_logits(options.data, data.rows(0, 1), first.y_code)
    trained = trained_poles(model, load_checkpoint(options.trained)) if options.trained else None
    return Inputs(model, chip, data, plan, trained)


def _simulate(options: RunOptions, inputs: Inputs, age_s: float, start: float) -> Outcome:
    build, read = (
        options.seed if given is None else given for given in (options.build_seed, options.run_seed)
    )
    hardware = inputs.chip.hardware
    with threads(options.n_threads), progress_bar(options.quiet) as progress:
        tiles = program(inputs.plan, hardware, seed=build, n_chips=options.n_chips)
        tiles = calibrate(tiles, age_s=age_s, seed=read)
        result = run(
            inputs.model,
            tiles,
            inputs.data,
            seed=read,
            age_s=age_s,
            batch_size=options.batch or BATCH,
            progress=progress,
        )
        budget = _budget(options, inputs, tiles.seed, read, age_s, progress)
    if inputs.data.logits is not None:
        check_logits(options.data, inputs.data, result.reference_y_code)
    bill = cost_of(tiles.events + result.events, inputs.chip.costs, inputs.plan)
    pictures = s4d_pictures(inputs.model, tiles, age_s=age_s, trained=inputs.trained)
    tree = run_json(
        result,
        bill,
        tiles=tiles,
        chip=inputs.chip,
        seed=options.seed,
        age_s=age_s,
        budget=budget,
        pictures=pictures,
        runtime_s=time.perf_counter() - start,
    )
    return Outcome(tiles, result, bill, pictures, tree)


def _budget(
    options: RunOptions,
    inputs: Inputs,
    build_seed: int,
    run_seed: int,
    age_s: float,
    progress: Tell | None,
) -> Budget | None:
    """Return the error budget, where it was asked for."""
    if not options.budget:
        return None
    return error_budget(
        inputs.model,
        inputs.chip,
        inputs.data,
        build_seed=build_seed,
        run_seed=run_seed,
        n_chips=options.n_chips,
        age_s=age_s,
        plan=inputs.plan,
        batch_size=options.batch or BATCH,
        progress=progress,
    )


def _write(options: RunOptions, inputs: Inputs, outcome: Outcome) -> None:
    """Write JSON and page, and print the table."""
    if options.html:
        from aimc_sim.report.html import write_report

        title = f"{Path(options.model).stem} on {inputs.chip.name}"
        write_report(
            options.html,
            outcome.result,
            outcome.bill,
            tiles=outcome.tiles,
            chip=inputs.chip,
            summary=outcome.json,
            pictures=outcome.pictures,
            command=options.command,
            title=title,
        )
    tell(outcome.json, lambda: run_table(outcome.json), json=options.json, quiet=options.quiet)
    if inputs.data.n_clipped and not options.quiet and options.json != "-":
        complain(f"note: {inputs.data.n_clipped} input values were clipped to the code range")
    if inputs.data.logits_of and not options.quiet and options.json != "-":
        complain(
            f"note: the logits in {options.data} are those of another model, of digest "
            f"{inputs.data.logits_of[:12]}..., and were not compared"
        )
