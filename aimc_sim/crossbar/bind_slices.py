"""Input slices of a tile's read, bound: drives, converters, streams, curvature."""

from __future__ import annotations

from typing import Any

import numpy as np

from aimc_sim.converters import Transfer
from aimc_sim.crossbar.bound import BoundSlice
from aimc_sim.crossbar.converting import bind_adc, transfer_of
from aimc_sim.crossbar.lines import TileLines
from aimc_sim.crossbar.ranges import converter_ranges
from aimc_sim.crossbar.white import exact_bits
from aimc_sim.mapping.encode import on_grid
from aimc_sim.model.signal import Floats
from aimc_sim.rng import stream_key


def bind_slices(
    lines: TileLines, size: Floats, g_S: Floats, *, curves: bool
) -> tuple[BoundSlice, ...]:
    """Return drive, converter steps and random stream of each slice."""
    bound, at_line, lane = [], lines.lines(), lines.lane()
    transfers: dict[bool, Transfer | None] = {}
    dac = lines.hardware.dac
    for i, read in enumerate(lines.reads):
        v_lsb_V = dac.v_read_V / max(float(size[i].max()), 1.0)
        signed = not lines.after or any(part.signed for part in read.slices.values())
        if signed not in transfers:
            transfers[signed] = transfer_of(lines.setting, lines.tile, signed)
        lsb, code_min, code_max = converter_ranges(lines, i, size[i], v_lsb_V, signed)
        source = f"{lines.phase.name}/{i}"
        bound.append(
            BoundSlice(
                i,
                read.shift,
                read.sign,
                lsb,
                code_min,
                code_max,
                v_lsb_V,
                dac.v_read_V if dac.is_pulse else v_lsb_V,
                stream_key(lines.setting.seed, *lines.path, f"{source}/read_noise"),
                int((size[i] > 0).sum()),
                _curve(lines, g_S, v_lsb_V, size[i]) if curves else None,
                *_correction(lines, lsb, read.sign),
                bind_adc(
                    lines.setting,
                    transfers[signed],
                    lines.path,
                    f"{source}/adc_noise",
                    at_line,
                    lane,
                ),
                dac.t_code_s,
                dac.tallied_power,
            )
        )
    return tuple(bound)


def _correction(lines: TileLines, lsb: Floats, sign: int) -> tuple[Floats, Floats]:
    """Return scale and offset of the converters' codes; the offset is spread over slices."""
    key = (lines.setting.chip, lines.tile.tile_id, lines.phase.name)
    found = lines.setting.tiles.corrections.get(key)
    if found is None:
        return lsb, np.zeros(len(lsb))
    weight = sum(1 << read.shift for read in lines.reads if read.sign > 0)
    return lsb * found.gain, found.offset / weight * (sign > 0)


def curves_of(lines: TileLines, g_S: Floats, part: Any) -> tuple[Floats, Floats] | None:
    """Return a and b of ``I = g V + a V^2 + b V^3`` of some devices; None where I is linear."""
    if not lines.hardware.effects.nonlinearity:
        return None
    found = lines.hardware.device.nonlinearity(g_S)
    if found is None:
        return None
    healthy = lines.setting.tiles.faults.healthy(lines.setting.chip, lines.tile.tile_id)
    curved = np.broadcast_to(healthy, lines.m.shape(lines.tile))[part] & (g_S > 0.0)
    return np.where(curved, found[0], 0.0), np.where(curved, found[1], 0.0)


def _curve(lines: TileLines, g_S: Floats, v_lsb_V: float, size: Floats) -> Floats | None:
    """Return what squares and cubes of codes add to each current [units], on a grid.

    Pulses of one height and many lengths see one point of the curve: what it adds goes with the
    magnitude of a code, and with the code.
    """
    found = curves_of(lines, g_S, lines.part)
    if found is None:
        return None
    v_V = v_lsb_V * max(float(size.max()), 1.0) if lines.hardware.dac.is_pulse else v_lsb_V
    terms = [lines.currents(term * v_V**n) for n, term in enumerate(found, start=1)]
    powers = (1, 1) if lines.hardware.dac.is_pulse else (2, 3)
    peaks = [float((size**n @ np.abs(t)).max()) for n, t in zip(powers, terms, strict=True)]
    return np.stack([on_grid(t, exact_bits(lines, p)) for t, p in zip(terms, peaks, strict=True)])
