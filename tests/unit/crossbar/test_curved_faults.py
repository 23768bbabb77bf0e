"""A broken device has no curve: an open line carries nothing, a stuck device is a resistor."""

from __future__ import annotations

import numpy as np
import pytest

from aimc_sim.data import Data
from aimc_sim.runner.run import run
from tests.laws.build import device_of, hardware_of, linear_model, program_model

WEIGHT = np.array([[100, -40], [-70, 127], [5, 90]])
X = np.array([[100, -128, 51], [7, 90, -3], [127, 127, 127]])
ONE_uS = 1.0e-6
BROKEN = {
    "open lines": ({"bitline_rate": 0.5}, 0.0),
    "stuck devices": ({"stuck_off": {"rate": 0.5, "low_S": ONE_uS, "high_S": ONE_uS}}, ONE_uS),
}


@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize("subtraction", ["before_adc", "after_adc"])
def test_only_healthy_devices_are_curved(broken, subtraction):
    faults, stuck_S = BROKEN[broken]
    hardware = hardware_of(device_of("rram_milo2021", faults=faults), subtraction=subtraction)
    model = linear_model(WEIGHT)
    tiles = program_model(model, hardware)
    data = Data(X[:, None], np.full(len(X), 1))
    y = run(model, tiles, data, seed=1, probes=("enc",)).probes["enc"][0, :, 0]
    device, g_S = hardware.device, tiles.g_S(0, 0)
    assert (g_S == stuck_S).any()
    assert (g_S != stuck_S).any()
    a, b = (np.where(g_S == stuck_S, 0.0, term) for term in device.nonlinearity(g_S))
    v_lsb_V = 0.2 / 128
    v_V = X[:, :, None, None] * v_lsb_V
    i_A = (g_S * v_V + a * v_V**2 + b * v_V**3).sum(axis=1)
    expected = (i_A[..., 0] - i_A[..., 1]) / ((device.g_max_S - device.g_min_S) / 127 * v_lsb_V)
    assert np.abs(y - expected).max() <= (0.51 if subtraction == "before_adc" else 1.01)
