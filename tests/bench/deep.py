"""A generated network of many wide layers, a step at batch 1: what it takes in time and memory.

``python tests/bench/deep.py`` builds 50 layers of 1024 channels with 64 states each (32 conjugate
pairs) on tiles of 1024 x 1024 PCM cells with white read noise.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from aimc_sim import load_chip, map_model, program
from aimc_sim.model.layers import S4D, Linear
from aimc_sim.model.network import Model
from aimc_sim.runner.chip_run import ChipRun
from aimc_sim.runner.stream import Stepper
from tests.bench.stacks import stack

CHIP = Path(__file__).resolve().parents[2] / "examples/chips/pcm_256.yaml"
CHANGES = {
    "hardware.tile.n_wordlines": 1024,
    "hardware.tile.n_bitlines": 1024,
    "hardware.calibration.kind": "none",
    "hardware.effects.flicker_correlated": False,
}
Made = TypeVar("Made")


def n_weights(model: Model) -> int:
    """Return the weights that are analog in the hybrid mapping: B, C and those of Linear."""
    total = 0
    for layer in model.layers:
        if isinstance(layer, Linear):
            total += layer.weight.size
        elif isinstance(layer, S4D):
            total += 2 * layer.n_modes * (1 + layer.is_complex)
    return total


def timed(found: dict[str, Any], name: str, work: Callable[[], Made]) -> Made:
    """Do some work; keep its time and the peak of memory after it."""
    start = time.perf_counter()
    made = work()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    found[name] = {"s": round(time.perf_counter() - start, 4), "peak_GiB": round(peak, 2)}
    print(f"{name:10} {found[name]['s']:10.3f} s   {peak:6.2f} GiB", flush=True)
    return made


def main() -> None:
    """Build, program, bind and step."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--layers", type=int, default=50)
    parser.add_argument("--channels", type=int, default=1024)
    parser.add_argument("--states", type=int, default=64)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    found: dict[str, Any] = {}
    size = asked.layers, asked.channels, asked.states // 2
    model = timed(found, "generate", lambda: stack(*size))
    hardware = load_chip(CHIP, CHANGES).hardware
    plan = timed(found, "map", lambda: map_model(model, hardware))
    tiles = timed(found, "program", lambda: program(plan, hardware, seed=1))
    chip = timed(found, "bind", lambda: ChipRun(model, tiles, 0, 0.0, 1))
    schedule = timed(found, "schedule", lambda: chip.schedule)
    assert schedule is not None
    stepper, rng = Stepper(chip, np.array([0])), np.random.default_rng(0)
    for step in range(3):
        codes = rng.integers(-127, 128, (1, model.n_input))
        y = timed(found, f"step {step}", lambda s=step, c=codes: stepper.step(s, c))
    assert np.abs(y).max() > 0
    found |= {"weights": n_weights(model), "tiles": len(plan.tiles), "layers": len(model.layers)}
    print(f"{found['weights'] / 1e6:.1f} million weights on {found['tiles']} tiles")
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
