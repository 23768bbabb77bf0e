"""Tiles with faults, for the tests of faults and of maps of them."""

from __future__ import annotations

import numpy as np

from aimc_sim.model.network import Model
from tests.laws.build import device_of, hardware_of, linear_model, program_model, random_data

WEIGHT = np.random.default_rng(0).integers(-127, 128, (40, 12))
MODEL = linear_model(WEIGHT)
DATA = random_data(np.random.default_rng(1), MODEL, 5, 3)
SHAPE = (16, 20)  # 3 x 2 tiles of 10 columns
OFF = {"low_S": 0.01e-6, "high_S": 1.0e-6}
ON = {"low_S": 300.0e-6, "high_S": 1200.0e-6}
DAC = {"kind": "uniform", "bits": 4, "v_read_V": 0.2}


def tiles_of(faults, device="pcm_joshi2020", model: Model = MODEL, shape=SHAPE, **options):
    """Return tiles of a device with faults; options of `hardware_of`, and seed and chips."""
    build = {k: options.pop(k) for k in ("seed", "n_chips", "first_chip") if k in options}
    effects = options.pop("effects", {})
    hardware = hardware_of(device_of(device, faults=faults), shape, **options)
    hardware = hardware.model_validate({**hardware.model_dump(), "effects": effects})
    return program_model(model, hardware, **build)


def all_g_S(tiles, age_s=0.0):
    """Return the conductances of all devices of all chips, one after another [S]."""
    return np.concatenate([tiles.g_S(*key, age_s).ravel() for key in sorted(tiles.states)])


def broken(tiles):
    """Return which devices do not work, in the order of `all_g_S`."""
    stuck = [tiles.faults.stuck_S.get(key, np.full(s.g_target_S.shape, np.nan)).ravel()
             for key, s in sorted(tiles.states.items())]  # fmt: skip
    return ~np.isnan(np.concatenate(stuck))
