"""Integrating converter: a current-controlled oscillator in each column, counted for a time."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from pydantic import Field, model_validator

from aimc_sim.converters.adc import AdcRange, FaultedAdc
from aimc_sim.converters.transfer import (
    Draw,
    Floats,
    Transfer,
    bow,
    gains,
    ideal_thresholds,
    lowest_code,
    spread,
)
from aimc_sim.spec import InputError


class IntegratingAdc(FaultedAdc):
    """Counts the pulses of an oscillator whose frequency follows the current.

    Parameters
    ----------
    t_integration_s : float
        Time of a conversion [s].
    lsb_time_s : float
        Period of the oscillator at full scale [s]; the time holds
        ``t_integration_s / lsb_time_s`` counts, which the codes of a counter must not exceed.
    two_counters : bool
        True: each sign of the current has an oscillator and a counter of its own. False: a signed
        current is moved up by half the full scale and counted once.
    gain_sigma : float
        Relative spread of an oscillator's gain, one draw a converter (and sign).
    offset_sigma_lsb : float
        Spread of the input offset, one draw a converter [LSB].
    inl_sigma_lsb : float
        Size of the bow at half the counts, one draw ``a = |inl_sigma_lsb z|`` a converter (and
        sign) [LSB]: an oscillator slows down towards full scale, never the other way.
    count_noise_sigma_lsb : float
        Noise of a count, drawn anew at every conversion [LSB].

    Notes
    -----
    ``T = (t - a 4 x (1 - x)) / G - offset`` for each ideal threshold t above 0, its mirror image
    for those below; x is the share of the counter's range, a at most a quarter of that range,
    where the curve would no longer rise. Draws: ``adc/gain``, ``adc/bow``, ``adc/offset``, and
    ``adc/gain_negative``, ``adc/bow_negative`` for the other counter.

    Examples
    --------
    >>> adc = IntegratingAdc(
    ...     kind="integrating", bits=8, t_integration_s=76.8e-9, lsb_time_s=3.0e-10, gain_sigma=0.21
    ... )
    >>> adc.n_counts
    256
    """

    kind: Literal["integrating"]
    t_integration_s: float = Field(gt=0, le=1)
    lsb_time_s: float = Field(gt=0, le=1)
    two_counters: bool = True
    gain_sigma: float = Field(default=0.0, ge=0, le=0.3)
    offset_sigma_lsb: float = Field(default=0.0, ge=0, le=1000)
    inl_sigma_lsb: float = Field(default=0.0, ge=0, le=1000)
    count_noise_sigma_lsb: float = Field(default=0.0, ge=0, le=100)

    @model_validator(mode="after")
    def _codes_fit_counts(self) -> IntegratingAdc:
        needed = self._codes_of_counter(signed=True)
        if self.n_counts < needed:
            raise ValueError(
                f"bits: found {self.bits}, up to {needed} counts; t_integration_s / lsb_time_s "
                f"holds {self.n_counts}"
            )
        return self

    @property
    def n_counts(self) -> int:
        """Counts of a conversion at full scale."""
        return math.floor(self.t_integration_s / self.lsb_time_s * (1.0 + 1.0e-9))

    def n_steps_of(self, bits_above: int) -> int:
        """Return the counts of a conversion: its counter runs for the whole integration."""
        return self.n_counts

    def range_for(
        self,
        worst: float,
        norm: float,
        signed: bool,
        unit_A: float,
        calibrated_A: float | None = None,
        bits_above: int = 0,
    ) -> AdcRange:
        """Return step and ends, as `RangedAdc.range_for`.

        Raises
        ------
        InputError
            Unsigned codes that one counter does not hold.
        """
        needed = self._codes_of_counter(signed)
        if self.n_counts < needed:
            raise InputError(
                f"hardware.adc.bits: found {self.bits}; unsigned codes need {needed} counts of one "
                f"counter, t_integration_s / lsb_time_s holds {self.n_counts}"
            )
        return super().range_for(worst, norm, signed, unit_A, calibrated_A, bits_above)

    def transfer(self, draw: Draw, n_adcs: int, signed: bool) -> Transfer | None:
        """Return the converters as built."""
        if not self.is_faulty:
            return None
        offset = spread(draw, "adc/offset", n_adcs, self.offset_sigma_lsb)
        t, code_min = ideal_thresholds(self.bits, signed), lowest_code(self.bits, signed)
        if signed and self.two_counters:
            half = -float(code_min)
            below = -self._counter(draw, n_adcs, "_negative", -t[t < 0.0], half)
            above = self._counter(draw, n_adcs, "", t[t > 0.0], half)
            levels = np.concatenate([below, above], axis=1)
        else:
            levels = code_min + self._counter(draw, n_adcs, "", t - code_min, float(1 << self.bits))
        return Transfer(levels - offset[:, None], code_min, self.count_noise_sigma_lsb)

    def _counter(self, draw: Draw, n_adcs: int, which: str, t: Floats, full: float) -> Floats:
        """Return where each count of one counter begins, shape (n_adcs, n_thresholds) [LSB]."""
        gain = gains(draw, f"adc/gain{which}", n_adcs, self.gain_sigma)
        size = np.abs(spread(draw, f"adc/bow{which}", n_adcs, self.inl_sigma_lsb))
        curve = np.minimum(size, full / 4.0)[:, None] * bow(t / full)
        return np.asarray((t - curve) / gain[:, None], dtype=np.float64)

    def _codes_of_counter(self, signed: bool) -> int:
        """Return the largest count that the codes ask for."""
        return 1 << (self.bits - 1) if signed and self.two_counters else (1 << self.bits) - 1
