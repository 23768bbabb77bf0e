"""Cubic cells behind wires: by hand, in the linear limit, and what does not converge."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq

from aimc_sim.crossbar.nodal import solve
from aimc_sim.crossbar.wires_newton import CubicTile, newton_currents
from aimc_sim.hardware import Wires
from aimc_sim.spec import InputError
from tests.laws.build import device_of
from tests.oracles.wire_cases import CASES, random_conductances, random_drive, random_wires


def cubic(g_S):
    """Return the curvature of the published device, 0 where a cell is open."""
    a, b = device_of("rram_milo2021").nonlinearity(np.maximum(g_S, 1.0e-12))
    return a * (g_S > 0.0), b * (g_S > 0.0)


def test_one_cell_is_a_root_of_a_cubic():
    one = np.ones((1, 1))
    wires = Wires(driver_ohm=300.0, sense_ohm=200.0)
    read = newton_currents(1.0e-4 * one, -2.0e-4 * one, 3.0e-3 * one, wires, [0.5])
    v = brentq(lambda u: 500.0 * (1.0e-4 * u - 2.0e-4 * u**2 + 3.0e-3 * u**3) + u - 0.5, 0, 1,
               xtol=1e-15)  # fmt: skip
    np.testing.assert_allclose(read.i_sense_A, (0.5 - v) / 500.0, rtol=1e-12)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("ideal", [0.0, 0.5, 1.0])
def test_straight_cells_are_the_linear_network(case, ideal):
    rng = np.random.default_rng(31)
    wires = random_wires(rng, *case, ideal=ideal)
    g_S = random_conductances(rng, 7, 9)
    drive = random_drive(rng, 7, wires.topology)
    read = newton_currents(g_S, 0.0 * g_S, 0.0 * g_S, wires, drive, 0.2)
    np.testing.assert_allclose(
        read.solution.i_cell_A, solve(g_S, wires, drive, 0.2).i_cell_A, atol=1e-16, rtol=1e-9
    )


@pytest.mark.parametrize("case", CASES)
def test_kirchhoff_holds_for_a_published_curve(case):
    """Cells of 50 to 110 uS at up to 0.5 V; the cells' own equation at the voltages found."""
    rng = np.random.default_rng(32)
    wires = random_wires(rng, *case)
    g_S = rng.uniform(6.25e-5, 1.1e-4, (12, 10))
    a, b = cubic(g_S)
    drive = random_drive(rng, 12, wires.topology) * (2.5 if wires.topology == "crossed" else 1.0)
    read = newton_currents(g_S, a, b, wires, drive, 0.5)
    on = 1.0 if wires.topology == "crossed" else drive[:, None]
    v = read.solution.v_first_V - read.solution.v_second_V
    np.testing.assert_array_equal(read.solution.i_cell_A, on * (v * (g_S + v * (a + v * b))))
    assert read.residual_A <= 1e-9 * np.abs(read.solution.i_cell_A).max()


def test_a_tile_keeps_its_factors_and_gives_the_same():
    rng = np.random.default_rng(33)
    g_S = rng.uniform(6.25e-5, 1.1e-4, (12, 10))
    wires = Wires(wordline_ohm=5.0, bitline_ohm=5.0, driver_ohm=100.0, sense_ohm=100.0)
    tile = CubicTile(g_S, *cubic(g_S), wires)
    for _ in range(4):
        drive = rng.uniform(-0.5, 0.5, 12)
        alone = newton_currents(g_S, *cubic(g_S), wires, drive).i_sense_A
        kept = tile.read(drive)
        np.testing.assert_allclose(kept.i_sense_A, alone, rtol=1e-10, atol=1e-16)
        assert kept.n_steps <= 20


def test_a_current_that_falls_with_the_voltage_is_refused():
    """2 u - 1000 u^2 never reaches 1 V."""
    one = np.ones((1, 1))
    with pytest.raises(InputError, match="do not converge"):
        newton_currents(1.0e-3 * one, -1.0 * one, 0.0 * one, Wires(driver_ohm=1.0e3), [1.0])
