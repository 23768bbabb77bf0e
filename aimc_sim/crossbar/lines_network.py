"""Network: a crossbar as two sets of lines with a device at every crossing."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aimc_sim.crossbar.wires_grid import checked_conductances
from aimc_sim.hardware.wires import Wires
from aimc_sim.mapping.matrix import Indices
from aimc_sim.model.signal import Floats
from aimc_sim.spec import InputError


@dataclass(frozen=True)
class Lines:
    """Parallel lines of one kind.

    Parameters
    ----------
    letter : str
        First letter of their nodes: w(ordline), b(itline), s(ource line).
    axis : int
        1: a line passes the cells of a row, 0: of a column.
    segment_ohm : float
        From one cell to the next [ohm].
    start_ohm, end_ohm : float
        From the first and the last cell to where the line is held [ohm]; infinite where open.
    held_V : float array, shape (n_lines,)
        What the line is held at [V].
    """

    letter: str
    axis: int
    segment_ohm: float
    start_ohm: float
    end_ohm: float
    held_V: Floats

    @property
    def is_held(self) -> bool:
        """Whether the whole line is at the voltage it is held at."""
        return self.segment_ohm == 0.0 and 0.0 in (self.start_ohm, self.end_ohm)

    def number(self, shape: tuple[int, int], first: int) -> Indices:
        """Return the unknown of the line's node at each cell, from `first` on; -1 where held."""
        if self.is_held:
            return np.full(shape, -1, dtype=np.intp)
        if self.segment_ohm:
            return np.arange(first, first + shape[0] * shape[1], dtype=np.intp).reshape(shape)
        line = np.arange(first, first + len(self.held_V), dtype=np.intp)
        return np.broadcast_to(line[:, None] if self.axis else line, shape)

    def at_cells(self, shape: tuple[int, int]) -> Floats:
        """Return what the line of each cell is held at [V]."""
        return np.broadcast_to(self.held_V[:, None] if self.axis else self.held_V, shape)

    def currents(self, leaving_A: Floats) -> Floats:
        """Return the current of every segment, from first to last cell, ends included.

        Parameters
        ----------
        leaving_A : float array, shape (n_wordlines, n_bitlines)
            Current that leaves the line at each cell [A].

        Returns
        -------
        float array, one longer along the line
            Entry 0 comes from the start, the last one goes to the end; 0 where an end is open.

        Notes
        -----
        Sums of what the cells take (Kirchhoff's current law), not differences of node voltages,
        which lose all digits at small resistances. Between two ends at one voltage the drops along
        the line add to 0; of two ends of 0 ohm each takes half.
        """
        c = np.moveaxis(leaving_A, self.axis, 0)
        before = np.concatenate([np.zeros((1, c.shape[1])), np.cumsum(c, axis=0)])
        if math.isinf(self.start_ohm):
            return np.moveaxis(-before, 0, self.axis)
        after = np.concatenate([np.cumsum(c[::-1], axis=0)[::-1], np.zeros((1, c.shape[1]))])
        if math.isinf(self.end_ohm):
            return np.moveaxis(after, 0, self.axis)
        ohm = np.full((len(before), 1), self.segment_ohm)
        ohm[0], ohm[-1] = self.start_ohm, self.end_ohm
        share = ohm / ohm.sum() if ohm.any() else np.full_like(ohm, 0.5) * _ends(len(ohm))
        return np.moveaxis((share * before).sum(axis=0) - before, 0, self.axis)


def _ends(n: int) -> Floats:
    """Return 1 at both ends, shape (n, 1)."""
    out = np.zeros((n, 1))
    out[[0, -1]] = 1.0
    return out


@dataclass(frozen=True)
class Network:
    """Two sets of lines; a positive cell current flows from `first` to `second`.

    Parameters
    ----------
    g_S : float array, shape (n_wordlines, n_bitlines)
        Conductances as they conduct in this read [S]: 0 where a gate is off.
    first, second : Lines
        Crossed: wordlines and bitlines. Gate topologies: bitlines and source lines.
    """

    g_S: Floats
    first: Lines
    second: Lines

    @property
    def shape(self) -> tuple[int, int]:
        """Wordlines and bitlines."""
        return self.g_S.shape[0], self.g_S.shape[1]


def network_of(
    g_S: Floats, wires: Wires, drive: npt.ArrayLike, v_read_V: float | None = None
) -> Network:
    """Return a crossbar in one read as lines and devices.

    Parameters
    ----------
    g_S : float array, shape (n_wordlines, n_bitlines)
        Conductances of the devices [S].
    wires : Wires
        Its lines.
    drive : float array, shape (n_wordlines,)
        Wordline voltages [V]; of a gate topology, 1 where a wordline is on and 0 where it is off.
    v_read_V : float, optional
        What the bitlines of a gate topology are held at [V].

    Raises
    ------
    InputError
        A drive of another length, a gate that is neither on nor off, no read voltage.
    """
    g_S, v = checked_conductances(g_S), np.asarray(drive, dtype=np.float64)
    n, m = g_S.shape
    if v.shape != (n,) or not np.isfinite(v).all():
        raise InputError(f"drive: found shape {v.shape}; expected {n} finite numbers")
    sense = wires.sense_ohm + wires.bitline_ohm
    top = sense if wires.sensed == "both_ends" else math.inf
    both = wires.driven == "both_ends"
    if not wires.is_gate:
        start = wires.driver_ohm + wires.wordline_ohm
        wordlines = Lines("w", 1, wires.wordline_ohm, start, start if both else math.inf, v)
        return Network(
            g_S, wordlines, Lines("b", 0, wires.bitline_ohm, top, sense, np.zeros(m))
        )  # fmt: skip
    if not np.isin(v, (0.0, 1.0)).all() or v_read_V is None:
        raise InputError("drive: a gate is on or off (1 or 0), and its bitlines have a voltage")
    ground, far = wires.driver_ohm + wires.source_line_ohm, wires.topology == "gate_far_end"
    bitlines = Lines("b", 0, wires.bitline_ohm, top, sense, np.full(m, float(v_read_V)))
    sources = Lines(
        "s",
        0,
        wires.source_line_ohm,
        ground if both or far else math.inf,
        ground if both or not far else math.inf,
        np.zeros(m),
    )
    return Network(np.where(v[:, None] != 0.0, g_S, 0.0), bitlines, sources)
