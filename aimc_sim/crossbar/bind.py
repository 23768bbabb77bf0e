"""Bind a programmed matrix for reading: everything is looked up once, before the first step."""

from __future__ import annotations

import numpy as np

from aimc_sim.crossbar.bound import BoundPhase, BoundRead, BoundSlice
from aimc_sim.crossbar.flicker import BoundFlicker, bind_flicker
from aimc_sim.crossbar.lines import TileLines
from aimc_sim.crossbar.noise import CellNoise, cell_noise
from aimc_sim.crossbar.setting import ReadSetting
from aimc_sim.crossbar.telegraph import BoundTelegraph, bind_telegraph, switching
from aimc_sim.mapping.encode import MIN_GRID_BITS, grid_bits, in_units, on_grid
from aimc_sim.mapping.matrix import Indices, Phase
from aimc_sim.mapping.plan import MatrixPlan, slices_of
from aimc_sim.model.signal import Floats
from aimc_sim.rng import stream, stream_key
from aimc_sim.spec import InputError

VARIANCE_BITS = 12
"""Binary places that the grid leaves to the largest read-noise variance of a tile."""


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
        slices_of(m.matrix, phase, setting.tiles.hardware),
        tuple(read for read in found if read is not None),
    )


class _Binder(TileLines):
    """Binds one tile in one phase."""

    def bind(self) -> BoundRead | None:
        """Return the bound read, or None where the tile has no part in the phase."""
        if not self.wordlines.size or not self.columns.size:
            return None
        g_S, noise = self._devices()
        size = self.magnitudes()
        bits = self._grid(float((size @ (np.abs(g_S).sum(axis=2) / self.step_S)).max()))
        units = in_units(g_S, self.hardware.device.g_min_S, self.step_S, bits)
        sigma = None
        if noise.white_S is not None:
            sigma = self.by_current(noise.white_S[self.part] / self.step_S[..., None])
        variance = None
        if sigma is not None:
            square = np.square(sigma).sum(axis=-1)
            variance = self._variance(square, float((np.square(size) @ square).max()))
        return BoundRead(
            self.tile,
            self.wordlines,
            self.columns,
            self.gather,
            self.currents(units),
            sigma,
            variance,
            self.by_current(self.number),
            self.both(self.out),
            self.sign(),
            np.concatenate([2 * self.columns, 2 * self.columns + 1])
            if self.after
            else self.columns,
            g_S.sum(axis=(1, 2)),
            self._bind_slices(size, g_S),
            self._flicker(noise),
            self._telegraph(g_S),
        )

    def _devices(self) -> tuple[Floats, CellNoise]:
        """Return the conductances of a run [S], frozen noise included, and the rest of the noise.

        The conductances are those of the phase, the noise is that of the whole tile.
        """
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
        return g_S[self.part], noise

    def _flicker(self, noise: CellNoise) -> BoundFlicker | None:
        if noise.correlated_S is None:
            return None
        sigma = noise.correlated_S[self.part] / self.step_S[..., None]
        if not sigma.any():
            return None
        entries = self.entries(sigma, sigma > 0.0)
        return bind_flicker(entries, noise.band, noise.holds, self.setting.seed, self.path)

    def _telegraph(self, g_S: Floats) -> BoundTelegraph | None:
        found = switching(self.setting, self.tile)
        if found is None:
            return None
        entries = self.entries(g_S / self.step_S[..., None], np.isin(self.number, found.number))
        return bind_telegraph(self.setting, found, entries)

    def _grid(self, peak: float) -> int:
        bits = grid_bits(peak)
        if bits < MIN_GRID_BITS:
            raise InputError(
                f"layer {self.tile.layer!r}, tile {self.tile.tile_id}: its sums reach {peak:.3g} "
                f"units; float64 keeps them exact up to 2^{51 - MIN_GRID_BITS}: use a narrower "
                f"DAC, a smaller tile or another mapping"
            )
        return bits

    def _variance(self, square: Floats, peak: float) -> Floats:
        """Return variances on a grid that is fine beside the largest of them."""
        bits = grid_bits(peak)
        if float(square.max()) * 2.0**bits < 1 << VARIANCE_BITS and square.any():
            raise InputError(
                f"layer {self.tile.layer!r}, tile {self.tile.tile_id}: its read noise reaches "
                f"{peak:.3g} units squared; float64 keeps it to {VARIANCE_BITS} bits up to "
                f"2^{52 - VARIANCE_BITS} times one cell: use a narrower DAC or a smaller tile"
            )
        return on_grid(square, bits)

    def _bind_slices(self, size: Floats, g_S: Floats) -> tuple[BoundSlice, ...]:
        """Return drive, converter steps and random stream of each slice."""
        bound = []
        for i, slices in enumerate(self.slices):
            v_lsb_V = self.hardware.dac.v_read_V / max(float(size[i].max()), 1.0)
            signed = not self.after or any(part.signed for part in slices.values())
            lsb, code_min, code_max = self._ranges(size[i], v_lsb_V, signed)
            source = f"{self.phase.name}/{i}/read_noise"
            bound.append(
                BoundSlice(
                    i,
                    i * (self.hardware.dac.width or 0),
                    lsb,
                    code_min,
                    code_max,
                    v_lsb_V,
                    stream_key(self.setting.seed, *self.path, source),
                    int((size[i] > 0).sum()),
                    self._curve(g_S, v_lsb_V, size[i]),
                    *self._correction(lsb),
                )
            )
        return tuple(bound)

    def _correction(self, lsb: Floats) -> tuple[Floats, Floats]:
        """Return scale and offset of the converters' codes; the offset is spread over slices."""
        key = (self.setting.chip, self.tile.tile_id, self.phase.name)
        found = self.setting.tiles.corrections.get(key)
        if found is None:
            return lsb, np.zeros(len(lsb))
        width = self.hardware.dac.width or 0
        weight = sum(1 << (i * width) for i in range(len(self.slices)))
        return lsb * found.gain, found.offset / weight

    def _curve(self, g_S: Floats, v_lsb_V: float, size: Floats) -> Floats | None:
        """Return what squares and cubes of codes add to each current [units], on a grid."""
        if not self.hardware.effects.nonlinearity:
            return None
        found = self.hardware.device.nonlinearity(g_S)
        if found is None:
            return None
        healthy = self.setting.tiles.faults.healthy(self.setting.chip, self.tile.tile_id)
        curved = np.broadcast_to(healthy, self.shape)[self.part] & (g_S > 0.0)
        terms = [
            self.currents(np.where(curved, term, 0.0) * v_lsb_V**n / self.step_S[..., None])
            for n, term in enumerate(found, start=1)
        ]
        peaks = [float((size**n @ np.abs(term)).max()) for n, term in enumerate(terms, start=2)]
        return np.stack([on_grid(t, self._grid(p)) for t, p in zip(terms, peaks, strict=True)])

    def _ranges(self, size: Floats, v_lsb_V: float, signed: bool) -> tuple[Floats, int, int]:
        """Return the converter step of each current, and the ends; one range an output vector."""
        g_min_S = self.hardware.device.g_min_S
        codes = self.tile.codes(self.m.matrix)[self.part].astype(np.float64)
        sides = np.stack([np.maximum(codes, 0.0), np.maximum(-codes, 0.0)], axis=-1)
        weighted = size[:, None] * np.abs(self.currents(sides + g_min_S / self.step_S[..., None]))
        worst, norm = weighted.sum(axis=0), np.sqrt(np.square(weighted).sum(axis=0))
        unit_A = self.both(v_lsb_V * self.step_S[0])
        lsb, group = np.empty(len(worst)), self.both(self._output_of_column())
        for vector in np.unique(group):
            at = group == vector
            adc = self.hardware.adc.range_for(
                float(worst[at].max()), float(norm[at].max()), signed, float(unit_A[at][0])
            )
            lsb[at] = adc.lsb
        return lsb, adc.code_min, adc.code_max

    def _output_of_column(self) -> Indices:
        """Return the number of the output vector of each column read."""
        ends = np.cumsum([len(self.m.matrix.output(name).lines) for name in self.phase.reads])
        return np.searchsorted(ends, self.out, side="right")
