"""Bind a programmed matrix for reading: everything is looked up once, before the first step."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from aimc_sim.crossbar.bind_slices import bind_slices, curves_of
from aimc_sim.crossbar.bind_wires import WireBinder, wires_of
from aimc_sim.crossbar.bound import BoundPhase, BoundRead
from aimc_sim.crossbar.driving import bind_dac
from aimc_sim.crossbar.fixed import fixed_bits, rounding_lsb
from aimc_sim.crossbar.flicker import BoundFlicker, bind_flicker
from aimc_sim.crossbar.lines import TileLines
from aimc_sim.crossbar.noise import CellNoise, cell_noise
from aimc_sim.crossbar.setting import ReadSetting
from aimc_sim.crossbar.telegraph import BoundTelegraph, bind_telegraph, switching
from aimc_sim.crossbar.voltage import BoundVoltage
from aimc_sim.crossbar.white import check_form, exact_bits, signed, white_noise
from aimc_sim.crossbar.wired import BoundWires
from aimc_sim.mapping.encode import on_grid
from aimc_sim.mapping.matrix import Phase
from aimc_sim.mapping.plan import MatrixPlan
from aimc_sim.mapping.reads import reads_of
from aimc_sim.model.signal import Floats
from aimc_sim.rng import stream
from aimc_sim.spec import InputError


def bind_phase(setting: ReadSetting, m: MatrixPlan, phase: Phase) -> BoundPhase:
    """Look up everything that a phase of a matrix needs.

    Parameters
    ----------
    setting : ReadSetting
        Which chip, when.
    m : MatrixPlan
        The matrix and its tiles.
    phase : Phase
        One of its phases.

    Raises
    ------
    InputError
        Sums that float64 cannot hold exactly, or a conductance that is not finite.
    """
    found = (_Binder(setting, m, phase, tile).bind() for tile in m.tiles)
    return BoundPhase(
        phase,
        tuple(len(m.matrix.input(name).lines) for name in phase.drives),
        sum(len(m.matrix.output(name).lines) for name in phase.reads),
        reads_of(m.matrix, phase, setting.tiles.hardware),
        tuple(read for read in found if read is not None),
    )


class _Binder(TileLines):
    """Binds one tile in one phase."""

    def bind(self) -> BoundRead | None:
        """Return the bound read, or None where the tile has no part in the phase."""
        if not self.n_driven or not self.columns.size:
            return None
        whole_S, noise = self._devices()
        g_S = whole_S[self.part]
        size = self.magnitudes()
        total = self._total(g_S)
        bits, places = exact_bits(self, float((size @ total).max())), None
        units, moved, wired = self.units(g_S, bits), None, None
        wires = wires_of(self.hardware)
        if self.hardware.mapping.sums == "fixed16":
            places = fixed_bits(self, total)
            fixed = self.units(g_S, places)
            units, moved = fixed, fixed - units
        if wires is not None:
            units, wired = self._through(WireBinder(self, wires, whole_S), noise, units, bits)
        if wired is not None:  # noise and curves are its own
            noise = replace(noise, white_S=None, correlated_S=None)
        sigma, variance = white_noise(self, noise, size)
        by_cell = self.hardware.mapping.noise_form == "cell"
        n_reference = self.layout.n_slices if self.shared_minus else 0
        slices = bind_slices(self, size, g_S, curves=wired is None)
        return BoundRead(
            self.tile,
            self.wordlines,
            self.columns,
            self.gather,
            units,
            signed(self, sigma) if by_cell else None,
            variance,
            self.by_current(self.number) if by_cell else None,
            self.over_currents(self.out),
            self.weight(),
            self.lane(),
            n_reference,
            g_S.sum(axis=(1, 2)),
            slices,
            self._flicker(noise),
            None if wired is not None else self._telegraph(g_S),
            bind_dac(self.setting, self.tile, self.wordlines, self.phase.name, len(self.reads)),
            self._voltage(g_S, noise),
            wired,
            places,
            0.0 if moved is None else rounding_lsb(self, size, moved, slices),
        )

    def _devices(self) -> tuple[Floats, CellNoise]:
        """Return conductances in a run [S], frozen noise included, and other noise, of the tile."""
        s, tile = self.setting, self.tile.tile_id
        noise = cell_noise(s.tiles, s.chip, tile, s.age_s)
        g_S = s.tiles.g_S(s.chip, tile, s.age_s)
        if noise.frozen_S is not None:
            z = stream(s.seed, s.lasting, *self.path[1:], "flicker_frozen").normal(g_S.size)
            g_S = g_S + noise.frozen_S * z.astype(np.float64).reshape(g_S.shape)
        for values in (g_S, noise.white_S, noise.correlated_S):
            if values is not None and not np.isfinite(values).all():
                raise InputError(
                    f"layer {self.tile.layer!r}, tile {self.tile.tile_id}: "
                    f"a conductance or its noise is not finite at {s.age_s:g} s"
                )
        return g_S, noise

    def _through(
        self, wires: WireBinder, noise: CellNoise, units: Floats, bits: int
    ) -> tuple[Floats, BoundWires | None]:
        """Return codes with what wires change of them, and what is done per read."""
        found = curves_of(self, wires.g_S, np.s_[:, :, :])
        bound = wires.bound(noise, found)
        if bound is not None and bound.noise is not None:
            check_form(self, "with hardware.wires one device moves all bitlines")
        if wires.wires.is_gate:
            return units, bound
        return units + on_grid(wires.error(), bits), bound

    def _total(self, g_S: Floats) -> Floats:
        """Return the sum of magnitudes that can meet in a current, in codes, a wordline."""
        return np.asarray(self.by_current(np.abs(g_S)).sum(axis=2) / self.step_of_current_S)

    def _voltage(self, g_S: Floats, noise: CellNoise) -> BoundVoltage | None:
        if self.hardware.tile.sensing == "current":
            return None
        sigma_S = None if noise.white_S is None else self.by_current(noise.white_S[self.part])
        return BoundVoltage(self.asked_sum_S(), self.by_current(g_S).sum(axis=(0, 2)), sigma_S)

    def _flicker(self, noise: CellNoise) -> BoundFlicker | None:
        if noise.correlated_S is None:
            return None
        spread_S = self.by_current(noise.correlated_S[self.part])
        sigma = spread_S / self.step_of_current_S[..., None] / self.layout.n_copies
        if not sigma.any():
            return None
        entries = self.entries(sigma, sigma > 0.0, spread_S)
        place = f"{self.tile.tile_id}/{self.phase.name}"
        return bind_flicker(entries, noise.band, noise.holds, self.setting.seed, self.path, place)

    def _telegraph(self, g_S: Floats) -> BoundTelegraph | None:
        found = switching(self.setting, self.tile)
        if found is None:
            return None
        keep = np.isin(self.by_current(self.number), found.number)
        held_S = self.by_current(g_S)
        amount = held_S / self.step_of_current_S[..., None] / self.layout.n_copies
        return bind_telegraph(self.setting, found, self.entries(amount, keep, held_S))
