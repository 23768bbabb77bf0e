"""Small JSON trees of runs, studies and questions, as `aimc` writes them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np

from aimc_sim.runner.result import mean_interval

BITS, ROWS, AFTER = "hardware.adc.bits", "hardware.tile.n_wordlines", "after"
METRICS = ("area_m2.total", "energy_J.per_inference", "accuracy.reference", "accuracy.analog.mean")


def axis(path: str, values: Sequence[Any] | None, label: str = "", scale: str = "") -> Any:
    """An axis of a study."""
    numbers = values is None or all(isinstance(v, (int, float)) for v in values)
    return {
        "path": path,
        "label": label or path.rpartition(".")[2].replace("_", " "),
        "values": None if values is None else list(values),
        "scale": scale or ("linear" if numbers else "category"),
    }


def metric(values: Sequence[float | None]) -> dict[str, Any]:
    """A metric over chips."""
    known = [v for v in values if v is not None]
    found = mean_interval(known) if known else {"mean": None, "ci95": None}
    return {**found, "per_chip": list(values)}


def point(i: int, coordinates: Mapping[str, Any], n_chips: int) -> dict[str, Any]:
    """A point whose accuracy rises along the first axis and falls along the others."""
    rng = np.random.default_rng(i)
    level = sum(float(size_of(v)) * (1 if k == 0 else -0.3) for k, v in
                enumerate(coordinates.values()))  # fmt: skip
    accuracy = np.clip(0.5 + 0.45 * math.tanh(level) + 0.02 * rng.standard_normal(n_chips), 0, 1)
    energy = 1e-6 * 3.0 ** (i % 5) * np.ones(n_chips)
    return {
        "point": i,
        "coordinates": dict(coordinates),
        "n_chips": n_chips,
        "metrics": {
            "accuracy.analog.mean": metric(accuracy.tolist()),
            "accuracy.reference": metric([0.96] * n_chips),
            "energy_J.per_inference": metric(energy.tolist()),
            "area_m2.total": metric([2.1e-6] * n_chips),
        },
        "refused": None,
    }


def size_of(value: Any) -> float:
    """A number near 1 for any value."""
    if isinstance(value, (int, float)):
        return math.log10(1.0 + abs(value))
    return 0.1 * len(str(value))


def refuse(tree: dict[str, Any], i: int, why: str = "adc.bits: too few for the tile") -> None:
    """Make a point one that cannot be simulated."""
    nothing = {name: {"mean": None, "ci95": None, "per_chip": []} for name in tree["metrics"]}
    tree["points"][i] |= {"n_chips": 0, "metrics": nothing, "refused": why}


def study(
    axes: Sequence[Any], *, n_chips: int = 4, name: str = "demo", n_sampled: int = 0
) -> dict[str, Any]:
    """A study over all combinations of its axes, or of a sampled design."""
    if n_sampled:
        rng = np.random.default_rng(3)
        places = [{a["path"]: float(v) for a, v in zip(axes, row, strict=True)}
                  for row in rng.uniform(0.1, 3.0, (n_sampled, len(axes)))]  # fmt: skip
    else:
        places = [dict(zip((a["path"] for a in axes), values, strict=True))
                  for values in product(*(a["values"] for a in axes))]  # fmt: skip
    return {
        "schema": 1,
        "kind": "study",
        "name": name,
        "description": "How accuracy hangs on what is varied.",
        "digest": "a" * 64,
        "axes": list(axes),
        "sampling": "sobol" if n_sampled else "grid",
        "metrics": list(METRICS),
        "points": [point(i, place, n_chips) for i, place in enumerate(places)],
        "reference": {"accuracy": 0.96},
        "record": None,
        "floor": None,
        "provenance": {
            "commands": ["aimc study run demo.yaml"],
            "version": "0.1",
            "numerics": "b" * 64,
            "rng_version": 1,
            "seed": 0,
            "digests": {"model": {"digits": "c" * 64}, "chip": "d" * 64, "data": "e" * 64},
            "machines": [{"platform": "Linux", "n_cores": 2}],
            "n_tasks": len(places) * n_chips,
            "n_done": len(places) * n_chips,
            "n_refused": 0,
            "seconds": 12.5,
        },
    }


def two_axes(n_chips: int = 4, **words: Any) -> dict[str, Any]:
    """ADC bits against tile size, one of them refused."""
    tree = study([axis(BITS, (4, 5, 6, 8)), axis(ROWS, (64, 128, 256))], n_chips=n_chips, **words)
    refuse(tree, 2)
    return tree


def sensitivity() -> dict[str, Any]:
    """Sobol indices of two metrics over three factors."""
    factors = ["hardware.device.sigma", "hardware.adc.bits", "after"]

    def indices(scale: float) -> dict[str, Any]:
        return {
            name: {
                "value": scale / (i + 1),
                "ci95": [scale / (i + 1) - 0.05, scale / (i + 1) + 0.06],
            }
            for i, name in enumerate(factors)
        }

    metrics = {
        name: {"first": indices(0.5), "total": indices(0.6), "mean": 0.8, "variance": 0.01}
        for name in ("energy_J.per_inference", "accuracy.analog.mean")
    }
    return {
        "schema": 1, "kind": "sensitivity", "study": "demo", "n_base": 64, "n_tasks": 1600,
        "confidence": 0.95, "chip_seed": "averaged", "n_chips": 4, "factors": factors,
        "metrics": metrics,
    }  # fmt: skip


def spec(scale: str = "log") -> dict[str, Any]:
    """A search for the loosest write noise."""
    probes = [(0.01, 0.958, "holds"), (0.1, 0.82, "fails"), (0.03, 0.953, "holds"),
              (0.05, 0.943, "undecided"), (0.06, 0.93, "fails")]  # fmt: skip
    return {
        "schema": 1, "kind": "spec", "study": "demo", "parameter": "hardware.device.sigma",
        "label": "write noise", "scale": scale, "looser": "up", "metric": "accuracy.analog.mean",
        "reference": 0.96, "within": 0.01, "limit": 0.95, "confidence": 0.95, "holds": 0.03,
        "fails": 0.06, "verdict": "Write noise of 0.03 keeps accuracy within 1 point.",
        "n_tasks": 120,
        "probes": [
            {"value": value, "mean": mean, "ci95": [mean - 0.004, mean + 0.004], "n_chips": 24,
             "verdict": verdict} for value, mean, verdict in probes
        ],
    }  # fmt: skip


def chip_yield(n_chips: int = 40) -> dict[str, Any]:
    """A yield of about three quarters."""
    values = np.clip(0.94 + 0.015 * np.random.default_rng(1).standard_normal(n_chips), 0, 1)
    n_good = int((values >= 0.93).sum())
    return {
        "schema": 1, "kind": "yield", "study": "demo", "coordinates": {BITS: 6},
        "metric": "accuracy.analog.mean", "least": 0.93, "n_chips": n_chips, "n_good": n_good,
        "share": n_good / n_chips, "ci95": [0.6, 0.87], "confidence": 0.95,
        "per_chip": values.tolist(),
    }  # fmt: skip


def pareto() -> dict[str, Any]:
    """Accuracy against energy and area, 30 trials, one refused."""
    rng = np.random.default_rng(2)
    trials: list[dict[str, Any]] = []
    for i in range(30):
        energy, area = 1e-6 * 10 ** rng.uniform(0, 2), 1e-6 * rng.uniform(1, 5)
        accuracy = 0.9 + 0.03 * math.log10(energy * 1e6) - 0.02 * rng.uniform()
        values = {
            "accuracy.analog.mean": float(accuracy),
            "energy_J.per_inference": float(energy), "area_m2.total": float(area),
        }  # fmt: skip
        place = {BITS: 4 + i % 5, "hardware.mapping.s4d": "split"}
        trials.append({"trial": i, "coordinates": place, "values": values, "refused": None,
                       "is_on_front": i % 6 == 0})  # fmt: skip
    trials[3] |= {"values": None, "refused": "no such chip", "is_on_front": False}
    aims = ("maximize", "minimize", "minimize")
    names = ("accuracy.analog.mean", "energy_J.per_inference", "area_m2.total")
    return {
        "schema": 1, "kind": "pareto", "study": "demo", "n_chips": 3, "n_trials": 30,
        "objectives": [{"metric": m, "direction": d} for m, d in zip(names, aims, strict=True)],
        "axes": [axis(BITS, (4, 5, 6, 7, 8))], "trials": trials,
    }  # fmt: skip


def yields() -> dict[str, Any]:
    """The yield at several points."""
    tree = chip_yield()
    first = {key: tree[key] for key in ("coordinates", "n_chips", "n_good", "share", "ci95",
                                        "per_chip")}  # fmt: skip
    points = [first | {"coordinates": {BITS: bits}, "share": 0.1 * bits} for bits in (6, 7, 8)]
    return tree | {"axes": [axis(BITS, (6, 7, 8))], "points": points}
