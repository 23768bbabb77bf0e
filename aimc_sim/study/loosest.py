"""Specification: the loosest value of one axis at which accuracy still holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from aimc_sim.model.reference import classify, run_reference
from aimc_sim.spec import InputError
from aimc_sim.study.conductor import Conductor
from aimc_sim.study.points import Point, describe_point
from aimc_sim.study.scale import Looser, Scale
from aimc_sim.study.study import ACCURACY, Study
from aimc_sim.study.threshold import Search, Threshold

FIRST = 4
"""Chips of a value before any is added."""


def scale_of(study: Study, looser: Looser | None) -> Scale:
    """Return the values that are searched, from the tightest to the loosest.

    Parameters
    ----------
    study : Study
        Of one axis, whose values are the resolution of the answer.
    looser : {"up", "down"}, optional
        Which way is looser; by default down for bits and up for everything else.

    Raises
    ------
    InputError
        Not one axis, or an axis without values in order.

    Examples
    --------
    >>> base = {"model": "m.npz", "chip": "c.yaml", "data": "d.npz"}
    >>> axes = {"hardware.adc.bits": [4, 5, 6]}
    >>> study = Study(format="aimc-study", version="1.0", name="s", base=base, axes=axes)
    >>> scale_of(study, None).values
    (6, 5, 4)
    """
    if len(study.axes) != 1:
        raise InputError(f"axes: found {len(study.axes)}; a specification is that of one parameter")
    (axis,) = study.axes
    values = axis.grid()
    if values is None:
        raise InputError(f"axes: {axis.key} has a distribution; expected values, a range or log")
    way: Looser = looser or ("down" if axis.key.endswith("bits") else "up")
    ordered = all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in values)
    if ordered:
        values = sorted(values)
    kind = axis.scale if axis.scale in ("linear", "log") and ordered else "list"
    return Scale(tuple(values if way == "up" else values[::-1]), kind, way)


def search_of(scale: Scale, limit: float, confidence: float, most: int, n_sequences: int) -> Search:
    """Return a new search."""
    first = min(FIRST, most)
    return Search(scale, limit, confidence, first=first, most=most, step=1.0 / max(n_sequences, 1))


def reference_accuracy(conductor: Conductor, point: Point) -> float:
    """Return the accuracy of the integer model on the data of a study.

    Raises
    ------
    InputError
        Data without labels.
    """
    model, data = (getattr(conductor.materials, name)[point.model] for name in ("models", "data"))
    if data.labels is None:
        raise InputError("base.data: has no labels, so that there is no accuracy to keep")
    prediction = classify(run_reference(model, data.x_code, data.lengths).y_code)
    return float(np.mean(prediction == data.labels))


def answer(conductor: Conductor, search: Search) -> Threshold:
    """Do what the search asks until it asks no more.

    Raises
    ------
    InputError
        A value with which a chip cannot be simulated.
    """
    while batch := search.ask():
        asked = {conductor.add((value,)).point.index: (value, n) for value, n in batch}
        conductor.do({i: range(n) for i, (_, n) in asked.items()})
        scores = conductor.values(ACCURACY)
        for i, (value, n) in asked.items():
            if len(scores[i]) < n:
                raise InputError(_why_not(conductor, i))
            search.tell(value, scores[i][:n])
    return search.result()


def _why_not(conductor: Conductor, index: int) -> str:
    rows = (row for row in conductor.store.rows(conductor.digest) if row.point == index)
    why = next((row.refused for row in rows if row.refused), "there is no accuracy")
    place = describe_point(conductor.study.axes, conductor.points[index].point)
    return f"{place}: cannot be simulated: {why}"


def spec_json(
    study: Study,
    scale: Scale,
    found: Threshold,
    *,
    reference: float,
    limit: float,
    confidence: float,
) -> dict[str, Any]:
    """Return the answer as plain data."""
    (axis,) = study.axes
    tree: dict[str, Any] = {
        "schema": 1,
        "kind": "spec",
        "study": study.name,
        "parameter": axis.key,
        "label": axis.name,
        "scale": scale.kind,
        "looser": scale.looser,
        "metric": ACCURACY,
        "reference": reference,
        "within": reference - limit,
        "limit": limit,
        "confidence": confidence,
        "holds": found.holds,
        "fails": found.fails,
        "is_complete": found.is_complete,
        "is_monotone": found.is_monotone,
        "n_tasks": found.n_tasks,
        "probes": [
            {
                "value": probe.value,
                "mean": probe.mean,
                "ci95": None if probe.ci95 is None else list(probe.ci95),
                "n_chips": probe.n_chips,
                "verdict": probe.verdict,
            }
            for probe in found.probes
        ],
    }
    return tree | {"verdict": verdict_of(tree)}


def verdict_of(tree: Mapping[str, Any]) -> str:
    """Return the answer as one sentence."""
    name, holds, fails = tree["label"], tree["holds"], tree["fails"]
    limit = f"an accuracy of {100.0 * tree['limit']:.2f} %"
    chips = max(p["n_chips"] for p in tree["probes"])
    how = f"(means over up to {chips} chips a value, {100.0 * tree['confidence']:g} % confidence)"
    if not tree["is_monotone"]:
        return f"{name}: no answer: a looser value holds where a tighter one fails {how}"
    if holds is None and fails is None:
        return f"{name}: no value is shown to keep {limit} or to fail {how}"
    if holds is None:
        return f"{name}: no value is shown to keep {limit}; {fails} fails {how}"
    if fails is None:
        return f"{name}: {holds} keeps {limit}, and no value is shown to fail {how}"
    return f"{name}: {holds} keeps {limit}, {fails} does not {how}"
