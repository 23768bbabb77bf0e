"""Faults: devices stuck at a conductance or in a range, dead lines, at given rates."""

from __future__ import annotations

from pydantic import Field, model_validator

from aimc_sim.spec import Source, Spec

_STATED = Source(
    cite="stated by the user",
    grade="assumed",
    note="rates of no publication, or a map of an array of the user's own",
)


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
    """What is broken of an array, as rates or as a map; docs/faults.md.

    Parameters
    ----------
    stuck_off, stuck_on : StuckAt, optional
        Devices stuck low and high; a device is one or the other or healthy, in one draw.
    wordline_rate, bitline_rate : float
        Share of the wordlines and bitlines that are open: their devices conduct nothing.
    map : str, optional
        A ``.npz`` of stuck conductances in place of rates (docs/formats.md).
    map_digest : str, optional
        SHA-256 of the map's content: a file with another one is refused.
    source : Source
        Where the numbers come from.

    Examples
    --------
    >>> Faults(stuck_on=StuckAt(rate=0.05, low_S=300.0e-6, high_S=1200.0e-6)).source.grade
    'assumed'
    """

    stuck_off: StuckAt | None = None
    stuck_on: StuckAt | None = None
    wordline_rate: float = Field(default=0.0, ge=0.0, le=1.0)
    bitline_rate: float = Field(default=0.0, ge=0.0, le=1.0)
    map: str | None = Field(default=None, min_length=1)
    map_digest: str | None = Field(default=None, pattern="^[0-9a-f]{64}$")
    source: Source = _STATED

    @model_validator(mode="after")
    def _rates_fit(self) -> Faults:
        total = self.stuck_off_rate + self.stuck_on_rate
        if total > 1.0:
            raise ValueError(f"rate: stuck_off and stuck_on sum to {total:g}; at most 1")
        return self

    @model_validator(mode="after")
    def _is_map_or_rates(self) -> Faults:
        rates = (self.stuck_off_rate, self.stuck_on_rate, self.wordline_rate, self.bitline_rate)
        if self.map is not None and any(rates):
            raise ValueError("map: a map and rates above 0 are given; expected one or the other")
        if self.map_digest is not None and self.map is None:
            raise ValueError("map_digest: there is no map that it could belong to")
        return self

    @property
    def stuck_off_rate(self) -> float:
        """Share of the devices stuck low; 0 where nothing is said."""
        return self.stuck_off.rate if self.stuck_off else 0.0

    @property
    def stuck_on_rate(self) -> float:
        """Share of the devices stuck high; 0 where nothing is said."""
        return self.stuck_on.rate if self.stuck_on else 0.0
