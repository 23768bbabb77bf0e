"""Cells with a cubic current behind wires: damped Newton on the nodal equations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from aimc_sim.crossbar.lines_network import network_of
from aimc_sim.crossbar.nodal import Nodes, Solution, factorised
from aimc_sim.hardware.wires import Wires
from aimc_sim.model.signal import Floats
from aimc_sim.spec import InputError

MOST_STEPS = 60
TOLERANCE = 1.0e-12
SLOW = 0.1
EPS = float(np.finfo(np.float64).eps)


@dataclass(frozen=True)
class NewtonRead:
    """What a read of cubic cells gives.

    Parameters
    ----------
    solution : Solution
        All voltages and currents.
    residual_A : float
        Largest current that Kirchhoff's law misses at a node [A].
    n_steps : int
        Steps taken.
    """

    solution: Solution
    residual_A: float
    n_steps: int

    @property
    def i_sense_A(self) -> Floats:
        """Current of each bitline [A]."""
        return self.solution.i_sense_A


class CubicTile:
    r"""A crossbar with wires whose cells have I = g V + a V^2 + b V^3.

    Parameters
    ----------
    g_S, a, b : float array, shape (n_wordlines, n_bitlines)
        Of each device [S], [A/V^2], [A/V^3]; a device of 0 S is an open circuit.
    wires : Wires
        Its lines.

    Notes
    -----
    A step solves :math:`J \, \delta x = -F(x)` with the residual F of Kirchhoff's current law. J is
    the matrix at rest, factorised once, as long as each step leaves less than a
    tenth of the residual; then it is factorised anew, and a step that does not lessen the residual
    is halved. What counts is the residual, so an old J changes the number of steps and not the
    result. It ends at 1e-12 of the largest current of a cell, or at the rounding of the residual.
    """

    def __init__(self, g_S: Floats, a: Floats, b: Floats, wires: Wires) -> None:
        open_cell = np.asarray(g_S) == 0.0
        self.g_S, self.wires = np.asarray(g_S, dtype=np.float64), wires
        self.a, self.b = np.where(open_cell, 0.0, a), np.where(open_cell, 0.0, b)
        self._at_rest: Any = None

    def read(self, drive: npt.ArrayLike, v_read_V: float | None = None) -> NewtonRead:
        """Return the currents of one read.

        Parameters
        ----------
        drive : float array, shape (n_wordlines,)
            Wordline voltages [V]; of a gate topology, 1 where a wordline is on and 0 where off.
        v_read_V : float, optional
            What the bitlines of a gate topology are held at [V].

        Raises
        ------
        InputError
            Newton's steps do not converge.
        """
        network = network_of(self.g_S, self.wires, drive, v_read_V)
        nodes, cells = Nodes.of(network), _Cells(network.g_S, self.a, self.b)
        x = np.zeros(nodes.n)
        if self._at_rest is None and not self.wires.is_gate:
            self._at_rest = factorised(nodes.matrix(cells.slope(nodes, x)))
        factors, fresh = self._at_rest, False
        residual, i_A, floor = _residual(nodes, cells, x)
        size, n_steps = 0.0, 0
        for n_steps in range(MOST_STEPS + 1):
            size = float(np.abs(residual).max(initial=0.0))
            if size <= TOLERANCE * float(np.abs(i_A).max()) + floor:
                return NewtonRead(nodes.solution(x, i_A), size, n_steps)
            if factors is None:
                factors, fresh = factorised(nodes.matrix(cells.slope(nodes, x))), True
            step = factors.solve(residual)
            scale = 1.0
            while True:
                trial = _residual(nodes, cells, x + scale * step)
                left = float(np.abs(trial[0]).max()) / size
                if left < 1.0 or scale < 1.0e-6 or not fresh:
                    break
                scale *= 0.5
            if left < 1.0:
                x = x + scale * step
                residual, i_A, floor = trial
            elif fresh:
                break
            if left > SLOW:
                factors, fresh = None, False
        raise InputError(
            f"wires: the currents of nonlinear cells do not converge: after {n_steps} steps "
            f"{size:.3g} A are missing at a node; the I-V curve may fall with the voltage"
        )


@dataclass(frozen=True)
class _Cells:
    """Cells and their currents."""

    g_S: Floats
    a: Floats
    b: Floats

    def current(self, v_V: Floats) -> Floats:
        """Return the current at the voltages across the cells [A]."""
        on = self.g_S != 0.0
        return np.where(on, v_V * (self.g_S + v_V * (self.a + v_V * self.b)), 0.0)

    def slope(self, nodes: Nodes, x: Floats) -> Floats:
        """Return the derivative of the currents at the unknowns [S]."""
        first, second = nodes.voltages(x)
        v_V = first - second
        on = self.g_S != 0.0
        return np.where(on, self.g_S + v_V * (2.0 * self.a + v_V * 3.0 * self.b), 0.0)


def _residual(nodes: Nodes, cells: _Cells, x: Floats) -> tuple[Floats, Floats, float]:
    """Return the current missing at each node, those of the cells, and the rounding [A]."""
    first, second = nodes.voltages(x)
    i_A = cells.current(first - second)
    out = nodes.wires @ x
    rounding = 8.0 * EPS * float((abs(nodes.wires) @ np.abs(x)).max(initial=0.0))
    return nodes.right + nodes.inject(i_A) - out, i_A, rounding


def newton_currents(
    g_S: Floats,
    a: Floats,
    b: Floats,
    wires: Wires,
    drive: npt.ArrayLike,
    v_read_V: float | None = None,
) -> NewtonRead:
    """Return one read of cells with I = g V + a V^2 + b V^3; see `CubicTile`.

    Examples
    --------
    >>> one = np.ones((1, 1))
    >>> read = newton_currents(1.0e-3 * one, 0.0 * one, 1.0e-2 * one, Wires(driver_ohm=1e3), [0.2])
    >>> v = 0.2 - 1.0e3 * read.i_sense_A[0]
    >>> round(float((1.0e-3 * v + 1.0e-2 * v**3) / read.i_sense_A[0]), 9)
    1.0
    """
    return CubicTile(g_S, a, b, wires).read(drive, v_read_V)
