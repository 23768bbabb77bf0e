"""Yield: the share of chips that meet a specification, at every point of a study."""

from __future__ import annotations

from typing import Any

from aimc_sim.spec import InputError
from aimc_sim.study.binomial import Share
from aimc_sim.study.store import Store


def yield_json(
    store: Store, study: str, *, metric: str, least: float, confidence: float = 0.95
) -> dict[str, Any]:
    """Return how many chips have at least so much of a metric, as plain data.

    Parameters
    ----------
    store : Store
        A results file.
    study : str
        Digest of the study.
    metric : str
        The metric that is specified.
    least : float
        What a good chip has at least.
    confidence : float
        Of the exact binomial interval.

    Returns
    -------
    dict
        Chips, good ones, share and interval of the first point, and of all in ``points``.

    Raises
    ------
    InputError
        A point of which not one chip has the metric.
    """
    values: dict[int, list[float]] = {}
    for row in store.rows(study):
        if row.metrics and row.metrics.get(metric) is not None:
            values.setdefault(row.point, []).append(row.metrics[metric])
    points = []
    for index, place in store.coordinates(study).items():
        found = values.get(index, [])
        n_good = sum(value >= least for value in found)
        share = Share(n_good, len(found)) if found else None
        points.append(
            {
                "coordinates": place,
                "n_chips": len(found),
                "n_good": n_good,
                "share": share and share.value,
                "ci95": share and list(share.interval(confidence)),
                "per_chip": found,
            }
        )
    unknown = next((p["coordinates"] for p in points if not p["n_chips"]), None)
    if unknown is not None:
        raise InputError(f"no chip has {metric} at {unknown}")
    return {
        "schema": 1,
        "kind": "yield",
        "study": store.content(study)["study"]["name"],
        "metric": metric,
        "least": least,
        "confidence": confidence,
        "axes": store.content(study)["axes"],
        **points[0],
        "points": points,
    }
