"""Settling against the transient of the same network, by hand and by bounds."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import eigh, expm

from aimc_sim.crossbar import settling as module
from aimc_sim.crossbar.lines_network import network_of
from aimc_sim.crossbar.nodal import Nodes
from aimc_sim.crossbar.settling import settling
from aimc_sim.hardware import Wires
from aimc_sim.spec import InputError
from tests.oracles.wire_cases import CASES, random_conductances, random_wires

C_F = 1.0e-15


def slow(rng, *case, ideal=0.0):
    """Return random wires with a capacitance."""
    return random_wires(rng, *case, ideal=ideal).model_copy(update={"capacitance_F": C_F})


def test_one_cell_by_hand():
    """Two nodes, driver and sense conductance d and s, cell g: eigenvalues of a 2x2 matrix."""
    wires = Wires(driver_ohm=1.0e3, sense_ohm=2.0e3, capacitance_F=C_F)
    matrix = np.array([[1.0e-3 + 5.0e-4, -5.0e-4], [-5.0e-4, 5.0e-4 + 5.0e-4]])
    expected = C_F / np.linalg.eigvalsh(matrix)[0]
    assert settling(np.array([[5.0e-4]]), wires, 8).tau_s == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("case", [c for c in CASES if c[0] == "crossed"])
@pytest.mark.parametrize("ideal", [0.0, 0.5])
def test_it_is_the_slowest_mode(case, ideal):
    rng = np.random.default_rng(41)
    for _ in range(4):
        wires = slow(rng, *case, ideal=ideal)
        g_S = random_conductances(rng, *rng.integers(1, 9, 2))
        nodes = Nodes.of(network_of(g_S, wires, np.zeros(len(g_S))))
        if not nodes.n:
            assert settling(g_S, wires, 8).tau_s == 0.0
            continue
        each = np.bincount(np.r_[nodes.first.ravel(), nodes.second.ravel()] + 1,
                           minlength=nodes.n + 1)[1:]  # fmt: skip
        slowest = eigh(nodes.matrix(g_S).toarray(), np.diag(each.astype(float)))[0][0]
        assert settling(g_S, wires, 8).tau_s == pytest.approx(C_F / slowest, rel=1e-8)


def test_a_step_settles_in_the_time_stated():
    """Transient from rest by the matrix exponential: all nodes together, and bitlines alone."""
    rng = np.random.default_rng(42)
    wires = Wires(wordline_ohm=20.0, bitline_ohm=20.0, driver_ohm=1e3, sense_ohm=1e3,
                  capacitance_F=C_F)  # fmt: skip
    g_S = rng.uniform(1.0e-6, 1.0e-4, (6, 6))
    found = settling(g_S, wires, 6)
    nodes = Nodes.of(network_of(g_S, wires, np.full(6, 0.2)))
    matrix = nodes.matrix(g_S).toarray()
    final, last = np.linalg.solve(matrix, nodes.right), nodes.second[-1]
    for share in (0.1, 0.5, 1.0):
        missing = expm(-matrix * share * found.time_s / C_F) @ final
        allowed = found.residual(share * found.time_s)
        together = np.linalg.norm(missing) / np.linalg.norm(final)
        assert 0.3 * allowed < together <= allowed
        assert np.abs(missing[last] / final[last]).max() <= 3.0 * allowed


@pytest.mark.parametrize("case", [c for c in CASES if c[0] == "crossed"])
def test_lines_alone_are_a_bound(case, monkeypatch):
    rng = np.random.default_rng(43)
    wires, g_S = slow(rng, *case), random_conductances(rng, 9, 7)
    exact = settling(g_S, wires, 8)
    monkeypatch.setattr(module, "MOST_EXACT", 1)
    bound = settling(g_S, wires, 8)
    assert bound.is_bound
    assert exact.tau_s <= bound.tau_s
    assert settling(0.0 * g_S, wires, 8).tau_s == pytest.approx(bound.tau_s, rel=1e-9)


@pytest.mark.parametrize("case", [c for c in CASES if c[0] != "crossed"])
def test_a_gate_topology_counts_gates_and_columns(case):
    rng = np.random.default_rng(44)
    wires, g_S = slow(rng, *case), random_conductances(rng, 9, 7)
    column = settling(g_S, wires, 8).tau_s
    gates = wires.model_copy(update={"wordline_ohm": 100.0})
    assert settling(g_S, gates, 8).tau_s > column > 0.0


def test_a_read_too_short_is_refused_with_its_residual():
    wires = Wires(driver_ohm=1.0e3, capacitance_F=1.0e-12, settle_bits=7)
    found = settling(np.array([[0.0]]), wires, 8)
    assert found.time_s == pytest.approx(8.0 * np.log(2.0) * 1.0e-9)
    found.check(6.0e-9)
    with pytest.raises(InputError, match=r"found 1e-09 s; .* 7 bits in 5\.545e-09 s; .* 36\.8 %"):
        found.check(1.0e-9)


def test_without_capacitance_it_is_settled():
    found = settling(np.ones((2, 2)), Wires(wordline_ohm=1.0), 8)
    assert (found.tau_s, found.time_s, found.residual(0.0)) == (0.0, 0.0, 0.0)
    found.check(0.0)
