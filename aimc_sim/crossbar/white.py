"""White read noise of a tile in one phase, and the grid that keeps sums exact."""

from __future__ import annotations

import numpy as np

from aimc_sim.crossbar.lines import TileLines
from aimc_sim.crossbar.noise import CellNoise
from aimc_sim.mapping.encode import MIN_GRID_BITS, grid_bits, on_grid
from aimc_sim.model.signal import Floats
from aimc_sim.spec import InputError

VARIANCE_BITS = 12
"""Binary places that the grid leaves to the largest read-noise variance of a tile."""
_ONE_S = np.array([1.0e-4])


def exact_bits(lines: TileLines, peak: float) -> int:
    """Return the binary places of a grid on which sums up to `peak` are exact in float64.

    Raises
    ------
    InputError
        There is no such grid, or one too coarse.
    """
    bits = grid_bits(peak)
    if bits < MIN_GRID_BITS:
        raise InputError(
            f"layer {lines.tile.layer!r}, tile {lines.tile.tile_id}: its sums reach {peak:.3g} "
            f"units; float64 keeps them exact up to 2^{51 - MIN_GRID_BITS}: use a narrower "
            f"DAC, a smaller tile or another mapping"
        )
    return bits


def white_noise(
    lines: TileLines, noise: CellNoise, size: Floats
) -> tuple[Floats | None, Floats | None]:
    """Return spread of each device and variance of each cell, in codes, copies averaged."""
    if noise.white_S is None:
        return None, None
    check_form(lines)
    white = lines.by_current(noise.white_S[lines.part])
    sigma = np.asarray(white / lines.step_of_current_S[..., None])
    square = np.square(sigma).sum(axis=-1) / lines.layout.n_copies**2
    return sigma, _variance(lines, square, float((np.square(size) @ square).max()))


def signed(lines: TileLines, sigma: Floats | None) -> Floats | None:
    """Return spreads with the signs of their sides, where the sums of conductances need them.

    Elsewhere a sign says nothing, as normals are symmetric.
    """
    if sigma is None:
        return None
    signs = lines.device_sign() if lines.hardware.tile.sensing == "voltage" else 1
    return np.asarray(sigma * signs / lines.layout.n_copies)


def check_form(lines: TileLines, reason: str = "") -> None:
    """Refuse one draw a bitline where bitlines share devices, or a current is not linear."""
    hardware = lines.hardware
    if hardware.mapping.noise_form == "cell":
        return
    if lines.layout.has_reference and not lines.after:
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
            "with hardware.effects.nonlinearity the device's current is not linear in the voltage"
        )
    if reason:
        raise InputError(
            f"hardware.mapping.noise_form: found 'bitline', one draw a bitline; {reason}; "
            f"allowed: cell"
        )


def _variance(lines: TileLines, square: Floats, peak: float) -> Floats:
    """Return variances on a grid that is fine beside the largest of them."""
    bits = grid_bits(peak)
    if float(square.max()) * 2.0**bits < 1 << VARIANCE_BITS and square.any():
        raise InputError(
            f"layer {lines.tile.layer!r}, tile {lines.tile.tile_id}: its read noise reaches "
            f"{peak:.3g} units squared; float64 keeps it to {VARIANCE_BITS} bits up to "
            f"2^{52 - VARIANCE_BITS} times one cell: use a narrower DAC or a smaller tile"
        )
    return on_grid(square, bits)
