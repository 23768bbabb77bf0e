"""`aimc calibrate`: a chip, a model and a batch to a plan that holds the ranges of the ADCs."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace
from typing import Any

from aimc_sim.analysis.range_found import METHODS, RangeCalibration
from aimc_sim.analysis.ranges import calibrated_hardware, find_ranges
from aimc_sim.chip import Chip, load_chip
from aimc_sim.commands.options import at_least, one_of, parse_changes
from aimc_sim.commands.progress import progress_bar, threads
from aimc_sim.commands.telling import check_json, tell
from aimc_sim.data import Data, load_data
from aimc_sim.duration import parse_time_s
from aimc_sim.hardware import Hardware
from aimc_sim.mapping.io import read_plan, write_plan
from aimc_sim.mapping.plan import Plan
from aimc_sim.model.network import Model
from aimc_sim.model.npz import load_model
from aimc_sim.report.files import check_writable
from aimc_sim.report.ranges import ranges_json, ranges_table
from aimc_sim.runner.run import BATCH
from aimc_sim.spec import InputError

PER = ("tile", "bitline")
_RANGE, _PER, _SCALE = (f"hardware.adc.{name}" for name in ("range", "range_per", "full_scale_A"))


@dataclass(frozen=True)
class CalibrateOptions:
    """The options of `aimc calibrate`, as typed; see ``aimc calibrate --help``."""

    model: str
    chip: str
    data: str
    output: str
    method: str = "percentile"
    percentile: float = 99.99
    per: str | None = None
    n_chips: int = 1
    seed: int = 0
    after: str = "0s"
    mapping: str | None = None
    limit: int | None = None
    changes: tuple[str, ...] = ()
    plan: str | None = None
    json: str | None = None
    n_threads: int | None = None
    batch: int | None = None
    quiet: bool = False


def calibrate_command(options: CalibrateOptions) -> None:
    """Do what `aimc calibrate` does."""
    changes, age_s = _checked(options)
    model = load_model(options.model)
    given = load_chip(options.chip, changes)
    calibrated_hardware(given.hardware)  # refuses what has no range
    own = _own_changes(options, given)
    chip = load_chip(options.chip, {**changes, **own})
    data = load_data(options.data, model)
    if options.limit is not None:
        data = data.rows(0, options.limit)
    data = data.steps(0, int(data.lengths.max()))
    where = _where(options, model, given, chip)
    found = _find(options, model, where, data, age_s)
    write_plan(options.output, found.plan)
    _write(options, found, _run_line(options, own), len(data), age_s)


def _checked(options: CalibrateOptions) -> tuple[dict[str, Any], float]:
    """Return changes and age; refuse what can be refused before any file is read."""
    for option, value, least in (
        ("--chips", options.n_chips, 1),
        ("--limit", options.limit, 1),
        ("--batch", options.batch, 1),
        ("--seed", options.seed, 0),
    ):
        at_least(option, value, least)
    one_of("--method", options.method, METHODS)
    one_of("--per", options.per, PER)
    if not 0.0 < options.percentile <= 100.0:
        raise InputError(
            f"--percentile: found {options.percentile:g}; expected above 0, at most 100"
        )
    changes = parse_changes(options.changes, options.mapping)
    if changes.pop(_RANGE, "calibrated") != "calibrated":
        raise InputError(f"--set {_RANGE}: aimc calibrate makes it calibrated")
    if options.per and _PER in changes:
        raise InputError(f"--set {_PER}: --per is given too")
    check_writable("--output", options.output)
    check_json(options.json)
    return changes, parse_time_s(options.after)


def _own_changes(options: CalibrateOptions, given: Chip) -> dict[str, str | None]:
    """Return what is to be changed of the chip for the ranges to come from the plan."""
    own: dict[str, str | None] = {_RANGE: "calibrated"}
    if getattr(given.hardware.adc, "full_scale_A", None) is not None:
        own[_SCALE] = None
    if options.per:
        own[_PER] = options.per
    return own


def _where(options: CalibrateOptions, model: Model, given: Chip, chip: Chip) -> Plan | Hardware:
    """Return the plan that was given, on the changed chip, or the chip's hardware."""
    if options.plan is None:
        return chip.hardware
    return replace(read_plan(options.plan, model, given.hardware), hardware=chip.hardware)


def _find(
    options: CalibrateOptions, model: Model, where: Plan | Hardware, data: Data, age_s: float
) -> RangeCalibration:
    with (
        threads(options.n_threads),
        progress_bar(options.quiet, verb="calibrating") as progress,
    ):
        return find_ranges(
            model,
            where,
            data,
            seed=options.seed,
            n_chips=options.n_chips,
            age_s=age_s,
            method=options.method,
            percentile=options.percentile,
            batch_size=options.batch or BATCH,
            progress=progress,
        )


def _run_line(options: CalibrateOptions, own: dict[str, str | None]) -> str:
    """Return the command that runs the model with the ranges found."""
    words = ["aimc", "run", options.model, "--chip", options.chip, "--data", "TEST.npz"]
    if options.mapping:
        words += ["--mapping", options.mapping]
    kept = [pair for pair in options.changes if pair.partition("=")[0].strip() not in own]
    ours = [f"{path}={'null' if value is None else value}" for path, value in own.items()]
    for pair in (*kept, *ours):
        words += ["--set", pair]
    if options.after != "0s":
        words += ["--after", options.after]
    return shlex.join([*words, "--plan", options.output])


def _write(
    options: CalibrateOptions, found: RangeCalibration, line: str, n_sequences: int, age_s: float
) -> None:
    """Write JSON, and print the table."""
    tree = ranges_json(
        found, seed=options.seed, n_chips=options.n_chips, age_s=age_s, n_sequences=n_sequences
    )

    def text() -> str:
        return (
            f"{ranges_table(found)}\nThe chip is changed: {_RANGE} is calibrated.\n"
            f"written  {options.output}\nrun it   {line}\n"
        )

    tell(tree, text, json=options.json, quiet=options.quiet)
