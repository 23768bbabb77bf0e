"""Analog-to-digital converters: bitline currents become codes; saturation is counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import Field, model_validator

from aimc_sim.spec import Spec

UNBOUNDED = 1 << 62


@dataclass(frozen=True)
class AdcRange:
    """What one conversion does: ``code = clip(floor(i / lsb + 1/2), code_min, code_max)``.

    Parameters
    ----------
    lsb : float
        Step, in units of the accumulator (one input code times one weight code).
    code_min, code_max : int
        Ends; a value that would land outside saturates and is counted.
    """

    lsb: float
    code_min: int
    code_max: int


class IdealAdc(Spec):
    """Bit-exact conversion: the step is one unit of the accumulator, mid-tread, no end."""

    kind: Literal["ideal"]

    @property
    def width(self) -> int | None:
        """Bits; None, there is no end."""
        return None

    def range_for(self, worst: float, norm: float, signed: bool, unit_A: float) -> AdcRange:
        """Return step and ends, whatever the currents."""
        return AdcRange(1.0, -UNBOUNDED, UNBOUNDED)


class UniformAdc(Spec):
    """Uniform mid-tread steps over a full scale; exactly 2^bits codes.

    Parameters
    ----------
    bits : int
        Width.
    range : {"worst_case", "two_norm", "given", "unit"}
        ``worst_case``: no input can saturate. ``two_norm``: `range_factor` times the largest
        Euclidean norm of a bitline's weight codes times the largest input code, at most the worst
        case: what sums of independent inputs reach. ``given``: `full_scale_A`. ``unit``: one unit
        of the accumulator a step.
    range_factor : float
        For ``two_norm``.
    full_scale_A : float, optional
        For ``given`` [A].
    """

    kind: Literal["uniform"]
    bits: int = Field(ge=2, le=24)
    range: Literal["worst_case", "two_norm", "given", "unit"] = "two_norm"
    range_factor: float = Field(default=1.0, gt=0, le=100)
    full_scale_A: float | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _scale_goes_with_given(self) -> UniformAdc:
        if (self.range == "given") != (self.full_scale_A is not None):
            raise ValueError("full_scale_A goes with range: given, and only with it")
        return self

    @property
    def width(self) -> int | None:
        """Bits."""
        return self.bits

    def range_for(self, worst: float, norm: float, signed: bool, unit_A: float) -> AdcRange:
        """Return step and ends of a tile's converters.

        Parameters
        ----------
        worst, norm : float
            Largest possible and largest two-norm current of its bitlines [accumulator units].
        signed : bool
            Whether currents have both signs.
        unit_A : float
            Current of one accumulator unit [A].
        """
        top = (1 << (self.bits - 1 if signed else self.bits)) - 1
        bottom = -top - 1 if signed else 0
        if self.range == "unit":
            return AdcRange(1.0, bottom, top)
        if self.full_scale_A is not None:
            full = self.full_scale_A / unit_A
        elif self.range == "worst_case":
            full = worst
        else:
            full = min(worst, self.range_factor * norm)
        return AdcRange(max(full, 1.0) / top, bottom, top)
