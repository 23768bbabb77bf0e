"""Effective conductances of a tile with wires: by hand, against a dense circuit, in its limits."""

from __future__ import annotations

import numpy as np
import pytest

from aimc_sim.crossbar.gates import gate_read
from aimc_sim.crossbar.wires import effective_matrix
from aimc_sim.hardware import Wires
from aimc_sim.spec import InputError
from tests.oracles import wires as circuit
from tests.oracles.wire_cases import CASES, ENDS, random_conductances, random_wires

R = {"wordline_ohm": 3.0, "bitline_ohm": 5.0, "driver_ohm": 70.0, "sense_ohm": 110.0}


def test_one_cell_is_a_chain_of_resistors():
    found = effective_matrix(np.array([[1.0e-3]]), Wires(**R))
    np.testing.assert_allclose(found, 1.0 / (1000.0 + 3.0 + 5.0 + 70.0 + 110.0), rtol=1e-14)


def test_both_ends_of_one_cell_are_two_ways():
    both = Wires(**R, driven="both_ends", sensed="both_ends")
    found = effective_matrix(np.array([[1.0e-3]]), both)
    np.testing.assert_allclose(found, 1.0 / (1000.0 + 73.0 / 2 + 115.0 / 2), rtol=1e-14)


def test_two_cells_on_a_wordline_by_hand():
    g_S = np.array([[1.0e-3, 2.0e-3]])
    behind = 1.0 / (3.0 + 1.0 / 2.0e-3 + 115.0)  # the second cell, seen from the first
    own = 1.0 / (1000.0 + 115.0)
    v = 1.0 / (1.0 + 73.0 * (own + behind))
    found = effective_matrix(g_S, Wires(**R))
    np.testing.assert_allclose(found, [[own * v, behind * v]], rtol=1e-14)


def test_two_cells_on_a_bitline_by_hand():
    g_S = np.array([[1.0e-3], [2.0e-3]])
    far, near = 1000.0 + 73.0 + 5.0, 500.0 + 73.0  # from each source to the last node
    v = np.array([1.0 / far, 1.0 / near]) / (1.0 / far + 1.0 / near + 1.0 / 115.0)
    np.testing.assert_allclose(effective_matrix(g_S, Wires(**R))[:, 0], v / 115.0, rtol=1e-14)


@pytest.mark.parametrize("ends", ENDS)
def test_without_resistance_it_is_the_conductances_to_the_bit(ends):
    g_S = random_conductances(np.random.default_rng(1), 17, 23)
    wires = Wires(driven=ends, sensed=ends, capacitance_F=1.0e-15)
    np.testing.assert_array_equal(effective_matrix(g_S, wires), g_S)


@pytest.mark.parametrize("case", [c for c in CASES if c[0] == "crossed"])
@pytest.mark.parametrize("ideal", [0.0, 0.5])
def test_any_shape_equals_a_dense_circuit(case, ideal):
    rng = np.random.default_rng(2)
    for _ in range(12):
        wires = random_wires(rng, *case, ideal=ideal)
        g_S = random_conductances(rng, *rng.integers(1, 9, 2))
        expected = circuit.effective(g_S, wires)
        error = np.abs(effective_matrix(g_S, wires) - expected).max()
        assert error <= 1e-9 * max(expected.max(), 1e-12), wires


@pytest.mark.parametrize("case", [c for c in CASES if c[0] != "crossed"])
@pytest.mark.parametrize("ideal", [0.0, 0.5, 1.0])
def test_gates_equal_a_dense_circuit(case, ideal):
    rng = np.random.default_rng(3)
    for _ in range(6):
        wires = random_wires(rng, *case, ideal=ideal)
        g_S = random_conductances(rng, *rng.integers(1, 9, 2))
        on = rng.integers(0, 2, (4, len(g_S)))
        expected = np.array([0.3 * circuit.crossbar(g_S, wires, x).sum(axis=0) for x in on])
        found = gate_read(g_S, wires, on, 0.3)
        assert np.abs(found - expected).max() <= 1e-9 * max(expected.max(), 1e-12), wires


def test_it_is_reciprocal():
    """Driving bitlines and sensing wordlines gives the transposed matrix."""
    rng = np.random.default_rng(4)
    g_S = random_conductances(rng, 5, 40)
    wires = Wires(**R, driven="both_ends")
    turned = Wires(
        wordline_ohm=5.0, bitline_ohm=3.0, driver_ohm=110.0, sense_ohm=70.0, sensed="both_ends"
    )
    other = effective_matrix(g_S[::-1, ::-1].T, turned)[::-1, ::-1].T
    np.testing.assert_allclose(effective_matrix(g_S, wires), other, rtol=1e-12)


def test_both_ends_make_it_symmetric():
    rng = np.random.default_rng(5)
    g_S = random_conductances(rng, 6, 9)
    wires = Wires(**R, driven="both_ends", sensed="both_ends")
    found = effective_matrix(g_S, wires)
    np.testing.assert_allclose(effective_matrix(g_S[:, ::-1], wires)[:, ::-1], found, rtol=1e-12)
    np.testing.assert_allclose(effective_matrix(g_S[::-1], wires)[::-1], found, rtol=1e-12)


def test_more_resistance_is_less_current():
    """Of all wordlines driven alike, as no current then flows back into a driver."""
    g_S = random_conductances(np.random.default_rng(6), 12, 8)
    base = effective_matrix(g_S, Wires(**R)).sum()
    for name in R:
        assert effective_matrix(g_S, Wires(**{**R, name: R[name] + 1.0})).sum() < base


def test_small_resistances_lose_no_digits():
    g_S = random_conductances(np.random.default_rng(7), 9, 9)
    tiny = dict.fromkeys(R, 1e-09)
    found = effective_matrix(g_S, Wires(**tiny))
    assert 0.0 < np.abs(found - g_S).max() < 1e-9 * g_S.max()


def test_a_long_ladder_attenuates_without_subnormal_numbers():
    g_S = np.full((4, 600), 1.0e-3)
    wires = Wires(wordline_ohm=1.0e4, bitline_ohm=1.0, driven="both_ends")
    found = effective_matrix(g_S, wires)
    assert (found >= 0.0).all()
    assert found[0, 300] < 1e-60
    np.testing.assert_allclose(found[:, ::-1], found, rtol=1e-9, atol=1e-80)


def test_what_has_no_effective_matrix_is_refused():
    g_S = np.ones((2, 2))
    with pytest.raises(InputError, match="no linear function"):
        effective_matrix(g_S, Wires(topology="gate_far_end"))
    with pytest.raises(InputError, match="negative or not finite"):
        effective_matrix(-g_S, Wires())
    with pytest.raises(InputError, match=r"found shape \(2,\)"):
        effective_matrix(g_S[0], Wires())
    with pytest.raises(InputError, match="must be 0 or 1"):
        gate_read(g_S, Wires(topology="gate_far_end"), np.array([[2, 0]]), 0.2)
    with pytest.raises(InputError, match="expected gate_same_end"):
        gate_read(g_S, Wires(), np.array([[1, 0]]), 0.2)


def test_a_source_line_without_gates_is_refused():
    with pytest.raises(ValueError, match="has no source lines"):
        Wires(source_line_ohm=1.0)
    assert not Wires(topology="gate_far_end", source_line_ohm=1.0).is_ideal
