"""Scaling between technology nodes: how energy and area of logic change from one to another."""

from __future__ import annotations

import math
from collections.abc import Sequence

from aimc_sim.spec import InputError

NODES_nm = (130, 90, 65, 45, 32, 20, 16, 14, 10, 7)
"""Nodes of the tables."""
AREA = {
    130: (1, 0.44, 0.23, 0.16, 0.072, 0.033, 0.03, 0.027, 0.016, 0.0092),
    90: (2.3, 1, 0.53, 0.35, 0.16, 0.075, 0.067, 0.061, 0.036, 0.021),
    65: (4.3, 1.9, 1, 0.66, 0.31, 0.14, 0.13, 0.12, 0.068, 0.039),
    45: (6.4, 2.8, 1.5, 1, 0.46, 0.21, 0.19, 0.17, 0.1, 0.059),
    32: (14, 6.1, 3.3, 2.2, 1, 0.46, 0.41, 0.38, 0.22, 0.13),
    20: (30, 13, 7.1, 4.7, 2.2, 1, 0.89, 0.82, 0.48, 0.28),
    16: (34, 15, 7.9, 5.3, 2.4, 1.1, 1, 0.91, 0.54, 0.31),
    14: (37, 16, 8.7, 5.8, 2.7, 1.2, 1.1, 1, 0.59, 0.34),
    10: (63, 28, 15, 9.8, 4.5, 2.1, 1.9, 1.7, 1, 0.58),
    7: (110, 48, 25, 17, 7.8, 3.6, 3.2, 2.9, 1.7, 1),
}
"""Area at a node of `NODES_nm` over that at the node of the key."""
ENERGY = {
    130: (7.171, -6.709, 2.904),
    90: (4.762, -4.781, 2.092),
    65: (3.755, -4.398, 1.975),
    45: (1.103, -0.362, 0.2767),
    32: (0.9559, -0.7823, 0.471),
    20: (0.373, -0.1582, 0.04104),
    16: (0.2958, -0.1241, 0.03024),
    14: (0.2363, -0.09675, 0.02239),
    10: (0.2068, -0.09311, 0.02375),
    7: (0.1776, -0.09097, 0.02447),
}
"""a, b and c of the energy of a gate at V volts, ``a V^2 + b V + c``."""
NOMINAL_V = {
    130: 1.3, 90: 1.2, 65: 1.1, 45: 1.0, 32: 0.9, 20: 0.9, 16: 0.8, 14: 0.8, 10: 0.75, 7: 0.7,
}  # fmt: skip
"""Supplies that are taken where none is stated: usual ones of the nodes (assumed)."""


def nominal_vdd_V(node_nm: float) -> float:
    """Return the supply that is assumed for a node [V].

    Examples
    --------
    >>> nominal_vdd_V(14), round(nominal_vdd_V(22), 3)
    (0.8, 0.9)
    """
    return _between(node_nm, [NOMINAL_V[node] for node in NODES_nm])


def energy_factor(from_nm: float, to_nm: float, from_vdd_V: float, to_vdd_V: float) -> float:
    """Return energy of logic at one node and supply over that at another.

    Parameters
    ----------
    from_nm, to_nm : float
        Nodes [nm], 7 to 130.
    from_vdd_V, to_vdd_V : float
        Supplies [V].

    Raises
    ------
    InputError
        A node outside of the tables.

    Notes
    -----
    ``E(to, to_vdd) / E(from, from_vdd)``, E linear in the node between those of the table.

    References
    ----------
    .. [1] A. Stillmaker and B. Baas, "Scaling equations for the accurate prediction of CMOS device
       performance from 180 nm to 7 nm", Integration 58 (2017) 74-81, as tabulated in
       accelergy-library-plug-in (scaling.py).

    Examples
    --------
    >>> round(energy_factor(45, 14, 0.8, 0.8), 3)
    0.139
    """
    return _energy(to_nm, to_vdd_V) / _energy(from_nm, from_vdd_V)


def area_factor(from_nm: float, to_nm: float) -> float:
    """Return area of logic at one node over that at another.

    Parameters
    ----------
    from_nm, to_nm : float
        Nodes [nm], 7 to 130.

    Raises
    ------
    InputError
        A node outside of the table.

    Notes
    -----
    Linear in the node that is scaled to, between those of the table; geometric in the other.

    References
    ----------
    .. [1] As `energy_factor`.

    Examples
    --------
    >>> round(area_factor(32, 22), 2), area_factor(45, 14)
    (0.55, 0.17)
    """
    if from_nm == to_nm:
        return 1.0
    rows = [math.log(_between(to_nm, AREA[node])) for node in NODES_nm]
    return math.exp(_between(from_nm, rows))


def _energy(node_nm: float, vdd_V: float) -> float:
    rows = (ENERGY[node] for node in NODES_nm)
    return _between(node_nm, [a * vdd_V**2 + b * vdd_V + c for a, b, c in rows])


def _between(node_nm: float, values: Sequence[float]) -> float:
    """Return a value at a node, linear between those of `NODES_nm`."""
    if not NODES_nm[-1] <= node_nm <= NODES_nm[0]:
        raise InputError(
            f"node_nm: found {node_nm:g}; scaling is known from {NODES_nm[-1]} to {NODES_nm[0]} nm"
        )
    for i, node in enumerate(NODES_nm):
        if node == node_nm:
            return values[i]
        if node < node_nm:
            share = (node_nm - node) / (NODES_nm[i - 1] - node)
            return values[i] + share * (values[i - 1] - values[i])
    raise AssertionError("the last node is the lowest one")
