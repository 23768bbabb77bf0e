"""Tiles with wires, bound for reading: reduced once, noise by the adjoint, or solved per read."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from aimc_sim.crossbar.flicker import BoundFlicker
from aimc_sim.crossbar.gates import gate_read
from aimc_sim.crossbar.held import add_flicker
from aimc_sim.crossbar.places import Places
from aimc_sim.crossbar.setting import Address
from aimc_sim.crossbar.telegraph import BoundTelegraph, Levels
from aimc_sim.crossbar.wires import effective_matrix, open_voltages
from aimc_sim.crossbar.wires_newton import CubicTile
from aimc_sim.crossbar.wires_noise import FirstOrder
from aimc_sim.hardware import Wires
from aimc_sim.model.signal import Floats, Ints


@lru_cache(maxsize=128)
def _reduced(values: bytes, shape: tuple[int, int], wires: Wires, is_open: bool) -> Floats:
    """Return the effective matrix of an array; all phases of a tile share it."""
    g_S = np.frombuffer(values).reshape(shape)
    found = open_voltages(g_S, wires) if is_open else effective_matrix(g_S, wires)
    found.setflags(write=False)
    return found


def wire_error_S(array_S: Floats, wires: Wires, senses_voltage: bool) -> Floats:
    """Return effective minus own conductances of an array, shape (n_rows, n_lines) [S].

    Notes
    -----
    Where voltages are sensed, what counts is the voltage of an open bitline times the sum of its
    conductances; that is the current where wires are ideal.
    """
    values = np.ascontiguousarray(array_S).tobytes()
    found = _reduced(values, array_S.shape, wires, senses_voltage)
    found_S = found * array_S.sum(axis=0) if senses_voltage else found
    return np.asarray(found_S - array_S)


@dataclass(frozen=True)
class LineSums:
    """From the currents of an array's lines to those that are converted.

    Parameters
    ----------
    line : int array, shape (n_currents, n)
        Lines that add to each.
    sign : float array, shape (n,)
        Their signs.
    unit_S : float array, shape (n_currents,)
        Conductance of one code, times copies [S].
    """

    line: Ints
    sign: Floats
    unit_S: Floats

    def of(self, i: Floats) -> Floats:
        """Return currents in codes, (n_sequences, n_currents), from (n_sequences, n_lines)."""
        total = np.zeros((len(i), len(self.unit_S)))
        for k, sign in enumerate(self.sign):  # in order: the same bytes for any batch
            total += sign * i[:, self.line[:, k]]
        return np.asarray(total / self.unit_S)


@dataclass(frozen=True)
class WiredNoise:
    """Read noise of a whole tile, through its wires to first order.

    Parameters
    ----------
    first_order : FirstOrder
        Tables of the array.
    rows, signs : int and float arrays
        Row of each wordline's voltage, and its sign.
    cell : int array, shape (n_devices,)
        Place of each device in the flat array.
    sigma_S : float array or None, shape (n_devices,)
        White noise [S].
    flicker, telegraph : BoundFlicker, BoundTelegraph, optional
        Lasting noise; its "current" is the number of the device.
    gain : float array, shape (n_lines,)
        Factor from currents to what is sensed.
    """

    first_order: FirstOrder
    rows: Ints
    signs: Floats
    cell: Ints
    sigma_S: Floats | None
    flicker: BoundFlicker | None
    telegraph: BoundTelegraph | None
    gain: Floats

    def currents(
        self, drive: Floats, at: Address, key: npt.NDArray[np.uint32], levels: Levels | None
    ) -> Floats:
        """Return what noise adds to the lines, (n_sequences, n_lines) [codes times S]."""
        from aimc_sim.crossbar import kernels_wires as kernels
        from aimc_sim.crossbar.kernels_correlated import add_telegraph

        n, n_devices = len(drive), len(self.cell)
        devices_S, ones = np.zeros((n, n_devices)), np.ones((n, 1))
        if self.sigma_S is not None:
            kernels.draw_devices(self.sigma_S, key, at.sequence, at.step, devices_S)
        if self.flicker is not None:
            add_flicker(self.flicker, ones, self.flicker.entries.amount, at, devices_S)
        if self.telegraph is not None and levels is not None:
            t = self.telegraph
            add_telegraph(ones, t.cell, t.source, t.current, t.low, t.high, levels, devices_S)
        tables = self.first_order
        voltage = np.zeros((n, tables.p.shape[0]))
        n_wordlines = drive.shape[1]
        for start in range(0, len(self.rows), n_wordlines):
            part = slice(start, start + n_wordlines)
            voltage[:, self.rows[part]] = drive * self.signs[part]
        out = np.zeros((n, tables.q.shape[1]))
        kernels.add_first_order(voltage, devices_S, self.cell, tables.p, tables.q, out)
        return np.asarray(out * self.gain)


@dataclass(frozen=True)
class SolvedReads:
    """Reads of a tile that is not linear: gates, or curved cells; solved one by one.

    Parameters
    ----------
    wires : Wires
        Its lines.
    array_S : float array, shape (n_rows, n_lines)
        Conductances [S].
    curves : tuple of float arrays, optional
        a and b of ``I = g V + a V^2 + b V^3``, of the array.
    rows, signs : int and float arrays
        Row of each wordline's voltage, and its sign.
    """

    wires: Wires
    array_S: Floats
    curves: tuple[Floats, Floats] | None
    rows: Ints
    signs: Floats

    def currents(self, drive: Floats, v_lsb_V: float) -> Floats:
        """Return the currents of the lines, (n_sequences, n_lines) [codes times S]."""
        v_V = np.zeros((len(drive), self.array_S.shape[0]))
        for start in range(0, len(self.rows), drive.shape[1]):
            part = slice(start, start + drive.shape[1])
            v_V[:, self.rows[part]] = drive * self.signs[part]
        if self.curves is None:
            return np.asarray(gate_read(self.array_S, self.wires, v_V, v_lsb_V) / v_lsb_V)
        tile = CubicTile(self.array_S, *self.curves, self.wires)
        scale, v_read_V = (1.0, v_lsb_V) if self.wires.is_gate else (v_lsb_V, None)
        return np.stack([tile.read(v * scale, v_read_V).i_sense_A for v in v_V]) / v_lsb_V


@dataclass(frozen=True)
class BoundWires:
    """What wires change of the reads of a tile beyond its conductances.

    Parameters
    ----------
    sums : LineSums
        From lines to currents.
    noise : WiredNoise, optional
        Read noise.
    solved : SolvedReads, optional
        In place of sums of codes times conductances.
    """

    sums: LineSums
    noise: WiredNoise | None = None
    solved: SolvedReads | None = None


def lines_to_currents(places: Places, plus: Ints, minus: Ints | None, unit_S: Floats) -> LineSums:
    """Return the sums that make currents.

    Parameters
    ----------
    places : Places
        Of the tile.
    plus, minus : int arrays, shape (n_currents, n_copies)
        Lines of the devices of each side; minus is None where one line holds both.
    unit_S : float array, shape (n_currents,)
        Conductance of one code, times copies [S].
    """
    if places.n_in_cell > 1:  # copies share a line
        plus, minus = plus[:, :1], None if minus is None else minus[:, :1]
    if minus is None or (plus == minus).all():
        return LineSums(plus, np.ones(plus.shape[1]), unit_S)
    sign = np.repeat([1.0, -1.0], [plus.shape[1], minus.shape[1]])
    return LineSums(np.concatenate([plus, minus], axis=1), sign, unit_S)
