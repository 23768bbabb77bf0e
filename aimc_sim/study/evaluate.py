"""evaluate: program one chip instance, run it, and keep the figures that were asked for."""

from __future__ import annotations

import os
import platform
import time
from functools import lru_cache
from typing import Any

from aimc_sim.analysis.budget import error_budget
from aimc_sim.analysis.run_json import run_json
from aimc_sim.analysis.s4d import s4d_pictures
from aimc_sim.chip import Chip
from aimc_sim.cost.bill import cost_of
from aimc_sim.crossbar.calibrate import calibrate
from aimc_sim.crossbar.ranges import check_calibrated
from aimc_sim.crossbar.tile import program
from aimc_sim.mapping.floor_json import floor_json
from aimc_sim.mapping.mapper import map_model
from aimc_sim.mapping.plan import Plan
from aimc_sim.runner.run import run
from aimc_sim.spec import InputError
from aimc_sim.study.materials import Materials
from aimc_sim.study.task import Outcome, Task
from aimc_sim.tree import value_at

BUDGET_SEQUENCES = 50
"""Sequences of the error budget in a record."""


def evaluate(materials: Materials, task: Task) -> Outcome:
    """Do a task.

    Parameters
    ----------
    materials : Materials
        Models, data, chip.
    task : Task
        Which of them, what is changed, which chip instance.

    Returns
    -------
    Outcome
        The metrics; or why such a chip cannot be simulated.

    Raises
    ------
    InputError
        A metric that the JSON of a run does not have.
    """
    start = time.perf_counter()
    try:
        tree = run_tree(materials, task)
    except InputError as error:
        refused = str(error).removeprefix(f"{materials.chip_path}: ")
        return Outcome(None, refused, time.perf_counter() - start, worker_name())
    metrics = {name: metric_of(tree, name) for name in materials.metrics}
    return Outcome(metrics, None, time.perf_counter() - start, worker_name())


def run_tree(materials: Materials, task: Task, *, is_record: bool = False) -> dict[str, Any]:
    """Return the JSON of the run of a task; of a record with poles, kernels and error budget."""
    model, data = materials.models[task.model], materials.data[task.model]
    chip, plan = _mapped(_Key(materials, task))
    seed, age_s = materials.seed, task.age_s
    tiles = program(plan, chip.hardware, seed=seed, first_chip=task.chip)
    tiles = calibrate(tiles, age_s=age_s, seed=seed)
    result = run(model, tiles, data, seed=seed, age_s=age_s)
    bill = cost_of(tiles.events + result.events, chip.costs, plan)
    pictures = s4d_pictures(model, tiles, age_s=age_s) if is_record else None
    budget = None
    if is_record:
        some = data.rows(0, BUDGET_SEQUENCES)
        budget = error_budget(
            model, chip, some, build_seed=seed, run_seed=seed, age_s=age_s, plan=plan
        )
    return run_json(
        result,
        bill,
        tiles=tiles,
        chip=chip,
        seed=seed,
        age_s=age_s,
        budget=budget,
        pictures=pictures,
    )


def record_of(materials: Materials, task: Task) -> dict[str, Any]:
    """Return one run in full, and where its weights lie, as plain data for reports."""
    _, plan = _mapped(_Key(materials, task))
    return {"run": run_tree(materials, task, is_record=True), "floor": floor_json(plan)}


def metric_of(tree: dict[str, Any], name: str) -> float | None:
    """Return a figure of a run.

    Raises
    ------
    InputError
        Nothing at that path, or no number.
    """
    found = value_at(tree, name, "metrics:")
    if found is None or (isinstance(found, (int, float)) and not isinstance(found, bool)):
        return found
    raise InputError(f"metrics: {name}: found a {type(found).__name__}; expected a number")


def worker_name() -> str:
    """Return the machine and the process."""
    return f"{platform.node()}:{os.getpid()}"


class _Key:
    """A task without its chip instance: the chips of a point are mapped once."""

    def __init__(self, materials: Materials, task: Task) -> None:
        self.materials, self.task = materials, task
        self.name = (id(materials), task.point, task.model, repr(task.changes))

    def __hash__(self) -> int:
        return hash(self.name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self.name == other.name


@lru_cache(maxsize=4)
def _mapped(key: _Key) -> tuple[Chip, Plan]:
    materials, task = key.materials, key.task
    chip = materials.chip(task.changes)
    plan = map_model(materials.models[task.model], chip.hardware)
    check_calibrated(plan)
    return chip, plan
