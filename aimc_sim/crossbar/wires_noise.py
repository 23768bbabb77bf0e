"""Read noise through wires to first order: how each device moves every bitline's current."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aimc_sim.crossbar.kernels_block import product
from aimc_sim.crossbar.wires_block import Behind, solve_segment
from aimc_sim.crossbar.wires_grid import Grid, grid_of
from aimc_sim.hardware.wires import Wires
from aimc_sim.model.signal import Floats
from aimc_sim.spec import InputError

MOST_ENTRIES = 1 << 27
"""Numbers that the tables of one tile may have: 1 GiB."""


@dataclass(frozen=True)
class FirstOrder:
    r"""Change of every sensed current with every conductance, to first order.

    Parameters
    ----------
    p : float array, shape (n_wordlines, n_cells)
        Voltage across each cell per volt on a wordline.
    q : float array, shape (n_cells, n_bitlines)
        Current of a bitline per ampere that flows through a cell from outside (adjoint).
    loop_ohm : float
        Bound of the resistance that cells see in each other [ohm].

    Notes
    -----
    .. math::
        \delta i_l = \sum_c (v P)_c \, \delta g_c \, Q_{cl} + R_l , \qquad
        |R_l| \le \frac{\kappa \, \lVert \delta g \, u \rVert \, \lVert \delta g \, q_l \rVert}
        {1 - \kappa \max |\delta g|}

    with norms over cells, u = v P, and :math:`\kappa = \kappa_0 / (1 + \kappa_0 \min g)`, where
    :math:`\kappa_0` is the largest eigenvalue of a wordline's resistance matrix plus that of a
    bitline's. One device moves all bitlines, so their noises are correlated.
    """

    p: Floats
    q: Floats
    loop_ohm: float

    def currents(self, v_V: Floats, dg_S: Floats) -> Floats:
        """Return the change of every sensed current [A].

        Parameters
        ----------
        v_V : float array, shape (..., n_wordlines)
            Wordline voltages of each read [V].
        dg_S : float array, shape (..., n_wordlines, n_bitlines)
            Deviation of each conductance in each read [S].

        Returns
        -------
        float array, shape (..., n_bitlines)
        """
        v_V, dg_S = np.asarray(v_V), np.asarray(dg_S)
        moved_A = self._across(v_V) * dg_S.reshape(*dg_S.shape[:-2], -1)
        i_A = product(moved_A.reshape(-1, len(self.q)), self.q)
        return i_A.reshape(*moved_A.shape[:-1], -1)

    def _across(self, v_V: Floats) -> Floats:
        """Return the voltage across each cell, shape (..., n_cells) [V]."""
        return product(v_V.reshape(-1, len(self.p)), self.p).reshape(*v_V.shape[:-1], -1)

    def covariance(self, v_V: Floats, sigma_S: Floats) -> Floats:
        """Return the covariance of the sensed currents for independent devices [A^2].

        Parameters
        ----------
        v_V : float array, shape (n_wordlines,)
            Wordline voltages [V].
        sigma_S : float array, shape (n_wordlines, n_bitlines)
            Spread of each conductance [S].

        Returns
        -------
        float array, shape (n_bitlines, n_bitlines)
        """
        moved_A = (v_V @ self.p) * sigma_S.ravel()
        each = self.q * moved_A[:, None]
        return np.asarray(each.T @ each)

    def bound(self, v_V: Floats, dg_S: Floats) -> Floats:
        """Return a bound of what `currents` leaves out, shape (..., n_bitlines) [A].

        It is infinite where deviations are so large that the series need not converge.
        """
        dg = dg_S.reshape(*dg_S.shape[:-2], -1)
        room = 1.0 - self.loop_ohm * np.abs(dg).max(axis=-1, keepdims=True)
        u = np.linalg.norm(self._across(np.asarray(v_V)) * dg, axis=-1, keepdims=True)
        q = np.sqrt(np.square(dg) @ np.square(self.q))
        with np.errstate(divide="ignore"):
            return np.where(room > 0.0, self.loop_ohm * u * q / np.maximum(room, 0.0), np.inf)


def first_order(g_S: Floats, wires: Wires) -> FirstOrder:
    """Prepare the first-order noise of a crossbar with wires.

    Parameters
    ----------
    g_S : float array, shape (n_wordlines, n_bitlines)
        Conductances that deviations are from [S].
    wires : Wires
        Its lines, crossed.

    Raises
    ------
    InputError
        A gate topology, or a tile whose tables would be larger than 1 GiB.

    Examples
    --------
    >>> found = first_order(np.array([[1.0e-3]]), Wires(driver_ohm=500.0, sense_ohm=500.0))
    >>> found.p, found.q, found.currents(np.array([0.2]), np.array([[1.0e-6]])) * 1e9
    (array([[0.5]]), array([[0.5]]), array([50.]))
    """
    grid = grid_of(g_S, wires)
    n, m = grid.g_S.shape
    entries = n * m * (n + m)
    if entries > MOST_ENTRIES:
        raise InputError(
            f"wires: read noise of a tile of {n} wordlines and {m} bitlines takes tables of "
            f"{entries:.3g} numbers; allowed: {MOST_ENTRIES:.3g} (1 GiB): use smaller tiles, or "
            f"effects.read_white=false and effects.flicker_white=false"
        )
    p = cell_voltages(grid).reshape(n * m, n)
    q = cell_voltages(grid.turned())[::-1, ::-1, ::-1].transpose(1, 0, 2).reshape(n * m, m)
    return FirstOrder(
        np.ascontiguousarray(p.T), np.ascontiguousarray(q), loop_ohm(grid, float(grid.g_S.min()))
    )


def cell_voltages(grid: Grid) -> Floats:
    """Return the voltage across each cell per volt on each row, shape (n, m, n)."""
    n, m = grid.g_S.shape
    behind, seen = Behind.of(grid), []
    for j in range(m - 1, -1, -1):
        share = grid.shares(j, np.empty((n, n)))
        behind = behind.with_column(grid.g_S[:, j][:, None] * share)
        seen.append((share, behind))
        behind = behind.with_segment(grid.row_ohm if j else grid.near_ohm, np.zeros((n, 0)))[0]
    out, v = np.empty((n, m, n)), np.eye(n)
    for j in range(m):
        share, behind = seen.pop()
        ohm = grid.row_ohm if j else grid.near_ohm
        if ohm:
            right = v if behind.far_S is None else v + ohm * behind.far_S
            v = solve_segment(behind.y_S, ohm, right)
        out[:, j] = product(share, v)
    return out


def loop_ohm(grid: Grid, g_least_S: float) -> float:
    """Return a bound of the resistance that cells see in each other [ohm]."""
    n, m = grid.g_S.shape
    row = line_resistances(m, grid.row_ohm, grid.near_ohm, grid.far_ohm)
    column = line_resistances(n, grid.column_ohm, grid.top_ohm, grid.bottom_ohm)
    alone = float(np.linalg.eigvalsh(row)[-1] + np.linalg.eigvalsh(column)[-1])
    return alone / (1.0 + g_least_S * alone)


def line_resistances(
    n: int, segment_ohm: float, start_ohm: float, end_ohm: float
) -> npt.NDArray[np.float64]:
    """Return the voltage at cell i per ampere into cell k of a line alone, shape (n, n) [ohm]."""
    if math.isinf(start_ohm):
        return line_resistances(n, segment_ohm, end_ohm, start_ohm)[::-1, ::-1]
    to_start = start_ohm + segment_ohm * np.arange(n)
    nearer = np.minimum(to_start[:, None], to_start)
    if math.isinf(end_ohm):
        return np.asarray(nearer)
    whole = to_start[-1] + end_ohm
    farther = whole - np.maximum(to_start[:, None], to_start)
    return np.asarray(nearer * farther / whole) if whole else np.zeros((n, n))
