"""Listen without an end: frames of spoken digits through tiles, a step at a time.

``python examples/microphone.py --frames 2000`` plays recordings one after another, as a microphone
would, and prints how many frames a second the simulated chip takes, and the memory of the process,
which does not grow. The state is never reset; what is heard is the digit whose logit is largest on
the codes of the last 40 frames.
"""

from __future__ import annotations

import argparse
import itertools
import resource
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from aimc_sim import load_chip, load_data, load_model, map_model, program, stream
from aimc_sim.data import Data
from aimc_sim.model.signal import Ints

HERE = Path(__file__).resolve().parent


def microphone(data: Data) -> Iterator[Ints]:
    """Yield frames of recordings, one after another, for ever."""
    for i in itertools.cycle(range(len(data))):
        yield from data.x_code[i, : data.lengths[i]]


def main() -> None:
    """Stream, and report now and then."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=2000)
    parser.add_argument("--chip", type=Path, default=HERE / "chips/pcm_256.yaml")
    asked = parser.parse_args()
    model = load_model(HERE / "models/digits.npz")
    data = load_data(HERE / "data/digits_test.npz", model)
    chip = load_chip(asked.chip, {"hardware.timing.n_band_steps": 1 << 31})
    tiles = program(map_model(model, chip.hardware), chip.hardware, seed=7)
    decoder = model.layers[-1]
    heard: deque[Ints] = deque(maxlen=40)
    start = time.perf_counter()
    for t, codes in enumerate(stream(model, tiles, microphone(data), seed=11), start=1):
        heard.append(codes)
        if t % max(asked.frames // 4, 1) == 0:
            logits = np.mean(heard, axis=0) @ decoder.weight
            rate = t / (time.perf_counter() - start)
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            digit = logits.argmax()
            print(f"frame {t}: {rate:.0f} frames a second, {memory:.0f} MiB, hears {digit}")
        if t == asked.frames:
            break


if __name__ == "__main__":
    main()
