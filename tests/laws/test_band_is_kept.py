"""A run longer than the band of its 1/f noise is refused, though the band be empty at first."""

from __future__ import annotations

import numpy as np
import pytest

from aimc_sim.data import Data
from aimc_sim.runner.run import run
from aimc_sim.spec import InputError
from tests.laws.build import SILENT, device_of, hardware_of, linear_model, program_model

DATA = Data(np.full((1, 20, 1), 1), np.array([20]))
BANDS = {
    "of two steps": ({}, {"n_band_steps": 2}),
    "that begins after the first step": ({}, {"n_band_steps": 16, "t_step_s": 11.0}),
    "that is empty at age 0": (
        {"drift_law": None, "flicker_law": {**SILENT, "q_s": {"kind": "constant", "value": 0.04}}},
        {"n_band_steps": 16},
    ),
}


@pytest.mark.parametrize("band", BANDS)
def test_a_band_that_is_empty_at_first_is_refused_all_the_same(band):
    changes, timing = BANDS[band]
    model = linear_model(np.array([[127, 60, -90]]))
    tiles = program_model(model, hardware_of(device_of("gaussian", **changes), timing=timing))
    with pytest.raises(InputError, match=r"n_band_steps: found \d+; a run of 20 steps"):
        run(model, tiles, DATA, seed=1, age_s=3600.0)


def test_noise_of_no_strength_has_no_band():
    model = linear_model(np.array([[127, 60, -90]]))
    found = []
    for law in (SILENT, None):
        device = device_of("gaussian", flicker_law=law)
        tiles = program_model(model, hardware_of(device, timing={"n_band_steps": 2}))
        found.append(run(model, tiles, DATA, seed=1))
    silent, without = found
    assert silent.ended.all()
    np.testing.assert_array_equal(silent.y_code, without.y_code)
