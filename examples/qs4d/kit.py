"""Puts the training kit and the measurements on chips on the path: import this first."""

from __future__ import annotations

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
RESULTS = HERE / "results"
RUNS = ROOT / "examples/train/runs/qs4d"
ZOO = ROOT / "examples/models/zoo"

for folder in ("train", "analog_recurrence"):
    sys.path.append(str(ROOT / "examples" / folder))
