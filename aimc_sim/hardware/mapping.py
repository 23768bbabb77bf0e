"""Mapping: how a model is laid onto tiles."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from aimc_sim.hardware.weights import Weights
from aimc_sim.spec import Spec

LineOrder = Literal["as_mapped", "reversed", "heavy_first"]


class Mapping(Spec):
    """How a model is laid onto tiles.

    Parameters
    ----------
    s4d : {"hybrid", "split", "fused"}
        ``hybrid``: the diagonal recurrence is digital, B and C are analog. ``split``: A, B and C
        on tiles of their own, digital sums between. ``fused``: A, B, C and D of a kernel on one
        crossbar.
    subtraction : {"before_adc", "after_adc"}
        Where the two currents of a pair are subtracted.
    unused : {"stated", "programmed"}
        Cells that hold no weight: left at the stated conductance `unused_S`, without spread,
        drift or read noise, or programmed like a weight of zero.
    unused_S : float, optional
        Conductance of an unused cell [S]; by default the device's `g_min_S`.
    allow_narrow_state : bool
        Let a state pass through an ADC that is narrower than it; otherwise that is refused.
    noise_form : {"bitline", "cell"}
        One read-noise draw a bitline with the exact variance, or one a cell; equal in
        distribution.
    sums : {"float64", "fixed16"}
        Numbers that products are summed in: conductances of 44 bits or fewer in float64, or of 16
        bits in integers, faster on dense tiles, where that moves no current by more than half of
        its converter's step.
    weights : Weights
        How one weight becomes devices.
    window : {"tensor", "tile", "kernel", "mode"}
        Whose largest code takes the whole conductance window: that of a tensor, of what a tile
        holds of it, of a channel's kernel, or of one mode of it (its 2x2 block of A and its B; the
        codes of C, which one bitline adds up, are those of the kernel). A matrix without kernels
        takes those of its tile.
    a_stored : {"A", "A_minus_I"}
        What analog recurrences store: A, or A - I, with the identity added digitally.
    pole_gain : {"none", "magnitude", "complex"}
        Pole calibration: after programming each mode's block of A is read, and one digital gain a
        mode puts its pole back where it belongs, its magnitude or the whole pole.
    share_tiles : bool
        Let matrices, and layers, share tiles, along their diagonal; otherwise each has its own.
    wordline_order, column_order : {"as_mapped", "reversed", "heavy_first"}
        Where the lines that a tile uses lie: first to last from the drivers and converters on,
        turned round, or the largest sums of magnitudes first. A plan file may state any order.
    """

    s4d: Literal["hybrid", "split", "fused"] = "hybrid"
    subtraction: Literal["before_adc", "after_adc"] = "before_adc"
    unused: Literal["stated", "programmed"] = "stated"
    unused_S: float | None = Field(default=None, ge=0)
    allow_narrow_state: bool = False
    noise_form: Literal["bitline", "cell"] = "bitline"
    sums: Literal["float64", "fixed16"] = "float64"
    weights: Weights = Weights()
    window: Literal["tensor", "tile", "kernel", "mode"] = "tensor"
    a_stored: Literal["A", "A_minus_I"] = "A"
    pole_gain: Literal["none", "magnitude", "complex"] = "none"
    share_tiles: bool = False
    wordline_order: LineOrder = "as_mapped"
    column_order: LineOrder = "as_mapped"
