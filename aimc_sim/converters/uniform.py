"""The ideal quantiser, and one that stops early for the lower slices of an input."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from aimc_sim.converters.adc import RangedAdc

LEAST_BITS = 2
"""Narrowest conversion."""


class UniformAdc(RangedAdc):
    """The ideal quantiser: uniform mid-tread steps over a full scale; exactly 2^bits codes.

    Parameters
    ----------
    resolves : {"all", "remaining"}
        ``all``: every read has 2^bits codes. ``remaining``: a converter that stops earlier for a
        lower slice of the input, by as many bits as the higher slices have, so that all slices
        have the same step when they are added, but at least 2; each bit that it resolves is a
        step that is counted and priced.

    Notes
    -----
    The other parameters are those of `RangedAdc`; there are no faults.

    Examples
    --------
    >>> adc = UniformAdc(kind="uniform", bits=10, resolves="remaining")
    >>> adc.resolved_bits(0), adc.resolved_bits(4)
    (10, 6)
    """

    kind: Literal["uniform"]
    bits: int = Field(ge=LEAST_BITS, le=24)
    resolves: Literal["all", "remaining"] = "all"

    def resolved_bits(self, bits_above: int) -> int:
        """Return the width of a conversion; see `RangedAdc.resolved_bits`."""
        if self.resolves == "all":
            return self.bits
        return max(self.bits - bits_above, LEAST_BITS)

    def n_steps_of(self, bits_above: int) -> int:
        """Return the steps of a conversion: the bits that it resolves, where it may stop early."""
        return self.resolved_bits(bits_above) if self.resolves == "remaining" else 0
