"""Bind a programmed matrix for reading: everything is looked up once, before the first step."""

from __future__ import annotations

import numpy as np

from aimc_sim.converters import Transfer
from aimc_sim.crossbar.bound import BoundPhase, BoundRead, BoundSlice
from aimc_sim.crossbar.converting import bind_adc, transfer_of
from aimc_sim.crossbar.driving import bind_dac
from aimc_sim.crossbar.flicker import BoundFlicker, bind_flicker
from aimc_sim.crossbar.lines import TileLines
from aimc_sim.crossbar.noise import CellNoise, cell_noise
from aimc_sim.crossbar.ranges import converter_ranges
from aimc_sim.crossbar.setting import ReadSetting
from aimc_sim.crossbar.telegraph import BoundTelegraph, bind_telegraph, switching
from aimc_sim.crossbar.voltage import BoundVoltage
from aimc_sim.mapping.encode import MIN_GRID_BITS, grid_bits, on_grid
from aimc_sim.mapping.matrix import Phase
from aimc_sim.mapping.plan import MatrixPlan
from aimc_sim.mapping.reads import reads_of
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
        reads_of(m.matrix, phase, setting.tiles.hardware),
        tuple(read for read in found if read is not None),
    )


class _Binder(TileLines):
    """Binds one tile in one phase."""

    def bind(self) -> BoundRead | None:
        """Return the bound read, or None where the tile has no part in the phase."""
        if not self.n_driven or not self.columns.size:
            return None
        g_S, noise = self._devices()
        size = self.magnitudes()
        bits = self._grid(float((size @ self._total(g_S)).max()))
        sigma, variance = self._white(noise, size)
        n_reference = self.layout.n_slices if self.shared_minus else 0
        return BoundRead(
            self.tile,
            self.wordlines,
            self.columns,
            self.gather,
            self.units(g_S, bits),
            self._signed(sigma),
            variance,
            self.by_current(self.number),
            self.over_currents(self.out),
            self.weight(),
            self.lane(),
            n_reference,
            g_S.sum(axis=(1, 2)),
            self._bind_slices(size, g_S),
            self._flicker(noise),
            self._telegraph(g_S),
            bind_dac(self.setting, self.tile, self.wordlines, self.phase.name, len(self.reads)),
            self._voltage(g_S, noise),
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

    def _total(self, g_S: Floats) -> Floats:
        """Return the sum of magnitudes that can meet in a current, in codes, a wordline."""
        return np.asarray(self.by_current(np.abs(g_S)).sum(axis=2) / self.step_of_current_S)

    def _white(self, noise: CellNoise, size: Floats) -> tuple[Floats | None, Floats | None]:
        """Return spread of each device and variance of each cell, in codes, copies averaged."""
        if noise.white_S is None:
            return None, None
        self._check_form()
        white = self.by_current(noise.white_S[self.part])
        sigma = np.asarray(white / self.step_of_current_S[..., None])
        square = np.square(sigma).sum(axis=-1) / self.layout.n_copies**2
        return sigma, self._variance(square, float((np.square(size) @ square).max()))

    def _signed(self, sigma: Floats | None) -> Floats | None:
        """Return spreads with the signs of their sides, where the sums of conductances need them.

        Elsewhere a sign says nothing, as normals are symmetric.
        """
        if sigma is None:
            return None
        signs = self.device_sign() if self.hardware.tile.sensing == "voltage" else 1
        return np.asarray(sigma * signs / self.layout.n_copies)

    def _check_form(self) -> None:
        """Refuse one draw a bitline where bitlines share devices, or a current is not linear."""
        hardware = self.hardware
        if hardware.mapping.noise_form == "cell":
            return
        reason = ""
        if self.layout.has_reference and not self.after:
            reason = (
                "with hardware.mapping.weights.encoding offset_column all bitlines of a tile share "
                "the noise of its reference column"
            )
        elif hardware.tile.sensing == "voltage":
            reason = (
                "with hardware.tile.sensing voltage a noisy cell moves its bitline's sum of "
                "conductances as well"
            )
        elif hardware.effects.nonlinearity and hardware.device.nonlinearity(_ONE_S) is not None:
            reason = (
                "with hardware.effects.nonlinearity the device's current is not linear in the "
                "voltage"
            )
        if reason:
            raise InputError(
                f"hardware.mapping.noise_form: found 'bitline', one draw a bitline; {reason}; "
                f"allowed: cell"
            )

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
        return bind_flicker(entries, noise.band, noise.holds, self.setting.seed, self.path)

    def _telegraph(self, g_S: Floats) -> BoundTelegraph | None:
        found = switching(self.setting, self.tile)
        if found is None:
            return None
        keep = np.isin(self.by_current(self.number), found.number)
        held_S = self.by_current(g_S)
        amount = held_S / self.step_of_current_S[..., None] / self.layout.n_copies
        return bind_telegraph(self.setting, found, self.entries(amount, keep, held_S))

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
        bound, lines, lane = [], self.lines(), self.lane()
        transfers: dict[bool, Transfer | None] = {}
        for i, read in enumerate(self.reads):
            v_lsb_V = self.hardware.dac.v_read_V / max(float(size[i].max()), 1.0)
            signed = not self.after or any(part.signed for part in read.slices.values())
            if signed not in transfers:
                transfers[signed] = transfer_of(self.setting, self.tile, signed)
            lsb, code_min, code_max = converter_ranges(self, i, size[i], v_lsb_V, signed)
            source = f"{self.phase.name}/{i}"
            bound.append(
                BoundSlice(
                    i,
                    read.shift,
                    read.sign,
                    lsb,
                    code_min,
                    code_max,
                    v_lsb_V,
                    stream_key(self.setting.seed, *self.path, f"{source}/read_noise"),
                    int((size[i] > 0).sum()),
                    self._curve(g_S, v_lsb_V, size[i]),
                    *self._correction(lsb, read.sign),
                    bind_adc(
                        self.setting,
                        transfers[signed],
                        self.path,
                        f"{source}/adc_noise",
                        lines,
                        lane,
                    ),
                    self.hardware.dac.is_pulse,
                )
            )
        return tuple(bound)

    def _correction(self, lsb: Floats, sign: int) -> tuple[Floats, Floats]:
        """Return scale and offset of the converters' codes; the offset is spread over slices."""
        key = (self.setting.chip, self.tile.tile_id, self.phase.name)
        found = self.setting.tiles.corrections.get(key)
        if found is None:
            return lsb, np.zeros(len(lsb))
        weight = sum(1 << read.shift for read in self.reads if read.sign > 0)
        return lsb * found.gain, found.offset / weight * (sign > 0)

    def _curve(self, g_S: Floats, v_lsb_V: float, size: Floats) -> Floats | None:
        """Return what squares and cubes of codes add to each current [units], on a grid.

        Pulses of one height and many lengths see one point of the curve: what it adds goes with the
        magnitude of a code, and with the code.
        """
        if not self.hardware.effects.nonlinearity:
            return None
        found = self.hardware.device.nonlinearity(g_S)
        if found is None:
            return None
        healthy = self.setting.tiles.faults.healthy(self.setting.chip, self.tile.tile_id)
        shape = self.m.shape(self.tile)
        curved = np.broadcast_to(healthy, shape)[self.part] & (g_S > 0.0)
        v_V = v_lsb_V * max(float(size.max()), 1.0) if self.hardware.dac.is_pulse else v_lsb_V
        terms = [
            self.currents(np.where(curved, term, 0.0) * v_V**n)
            for n, term in enumerate(found, start=1)
        ]
        powers = (1, 1) if self.hardware.dac.is_pulse else (2, 3)
        peaks = [float((size**n @ np.abs(t)).max()) for n, t in zip(powers, terms, strict=True)]
        return np.stack([on_grid(t, self._grid(p)) for t, p in zip(terms, peaks, strict=True)])


_ONE_S = np.array([1.0e-4])
