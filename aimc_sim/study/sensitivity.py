"""Sensitivity: how much of the variance of a metric each axis of a study makes."""

from __future__ import annotations

from typing import Any, Literal

from aimc_sim.spec import InputError, validate
from aimc_sim.study.axis import CHIP, Axis
from aimc_sim.study.sobol_indices import sobol_indices
from aimc_sim.study.store import Store
from aimc_sim.study.study import Saltelli, Study

ChipSeed = Literal["averaged", "factor"]
FACTOR_CHIPS = 1000
"""Chip instances that the factor is drawn from."""


def sensitivity_study(study: Study, n_base: int | None, chip_seed: ChipSeed) -> Study:
    """Return the study with the design that Sobol indices take.

    Parameters
    ----------
    study : Study
        Its axes are the factors.
    n_base : int, optional
        Base points, a power of two; by default those of the study's own design, or 64.
    chip_seed : {"averaged", "factor"}
        Every point has the study's number of chips, whose mean counts; or the chip instance is a
        factor like the others, one a point.

    Raises
    ------
    InputError
        No axes, or repeats that adapt, with which points would not be alike.
    """
    if not study.axes:
        raise InputError("axes: none; sensitivity is that to the axes of a study")
    if study.adaptive is not None:
        raise InputError("adaptive: is given; the points of sensitivity have equally many chips")
    own = study.sampling
    n = n_base or (own.n if isinstance(own, Saltelli) else 64)
    seed = 0 if own.kind == "grid" else own.seed
    changes: dict[str, Any] = {"sampling": Saltelli(kind="saltelli", n=n, seed=seed)}
    if chip_seed == "factor":
        law = {"kind": "integers", "low": 0, "high": FACTOR_CHIPS - 1}
        axis = validate(Axis, {"path": CHIP, "label": "chip", "distribution": law}, "axes")
        changes |= {"axes": (*study.axes, axis), "chips": 1}
    return study.model_copy(update=changes)


def sensitivity_json(store: Store, digest: str, study: Study) -> dict[str, Any]:
    """Return first-order and total indices of every metric, as plain data.

    Parameters
    ----------
    store : Store
        A results file with the study in it.
    digest : str
        Of the study.
    study : Study
        From `sensitivity_study`.
    """
    assert isinstance(study.sampling, Saltelli)
    sums: dict[str, dict[int, list[float]]] = {name: {} for name in study.metrics}
    for row in store.rows(digest):
        for name, value in (row.metrics or {}).items():
            if value is not None:
                sums[name].setdefault(row.point, []).append(value)
    n_points = len(store.coordinates(digest))
    factors = [axis.key for axis in study.axes]
    n, seed = study.sampling.n, study.sampling.seed
    metrics = {}
    for name, found in sums.items():
        y = [_mean(found.get(i, []), study.chips) for i in range(n_points)]
        metrics[name] = sobol_indices(y, factors, n, seed)
    return {
        "schema": 1,
        "kind": "sensitivity",
        "study": study.name,
        "n_base": n,
        "n_tasks": store.count(digest)[0],
        "confidence": 0.95,
        "chip_seed": "factor" if CHIP in factors else "averaged",
        "n_chips": study.chips,
        "factors": factors,
        "labels": {axis.key: axis.name for axis in study.axes},
        "metrics": metrics,
    }


def _mean(values: list[float], n: int) -> float | None:
    """Return the mean of a point; None unless all of its chips are known."""
    return sum(values) / n if len(values) == n else None
