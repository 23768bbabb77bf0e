"""examples/analog_recurrence: a short survey, and what turns rows into figures."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

FOLDER = Path(__file__).resolve().parents[2] / "examples/analog_recurrence"


def module(name: str) -> ModuleType:
    """A module of the example that imports nothing beside it."""
    spec = importlib.util.spec_from_file_location(
        f"analog_recurrence_{name}", FOLDER / f"{name}.py"
    )
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = found
    spec.loader.exec_module(found)
    return found


def call(script: str, *words: str | Path) -> str:
    """Run a script with warnings as errors; what it printed."""
    done = subprocess.run(
        [sys.executable, str(FOLDER / script), *map(str, words)],
        env={**os.environ, "PYTHONWARNINGS": "error"},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_a_window_a_mode_bears_what_the_direct_form_does_not(tmp_path: Path) -> None:
    out = tmp_path / "survey.jsonl"
    call("survey.py", "--quick", "-o", out)
    lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    found = {row["of"]["choice"]: np.mean(row["accuracy"]) for row in lines}
    assert found["A - I, window a mode, gain"] > found["A, one window"] + 0.5
    assert found["A - I, window a mode, gain"] > found["hybrid, A digital"] - 0.1
    assert call("survey.py", "--quick", "-o", out) == ""


def test_the_tolerable_spread_of_made_up_chips() -> None:
    tolerable = module("tolerable")
    chips = np.array([[1.0, 1.0], [0.99, 0.99], [0.97, 0.95]])
    curve = tolerable.Curve(np.array([1.0, 2.0, 4.0]), chips)
    found = tolerable.tolerable(curve, 1.0)
    by_chip = 2.0 * 2.0 ** np.array([0.5, 0.25])
    assert found.value == pytest.approx(np.exp(np.log(by_chip).mean()))
    assert found.low < found.value < found.high
    assert not found.is_bound
    assert not found.is_lost
    assert tolerable.tolerable(tolerable.Curve(curve.factors, chips - 0.03), 1.0).is_lost
    assert tolerable.tolerable(tolerable.Curve(curve.factors, chips + 0.05), 1.0).is_bound


def test_paired_differences_know_seeds_and_sequences() -> None:
    paired = module("paired").paired
    rng = np.random.default_rng(4)
    one = rng.random((3, 2000)) < 0.98
    difference, half = paired(one, one)
    assert (difference, half) == (0.0, 0.0)
    worse = one.copy()
    worse[:, :40] = False
    difference, half = paired(worse, one)
    assert difference == pytest.approx(-one[:, :40].mean() * 0.02)
    assert half > 0.0
    uneven = one.copy()
    uneven[0, :400] = False
    assert paired(uneven, one)[1] > 0.1


def test_rows_are_kept_one_by_one_and_a_torn_line_is_made_again(tmp_path: Path) -> None:
    rows = module("rows").Rows
    path = tmp_path / "deep" / "rows.jsonl"
    made: list[int] = []

    def measure(i: int) -> dict[str, list[float]]:
        made.append(i)
        return {"accuracy": [i / 10]}

    for i in (1, 2, 1):
        assert rows(path).measured({"i": i}, lambda i=i: measure(i))["accuracy"] == [i / 10]
    assert made == [1, 2]
    path.write_bytes(path.read_bytes()[:-5])
    assert rows(path).measured({"i": 2}, lambda: measure(2))["accuracy"] == [0.2]
    assert made == [1, 2, 2]
    assert len(path.read_text(encoding="utf-8").splitlines()) == 2


def test_two_processes_may_add_to_one_file(tmp_path: Path) -> None:
    rows = module("rows").Rows
    path = tmp_path / "rows.jsonl"
    one, other = rows(path), rows(path)
    one.measured({"i": 1}, lambda: {"accuracy": [0.1]})
    other.measured({"i": 2}, lambda: {"accuracy": [0.2]})
    one.measured({"i": 3}, lambda: {"accuracy": [0.3]})
    assert [row["of"]["i"] for row in rows(path).found.values()] == [1, 2, 3]


def test_gains_a_bitline_are_another_choice_of_the_same_mapping() -> None:
    choices = module("choices")
    for choice in (choices.BEST, choices.HYBRID):
        other = choice.with_bitline_gains()
        assert other.name != choice.name
        changes = {"hardware.calibration.kind": "per_bitline"}
        assert other.changes() == {**choice.changes(), **changes}
        copies = {"hardware.mapping.weights.redundancy": 4}
        assert choice.changes(4) == {**choice.changes(), **copies}


def test_reads_of_poles_are_priced_as_those_against_drift_are() -> None:
    rows = module("rows").Rows(FOLDER / "results/costs.jsonl").found.values()
    reads = np.array([row["calibration_reads"] for row in rows])
    assert len(set(reads)) > 2
    for cost in ("calibration_J", "calibration_s"):
        each = np.array([row[cost] for row in rows]) / reads
        assert each == pytest.approx(each[0])


def test_the_reference_takes_sequences_of_any_length() -> None:
    measure = module("measure")
    model = measure.ROOT / "examples/models/digits.npz"
    data = measure.ROOT / "examples/data/digits_test.npz"
    assert measure.reference_accuracy(model, data, 200) == 1.0
