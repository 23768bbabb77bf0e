"""All voltages and currents of a read: a dense circuit, Kirchhoff's laws, the effective matrix."""

from __future__ import annotations

import numpy as np
import pytest

from aimc_sim.crossbar.gates import gate_read
from aimc_sim.crossbar.nodal import solve
from aimc_sim.crossbar.wires import effective_matrix
from aimc_sim.hardware import Wires
from aimc_sim.spec import InputError
from tests.oracles import wires as circuit
from tests.oracles.wire_cases import CASES, random_conductances, random_drive, random_wires


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("ideal", [0.0, 0.5, 1.0])
def test_currents_equal_a_dense_circuit(case, ideal):
    rng = np.random.default_rng(11)
    for _ in range(6):
        wires = random_wires(rng, *case, ideal=ideal)
        g_S = random_conductances(rng, *rng.integers(1, 9, 2))
        drive = random_drive(rng, len(g_S), wires.topology)
        found = solve(g_S, wires, drive, 1.0)
        expected = circuit.crossbar(g_S, wires, drive)
        scale = max(np.abs(expected).max(), 1e-12)
        assert np.abs(found.i_cell_A - expected).max() <= 1e-10 * scale, wires


@pytest.mark.parametrize("case", CASES)
def test_the_short_ways_give_the_same_currents(case):
    rng = np.random.default_rng(12)
    wires = random_wires(rng, *case)
    g_S = random_conductances(rng, 30, 21)
    drive = random_drive(rng, 30, wires.topology)
    if wires.is_gate:
        short = gate_read(g_S, wires, drive[None], 0.2)[0]
    else:
        short = drive @ effective_matrix(g_S, wires)
    np.testing.assert_allclose(
        short, solve(g_S, wires, drive, 0.2).i_sense_A, rtol=0.0, atol=1e-10 * np.abs(short).max()
    )


@pytest.mark.parametrize("case", CASES)
def test_ohm_holds_on_every_segment(case):
    """Segment currents come from Kirchhoff's current law; here the node voltages check them."""
    rng = np.random.default_rng(13)
    wires = random_wires(rng, *case).model_copy(update={"bitline_ohm": 50.0, "wordline_ohm": 20.0})
    g_S = random_conductances(rng, 9, 7)
    found = solve(g_S, wires, random_drive(rng, 9, wires.topology), 0.2)
    scale = np.abs(found.i_cell_A).max()
    v_V = found.v_second_V if wires.topology == "crossed" else found.v_first_V
    i_A = found.i_second_A if wires.topology == "crossed" else found.i_first_A
    np.testing.assert_allclose(-np.diff(v_V, axis=0) / 50.0, i_A[1:-1], atol=1e-9 * scale)
    if wires.topology == "crossed":
        along = -np.diff(found.v_first_V, axis=1) / 20.0
        np.testing.assert_allclose(along, found.i_first_A[:, 1:-1], atol=1e-9 * scale)


def test_ideal_lines_share_their_ends():
    found = solve(np.ones((1, 2)), Wires(driven="both_ends", sensed="both_ends"), [2.0])
    np.testing.assert_array_equal(found.i_first_A, [[2.0, 0.0, -2.0]])
    np.testing.assert_array_equal(found.i_second_A, [[-1.0, -1.0], [1.0, 1.0]])


def test_a_wrong_drive_is_refused():
    with pytest.raises(InputError, match="expected 2 finite numbers"):
        solve(np.ones((2, 2)), Wires(), [0.1])
    gate = Wires(topology="gate_far_end")
    with pytest.raises(InputError, match="on or off"):
        solve(np.ones((2, 2)), gate, [0.0, 0.5], 0.2)
    with pytest.raises(InputError, match="have a voltage"):
        solve(np.ones((2, 2)), gate, [0.0, 1.0])
