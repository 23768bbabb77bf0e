"""Trade-off: which choices of a study's axes no other beats in accuracy, energy, latency, area."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aimc_sim.spec import InputError, nearest
from aimc_sim.study.axis import A_GRID, MODEL, Axis
from aimc_sim.study.conductor import Conductor
from aimc_sim.study.front import Direction, Front
from aimc_sim.study.points import Point, point_at
from aimc_sim.study.space import Between, Choice
from aimc_sim.study.study import ACCURACY, Study
from aimc_sim.study.values import LogUniform, Uniform, number

BATCH = 8
"""Choices that are asked at once, whatever the number of workers."""
OBJECTIVES: Mapping[str, tuple[str, Direction]] = {
    "accuracy": (ACCURACY, "maximize"),
    "energy": ("energy_J.per_inference", "minimize"),
    "latency": ("latency_s.per_inference", "minimize"),
    "area": ("area_m2.total", "minimize"),
}


@dataclass(frozen=True)
class Objective:
    """A metric and which way is better."""

    metric: str
    direction: Direction


def objectives_of(names: str) -> list[Objective]:
    """Return objectives from ``accuracy,energy``.

    Raises
    ------
    InputError
        Fewer than two, one given twice, or another name.

    Examples
    --------
    >>> [o.direction for o in objectives_of("accuracy,area")]
    ['maximize', 'minimize']
    """
    found = []
    for name in (word.strip() for word in names.split(",")):
        if name not in OBJECTIVES:
            near = nearest(name, OBJECTIVES)
            hint = f"; did you mean {near!r}" if near else ""
            raise InputError(
                f"--objectives: found {name!r}{hint}; allowed: {', '.join(OBJECTIVES)}"
            )
        found.append(Objective(*OBJECTIVES[name]))
    if len(found) < 2 or len(set(found)) < len(found):
        raise InputError(f"--objectives: found {names!r}; expected two or more, each once")
    return found


def space_of(axes: Sequence[Axis]) -> dict[str, Choice | Between]:
    """Return what each axis may be.

    Raises
    ------
    InputError
        No axes, or a distribution that is neither uniform nor loguniform.
    """
    if not axes:
        raise InputError("axes: none; there is nothing to choose")
    return {axis.key: _choice(axis) for axis in axes}


def _choice(axis: Axis) -> Choice | Between:
    values, law = axis.grid(), axis.distribution
    if values is not None:
        return Choice(tuple(values))
    if isinstance(law, (Uniform, LogUniform)):
        return Between(number(law.low), number(law.high), isinstance(law, LogUniform))
    raise InputError(f"axes: {axis.key}: expected values, a range, uniform or loguniform")


def points_of_models(study: Study) -> list[Point]:
    """Return points that between them have every model that the axes can choose."""
    values = []
    for axis in study.axes:
        grid = axis.grid() or [axis.at(0.0)]
        moves_model = any(p in (MODEL, A_GRID) or p.startswith("bits.") for p in axis.paths)
        values.append(grid if moves_model else grid[:1])
    return [point_at(study, i, row) for i, row in enumerate(itertools.product(*values))]


def search_front(conductor: Conductor, objectives: Sequence[Objective], n_trials: int) -> Front:
    """Try so many choices, each on the study's chips; return the search.

    Notes
    -----
    What is tried follows from the study's seed and the figures alone: neither the number of workers
    nor an interruption changes it, as what is asked again is in the results file.
    """
    study = conductor.study
    directions = [o.direction for o in objectives]
    front = Front(space_of(study.axes), directions, study.seed, min(BATCH, n_trials))
    while len(front.tried) < n_trials and (batch := front.ask()):
        rows = [conductor.add([place[axis.key] for axis in study.axes]) for place in batch]
        conductor.do({row.point.index: range(study.chips) for row in rows})
        means = [_means(conductor, o.metric) for o in objectives]
        front.tell([_worth(means, row.point.index) for row in rows])
    return front


def _means(conductor: Conductor, metric: str) -> dict[int, float]:
    found = conductor.values(metric)
    return {i: sum(values) / len(values) for i, values in found.items() if values}


def _worth(means: Sequence[Mapping[int, float]], index: int) -> list[float] | None:
    """Return the objectives of a point; None where no chip has one of them."""
    return [m[index] for m in means] if all(index in m for m in means) else None


def pareto_json(
    conductor: Conductor, front: Front, objectives: Sequence[Objective]
) -> dict[str, Any]:
    """Return every trial, those on the front marked, as plain data."""
    study = conductor.study
    refused = {row.point: row.refused for row in conductor.store.rows(conductor.digest)}
    trials = []
    for i, (tried, is_best) in enumerate(zip(front.tried, front.is_on_front(), strict=True)):
        values = None
        if tried.values is not None:
            values = dict(zip((o.metric for o in objectives), tried.values, strict=True))
        index = conductor.add([tried.coordinates[a.key] for a in study.axes]).point.index
        trials.append(
            {
                "trial": i,
                "coordinates": tried.coordinates,
                "values": values,
                "refused": refused.get(index) if values is None else None,
                "is_on_front": is_best,
            }
        )
    return {
        "schema": 1,
        "kind": "pareto",
        "study": study.name,
        "objectives": [{"metric": o.metric, "direction": o.direction} for o in objectives],
        "axes": [
            {"path": a.key, "label": a.name, "values": a.grid(), "scale": a.scale}
            for a in study.axes
        ],
        "n_chips": study.chips,
        "n_trials": len(trials),
        "seed": study.seed,
        "trials": trials,
    }
