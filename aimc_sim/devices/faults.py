"""Faults: devices stuck at a conductance or in a range, dead lines, at given rates."""

from __future__ import annotations

from pydantic import Field, model_validator

from aimc_sim.spec import Source, Spec


class StuckAt(Spec):
    """A share of all devices stuck in a range of conductances, whatever is written.

    Parameters
    ----------
    rate : float
        Share of the devices.
    low_S, high_S : float
        Range [S]; each stuck device has a conductance of its own, evenly distributed in it; equal
        ends stick all of them at one value.
    """

    rate: float = Field(ge=0.0, le=1.0)
    low_S: float = Field(ge=0.0)
    high_S: float = Field(ge=0.0)

    @model_validator(mode="after")
    def _range_is_ordered(self) -> StuckAt:
        if self.low_S > self.high_S:
            raise ValueError(
                f"low_S: found {self.low_S:g}; must not be above high_S {self.high_S:g}"
            )
        return self


class Faults(Spec):
    """What is broken of an array, as rates or as a map.

    Parameters
    ----------
    stuck_off, stuck_on : StuckAt, optional
        Devices stuck low and high; a device is one or the other or healthy, in one draw.
    wordline_rate, bitline_rate : float
        Share of the wordlines and bitlines that are open: their devices conduct nothing.
    map : str, optional
        A ``.npz`` of stuck conductances in place of rates (docs/formats.md).
    source : Source
        Where the numbers come from.
    """

    stuck_off: StuckAt | None = None
    stuck_on: StuckAt | None = None
    wordline_rate: float = Field(default=0.0, ge=0.0, le=1.0)
    bitline_rate: float = Field(default=0.0, ge=0.0, le=1.0)
    map: str | None = None
    source: Source

    @model_validator(mode="after")
    def _rates_fit(self) -> Faults:
        total = sum(part.rate for part in (self.stuck_off, self.stuck_on) if part)
        if total > 1.0:
            raise ValueError(f"rate: stuck_off and stuck_on sum to {total:g}; at most 1")
        return self
