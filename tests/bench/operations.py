"""Where the time of a step goes: each kind of operation of a schedule run alone.

``python -m tests.bench.operations --model digits`` prints microseconds a step of one sequence on
one thread, of the bundled chips and of the integer reference, at batches of 64 and of 1.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numba
import numpy as np

from aimc_sim import load_chip, load_model, map_model, program
from aimc_sim.blas import one_blas_thread
from aimc_sim.model.network import Model
from aimc_sim.runner import kernels_operations
from aimc_sim.runner.chip_run import ChipRun
from aimc_sim.runner.schedule import Schedule
from aimc_sim.runner.schedule_reference import reference_schedule
from aimc_sim.runner.stretch import run_stretch

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
CHIPS: dict[str, tuple[str, dict[str, Any]]] = {
    "rram_64": ("rram_64", {}),
    "pcm_256": ("pcm_256", {}),
    "pcm_256, white": ("pcm_256", {"hardware.effects.flicker_correlated": False}),
}
OPERATIONS = (
    "READ", "HOLD", "DRAW", "SUM", "SUM_DENSE", "SQUARE", "CUT", "TALLY", "ADVANCE", "WEIGH",
)  # fmt: skip
STEPS = {64: 40, 1: 400}


def step_us(model: Model, schedule: Schedule, n: int, n_steps: int) -> float:
    """Return the shortest of five times of a step of one of n sequences [us]."""
    width = model.widths[model.pool.input]
    x = np.random.default_rng(0).integers(-20, 20, (n, n_steps, model.n_input))
    times = []
    for _ in range(6):
        state = {k: np.zeros((n, rows), dtype=np.int64) for k, (_, rows) in schedule.states.items()}
        pooled = np.zeros((n, width), dtype=np.int64)
        golden, kept = np.zeros((n, n_steps, width), dtype=np.int64), dict[str, object]()
        start = time.perf_counter()
        with one_blas_thread():
            run_stretch(schedule, model.pool, np.arange(n), 0, np.full(n_steps, n), x, state,
                        pooled, golden, (), kept)  # fmt: skip
        times.append(time.perf_counter() - start)
    return min(times[1:]) / n / n_steps * 1e6


def schedules(model: Model) -> dict[str, Schedule | None]:
    """Return the schedules of a model: of each chip, and of the reference."""
    found: dict[str, Schedule | None] = {}
    for label, (name, changes) in CHIPS.items():
        hardware = load_chip(EXAMPLES / f"chips/{name}.yaml", changes).hardware
        tiles = program(map_model(model, hardware), hardware, seed=1)
        found[label] = ChipRun(model, tiles, 0, 0.0, 1).schedule
    found["reference"] = reference_schedule(model)
    return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="smnist784")
    model = load_model(EXAMPLES / f"models/{parser.parse_args().model}.npz")
    numba.set_num_threads(1)
    print(f"| chip | batch | whole | {' | '.join(OPERATIONS)} |")
    print("|---" * (3 + len(OPERATIONS)) + "|")
    for label, schedule in schedules(model).items():
        assert schedule is not None
        for n, n_steps in STEPS.items():
            cells = [f"{step_us(model, schedule, n, n_steps):.1f}"]
            rest = step_us(model, replace(schedule, ops=schedule.ops[:0]), n, n_steps)
            for name in OPERATIONS:
                own = schedule.ops[schedule.ops[:, 0] == getattr(kernels_operations, name)]
                spent = step_us(model, replace(schedule, ops=own), n, n_steps) - rest
                cells.append(f"{max(spent, 0.0):.1f}" if len(own) else "")
            print(f"| {label} | {n} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
