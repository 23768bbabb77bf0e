"""How the time of a run grows with steps, batch and weights: exponents, and a picture.

``python tests/bench/scaling.py --png docs/images/scaling.png`` on one thread.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import matplotlib
import numba
import numpy as np

from aimc_sim import load_chip, map_model, program
from aimc_sim.blas import one_blas_thread
from aimc_sim.runner.chip_run import ChipRun
from aimc_sim.runner.stretch import run_stretch
from tests.bench.deep import n_weights
from tests.bench.stacks import stack

CHIP = Path(__file__).resolve().parents[2] / "examples/chips/pcm_256.yaml"
CHANGES = {"hardware.calibration.kind": "none", "hardware.effects.flicker_correlated": False}
STEPS, BATCH, LAYERS = 64, 64, 2
GROWS = {
    "steps": [(n, BATCH, LAYERS) for n in (16, 32, 64, 128, 256)],
    "sequences": [(STEPS, n, LAYERS) for n in (64, 128, 256, 512, 1024)],
    "weights": [(STEPS, BATCH, n) for n in (1, 2, 4, 8, 16, 32)],
}
CHANNELS, MODES = 32, 24


def chip_of(n_layers: int) -> ChipRun:
    """Return a programmed network of that depth."""
    model = stack(n_layers, CHANNELS, MODES)
    hardware = load_chip(CHIP, CHANGES).hardware
    return ChipRun(model, program(map_model(model, hardware), hardware, seed=1), 0, 0.0, 1)


def steps_s(chip: ChipRun, n_steps: int, n: int) -> float:
    """Return the shortest of three times of some steps of n sequences [s]."""
    model, schedule = chip.model, chip.schedule
    assert schedule is not None
    width = model.widths[model.pool.input]
    x = np.random.default_rng(1).integers(-127, 128, (n, n_steps, model.n_input))
    times = []
    for _ in range(4):
        state = {
            layer: np.zeros((n, rows), dtype=np.int64)
            for layer, (_, rows) in schedule.states.items()
        }
        start = time.perf_counter()
        with one_blas_thread():
            run_stretch(
                schedule, model.pool, np.arange(n), 0, np.full(n_steps, n), x, state,
                np.zeros((n, width), dtype=np.int64), np.zeros((n, n_steps, width), dtype=np.int64),
            )  # fmt: skip
        times.append(time.perf_counter() - start)
    return min(times[1:])


def measured() -> dict[str, Any]:
    """Return times and exponents, a series each."""
    chips: dict[int, ChipRun] = {}
    found: dict[str, Any] = {}
    for name, cases in GROWS.items():
        size, seconds = [], []
        for n_steps, n, n_layers in cases:
            chip = chips.setdefault(n_layers, chip_of(n_layers))
            place = {"steps": n_steps, "sequences": n}.get(name, n_weights(chip.model))
            size.append(int(place))
            seconds.append(steps_s(chip, n_steps, n))
        exponent = float(np.polyfit(np.log(size), np.log(seconds), 1)[0])
        found[name] = {"size": size, "s": [float(f"{s:.4g}") for s in seconds],
                      "exponent": round(exponent, 3)}  # fmt: skip
        print(f"{name:10} exponent {exponent:.3f}", flush=True)
    return found


def draw(found: dict[str, Any], path: Path) -> None:
    """Draw a panel a series."""
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, panels = plt.subplots(1, len(found), figsize=(10.0, 3.4), sharey=True)
    for axes, (name, series) in zip(panels, found.items(), strict=True):
        size, seconds = np.array(series["size"]), np.array(series["s"])
        axes.loglog(size, seconds, "o", color="#1f77b4")
        line = seconds[-1] * size / size[-1]
        axes.loglog(size, line, "--", color="0.6", label="in proportion")
        axes.set_xticks(size, [f"{n:,}" if n < 1e4 else f"{n / 1e3:.0f}k" for n in size])
        axes.minorticks_off()
        axes.set(xlabel=name, title=f"time ∝ {name}$^{{{series['exponent']:.2f}}}$")
    panels[0].set_ylabel("time on one thread [s]")
    panels[0].legend(frameon=False)
    figure.tight_layout()
    figure.savefig(path, dpi=150)


def main() -> None:
    """Measure, print, draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--png", type=Path)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    numba.set_num_threads(1)
    found = measured()
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=1) + "\n")
    if asked.png:
        draw(found, asked.png)


if __name__ == "__main__":
    main()
