"""The bundled float models: at the bits stated the integer model is within 1 % of float."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from aimc_sim.model.calibration import load_calibration
from aimc_sim.model.quantize import quantize_file
from aimc_sim.model.reference import classify, run_reference

EXAMPLES = Path(__file__).parents[3] / "examples"


@pytest.mark.parametrize(("task", "n", "bits", "a_grid"), [
    ("digits", 600, "a=10", "cartesian"),
    ("digits", 600, "a=8", "cartesian"),
    ("digits", 600, "a=8", "polar"),
    ("digits01", 120, "a=8", "cartesian"),
    ("vowels", 370, "a=8", "cartesian"),
    ("smnist196", 300, "a=10", "cartesian"),
    pytest.param("smnist196", 1000, "a=10", "cartesian", marks=pytest.mark.slow),
    pytest.param("smnist196", 1000, "a=8", "polar", marks=pytest.mark.slow),
    pytest.param("smnist784", 500, "a=12", "cartesian", marks=pytest.mark.slow),
    pytest.param("smnist784", 500, "a=8", "polar", marks=pytest.mark.slow),
    pytest.param("smnist784", 500, "a=8", "log-polar", marks=pytest.mark.slow),
])  # fmt: skip
def test_within_one_percent_of_float(task, n, bits, a_grid):
    model, report = quantize_file(
        EXAMPLES / "models" / f"{task}_float.safetensors",
        EXAMPLES / "data" / f"{task}_calibration.npz", bits, a_grid=a_grid, limit=64,
    )  # fmt: skip
    path = EXAMPLES / "data" / f"{task}_test.npz"
    test = load_calibration(path, n)
    with np.load(path) as file:
        expected = file["float_logits"][:n].argmax(axis=1)
    result = run_reference(model, test.codes(model.input), test.lengths)
    found = classify(result.y_code)
    assert (found == test.labels).mean() >= (expected == test.labels).mean() - 0.01
    assert (found == expected).mean() >= 0.97
    if task.startswith("smnist"):
        assert model.input.scale == 1 / 255
    assert report.agreement > 0.97
    assert max(report.saturation.values()) < 0.002
