"""Bit-pulse converter: each bit of a slice is one short pulse, weighted where it is integrated."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from aimc_sim.converters.dac import SteppedDac
from aimc_sim.converters.slices import Slice, cut


class BitPulseDac(SteppedDac):
    """Drives one pulse of `v_read_V` a bit; a neuron samples bit b and integrates it 2^b times.

    Parameters
    ----------
    t_pulse_s : float
        Length of a pulse [s].
    t_integrate_s : float
        Time of one integration of the neuron [s]; a slice of p bits takes 2^p - 1 of them.
    halve_above : int, optional
        Codes with more bits than that (their sign apart) are read in two slices or more of about
        equal widths, the higher ones wider; by default only where a code is wider than `bits`.

    Notes
    -----
    The other parameters are those of `SteppedDac`. A pulse has one height, so the array dissipates
    ``V^2 G t_pulse`` for each bit that is set, whatever its weight.

    References
    ----------
    .. [1] W. Wan et al., "A compute-in-memory chip based on resistive random-access memory",
       Nature 608 (2022) 504, Methods.

    Examples
    --------
    >>> dac = BitPulseDac(
    ...     kind="bit_pulse", bits=4, v_read_V=0.5, polarity="sign_magnitude", t_pulse_s=2.0e-9,
    ...     t_integrate_s=0.27e-6, halve_above=3,
    ... )
    >>> [(part.shift, part.bits) for part in dac.slices(8, True)]
    [(0, 3), (3, 4)]
    >>> [dac.n_integrations(part.bits) for part in dac.slices(8, True)]
    [7, 15]
    """

    kind: Literal["bit_pulse"]
    t_pulse_s: float = Field(gt=0, le=1)
    t_integrate_s: float = Field(gt=0, le=1)
    halve_above: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _one_rule(self) -> BitPulseDac:
        if self.halve_above is not None and self.slice_bits is not None:
            raise ValueError("halve_above: slice_bits is given too; either one says how to slice")
        return self

    @property
    def t_code_s(self) -> float | None:
        """Length of the pulse of one bit [s]."""
        return self.t_pulse_s

    @property
    def t_slice_s(self) -> float:
        """Time of the widest slice: all integrations [s]."""
        return self.n_integrations(self.bits) * self.t_integrate_s

    @property
    def tallied_power(self) -> int:
        """What of a code the array energy goes with: 0, its bits that are set."""
        return 0

    def n_pulses(self, bits: int) -> int:
        """Return the pulses of a slice: one a bit."""
        return bits

    def n_integrations(self, bits: int) -> int:
        """Return the integrations of a slice: 2^bits - 1."""
        return (1 << bits) - 1

    def slices(self, bits: int, signed: bool) -> tuple[Slice, ...]:
        """Return the slices of a code of that width, lowest first, those of negative codes last."""
        size = bits - 1 if signed and self.polarity == "sign_magnitude" else bits
        if self.slice_bits is not None or self.halve_above is None or size <= self.halve_above:
            return super().slices(bits, signed)
        n = max(2, -(-size // self.bits))
        narrow, n_wide = divmod(size, n)
        return cut(bits, signed, (narrow,) * (n - n_wide) + (narrow + 1,) * n_wide, self.polarity)
