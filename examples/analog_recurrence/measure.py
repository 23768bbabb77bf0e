"""One measurement: a model on chips of one kind, at an age, calibrated then or before."""

from __future__ import annotations

import pathlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from aimc_sim import (
    calibrate,
    cost_of,
    load_chip,
    load_data,
    load_model,
    map_model,
    program,
    run,
)
from aimc_sim.chip import Chip
from aimc_sim.crossbar.tile import Tiles
from aimc_sim.mapping.plan import Plan
from aimc_sim.model.reference import first_state
from aimc_sim.runner.golden import Golden
from aimc_sim.runner.result import Result

ROOT = pathlib.Path(__file__).resolve().parents[2]
CHIP = ROOT / "examples/chips/pcm_256.yaml"
ZOO = ROOT / "examples/models/zoo/smnist784"
SEED = 1
DAY_S = 86400.0


def reference_accuracy(model: pathlib.Path, data: pathlib.Path, n_sequences: int) -> float:
    """Return the accuracy of the integer reference on the first sequences of a file."""
    network = load_model(model)
    batch = load_data(data, network).rows(0, n_sequences)
    order = np.argsort(-batch.lengths, kind="stable")  # as the compiled reference wants them
    golden = Golden(network).run(
        batch.x_code[order], batch.lengths[order], first_state(network, n_sequences)
    )
    return float(np.mean(golden.y_code.argmax(axis=1) == batch.labels[order]))


def accuracy_on_chips(
    model: pathlib.Path,
    data: pathlib.Path,
    changes: Mapping[str, Any],
    *,
    n_sequences: int,
    n_chips: int,
    age_s: float = 0.0,
    calibrated_at_s: float | None = None,
    chip_file: pathlib.Path = CHIP,
) -> dict[str, Any]:
    """Return the accuracy of each chip, and what a step and the calibration cost.

    Parameters
    ----------
    model, data
        Files.
    changes
        Of the chip.
    n_sequences, n_chips
        The first sequences of the file; chips, each programmed anew.
    age_s
        Time between programming and the run [s].
    calibrated_at_s
        Time of the calibration [s]; None: that of the run.
    chip_file
        The chip.
    """
    network, chip = load_model(model), load_chip(chip_file, changes)
    batch = load_data(data, network).rows(0, n_sequences)
    plan = map_model(network, chip.hardware)
    written = program(plan, chip.hardware, seed=SEED, n_chips=n_chips)
    at = age_s if calibrated_at_s is None else calibrated_at_s
    tiles = calibrate(written, age_s=at, seed=SEED)
    result = run(network, tiles, batch, seed=SEED, age_s=age_s)
    right = (np.asarray(result.y_code).argmax(axis=-1) == batch.labels).mean(axis=-1)
    return {"accuracy": [float(x) for x in right], **costs(chip, plan, tiles, result)}


def classes_on_chip(
    model: pathlib.Path,
    data: pathlib.Path,
    changes: Mapping[str, Any],
    sequences: range,
    *,
    chip: int,
    age_s: float,
) -> dict[str, Any]:
    """Return which class one chip gives each sequence, as digits, its accuracy and its costs.

    Parameters
    ----------
    model, data, changes, age_s
        As in `accuracy_on_chips`; calibrated at the time of the run.
    sequences
        Which of the file.
    chip
        Which chip instance.
    """
    network, kind = load_model(model), load_chip(CHIP, changes)
    batch = load_data(data, network).rows(sequences.start, sequences.stop)
    plan = map_model(network, kind.hardware)
    written = program(plan, kind.hardware, seed=SEED, n_chips=1, first_chip=chip)
    tiles = calibrate(written, age_s=age_s, seed=SEED)
    result = run(network, tiles, batch, seed=SEED, age_s=age_s)
    classes = np.asarray(result.y_code)[0].argmax(axis=-1)
    return {
        "accuracy": [float(np.mean(classes == batch.labels))],
        "classes": "".join(map(str, classes)),
        **costs(kind, plan, tiles, result),
    }


def costs(chip: Chip, plan: Plan, tiles: Tiles, result: Result) -> dict[str, float]:
    """Return what a step, and what programming and calibrating one chip takes."""
    n_chips = len(tiles.chips)
    bill = cost_of(result.events, chip.costs, plan)
    once = cost_of(tiles.events, chip.costs, plan)
    steps = result.events.by_action()
    calibration = tiles.events.by_action()
    n_steps = n_chips * len(result.sequence) * len(result.reference_square)
    reads = (calibration["calibrate.read"] + calibration["compensate.read"]) / n_chips
    of_a_read = chip.costs.prices(chip.hardware)["calibrate.read"].cost
    return {
        "energy_per_step_J": bill.energy_J.per_step,
        "latency_per_step_s": bill.latency_s.per_step,
        "area_m2": bill.area_m2.total,
        "multiplier_bit_products_per_step": steps["multiplier.bit_product"] / n_steps,
        "conversions_per_step": steps["adc.convert"] / n_steps,
        "calibration_J": reads * of_a_read.energy_J,
        "calibration_reads": reads,
        "calibration_s": reads * of_a_read.latency_s,
        "programming_J": once.energy_J.programming / n_chips,
        "n_tiles": len({t.tile_id for x in plan.layers for m in x.matrices for t in m.tiles}),
    }
