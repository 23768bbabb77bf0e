"""A tiny study as files, and tasks that need no chip."""

from __future__ import annotations

import hashlib
import os
import signal
import sqlite3
import time
from pathlib import Path
from typing import Any

from aimc_sim.spec import InputError, write_yaml
from aimc_sim.study.conduct import conduct as conduct_study
from aimc_sim.study.conductor import Settings
from aimc_sim.study.materials import Materials
from aimc_sim.study.store import Store
from aimc_sim.study.study import load_study
from aimc_sim.study.task import Outcome, Task
from tests.unit.cli_case import CHIPS, make_case

AXES = {"hardware.adc.bits": [6, 8], "after": ["1s", "1h"]}


def make_study(folder: Path, **fields: Any) -> Path:
    """Write model, data and a study of two axes with two values each; return the study's path."""
    make_case(folder, n=4, steps=5)
    tree: dict[str, Any] = {
        "format": "aimc-study",
        "version": "1.0",
        "name": "tiny",
        "base": {"model": "model.npz", "chip": str(CHIPS / "pcm_256.yaml"), "data": "data.npz"},
        "axes": AXES,
        "chips": 2,
        "seed": 3,
    }
    write_yaml(folder / "study.yaml", tree | fields)
    return folder / "study.yaml"


def conduct(study: Path, results: Path, **settings: Any) -> str:
    """Run a study; return its digest."""
    with Store(results, create=True) as store:
        chosen = Settings(**({"record": False} | settings))
        return conduct_study(load_study(study), study.parent, store, chosen)


def rows_of(results: Path) -> list[tuple[Any, ...]]:
    """Return what must be equal to the byte: all but timing and who did it."""
    query = (
        "SELECT study, point, chip, task, metrics, refused FROM task "
        "LEFT JOIN result USING (task) ORDER BY study, point, chip"
    )
    db = sqlite3.connect(results)
    try:
        return db.execute(query).fetchall()
    finally:
        db.close()


def toy(materials: Materials, task: Task) -> Outcome:
    """Return figures that follow from the digest alone, at once."""
    number = int(hashlib.sha256(task.digest.encode()).hexdigest()[:8], 16)
    accuracy = 0.9 + 0.1 * (number / 2**32)
    metrics = dict.fromkeys(materials.metrics, accuracy)
    return Outcome(metrics, None, 0.0, str(os.getpid()))


def slow_toy(materials: Materials, task: Task) -> Outcome:
    """The same after a while."""
    time.sleep(0.05)
    return toy(materials, task)


def deadly_toy(materials: Materials, task: Task) -> Outcome:
    """Kill the process of every fifth chip, the first time it is tried."""
    mark = Path(materials.chip_path + ".killed")
    if task.chip % 5 == 4 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return toy(materials, task)


def fatal_toy(materials: Materials, task: Task) -> Outcome:
    """Kill the process whatever it is given."""
    os.kill(os.getpid(), signal.SIGKILL)
    return toy(materials, task)


def faulty_toy(materials: Materials, task: Task) -> Outcome:
    """Fail as a metric does that is not there."""
    raise InputError("metrics: nothing.at.all: 'nothing' is not there")


def curve_toy(materials: Materials, task: Task) -> Outcome:
    """Accuracy that falls with the age around 100 s, a little different for every chip."""
    spread = (int(hashlib.sha256(str(task.chip).encode()).hexdigest()[:4], 16) / 65536 - 0.5) / 50
    accuracy = 1.0 / (1.0 + (task.age_s / 1000.0) ** 2) + spread
    energy = float(task.changes.get("hardware.adc.bits", 8)) ** 2
    metrics = {
        name: energy if name.startswith("energy") else accuracy for name in materials.metrics
    }
    return Outcome(metrics, None, 0.0, "")
