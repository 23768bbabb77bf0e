"""Bind a programmed matrix for reading: everything is looked up once, before the first step."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from aimc_sim.crossbar.bound import BoundPhase, BoundRead, BoundSlice, ReadSetting
from aimc_sim.crossbar.tile import code_step_S
from aimc_sim.mapping.encode import MIN_GRID_BITS, grid_bits, in_units, on_grid
from aimc_sim.mapping.matrix import Indices, Phase
from aimc_sim.mapping.plan import MatrixPlan, TilePlan, slices_of
from aimc_sim.model.signal import Floats, Ints
from aimc_sim.rng import stream_key
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


class _Binder:
    """Binds one tile in one phase."""

    def __init__(self, setting: ReadSetting, m: MatrixPlan, phase: Phase, tile: TilePlan) -> None:
        self.setting, self.m, self.phase, self.tile = setting, m, phase, tile
        self.hardware = setting.tiles.hardware
        self.after = self.hardware.mapping.subtraction == "after_adc"
        self.wordlines, self.gather = m.lines_of(tile, phase.drives, "inputs")
        self.columns, self.out = m.lines_of(tile, phase.reads, "outputs")
        self.part = np.ix_(self.wordlines, self.columns)
        self.step_S = code_step_S(m, tile, self.hardware)[self.part]
        self.slices = slices_of(m.matrix, phase, self.hardware)

    def bind(self) -> BoundRead | None:
        """Return the bound read, or None where the tile has no part in the phase."""
        if not self.wordlines.size or not self.columns.size:
            return None
        g_S, sigma_S = self._devices()
        size = self._magnitudes()
        bits = self._grid(float((size @ (g_S.sum(axis=2) / self.step_S)).max()))
        units = in_units(g_S, self.hardware.device.g_min_S, self.step_S, bits)
        sigma = None if sigma_S is None else self._by_current(sigma_S / self.step_S[..., None])
        variance = None
        if sigma is not None:
            square = np.square(sigma).sum(axis=-1)
            variance = self._variance(square, float((np.square(size) @ square).max()))
        n_tile = (self.tile.n_wordlines, self.tile.n_columns, 2)
        number = np.arange(np.prod(n_tile)).reshape(n_tile)[self.part]
        return BoundRead(
            self.tile,
            self.wordlines,
            self.columns,
            self.gather,
            self._currents(units),
            sigma,
            variance,
            self._by_current(number),
            self._both(self.out),
            self._sign(),
            np.concatenate([2 * self.columns, 2 * self.columns + 1])
            if self.after
            else self.columns,
            g_S.sum(axis=(1, 2)),
            self._bind_slices(size),
        )

    def _devices(self) -> tuple[Floats, Floats | None]:
        """Return conductances and read-noise spreads of the devices read [S]."""
        s, tile = self.setting, self.tile.tile_id
        g_S = s.tiles.g_S(s.chip, tile, s.age_s)
        sigma_S = s.tiles.sigma_read_S(s.chip, tile, s.age_s)
        for values in (g_S, sigma_S):
            if values is not None and not np.isfinite(values).all():
                raise InputError(
                    f"layer {self.tile.layer!r}, tile {self.tile.tile_id}: "
                    f"a conductance or its noise is not finite at {s.age_s:g} s"
                )
        return g_S[self.part], None if sigma_S is None else sigma_S[self.part]

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

    def _both(self, values: Indices) -> Indices:
        """Return one entry a current from one entry a column."""
        return np.concatenate([values, values]) if self.after else values

    def _sign(self) -> Ints:
        n = len(self.columns)
        return np.repeat(np.array([1, -1] if self.after else [1], dtype=np.int64), n)

    def _currents(self, units: Floats) -> Floats:
        """Return [wordline, current] from [wordline, column, device]."""
        if self.after:
            return np.concatenate([units[..., 0], units[..., 1]], axis=1)
        return np.ascontiguousarray(units[..., 0] - units[..., 1])

    def _by_current(self, devices: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return [wordline, current, device] from [wordline, column, device]."""
        if self.after:
            return np.concatenate([devices[..., :1], devices[..., 1:]], axis=1)
        return np.ascontiguousarray(devices)

    def _magnitudes(self) -> Floats:
        """Return the largest slice code of each wordline, shape (n_slices, n_wordlines)."""
        rows = []
        for slices in self.slices:
            sizes = [
                np.full(
                    len(self.m.matrix.input(name).lines),
                    float(slices[name].magnitude) if name in slices else 0.0,
                )
                for name in self.phase.drives
            ]
            rows.append(np.concatenate(sizes)[self.gather])
        return np.stack(rows)

    def _bind_slices(self, size: Floats) -> tuple[BoundSlice, ...]:
        """Return drive, converter steps and random stream of each slice."""
        s, bound = self.setting, []
        for i, slices in enumerate(self.slices):
            v_lsb_V = self.hardware.dac.v_read_V / max(float(size[i].max()), 1.0)
            signed = not self.after or any(part.signed for part in slices.values())
            lsb, code_min, code_max = self._ranges(size[i], v_lsb_V, signed)
            source = f"{self.phase.name}/{i}/read_noise"
            key = stream_key(s.seed, "read", s.chip, self.tile.layer, self.tile.name, source)
            shift = i * (self.hardware.dac.width or 0)
            n_driven = int((size[i] > 0).sum())
            bound.append(BoundSlice(i, shift, lsb, code_min, code_max, v_lsb_V, key, n_driven))
        return tuple(bound)

    def _ranges(self, size: Floats, v_lsb_V: float, signed: bool) -> tuple[Floats, int, int]:
        """Return the converter step of each current, and the ends; one range an output vector."""
        g_min_S = self.hardware.device.g_min_S
        codes = self.tile.codes(self.m.matrix)[self.part].astype(np.float64)
        sides = np.stack([np.maximum(codes, 0.0), np.maximum(-codes, 0.0)], axis=-1)
        weighted = size[:, None] * np.abs(self._currents(sides + g_min_S / self.step_S[..., None]))
        worst, norm = weighted.sum(axis=0), np.sqrt(np.square(weighted).sum(axis=0))
        unit_A = self._both(v_lsb_V * self.step_S[0])
        lsb, group = np.empty(len(worst)), self._both(self._output_of_column())
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
