"""Law 1 for the three bundled models: first steps in every mapping, and whole runs."""

from __future__ import annotations

import numpy as np
import pytest

from aimc_sim.data import Data, load_data
from aimc_sim.model.network import Model
from aimc_sim.model.npz import load_model
from tests.laws.exact import MAPPINGS, RATIOS, assert_exact, hardware_for

BUNDLED = ("digits", "smnist196", "smnist784")


@pytest.mark.parametrize("name", BUNDLED)
@pytest.mark.parametrize("mapping", MAPPINGS)
def test_bundled_model_over_its_first_steps(name, mapping):
    model, data = bundled(name)
    short = Data(data.x_code[:2, :12], np.array([12, 7]))
    subtraction, ratio, tile = {
        "hybrid": ("before_adc", 0.1, (100, 70)),
        "split": ("after_adc", 0.5, (64, 64)),
        "fused": ("before_adc", 2.5, (256, 256)),
    }[mapping]
    assert_exact(
        model,
        hardware_for(
            model,
            ratio,
            tile=tile,
            s4d=mapping,
            subtraction=subtraction,
            dac={"kind": "uniform", "bits": 8, "v_read_V": 0.2},
        ),
        short,
    )


@pytest.mark.parametrize("name", BUNDLED)
def test_bundled_model_over_a_whole_run(name):
    model, data = bundled(name)
    assert_exact(model, hardware_for(model, 0.0, tile=(256, 512)), data.rows(0, 2))


@pytest.mark.slow
@pytest.mark.parametrize("name", BUNDLED)
@pytest.mark.parametrize("mapping", MAPPINGS)
@pytest.mark.parametrize("subtraction", ["before_adc", "after_adc"])
@pytest.mark.parametrize("ratio", RATIOS)
def test_bundled_model_over_whole_runs_of_every_mapping(name, mapping, subtraction, ratio):
    model, data = bundled(name)
    assert_exact(
        model,
        hardware_for(
            model,
            ratio,
            tile=(100, 70),
            s4d=mapping,
            subtraction=subtraction,
            dac={"kind": "uniform", "bits": 8, "v_read_V": 0.2},
        ),
        data.rows(0, 2),
    )


def bundled(name: str) -> tuple[Model, Data]:
    """Return a committed model and its test batch."""
    model = load_model(f"examples/models/{name}.npz")
    return model, load_data(f"examples/data/{name}_test.npz", model)
