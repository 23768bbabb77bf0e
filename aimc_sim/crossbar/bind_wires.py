"""Bind the wires of a tile: what they change of its conductances, and how noise passes them."""

from __future__ import annotations

import numpy as np

from aimc_sim.crossbar.flicker import BoundFlicker, Entries, bind_flicker
from aimc_sim.crossbar.lines import TileLines
from aimc_sim.crossbar.noise import CellNoise
from aimc_sim.crossbar.places import on_site, places_of
from aimc_sim.crossbar.telegraph import BoundTelegraph, bind_telegraph, switching
from aimc_sim.crossbar.wired import (
    BoundWires,
    LineSums,
    SolvedReads,
    WiredNoise,
    lines_to_currents,
    wire_error_S,
)
from aimc_sim.crossbar.wires import with_open_bitlines
from aimc_sim.crossbar.wires_noise import first_order
from aimc_sim.hardware import Hardware, Wires
from aimc_sim.mapping.matrix import Indices
from aimc_sim.model.signal import Floats
from aimc_sim.spec import InputError


def wires_of(hardware: Hardware) -> Wires | None:
    """Return the wires of a chip that count; None where they are ideal or switched off."""
    wires = hardware.wires
    return None if wires is None or wires.is_ideal or not hardware.effects.wires else wires


class WireBinder:
    """What the wires of one tile do in one phase.

    Parameters
    ----------
    lines : TileLines
        Tile and phase.
    wires : Wires
        Its lines, some of them not ideal.
    g_S : float array, shape (n_wordlines, n_columns, n_devices)
        Conductances of the whole tile [S]; what frozen noise took below 0 is 0.
    """

    def __init__(self, lines: TileLines, wires: Wires, g_S: Floats) -> None:
        self.lines, self.g_S = lines, np.maximum(g_S, 0.0)
        own = places_of(lines.m, lines.tile, lines.hardware)
        self.places, self.wires = on_site(own, lines.m, lines.tile, lines.hardware, wires)
        self.array_S = self.places.array(self.g_S)
        self.senses_voltage = lines.hardware.tile.sensing == "voltage"

    def error(self) -> Floats:
        """Return what wires add to the codes of the phase, [wordline, current]."""
        error_S = wire_error_S(self.array_S, self.wires, self.senses_voltage)
        return self.lines.currents(self.places.per_device(error_S)[self.lines.part])

    def bound(self, noise: CellNoise, curves: tuple[Floats, Floats] | None) -> BoundWires | None:
        """Return what is done per read; None where conductances say all.

        Parameters
        ----------
        noise : CellNoise
            Of the whole tile.
        curves : tuple of float arrays, optional
            a and b of ``I = g V + a V^2 + b V^3``, of the devices of the whole tile.

        Raises
        ------
        InputError
            Noise of a tile whose reads are solved one by one.
        """
        telegraph = switching(self.lines.setting, self.lines.tile)
        kinds = (noise.white_S, noise.correlated_S, telegraph)
        is_noisy = any(kind is not None for kind in kinds)
        if curves is not None or self.wires.is_gate:
            if is_noisy:
                raise InputError(
                    f"hardware.wires: found {self.wires.topology!r} "
                    f"{'with curved cells ' if curves is not None else ''}and read noise, "
                    f"which is known to first order of a linear network only; allowed: a device "
                    f"without read noise, or hardware.effects without it"
                )
            return BoundWires(self._sums(), solved=self._solved(curves))
        return BoundWires(self._sums(), noise=self._noise(noise)) if is_noisy else None

    def _sums(self) -> LineSums:
        """Return how the lines of the array make the currents of the phase."""
        lines = self.lines
        held = lines.by_current(self.places.line[lines.part])[0]
        k = lines.layout.n_copies
        minus = None if lines.after else held[:, k:]
        unit_S = lines.step_of_current_S[0] * k
        return lines_to_currents(self.places, held[:, :k], minus, unit_S)

    def _solved(self, curves: tuple[Floats, Floats] | None) -> SolvedReads:
        rows, signs = self.places.rows_of(self.lines.wordlines)
        arrays = None
        if curves is not None:
            arrays = self.places.array(curves[0]), self.places.array(curves[1])
        return SolvedReads(self.wires, self.array_S, arrays, rows, signs)

    def _noise(self, noise: CellNoise) -> WiredNoise:
        wires, gain = self.wires, np.ones(self.places.n_lines)
        if self.senses_voltage:
            wires, ohm = with_open_bitlines(wires)
            gain = ohm * self.array_S.sum(axis=0)
        rows, signs = self.places.rows_of(self.lines.wordlines)
        cell = (self.places.row * self.places.n_lines + self.places.line).ravel()
        white = None if noise.white_S is None else noise.white_S.ravel()
        return WiredNoise(
            first_order(self.array_S, wires),
            rows,
            signs,
            cell.astype(np.int64),
            white,
            self._flicker(noise),
            self._telegraph(),
            gain,
        )

    def _flicker(self, noise: CellNoise) -> BoundFlicker | None:
        if noise.correlated_S is None or not noise.correlated_S.any():
            return None
        setting = self.lines.setting
        sigma_S = noise.correlated_S.ravel()
        entries = _of_devices(np.flatnonzero(sigma_S > 0.0), sigma_S)
        place = f"{self.lines.tile.tile_id}/{self.lines.phase.name}"
        return bind_flicker(entries, noise.band, noise.holds, setting.seed, self.lines.path, place)

    def _telegraph(self) -> BoundTelegraph | None:
        found = switching(self.lines.setting, self.lines.tile)
        if found is None:
            return None
        entries = _of_devices(found.number, self.g_S.ravel())
        return bind_telegraph(self.lines.setting, found, entries)


def _of_devices(number: Indices, amount_S: Floats) -> Entries:
    """Return devices as entries that add to themselves, driven by one line of code 1."""
    amount = amount_S[number]
    return Entries(number, np.zeros_like(number), number, amount, amount)
