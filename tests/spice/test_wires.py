"""ngspice finds every branch current of a crossbar with wires as `solve` does."""

from __future__ import annotations

import numpy as np
import pytest

from aimc_sim.crossbar.gates import gate_read
from aimc_sim.crossbar.lines_network import network_of
from aimc_sim.crossbar.netlist import Curve, netlist
from aimc_sim.crossbar.nodal import solve
from aimc_sim.crossbar.wires import effective_matrix
from aimc_sim.crossbar.wires_newton import newton_currents
from tests.laws.build import device_of
from tests.oracles.wire_cases import CASES, random_conductances, random_drive, random_wires
from tests.spice.ngspice import currents, needed

pytestmark = [pytest.mark.spice, needed]

V_READ_V = 0.2
TOLERANCE = 1.0e-6
SIZES = ("one", "small", "any", "full")


def expected_currents(network, found):
    """Return element -> current [A] as the package finds it; sources as ngspice counts them."""
    out = {}
    for lines, i_A in ((network.first, found.i_first_A), (network.second, found.i_second_A)):
        for (i, j), value in np.ndenumerate(i_A):
            out[f"r{lines.letter}{i}_{j}"] = value
        ends = np.moveaxis(i_A, lines.axis, 0)
        for line, value in enumerate(ends[-1] - ends[0]):
            out[f"v{lines.letter}{line}"] = value
    for (i, j), value in np.ndenumerate(found.i_cell_A):
        out[f"rc{i}_{j}"] = value
    return out


def agree(ours, theirs, wires, v_max_V=V_READ_V):
    """Return the largest difference over the tolerance of each branch.

    A branch without current is where ngspice shows the rounding of its node voltages: some units in
    the last place of a double over the resistance. That much, and no more, is allowed on top.
    """
    names = list(theirs)
    a, b = (np.array([side[name] for name in names]) for side in (ours, theirs))
    ohms = (wires.wordline_ohm, wires.bitline_ohm, wires.source_line_ohm, wires.driver_ohm,
            wires.sense_ohm)  # fmt: skip
    rounding = 4.0 * np.spacing(v_max_V) / min((r for r in ohms if r), default=1.0)
    allowed = TOLERANCE * np.maximum(np.abs(b), TOLERANCE * np.abs(b).max()) + rounding
    return float((np.abs(a - b) / allowed).max())


def shape_of(rng, size):
    """Return wordlines and bitlines: 1x1 to 64x64."""
    if size in ("one", "full"):
        return (1, 1) if size == "one" else (64, 64)
    return tuple(int(n) for n in rng.integers(1, 13 if size == "small" else 65, 2))


@pytest.mark.parametrize(
    ("size", "ideal"),
    [
        ("one", 0.0),
        ("small", 0.0),
        pytest.param("any", 0.0, marks=pytest.mark.slow),
        pytest.param("full", 0.0, marks=pytest.mark.slow),
        ("small", 0.5),
        pytest.param("any", 0.5, marks=pytest.mark.slow),
    ],
)
@pytest.mark.parametrize("case", CASES, ids="-".join)
def test_every_branch_current_agrees(case, size, ideal, tmp_path):
    rng = np.random.default_rng([CASES.index(case), SIZES.index(size), int(2 * ideal)])
    wires = random_wires(rng, *case, ideal=ideal)
    g_S = random_conductances(rng, *shape_of(rng, size))
    drive = random_drive(rng, len(g_S), wires.topology)
    network = network_of(g_S, wires, drive, V_READ_V)
    theirs = currents(netlist(network, title="a random crossbar"), tmp_path)
    found = solve(g_S, wires, drive, V_READ_V)
    assert agree(expected_currents(network, found), theirs, wires) <= 1.0, wires
    short = (
        gate_read(g_S, wires, drive[None], V_READ_V)[0]
        if wires.is_gate
        else drive @ effective_matrix(g_S, wires)
    )
    sign = -1.0 if wires.is_gate else 1.0
    sensed = {f"vb{j}": sign * value for j, value in enumerate(short)}
    assert agree(sensed, {name: theirs[name] for name in sensed}, wires) <= 1.0, wires


@pytest.mark.parametrize("size", ["one", "small", pytest.param("any", marks=pytest.mark.slow)])
@pytest.mark.parametrize("case", CASES, ids="-".join)
def test_cubic_cells_agree(case, size, tmp_path):
    """Bitline currents of the published curve, within its range, at up to 0.5 V."""
    rng = np.random.default_rng([CASES.index(case), SIZES.index(size), 7])
    wires = random_wires(rng, *case)
    g_S = rng.uniform(6.25e-5, 1.1e-4, shape_of(rng, size))
    a, b = device_of("rram_milo2021").nonlinearity(g_S)
    drive = random_drive(rng, len(g_S), wires.topology) * (1.0 if wires.is_gate else 2.5)
    network = network_of(g_S, wires, drive, 0.5)
    theirs = currents(netlist(network, title="cubic cells", curve=Curve(a, b)), tmp_path)
    read = newton_currents(g_S, a, b, wires, drive, 0.5)
    assert read.residual_A <= 1e-9 * np.abs(read.solution.i_cell_A).max() + 1e-12
    sign = -1.0 if wires.is_gate else 1.0
    sensed = {f"vb{j}": sign * value for j, value in enumerate(read.i_sense_A)}
    assert agree(sensed, {name: theirs[name] for name in sensed}, wires, 0.5) <= 1.0, wires
