"""The JSON of a run: a stable form, in which keys are only ever added."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping
from importlib.metadata import version
from importlib.resources import files
from typing import Any

from aimc_sim.analysis.budget_rows import Budget
from aimc_sim.analysis.s4d import LayerPicture
from aimc_sim.analysis.s4d_drawn import drawn_json
from aimc_sim.chip import Chip
from aimc_sim.cost.bill import Bill
from aimc_sim.crossbar.tile import Tiles
from aimc_sim.events import Events
from aimc_sim.rng import RNG_VERSION
from aimc_sim.runner.result import Result, mean_interval
from aimc_sim.version import VERSION

SCHEMA = 1
MAY_DIFFER = ("version", "machine", "runtime_s")
"""Keys that say where and when; all others are the same for the same inputs."""


def run_json(
    result: Result,
    bill: Bill,
    *,
    tiles: Tiles | None = None,
    chip: Chip | None = None,
    seed: int | None = None,
    age_s: float | None = None,
    budget: Budget | None = None,
    pictures: Mapping[str, LayerPicture] | None = None,
    runtime_s: float | None = None,
) -> dict[str, Any]:
    """Return every figure of a run as plain data (`run_schema` describes it).

    Parameters
    ----------
    result : Result
        What the run gave.
    bill : Bill
        What it cost.
    tiles : Tiles, optional
        What it ran on; without them tiles, age and mapping are null, and events those of the run.
    chip : Chip, optional
        Its digest takes the place of that of the hardware alone.
    seed : int, optional
        The one seed that build and run seed were named by.
    age_s : float, optional
        Age of the devices when the sequences started [s].
    budget : Budget, optional
        The error budget.
    pictures : mapping, optional
        Poles and kernels of the S4D layers (`aimc_sim.analysis.s4d.s4d_pictures`).
    runtime_s : float, optional
        Wall time [s]; all but `MAY_DIFFER` follows from model, chip, data, seeds and age.
    """
    return {
        "schema": SCHEMA,
        "accuracy": _accuracy(result),
        "agreement": result.agreement,
        "error_by_step": result.error_by_step,
        **bill.to_json(),
        "tiles": _tiles(tiles),
        "saturated": _saturated(result),
        "effective_state_bits": _state_bits(result),
        "rounding_lsb": result.rounding_lsb,
        "faults": _faults(tiles),
        "programming": _programming(tiles),
        "budget": None if budget is None else budget.to_json(),
        "poles": _poles(pictures),
        "events": _events(result.events if tiles is None else tiles.events + result.events),
        "run": _run(result, tiles, age_s),
        "seed": {"given": seed, **result.seeds},
        "digests": _digests(result, tiles, chip),
        "rng_version": RNG_VERSION,
        "noise_form": result.noise_form,
        "version": VERSION,
        "machine": machine(),
        "runtime_s": runtime_s,
    }


def run_schema() -> dict[str, Any]:
    """Return the JSON Schema of `run_json`.

    Examples
    --------
    >>> run_schema()["properties"]["schema"]
    {'const': 1}
    """
    text = files("aimc_sim.analysis").joinpath("run.schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def machine() -> dict[str, Any]:
    """Return what the run was made on."""
    return {
        "platform": platform.platform(),
        "processor": platform.machine(),
        "n_cores": os.cpu_count(),
        "python": platform.python_version(),
        "numpy": version("numpy"),
        "numba": version("numba"),
    }


def _accuracy(result: Result) -> dict[str, Any]:
    per_chip = result.accuracy_per_chip
    nothing = {"mean": None, "ci95": None, "per_chip": None}
    return {
        "reference": result.accuracy_reference,
        "analog": nothing if per_chip is None else mean_interval(per_chip),
    }


def _tiles(tiles: Tiles | None) -> dict[str, Any]:
    if tiles is None:
        return {"count": None, "utilisation": None}
    shape = tiles.hardware.tile
    return {
        "count": tiles.plan.n_sites,
        "utilisation": tiles.plan.utilisation,
        "n_wordlines": shape.n_wordlines,
        "n_bitlines": shape.n_bitlines,
    }


def _faults(tiles: Tiles | None) -> dict[str, int] | None:
    """Return the broken devices of all chips by kind; None where nothing can break."""
    if tiles is None or tiles.hardware.device.faults is None:
        return None
    return dict(tiles.n_faults)


def _programming(tiles: Tiles | None) -> dict[str, int] | None:
    """Return what a write-verify loop reached on all chips; None without one."""
    if tiles is None:
        return None
    written = [
        (state.writing.failed, tiles.programmed[tile_id])
        for (_, tile_id), state in tiles.states.items()
        if state.writing is not None
    ]
    if not written:
        return None
    return {
        "n_devices": sum(2 * int(cells.sum()) for _, cells in written),
        "n_failed": sum(int(failed[cells].sum()) for failed, cells in written),
    }


def _poles(pictures: Mapping[str, LayerPicture] | None) -> dict[str, Any] | None:
    if not pictures:
        return None
    return {name: {**p.to_json(), "drawn": drawn_json(p)} for name, p in pictures.items()}


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _saturated(result: Result) -> dict[str, Any]:
    total, converted = sum(result.saturated.values()), sum(result.converted.values())
    by_layer = {
        name: {"total": n, "share": _share(n, result.converted[name])}
        for name, n in result.saturated.items()
    }
    return {"total": total, "share": _share(total, converted), "by_layer": by_layer}


def _state_bits(result: Result) -> dict[str, Any] | None:
    by_layer = dict(result.effective_state_bits)
    return {"min": min(by_layer.values()), "by_layer": by_layer} if by_layer else None


def _events(events: Events) -> dict[str, Any]:
    return {"by_action": events.by_action(), "by_layer": events.by_layer()}


def _run(result: Result, tiles: Tiles | None, age_s: float | None) -> dict[str, Any]:
    return {
        "n_sequences": len(result.sequence),
        "n_steps": len(result.error_by_step),
        "chips": list(result.chips),
        "age_s": age_s,
        "mapping": None if tiles is None else tiles.hardware.mapping.s4d,
    }


def _digests(result: Result, tiles: Tiles | None, chip: Chip | None) -> dict[str, str]:
    digests = dict(result.digests)
    if chip is not None:
        digests["chip"] = chip.digest()
    if tiles is not None:
        digests["plan"] = tiles.plan.digest
    return digests
