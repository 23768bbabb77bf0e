"""The run of 500 spoken digits on one pcm_256 chip: it ends, and its peak memory is bounded."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

PEAK_BYTES = 512 << 20
RUN = """
import json, resource, sys
from pathlib import Path
import aimc_sim as a

def peak_bytes():
    # VmHWM is of this program alone; ru_maxrss keeps that of the process it was forked from.
    status = Path("/proc/self/status")
    if status.exists():
        line = next(r for r in status.read_text().splitlines() if r.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit

model = a.load_model("examples/models/digits.npz")
hardware = a.load_chip("examples/chips/pcm_256.yaml").hardware
data = a.load_data("examples/data/digits_test.npz", model).rows(0, 500)
tiles = a.program(a.map_model(model, hardware), hardware, seed=1)
result = a.run(model, tiles, data, seed=2)
json.dump({"peak": peak_bytes(), "n": len(data), "ended": int(result.ended.sum()),
           "steps": result.events.total("control.step"), "accuracy": result.accuracy_per_chip[0],
           "valid": int(data.lengths.sum())}, sys.stdout)
"""


@pytest.fixture(scope="module")
def figures():
    done = subprocess.run(
        [sys.executable, "-c", RUN], check=False, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_every_sequence_runs_to_its_end(figures):
    assert figures["ended"] == figures["n"] == 500
    assert figures["steps"] > figures["valid"] > 500
    assert figures["accuracy"] > 0.5  # ten classes


def test_peak_memory_is_below_512_mebibytes(figures):
    assert 1 << 24 < figures["peak"] < PEAK_BYTES
