"""What a crossbar with wires computes: its effective conductances."""

from __future__ import annotations

import numpy as np

from aimc_sim.crossbar.wires_block import eliminate
from aimc_sim.crossbar.wires_grid import grid_of
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
    return np.ascontiguousarray(eliminate(grid.turned())[::-1, ::-1].T)
