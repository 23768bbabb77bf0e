"""Mapping: how a model is laid onto tiles."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from aimc_sim.spec import Spec


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
    """

    s4d: Literal["hybrid", "split", "fused"] = "hybrid"
    subtraction: Literal["before_adc", "after_adc"] = "before_adc"
    unused: Literal["stated", "programmed"] = "stated"
    unused_S: float | None = Field(default=None, ge=0)
    allow_narrow_state: bool = False
    noise_form: Literal["bitline", "cell"] = "bitline"
