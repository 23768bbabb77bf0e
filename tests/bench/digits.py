"""The spoken digits on one pcm_256 chip: 500 sequences, beside the integer reference in this run.

Prints medians, steps per second, and the ratio to the reference; leaves with 1 above a minute.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from aimc_sim import load_chip, load_data, load_model, map_model, program, run, run_reference

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
LIMIT_S = 60.0
N_RUNS = 5


def median_s(work: Callable[[], object]) -> tuple[float, float]:
    """Return the first and the median wall time of some work; the first may compile kernels."""
    times = []
    for _ in range(N_RUNS + 1):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return times[0], statistics.median(times[1:])


def main() -> int:
    """Time the reference and the tiles; the exit code says whether a run stays below a minute."""
    model = load_model(EXAMPLES / "models/digits.npz")
    data = load_data(EXAMPLES / "data/digits_test.npz", model).rows(0, 500)
    chip = load_chip(EXAMPLES / "chips/pcm_256.yaml")
    plan = map_model(model, chip.hardware)
    _, reference = median_s(lambda: run_reference(model, data.x_code, data.lengths))

    def on_tiles() -> None:
        run(model, program(plan, chip.hardware, seed=1), data, seed=1)

    first, tiles = median_s(on_tiles)
    steps = int(data.lengths.sum())
    print(f"integer reference           {reference:8.3f} s  (median of {N_RUNS}, {steps} steps)")
    print(f"pcm_256, first call         {first:8.3f} s  (limit {LIMIT_S:.0f} s)")
    print(f"pcm_256, with reference     {tiles:8.3f} s  ({steps / tiles:.0f} steps/s)")
    print(f"ratio to the reference      {tiles / reference:8.2f}")
    return int(max(first, tiles) > LIMIT_S)


if __name__ == "__main__":
    sys.exit(main())
