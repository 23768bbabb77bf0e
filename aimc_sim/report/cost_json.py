"""The JSON of `aimc cost`: a bill, what follows from it, and what it is held against."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.resources import files
from typing import Any

from aimc_sim.analysis.busy import BusyChip
from aimc_sim.analysis.run_json import machine
from aimc_sim.analysis.tornado import Swing
from aimc_sim.chip import Chip
from aimc_sim.cost.baseline_machine import BaselineBill
from aimc_sim.cost.bill import Bill
from aimc_sim.cost.complexity import Complexity
from aimc_sim.cost.costs import Costs
from aimc_sim.cost.derived import derived_figures
from aimc_sim.mapping.plan import Plan
from aimc_sim.version import VERSION

SCHEMA = 1


def cost_json(
    bill: Bill,
    work: Complexity,
    *,
    chip: Chip,
    plan: Plan,
    swings: Sequence[Swing],
    baselines: Sequence[BaselineBill],
    run: Mapping[str, Any],
    n_chips: int,
    n_amortised: float,
) -> dict[str, Any]:
    """Return every figure of `aimc cost MODEL` as plain data.

    Parameters
    ----------
    bill : Bill
        Of programming and run.
    work : Complexity
        Of the model.
    chip, plan : Chip, Plan
        What it ran on.
    swings : sequence of Swing
        The constants that move the energy most.
    baselines : sequence of BaselineBill
        The same model on digital machines.
    run : mapping
        What was run: data or its statistics, steps, sequences, seeds.
    n_chips : int
        Chips that were programmed and run.
    n_amortised : float
        Inferences that programming is shared by.

    Returns
    -------
    dict
        All but version and machine follows from model, chip, data and seeds.
    """
    per_inference = bill.energy_J.per_inference
    share = per_inference / bill.energy_J.total if per_inference and bill.energy_J.total else None
    return {
        "schema": SCHEMA,
        **bill.to_json(),
        "per_inference": _scaled(bill, share),
        "programming": _programming(bill, n_chips, n_amortised),
        "derived": derived_figures(bill, work),
        "operation": "two a MAC of the model, analog and digital",
        "complexity": work.to_json(),
        "sensitivity": [_swing(s, share) for s in swings],
        "baselines": [_baseline(b, bill) for b in baselines],
        "tiles": _tiles(plan),
        "sources": sources_of(chip.costs),
        "run": dict(run),
        "digests": {"model": plan.model_digest, "chip": chip.digest(), "plan": plan.digest},
        "version": VERSION,
        "machine": machine(),
    }


def busy_json(busy: BusyChip, chip: Chip) -> dict[str, Any]:
    """Return the peak figures of a chip as plain data.

    Parameters
    ----------
    busy : BusyChip
        From `aimc_sim.analysis.busy.busy_chip`.
    chip : Chip
        The chip.
    """
    factors = {name: part.energy_factors or (1.0, 1.0) for name, part in
               chip.costs.components().items()}  # fmt: skip
    ends = [sum(factors[n][i] * e for n, e in busy.energy_J.items()) for i in (0, 1)]
    per_bit = busy.ops_per_J * busy.input_bits * busy.weight_bits
    return {
        "schema": SCHEMA,
        "chip": chip.name,
        "n_tiles": busy.n_tiles,
        "tile": {
            "macs": busy.macs_per_tile,
            "interval_s": busy.interval_s,
            "latency_s": busy.latency_s,
            "energy_J": busy.energy_per_mvm_J,
            "energy_interval_J": ends,
            "energy_by_component_J": dict(busy.energy_J),
            "power_W": busy.energy_per_mvm_J / busy.interval_s,
        },
        "ops_per_s": busy.ops_per_s,
        "ops_per_J": busy.ops_per_J,
        "ops_per_s_m2": busy.ops_per_s_m2,
        "ops_per_J_times_bits": per_bit,
        "power_W": busy.power_W,
        "area_m2": {"total": sum(busy.area_m2.values()), "by_component": dict(busy.area_m2)},
        "operation": chip.costs.operation,
        "input_bits": busy.input_bits,
        "weight_bits": busy.weight_bits,
        "inputs": busy.inputs,
        "weights": busy.weights,
        "scaled": {name: asdict(s) for name, s in chip.costs.scalings.items()},
        "cost_notes": list(chip.costs.adc.notes()),
        "sources": sources_of(chip.costs),
        "digests": {"chip": chip.digest()},
        "version": VERSION,
        "machine": machine(),
    }


def cost_schema(of_model: bool = True) -> dict[str, Any]:
    """Return the JSON Schema of `cost_json`, or of `busy_json`.

    Examples
    --------
    >>> cost_schema()["properties"]["schema"], cost_schema(False)["properties"]["schema"]
    ({'const': 1}, {'const': 1})
    """
    name = "cost.schema.json" if of_model else "busy.schema.json"
    text = files("aimc_sim.report").joinpath(name).read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def sources_of(costs: Costs) -> dict[str, Any]:
    """Return node, grade and source of every component."""
    return {
        name: {"node_nm": part.node_nm, **part.source.model_dump(mode="json")}
        for name, part in costs.components().items()
    }


def _programming(bill: Bill, n_chips: int, n_amortised: float) -> dict[str, float]:
    """Return what writing one chip takes, and the share of an inference."""
    energy_J = bill.energy_J.programming / n_chips
    time_s = bill.latency_s.programming / n_chips
    return {
        "energy_J": energy_J,
        "latency_s": time_s,
        "n_amortised": n_amortised,
        "energy_per_inference_J": energy_J / n_amortised,
        "latency_per_inference_s": time_s / n_amortised,
    }


def _tiles(plan: Plan) -> dict[str, float]:
    tile = plan.hardware.tile
    return {
        "count": plan.n_sites,
        "utilisation": plan.utilisation,
        "n_wordlines": tile.n_wordlines,
        "n_bitlines": tile.n_bitlines,
    }


def _scaled(bill: Bill, share: float | None) -> dict[str, Any] | None:
    """Return energies of one inference [J]."""
    if share is None:
        return None
    energy_J = bill.energy_J
    return {
        "energy_J": energy_J.per_inference,
        "interval_J": [share * end for end in energy_J.interval],
        "by_component_J": {name: share * e for name, e in energy_J.by_component.items()},
        "by_layer_J": {name: share * e for name, e in energy_J.by_layer.items()},
    }


def _swing(swing: Swing, share: float | None) -> dict[str, Any]:
    value = list(swing.value) if isinstance(swing.value, tuple) else swing.value
    return {
        "constant": swing.path,
        "value": value,
        "factors": list(swing.factors),
        "energy_J": [end * (share or 1.0) for end in swing.energy_J],
        "grade": swing.grade,
        "interval_is_stated": swing.is_stated,
    }


def _baseline(baseline: BaselineBill, bill: Bill) -> dict[str, Any]:
    """Return a baseline with its ratios to the bill: above 1, the chip takes less."""
    ours, ours_s = bill.energy_J.per_inference, bill.latency_s.per_inference
    ratio = {
        "energy": baseline.energy_per_inference_J / ours if ours else None,
        "latency": baseline.latency_per_inference_s / ours_s if ours_s else None,
        "area": None if baseline.area_m2 is None else baseline.area_m2 / bill.area_m2.total,
    }
    return {**baseline.to_json(), "ratio": ratio}
