"""Analog-to-digital converters: bitline currents become codes; saturation is counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Self

from pydantic import Field, model_validator

from aimc_sim.converters.transfer import Draw, Transfer, lowest_code
from aimc_sim.spec import InputError, Source, Spec

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

    def n_steps_of(self, bits_above: int) -> int:
        """Return the steps, priced apart, of an integrating or adaptive converter."""
        return 0

    @property
    def step_is_unit(self) -> bool:
        """Whether a step is one unit of the accumulator."""
        return True

    @property
    def has_range_per_bitline(self) -> bool:
        """Whether each bitline has a range of its own."""
        return False

    @property
    def is_calibrated(self) -> bool:
        """Whether the plan holds the full scales."""
        return False

    def range_for(
        self,
        worst: float,
        norm: float,
        signed: bool,
        unit_A: float,
        calibrated_A: float | None = None,
        bits_above: int = 0,
    ) -> AdcRange:
        """Return step and ends, whatever the currents."""
        return AdcRange(1.0, -UNBOUNDED, UNBOUNDED)

    def transfer(self, draw: Draw, n_adcs: int, signed: bool) -> Transfer | None:
        """Return None: there is nothing to draw."""
        return None


class RangedAdc(Spec):
    """What all converters with an end share: 2^bits codes over a full scale.

    Parameters
    ----------
    bits : int
        Width.
    range : {"worst_case", "two_norm", "given", "unit", "calibrated"}
        ``worst_case``: no input can saturate. ``two_norm``: `range_factor` times the largest
        Euclidean norm of a bitline's weight codes times the largest input code, at most the worst
        case: what sums of independent inputs reach. ``given``: `full_scale_A`. ``unit``: one unit
        of the accumulator a step. ``calibrated``: the full scale that ``aimc calibrate`` wrote
        into the plan.
    range_per : {"tile", "bitline"}
        Whether all bitlines of a tile that belong to one output share a range.
    range_factor : float
        For ``two_norm``.
    full_scale_A : float, optional
        For ``given`` [A].
    """

    bits: int
    range: Literal["worst_case", "two_norm", "given", "unit", "calibrated"] = "two_norm"
    range_per: Literal["tile", "bitline"] = "tile"
    range_factor: float = Field(default=1.0, gt=0, le=100)
    full_scale_A: float | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _scale_goes_with_given(self) -> Self:
        if (self.range == "given") != (self.full_scale_A is not None):
            raise ValueError("full_scale_A goes with range: given, and only with it")
        return self

    @property
    def width(self) -> int | None:
        """Bits."""
        return self.bits

    def resolved_bits(self, bits_above: int) -> int:
        """Return the width of a conversion of a slice of the input.

        Parameters
        ----------
        bits_above : int
            Bits of the higher slices of the same input.
        """
        return self.bits

    def n_steps_of(self, bits_above: int) -> int:
        """Return the steps, priced apart, of an integrating or adaptive converter."""
        return 0

    @property
    def step_is_unit(self) -> bool:
        """Whether a step is one unit of the accumulator."""
        return self.range == "unit"

    @property
    def has_range_per_bitline(self) -> bool:
        """Whether each bitline has a range of its own."""
        return self.range_per == "bitline"

    @property
    def is_calibrated(self) -> bool:
        """Whether the plan holds the full scales."""
        return self.range == "calibrated"

    def range_for(
        self,
        worst: float,
        norm: float,
        signed: bool,
        unit_A: float,
        calibrated_A: float | None = None,
        bits_above: int = 0,
    ) -> AdcRange:
        """Return step and ends of the converters of some bitlines.

        Parameters
        ----------
        worst, norm : float
            Largest possible and largest two-norm current of the bitlines [accumulator units].
        signed : bool
            Whether currents have both signs.
        unit_A : float
            Current of one accumulator unit [A].
        calibrated_A : float, optional
            Full scale from the plan [A], for ``calibrated``.
        bits_above : int
            Bits of the higher slices of the same input (`resolved_bits`).

        Raises
        ------
        InputError
            No full scale for ``calibrated``.
        """
        bits = self.resolved_bits(bits_above)
        bottom = lowest_code(bits, signed)
        top = bottom + (1 << bits) - 1
        if self.range == "unit":
            return AdcRange(1.0, bottom, top)
        if self.full_scale_A is not None:
            full = self.full_scale_A / unit_A
        elif self.range == "calibrated":
            if calibrated_A is None:
                raise InputError(
                    "hardware.adc.range: found 'calibrated', but the plan holds no full scale; "
                    "aimc calibrate writes it"
                )
            full = calibrated_A / unit_A
        elif self.range == "worst_case":
            full = worst
        else:
            full = min(worst, self.range_factor * norm)
        return AdcRange(max(full, 1.0) / top, bottom, top)

    def transfer(self, draw: Draw, n_adcs: int, signed: bool) -> Transfer | None:
        """Return the converters as built, or None where all of them are ideal quantisers.

        Parameters
        ----------
        draw : callable
            ``draw(name, n)`` returns n standard normals of the stream of that name.
        n_adcs : int
            Converters of the tile.
        signed : bool
            Whether codes have both signs.
        """
        return None


class FaultedAdc(RangedAdc):
    """What all converters with faults share; every spread is 0 unless given.

    Parameters
    ----------
    bits : int
        Width, at most 14: a table of thresholds is drawn for each converter.
    source : Source, optional
        Where the spreads come from.

    Notes
    -----
    The other parameters are those of `RangedAdc`.
    """

    bits: int = Field(ge=2, le=14)
    source: Source | None = None

    @property
    def is_faulty(self) -> bool:
        """Whether any spread is above 0."""
        names = type(self).model_fields
        return any(getattr(self, name) > 0.0 for name in names if "_sigma" in name)
