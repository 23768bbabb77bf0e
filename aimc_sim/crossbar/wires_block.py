"""Block elimination of a crossbar with wires, one column of cells after another."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from aimc_sim.crossbar.kernels_block import factor_block, product, solve_block
from aimc_sim.crossbar.wires_grid import Grid
from aimc_sim.model.signal import Floats
from aimc_sim.spec import InputError

NOTHING = 1.0e-100
"""Transfers fall off with every cell; below this they are 0, or subnormal numbers would be slow."""


def eliminate(grid: Grid) -> Floats:
    """Return the effective matrix, last column first."""
    n, m = grid.g_S.shape
    found = np.zeros((n, m))  # columns j.. seen from the cells of column j
    direct = np.zeros((n, m))  # what the far drivers add
    share = np.empty((n, n))
    behind = Behind.of(grid)
    for j in range(m - 1, -1, -1):
        share = grid.shares(j, share)
        admittance = grid.g_S[:, j][:, None] * share
        found[:, j] = admittance.sum(axis=0)
        behind = behind.with_column(admittance)
        ohm = grid.row_ohm if j else grid.near_ohm
        behind, found[:, j:], through = behind.with_segment(ohm, found[:, j:])
        if through is not None:
            direct[:, j:] += through
    return np.ascontiguousarray(found + direct)


@dataclass(frozen=True)
class Behind:
    """What lies behind the rows at some place: ``i = y @ v - far @ v_far``.

    Parameters
    ----------
    y_S : float array, shape (n, n)
        Admittance of all columns from here on [S].
    far_S : float array or None, shape (n, n)
        Transfer from the drivers at the far ends [S]; None where there are none.
    """

    y_S: Floats
    far_S: Floats | None

    @classmethod
    def of(cls, grid: Grid) -> Behind:
        """Return what lies behind the last column."""
        n = len(grid.g_S)
        if math.isinf(grid.far_ohm) or grid.far_ohm == 0.0:  # 0 ohm: the near driver holds it all
            return cls(np.zeros((n, n)), None)
        return cls(np.eye(n) / grid.far_ohm, np.eye(n) / grid.far_ohm)

    def with_column(self, admittance_S: Floats) -> Behind:
        """Return the same and a column before it."""
        return Behind(self.y_S + admittance_S, self.far_S)

    def with_segment(self, ohm: float, found: Floats) -> tuple[Behind, Floats, Floats | None]:
        """Return the same and a segment before it.

        Parameters
        ----------
        ohm : float
            Its resistance [ohm].
        found : float array, shape (n, k)
            Currents per volt behind the segment, each a column.

        Returns
        -------
        Behind, float array, float array or None
            What is seen now, `found` per volt before the segment, and what far drivers add to it.
        """
        if ohm == 0.0:
            return self, found, None
        n = len(self.y_S)
        rows = (self.y_S, found) if self.far_S is None else (self.y_S, self.far_S, found)
        solved = solve_segment(self.y_S, ohm, np.concatenate(rows, axis=1))
        y_S = solved[:, :n]
        y_S = 0.5 * (y_S + y_S.T)
        if self.far_S is None:
            return Behind(y_S, None), solved[:, n:], None
        now = solved[:, 2 * n :]
        return Behind(y_S, solved[:, n : 2 * n]), now, ohm * product(self.far_S.T, now)


def solve_segment(y_S: Floats, ohm: float, right: Floats) -> Floats:
    """Return ``(1 + ohm y)^-1 right`` for a symmetric admittance."""
    upper = ohm * y_S
    upper[np.diag_indices_from(upper)] += 1.0
    lower, solved = np.empty_like(upper), np.array(right, order="C")
    pivot = factor_block(upper, lower)
    if pivot:
        raise InputError(f"wires: the network could not be solved (pivot {pivot} is not positive)")
    solve_block(upper, lower, solved)
    solved[np.abs(solved) < NOTHING] = 0.0
    return solved
