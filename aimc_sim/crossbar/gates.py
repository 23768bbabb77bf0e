"""Columns whose inputs switch transistors: read exactly, one ladder a column."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from aimc_sim.crossbar.kernels_ladder import gate_currents
from aimc_sim.crossbar.wires_grid import checked_conductances
from aimc_sim.hardware.wires import Wires
from aimc_sim.model.signal import Floats
from aimc_sim.spec import InputError


def gate_read(g_S: Floats, wires: Wires, on: npt.ArrayLike, v_read_V: float) -> Floats:
    """Return the bitline currents of a gate topology, exactly, for wordlines that are on or off.

    Parameters
    ----------
    g_S : float array, shape (n_wordlines, n_bitlines)
        Conductances of the devices [S].
    wires : Wires
        Its lines, a gate topology.
    on : array, shape (n_reads, n_wordlines)
        Wordlines that are on: 0 or 1.
    v_read_V : float
        What the bitlines are held at [V].

    Returns
    -------
    float array, shape (n_reads, n_bitlines)
        Currents [A].

    Raises
    ------
    InputError
        Crossed lines, or an input that is neither 0 nor 1.

    Notes
    -----
    Cells on a bitline share its drop, so twice the input is not twice the current: only inputs of
    one bit have a meaning. Columns do not share any line.

    Examples
    --------
    >>> wires = Wires(topology="gate_far_end", sense_ohm=1000.0)
    >>> gate_read(np.full((2, 1), 1.0e-3), wires, np.array([[1, 0], [1, 1]]), 0.3).ravel() * 1e3
    array([0.15, 0.2 ])
    """
    on = np.asarray(on)
    if not wires.is_gate:
        raise InputError("wires.topology: found 'crossed'; expected gate_same_end or gate_far_end")
    if not np.isin(on, (0, 1)).all():
        raise InputError("wires: a gate is on or off; inputs must be 0 or 1 (slices of one bit)")
    out = np.empty((len(on), g_S.shape[1]))
    gate_currents(
        checked_conductances(g_S),
        np.ascontiguousarray(on != 0),
        wires.bitline_ohm,
        wires.source_line_ohm,
        gate_ends_ohm(wires),
        out,
    )
    return out * v_read_V


def gate_ends_ohm(wires: Wires) -> Floats:
    """Return the resistances at first and last cell of bitline and source line, shape (2, 2)."""
    sense, ground = wires.sense_ohm + wires.bitline_ohm, wires.driver_ohm + wires.source_line_ohm
    both, far = wires.driven == "both_ends", wires.topology == "gate_far_end"
    return np.array(
        [
            [sense if wires.sensed == "both_ends" else math.inf, sense],
            [ground if both or far else math.inf, ground if both or not far else math.inf],
        ]
    )
