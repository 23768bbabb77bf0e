"""Sums in fixed point: conductances of 16 bits, where a converter's step allows it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from aimc_sim.crossbar.bound import BoundSlice
from aimc_sim.crossbar.lines import TileLines
from aimc_sim.mapping.encode import grid_bits
from aimc_sim.model.signal import Floats
from aimc_sim.spec import InputError

TOP = (1 << 15) - 2
"""Largest magnitude of a conductance before its two parts are rounded, on the grid."""
ALLOWED_LSB = 0.5
"""Of an ADC's step, that rounding may move a current by."""


def fixed_bits(lines: TileLines, total: Floats) -> int:
    """Return the binary places of a grid on which conductances fit 16 bits.

    Parameters
    ----------
    lines : TileLines
        Of a tile.
    total : float array, shape (n_wordlines, n_currents)
        Sums of magnitudes that meet where a wordline crosses a current [units of a weight code].

    Raises
    ------
    InputError
        With wires, whose currents are not summed in integers.
    """
    if lines.hardware.wires is not None:
        raise InputError(
            "hardware.mapping.sums: found 'fixed16'; with hardware.wires allowed: float64"
        )
    largest = float(total.max(initial=0.0))
    places = math.floor(math.log2(TOP / max(largest, 1.0e-9)))
    return min(places, grid_bits(largest))


def rounding_lsb(
    lines: TileLines, size: Floats, moved: Floats, slices: Sequence[BoundSlice]
) -> float:
    r"""Return what rounding to a grid moves a current by at most, in steps of its converter.

    Parameters
    ----------
    lines : TileLines
        Of a tile.
    size : float array, shape (n_slices, n_wordlines)
        Largest magnitude of the codes of each read.
    moved : float array, shape (n_wordlines, n_currents)
        What rounding has moved each conductance by [units of a weight code].
    slices : sequence of BoundSlice
        Converters.

    Raises
    ------
    InputError
        More than half a step.

    Notes
    -----
    :math:`\sum_i |x_i| |\Delta g_i|` bounds the error of a current whose wordlines have codes of at
    most :math:`x_i`.
    """
    worst = size @ np.abs(moved)
    found = max((float((w / s.lsb).max()) for w, s in zip(worst, slices, strict=True)), default=0.0)
    if found > ALLOWED_LSB:
        raise InputError(
            f"hardware.mapping.sums: found 'fixed16'; layer {lines.tile.layer!r}, tile "
            f"{lines.tile.tile_id}: conductances of 16 bits may move a current by {found:.3g} ADC "
            f"steps; allowed {ALLOWED_LSB}: use a coarser ADC, a narrower DAC, or float64"
        )
    return found
