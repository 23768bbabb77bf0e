"""Ramp converter: one ramp a tile, one comparator a converter, and a counter."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from aimc_sim.converters.adc import FaultedAdc
from aimc_sim.converters.transfer import (
    Draw,
    Transfer,
    bow,
    gains,
    ideal_thresholds,
    lowest_code,
    spread,
    tied_walk,
)


class RampAdc(FaultedAdc):
    """A ramp that all converters of a tile compare with, counted until it passes the input.

    Parameters
    ----------
    inl_sigma_lsb : float
        Spread of the ramp's bow at mid-scale, one draw a tile [LSB].
    dnl_sigma_lsb : float
        Spread of a step of the ramp, one draw a tile and step [LSB].
    gain_sigma : float
        Relative spread of the slope, one draw a tile.
    comparator_offset_sigma_lsb : float
        Spread of a comparator's offset, one draw a converter [LSB].
    noise_sigma_lsb : float
        Thermal noise, drawn anew at every conversion [LSB].

    Notes
    -----
    ``T_k = (t_0 + walk_k - a 4 x (1 - x)) / G - offset`` with ``x = k / (2^bits - 2)`` and t_0 the
    ideal first threshold; the walk of the drawn steps (none below 0) ends where the ideal one
    does, so that the end-point INL is bow plus walk, and G is the slope. A count ends where the
    ramp passes the input for the first time: thresholds are running maxima of the ramp. Draws:
    ``adc/ramp_bow``, ``adc/ramp_step``, ``adc/gain`` (a tile), ``adc/offset`` (a converter).

    Examples
    --------
    >>> adc = RampAdc(kind="ramp", bits=2, inl_sigma_lsb=0.25)
    >>> adc.transfer(lambda name, n: np.ones(n), 1, False).thresholds.tolist()
    [[0.5, 1.25, 2.5]]
    """

    kind: Literal["ramp"]
    inl_sigma_lsb: float = Field(default=0.0, ge=0, le=1000)
    dnl_sigma_lsb: float = Field(default=0.0, ge=0, le=2)
    gain_sigma: float = Field(default=0.0, ge=0, le=0.3)
    comparator_offset_sigma_lsb: float = Field(default=0.0, ge=0, le=1000)
    noise_sigma_lsb: float = Field(default=0.0, ge=0, le=100)

    def transfer(self, draw: Draw, n_adcs: int, signed: bool) -> Transfer | None:
        """Return the converters as built: one ramp, moved by each comparator's offset."""
        if not self.is_faulty:
            return None
        n_steps = (1 << self.bits) - 2
        walk = tied_walk(1.0 + spread(draw, "adc/ramp_step", n_steps, self.dnl_sigma_lsb))
        curve = spread(draw, "adc/ramp_bow", 1, self.inl_sigma_lsb) * bow(
            np.arange(n_steps + 1) / n_steps
        )
        gain = gains(draw, "adc/gain", 1, self.gain_sigma)
        first = ideal_thresholds(self.bits, signed)[0]
        ramp = np.maximum.accumulate((first + walk - curve) / gain)
        offset = spread(draw, "adc/offset", n_adcs, self.comparator_offset_sigma_lsb)
        return Transfer(
            ramp - offset[:, None], lowest_code(self.bits, signed), self.noise_sigma_lsb
        )
