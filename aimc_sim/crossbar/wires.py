"""What a crossbar with wires computes: its effective conductances."""

from __future__ import annotations

import numpy as np

from aimc_sim.crossbar.wires_block import eliminate
from aimc_sim.crossbar.wires_grid import Grid, grid_of
from aimc_sim.hardware.wires import Wires
from aimc_sim.model.signal import Floats


def effective_matrix(g_S: Floats, wires: Wires) -> Floats:
    r"""Return the effective conductances of a crossbar with wires, ``i_A = v_V @ effective``.

    Parameters
    ----------
    g_S : float array, shape (n_wordlines, n_bitlines)
        Conductances of the devices as they are [S]; 0 is an open circuit.
    wires : Wires
        Its lines, crossed.

    Returns
    -------
    float array, shape (n_wordlines, n_bitlines)
        Current into the virtual ground(s) of each bitline per volt on each wordline [S].

    Raises
    ------
    InputError
        A gate topology, or a conductance that is negative or not finite.

    Notes
    -----
    With :math:`S_j` the admittance of bitline j seen from the wordlines and :math:`Y_j` that of all
    bitlines from j on, where r is the resistance of a wordline segment,

    .. math::
        Y_j = S_j + Y_{j+1} M_{j+1}, \qquad M_j = (1 + r Y_j)^{-1}, \qquad
        E_{\cdot j} = M_0 M_1 \cdots M_j S_j 1 .

    No conductance of a wire is formed, so 0 ohm is exact and small resistances lose no digits.
    Blocks have the size of the shorter side; time is proportional to its cube times the longer one.

    Examples
    --------
    >>> wires = Wires(driver_ohm=100.0, sense_ohm=400.0)
    >>> np.round(effective_matrix(np.array([[1.0e-3]]), wires) * 1.0e6, 3)
    array([[666.667]])
    """
    grid = grid_of(g_S, wires)
    if wires.is_ideal:
        return grid.g_S.copy()
    if grid.g_S.shape[0] <= grid.g_S.shape[1]:
        return eliminate(grid)
    return _eliminate_turned(grid)


def _eliminate_turned(grid: Grid) -> Floats:
    return np.ascontiguousarray(eliminate(grid.turned())[::-1, ::-1].T)


OPEN_OHM = 1.0e18
"""Stands for the input of a circuit that senses the voltage of an open bitline: it loads the
bitline by 1e-12 of a conductance of 1 uS."""


def with_open_bitlines(wires: Wires) -> tuple[Wires, float]:
    """Return wires whose bitlines are open, and the factor from their currents to voltages [ohm].

    Where both ends are sensed it is the mean of both.
    """
    n_ends = 2 if wires.sensed == "both_ends" else 1
    return wires.model_copy(update={"sense_ohm": OPEN_OHM}), OPEN_OHM / n_ends


def open_voltages(g_S: Floats, wires: Wires) -> Floats:
    """Return what open bitlines settle at, ``v_bitline_V = v_V @ open_voltages``.

    Parameters
    ----------
    g_S : float array, shape (n_wordlines, n_bitlines)
        Conductances of the devices as they are [S].
    wires : Wires
        Its lines, crossed; what stands behind the bitlines does not matter.

    Returns
    -------
    float array, shape (n_wordlines, n_bitlines)
        Without wires, ``g_S / g_S.sum(axis=0)``.

    Notes
    -----
    The network is eliminated from the bitlines' side, where a series resistance of any size loses
    no digits; from the other the current into it would be a difference of large ones.

    Examples
    --------
    >>> found = open_voltages(np.array([[3.0e-6], [1.0e-6]]), Wires(driver_ohm=1.0))
    >>> np.round(found.ravel(), 6)
    array([0.75, 0.25])
    """
    wires, ohm = with_open_bitlines(wires)
    return _eliminate_turned(grid_of(g_S, wires)) * ohm
