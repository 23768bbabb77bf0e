"""The JSON of a study: its points with means and intervals, and where they come from."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from aimc_sim.runner.result import mean_interval
from aimc_sim.spec import InputError
from aimc_sim.study.rounds import Rounds
from aimc_sim.study.store import Row, Store
from aimc_sim.study.study import ACCURACY

SCHEMA = 1


def study_json(store: Store, study: str) -> dict[str, Any]:
    """Return everything about a study as plain data.

    Parameters
    ----------
    store : Store
        A results file.
    study : str
        Digest of the study.
    """
    content = store.content(study)
    spec = content["study"]
    metrics = spec["metrics"]
    rounds = _rounds(content)
    points = _points(store.coordinates(study), store.rows(study), metrics)
    for point in points if rounds else ():
        found = point["metrics"][ACCURACY]
        if rounds and len(found["per_chip"]) > 1 and None not in found["per_chip"]:
            ends = rounds.interval(found["per_chip"])
            found["ci95"] = ends and list(ends)
    everything, done, refused = store.count(study)
    record = store.record(study)
    return {
        "schema": SCHEMA,
        "kind": "study",
        "name": spec["name"],
        "description": spec["description"],
        "digest": study,
        "axes": content["axes"],
        "sampling": spec["sampling"]["kind"],
        "metrics": metrics,
        "points": points,
        "reference": {"accuracy": _reference(points)},
        "record": record and record["run"],
        "floor": record and record["floor"],
        "provenance": _provenance(store, study, content, (everything, done, refused)),
    }


def _rounds(content: Mapping[str, Any]) -> Rounds | None:
    """Return the rule by which chips were added, whose interval is wider than Student's."""
    adaptive = content["study"]["adaptive"]
    if adaptive is None:
        return None
    first, more, most = (adaptive[name] for name in ("first", "more", "most"))
    return Rounds(first, more, most, adaptive["ci"] / 100.0, 1.0 / content["n_sequences"])


def _points(
    coordinates: Mapping[int, Mapping[str, Any]], rows: Iterable[Row], metrics: list[str]
) -> list[dict[str, Any]]:
    """Return each point with its metrics."""
    found: dict[int, list[Row]] = {i: [] for i in coordinates}
    for row in rows:
        found[row.point].append(row)
    return [
        {
            "point": i,
            "coordinates": coordinates[i],
            "n_chips": sum(row.metrics is not None for row in found[i]),
            "metrics": {name: _metric(name, found[i]) for name in metrics},
            "refused": next((row.refused for row in found[i] if row.refused), None),
        }
        for i in coordinates
    ]


def _metric(name: str, rows: list[Row]) -> dict[str, Any]:
    """Return mean, interval and values of a metric over the chips of a point."""
    values = [row.metrics.get(name) for row in rows if row.metrics is not None]
    known = [v for v in values if v is not None]
    if not known:
        return {"mean": None, "ci95": None, "per_chip": values}
    return {**mean_interval(known), "per_chip": values}


def _reference(points: list[dict[str, Any]]) -> float | None:
    """Return the accuracy of the integer model, where it is the same at all points."""
    found = {p["metrics"].get("accuracy.reference", {}).get("mean") for p in points}
    found.discard(None)
    return found.pop() if len(found) == 1 else None


def _provenance(
    store: Store, study: str, content: Mapping[str, Any], count: tuple[int, int, int]
) -> dict[str, Any]:
    sessions = store.sessions(study)
    machines: list[Any] = []
    for session in sessions:
        if session["machine"] not in machines:
            machines.append(session["machine"])
    return {
        "commands": list(dict.fromkeys(s["command"] for s in sessions if s["command"])),
        "version": content["version"],
        "numerics": content["numerics"],
        "rng_version": content["rng_version"],
        "seed": content["study"]["seed"],
        "digests": content["digests"],
        "machines": machines,
        "n_tasks": count[0],
        "n_done": count[1],
        "n_refused": count[2],
        "seconds": math.fsum(row.seconds for row in store.rows(study)),
    }


def pick(store: Store, name: str | None) -> str:
    """Return the digest of the study of that name or digest; of the only one where none is given.

    Raises
    ------
    InputError
        There is none, or several.
    """
    studies = store.studies()
    found = [d for d, n in studies if name is None or n == name or d.startswith(name)]
    if len(found) == 1:
        return found[0]
    known = ", ".join(f"{n} ({d[:8]})" for d, n in studies) or "none"
    asked = f" named {name!r}" if name else ""
    raise InputError(f"{store.path}: found {len(found)} studies{asked}; expected one of: {known}")
