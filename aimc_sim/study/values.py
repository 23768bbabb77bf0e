"""Ranges and distributions of an axis."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from aimc_sim.duration import parse_time_s
from aimc_sim.spec import Spec

Number = float | str  # a number, or a time as typed: 1d
_MOST = 10_000
_TINY = 1.0e-12


def number(value: Any) -> float:
    """Return a number, or the seconds of a time as typed."""
    return parse_time_s(value, "time") if isinstance(value, str) else float(value)


class Range(Spec):
    """Evenly spaced values, both ends included: `n` of them, or every `step`."""

    first: Number
    last: Number
    n: int | None = Field(default=None, ge=2, le=_MOST)
    step: float | None = Field(default=None, gt=0.0)

    @model_validator(mode="after")
    def _one_spacing(self) -> Range:
        if (self.n is None) == (self.step is None):
            raise ValueError("expected either n or step")
        if number(self.first) >= number(self.last):
            raise ValueError(f"first: found {self.first}; must be below last, {self.last}")
        if self.step and (number(self.last) - number(self.first)) / self.step > _MOST:
            raise ValueError(f"step: found {self.step:g}; expected at most {_MOST} values")
        return self

    def values(self) -> list[float]:
        """Return the values; whole numbers are integers."""
        first, last = number(self.first), number(self.last)
        if self.n is not None:
            found = [first + (last - first) * i / (self.n - 1) for i in range(self.n)]
        else:
            assert self.step is not None
            n = math.floor((last - first) / self.step + 1.0e-9)
            found = [first + i * self.step for i in range(n + 1)]
        return [int(v) if v == int(v) else v for v in found]

    def at(self, u: float) -> float:
        """Return the value at a place in [0, 1)."""
        first, last = number(self.first), number(self.last)
        return first + (last - first) * u


class LogRange(Spec):
    """Values evenly spaced on a logarithmic scale, both ends included."""

    first: Number
    last: Number
    n: int = Field(default=2, ge=2, le=_MOST)

    @model_validator(mode="after")
    def _ordered(self) -> LogRange:
        if not 0.0 < number(self.first) < number(self.last):
            raise ValueError(
                f"first: found {self.first}; must be above 0 and below last, {self.last}"
            )
        return self

    def values(self) -> list[float]:
        """Return the values, rounded to 12 digits."""
        return [float(f"{self.at(i / (self.n - 1)):.12g}") for i in range(self.n)]

    def at(self, u: float) -> float:
        """Return the value at a place in [0, 1)."""
        first, last = number(self.first), number(self.last)
        return float(f"{first * (last / first) ** u:.12g}")


class Uniform(Spec):
    """Evenly distributed."""

    kind: Literal["uniform"]
    low: Number
    high: Number

    def at(self, u: float) -> float:
        """Return the quantile of u."""
        low, high = number(self.low), number(self.high)
        return low + (high - low) * u


class LogUniform(Spec):
    """Evenly distributed on a logarithmic scale."""

    kind: Literal["loguniform"]
    low: Number
    high: Number

    @model_validator(mode="after")
    def _positive(self) -> LogUniform:
        if number(self.low) <= 0.0:
            raise ValueError(f"low: found {self.low}; must be above 0")
        return self

    def at(self, u: float) -> float:
        """Return the quantile of u."""
        low, high = number(self.low), number(self.high)
        return float(low * (high / low) ** u)


class Integers(Spec):
    """Whole numbers, each as likely."""

    kind: Literal["integers"]
    low: int
    high: int

    def at(self, u: float) -> int:
        """Return the quantile of u."""
        return self.low + min(int(u * (self.high - self.low + 1)), self.high - self.low)


class Normal(Spec):
    """Gaussian; `low` and `high` cut it."""

    kind: Literal["normal"]
    mean: float
    sd: float = Field(gt=0.0)
    low: float | None = None
    high: float | None = None

    def at(self, u: float) -> float:
        """Return the quantile of u."""
        from scipy.special import ndtr, ndtri

        ends = [
            default if end is None else float(ndtr((end - self.mean) / self.sd))
            for end, default in ((self.low, 0.0), (self.high, 1.0))
        ]
        place = min(max(ends[0] + (ends[1] - ends[0]) * u, _TINY), 1.0 - _TINY)
        return self.mean + self.sd * float(ndtri(place))


Distribution = Annotated[Uniform | LogUniform | Integers | Normal, Field(discriminator="kind")]
