"""Pulse-width converter: a code is the length of a pulse of fixed voltage."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from aimc_sim.converters.dac import SteppedDac


class PulseWidthDac(SteppedDac):
    """Drives `v_read_V` for as many LSB times as the code says; the charge is what is read.

    Parameters
    ----------
    lsb_time_s : float
        Length of the pulse of code 1 [s].
    jitter_sigma_s : float
        Spread of a pulse's length, drawn anew for every pulse [s]; code 0 has no pulse.

    Notes
    -----
    The other parameters are those of `SteppedDac`; bow and steps are those of the delay that
    makes the pulse. A wordline with code c drives ``level(c) + jitter_lsb z`` units of a code.

    Examples
    --------
    >>> dac = PulseWidthDac(
    ...     kind="pulse_width", bits=7, v_read_V=0.2, lsb_time_s=1.0e-9, jitter_sigma_s=5.0e-11
    ... )
    >>> round(dac.jitter_lsb, 6), dac.t_slice_s
    (0.05, 1.27e-07)
    """

    kind: Literal["pulse_width"]
    lsb_time_s: float = Field(gt=0, le=1)
    jitter_sigma_s: float = Field(default=0.0, ge=0, le=1)

    @property
    def t_code_s(self) -> float | None:
        """Length of the pulse of code 1 [s]."""
        return self.lsb_time_s

    @property
    def jitter_lsb(self) -> float:
        """Spread of a pulse's length, in units of a code."""
        return self.jitter_sigma_s / self.lsb_time_s

    @property
    def t_slice_s(self) -> float:
        """Time of the longest pulse [s]."""
        return self.top * self.lsb_time_s

    @property
    def tallied_power(self) -> int:
        """What of a code the array energy goes with: 1, its magnitude."""
        return 1
