"""A thousand tasks on a bundled model, killed at random moments twenty times: the same rows.

Slow: run by `make test-study`. `KILLS` and `CHIPS` change the size.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import psutil
import pytest

from aimc_sim.spec import InputError, write_yaml
from aimc_sim.study.store import Store
from tests.unit.study.study_case import rows_of

ROOT = Path(__file__).parents[2]
KILLS = int(os.environ.get("KILLS", "20"))
CHIPS = int(os.environ.get("CHIPS", "84"))
pytestmark = pytest.mark.study


def write_study(folder: Path) -> Path:
    """Twelve points on the spoken digits, three sequences each."""
    write_yaml(
        folder / "study.yaml",
        {
            "format": "aimc-study",
            "version": "1.0",
            "name": "killed",
            "base": {
                "model": str(ROOT / "examples/models/digits.npz"),
                "chip": str(ROOT / "examples/chips/pcm_256.yaml"),
                "data": str(ROOT / "examples/data/digits_test.npz"),
                "limit": 3,
                "set": {"hardware.calibration.kind": "none"},
            },
            "axes": {"hardware.adc.bits": [5, 6, 7, 8], "after": ["0s", "1h", "1d"]},
            "chips": CHIPS,
            "seed": 11,
        },
    )
    return folder / "study.yaml"


def begin(study: Path, results: Path) -> subprocess.Popen[bytes]:
    """Start `aimc study run` with two workers in a group of its own."""
    command = [sys.executable, "-m", "aimc_sim", "study", "run", str(study), "-o", str(results)]
    with told_of(results).open("wb") as told:
        return subprocess.Popen(
            [*command, "--workers", "2", "--quiet"], cwd=ROOT, stderr=told, start_new_session=True
        )


def told_of(results: Path) -> Path:
    """Return what `aimc` writes its complaints to."""
    return results.with_suffix(".txt")


def finished(results: Path) -> int:
    """Return how many tasks are in the file, which may just be coming into being."""
    try:
        with Store(results) as store:
            return sum(store.count(digest)[1] for digest, _ in store.studies())
    except InputError:
        return 0


def kill_once(process: subprocess.Popen[bytes], draw: random.Random) -> str:
    """Kill a worker or the parent, without a warning; say which."""
    workers = [
        p for p in psutil.Process(process.pid).children() if "spawn_main" in str(p.cmdline())
    ]
    if workers and draw.random() < 0.5:
        os.kill(draw.choice(workers).pid, signal.SIGKILL)
        return "worker"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    return "parent"


def test_killed_twenty_times_it_ends_with_the_rows_of_an_undisturbed_run(tmp_path: Path) -> None:
    study = write_study(tmp_path)
    killed, calm = tmp_path / "killed.sqlite", tmp_path / "calm.sqlite"
    draw, told = random.Random(20), []
    process = begin(study, killed)
    for n_done in sorted(draw.uniform(0.0, 0.95 * 12 * CHIPS) for _ in range(KILLS)):
        while process.poll() is None and finished(killed) < n_done:
            time.sleep(0.05)
        time.sleep(draw.uniform(0.0, 1.0))
        assert process.poll() is None, told_of(killed).read_text()
        told.append(kill_once(process, draw))
        if told[-1] == "parent":
            process = begin(study, killed)
    assert process.wait(timeout=1800) == 0, told_of(killed).read_text()
    assert begin(study, calm).wait(timeout=1800) == 0
    rows = rows_of(killed)
    print(f"{len(rows)} tasks; killed:", Counter(told))
    assert len(rows) == 12 * CHIPS
    assert all(row[4] for row in rows)
    assert rows == rows_of(calm)
    assert {"worker", "parent"} <= set(told)


def test_sigterm_and_ctrl_c_stop_cleanly(tmp_path: Path) -> None:
    study, results = write_study(tmp_path), tmp_path / "r.sqlite"
    for number in (signal.SIGTERM, signal.SIGINT):
        process = begin(study, results)
        until = time.monotonic() + 60.0
        before = finished(results)
        while time.monotonic() < until:
            time.sleep(0.2)
            if finished(results) > before + 2:
                break
        children = psutil.Process(process.pid).children(recursive=True)
        os.kill(process.pid, number)
        assert process.wait(timeout=20) == 130, told_of(results).read_text()
        (line,) = told_of(results).read_text().splitlines()
        assert line.startswith("aimc: interrupted; ")
        assert f"of {12 * CHIPS} tasks are in {results}" in line
        assert not psutil.wait_procs(children, timeout=10)[1]
