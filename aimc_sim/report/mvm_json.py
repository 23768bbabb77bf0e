"""The JSON of `aimc mvm`: a stable form, in which keys are only ever added."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

from aimc_sim.analysis.mvm_measure import MvmMeasure
from aimc_sim.analysis.mvm_sweep import MvmSweep
from aimc_sim.analysis.mvm_workload import Workload
from aimc_sim.analysis.run_json import machine
from aimc_sim.chip import Chip
from aimc_sim.data import Data
from aimc_sim.mapping.layout import layout_for_bits
from aimc_sim.rng import RNG_VERSION
from aimc_sim.version import VERSION

SCHEMA = 1
_OPTIONS = ("size", "weight_bits", "input_bits", "inputs", "layers", "n_sequences")


def mvm_json(
    measure: MvmMeasure,
    sweeps: Sequence[MvmSweep] = (),
    *,
    workload: Workload,
    chip: Chip,
    seed: int,
    age_s: float = 0.0,
    data: Data | None = None,
    runtime_s: float | None = None,
) -> dict[str, Any]:
    """Return every figure of a measurement as plain data (`mvm_schema` describes it).

    Parameters
    ----------
    measure : MvmMeasure
        With the options as given.
    sweeps : sequence of MvmSweep
        One an axis.
    workload : Workload
        What was multiplied.
    chip : Chip
        On what.
    seed : int
        Build seed and run seed.
    age_s : float
        Time since the reference read [s].
    data : Data, optional
        Sequences of a model.
    runtime_s : float, optional
        Wall time [s].
    """
    options = workload.options
    return {
        "schema": SCHEMA,
        **measure.to_json(),
        "against": [sweep.to_json() for sweep in sweeps],
        "workload": {
            "kind": options["kind"],
            "n_vectors": workload.n_vectors,
            **{name: options.get(name) for name in _OPTIONS},
        },
        "run": {"chips": list(measure.chips), "age_s": age_s, **_of_chip(chip, workload)},
        "seed": seed,
        "digests": {
            "model": workload.model.digest,
            "chip": chip.digest(),
            "data": None if data is None else data.digest,
        },
        "rng_version": RNG_VERSION,
        "noise_form": chip.hardware.mapping.noise_form,
        "version": VERSION,
        "machine": machine(),
        "runtime_s": runtime_s,
    }


def _of_chip(chip: Chip, workload: Workload) -> dict[str, Any]:
    """Return its name, and what of it the figures go with."""
    hardware = chip.hardware
    layout = layout_for_bits(int(str(workload.options.get("weight_bits", 8))), hardware)
    return {
        "chip": chip.name,
        "calibration": hardware.calibration.kind,
        "n_wordlines": hardware.tile.n_wordlines,
        "n_columns": layout.columns_that_fit(hardware.tile),
    }


def mvm_schema() -> dict[str, Any]:
    """Return the JSON Schema of `mvm_json`.

    Examples
    --------
    >>> mvm_schema()["properties"]["schema"]
    {'const': 1}
    """
    text = files("aimc_sim.report").joinpath("mvm.schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema
