"""Devices whose current is curved in the voltage: sums by hand, slices, switches, ranges."""

from __future__ import annotations

import numpy as np
import pytest

from aimc_sim.data import Data
from aimc_sim.runner.run import run
from tests.laws.build import device_of, hardware_of, linear_model, program_model

WEIGHT = np.array([[100, -40], [-70, 127], [5, 90]])
X = np.array([[100, -128, 51], [7, 90, -3], [0, 0, 0], [127, 127, 127]])
V_READ_V = 0.2


def outputs(hardware, x=X):
    """Return accumulators (n, n_out) and the tiles."""
    model = linear_model(WEIGHT)
    tiles = program_model(model, hardware)
    data = Data(x[:, None], np.full(len(x), 1))
    return run(model, tiles, data, seed=1, probes=("enc",)).probes["enc"][0, :, 0], tiles


def by_hand(tiles, x, v_lsb_V):
    """Return the sums of I = g V + a V^2 + b V^3 over devices, in units of a weight code."""
    device = tiles.hardware.device
    g_S = tiles.g_S(0, 0)
    a, b = device.nonlinearity(g_S)
    step_S = (device.g_max_S - device.g_min_S) / 127
    v_V = x[:, :, None, None] * v_lsb_V
    i_A = (g_S * v_V + a * v_V**2 + b * v_V**3).sum(axis=1)
    return (i_A[..., 0] - i_A[..., 1]) / (step_S * v_lsb_V)


@pytest.mark.parametrize("subtraction", ["before_adc", "after_adc"])
def test_currents_by_hand(subtraction):
    hardware = hardware_of(device_of("rram_milo2021"), subtraction=subtraction)
    y, tiles = outputs(hardware)
    expected = by_hand(tiles, X, V_READ_V / 128)
    assert np.abs(y - expected).max() <= (0.51 if subtraction == "before_adc" else 1.01)
    straight, _ = outputs(hardware.model_copy(
        update={"effects": hardware.effects.model_copy(update={"nonlinearity": False})}
    ))  # fmt: skip
    assert np.abs(y - straight).max() > 20


def test_each_slice_is_a_read_of_its_own():
    dac = {"kind": "uniform", "bits": 4, "v_read_V": V_READ_V}
    y, tiles = outputs(hardware_of(device_of("rram_milo2021"), dac=dac))
    low, high = X & 15, X >> 4
    expected = by_hand(tiles, low, V_READ_V / 15) + 16 * by_hand(tiles, high, V_READ_V / 8)
    assert np.abs(y - expected).max() <= 0.5 * 17 + 0.01


def test_a_straight_device_is_not_touched():
    y, _ = outputs(hardware_of())
    np.testing.assert_array_equal(y, X @ WEIGHT)
