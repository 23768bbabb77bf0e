"""Grid: a crossed crossbar as driven rows and sensed columns, whichever way it is turned."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from aimc_sim.crossbar.kernels_ladder import cell_share
from aimc_sim.hardware.wires import Wires
from aimc_sim.model.signal import Floats
from aimc_sim.spec import InputError


@dataclass(frozen=True)
class Grid:
    """A crossed crossbar as the elimination sees it: driven rows, one column after another.

    Parameters
    ----------
    g_S : float array, shape (n_rows, n_columns)
        Conductances [S].
    row_ohm, column_ohm : float
        Of one segment [ohm].
    near_ohm, far_ohm : float
        From what drives a row to its first and its last cell [ohm]; infinite where it does not.
    top_ohm, bottom_ohm : float
        From the first and last cell of a column to its virtual ground [ohm].
    """

    g_S: Floats
    row_ohm: float
    column_ohm: float
    near_ohm: float
    far_ohm: float
    top_ohm: float
    bottom_ohm: float

    def turned(self) -> Grid:
        """Return the same network with columns driven and rows sensed, both numbered from the end.

        Notes
        -----
        The network is reciprocal: its effective matrix is that of `self`, transposed and reversed.
        """
        g_S = np.ascontiguousarray(self.g_S[::-1, ::-1].T)
        return Grid(g_S, self.column_ohm, self.row_ohm, self.bottom_ohm, self.top_ohm,
                    self.far_ohm, self.near_ohm)  # fmt: skip

    def shares(self, j: int, out: Floats) -> Floats:
        """Return the voltage on each cell of a column per volt on each row, shape (n, n)."""
        column = np.ascontiguousarray(self.g_S[:, j])
        cell_share(column, self.column_ohm, self.top_ohm, self.bottom_ohm, out)
        return out


def grid_of(g_S: Floats, wires: Wires) -> Grid:
    """Return a crossed crossbar, shape (n_wordlines, n_bitlines), as a `Grid`."""
    if wires.is_gate:
        raise InputError(
            f"wires.topology: found {wires.topology!r}; wordlines that switch transistors make the "
            f"currents no linear function of the input, so there is no effective matrix"
        )
    drive, sense = wires.driver_ohm + wires.wordline_ohm, wires.sense_ohm + wires.bitline_ohm
    return Grid(
        checked_conductances(g_S),
        wires.wordline_ohm,
        wires.bitline_ohm,
        drive,
        drive if wires.driven == "both_ends" else math.inf,
        sense if wires.sensed == "both_ends" else math.inf,
        sense,
    )


def checked_conductances(g_S: Floats) -> Floats:
    """Return conductances as a float array; refuse what is none."""
    g_S = np.ascontiguousarray(g_S, dtype=np.float64)
    if g_S.ndim != 2 or not g_S.size:
        raise InputError(f"conductances: found shape {g_S.shape}; expected [wordline, bitline]")
    if not (np.isfinite(g_S).all() and (g_S >= 0.0).all()):
        raise InputError("conductances: found one that is negative or not finite")
    return g_S
