"""Curves of relative conductance that sets of device parameters are made of; none is negative."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field, model_validator

from aimc_sim.devices.laws import polynomial, polynomial_minimum
from aimc_sim.devices.state import Array
from aimc_sim.spec import Spec

GR_FLOOR = 1.0e-7
"""Least relative conductance that enters a logarithm, as in the published fits."""


class Constant(Spec):
    """The same value at every conductance."""

    kind: Literal["constant"]
    value: float = Field(ge=0.0)

    def at(self, gr: npt.ArrayLike) -> Array:
        """Return the value at relative conductance gr."""
        return np.full(np.shape(gr), self.value)


class ClippedLog(Spec):
    """clip(slope * ln(max(gr, 1e-7)) + offset, low, high), gr = g / g_max.

    Examples
    --------
    >>> float(ClippedLog(slope=-0.0155, offset=0.0244, low=0.049, high=0.1).at(1.0))
    0.049
    """

    kind: Literal["clipped_log"] = "clipped_log"
    slope: float
    offset: float
    low: float = Field(ge=0.0)
    high: float = Field(gt=0.0)

    @model_validator(mode="after")
    def _bounds_are_ordered(self) -> ClippedLog:
        if self.low >= self.high:
            raise ValueError(f"low: found {self.low:g}; must be below high {self.high:g}")
        return self

    def at(self, gr: npt.ArrayLike) -> Array:
        """Return the value at relative conductance gr."""
        x = np.asarray(np.maximum(np.asarray(gr, dtype=np.float64), GR_FLOOR))
        np.log(x, out=x)
        x *= self.slope
        x += self.offset
        np.maximum(x, self.low, out=x)
        return np.asarray(np.minimum(x, self.high, out=x))


class PiecewiseLog(Spec):
    """`below` where gr < gr_switch, else a polynomial in gr, ascending; gr above 1 counts as 1.

    Examples
    --------
    >>> below = ClippedLog(slope=-0.0387, offset=-0.0182, low=0.072, high=0.13)
    >>> curve = PiecewiseLog(
    ...     kind="piecewise_log", gr_switch=0.0945, below=below, coefficients=(0.0736, -0.0126)
    ... )
    >>> [round(float(curve.at(gr)), 4) for gr in (0.0, 0.5, 1.0, 1.2)]
    [0.13, 0.0673, 0.061, 0.061]
    """

    kind: Literal["piecewise_log"]
    gr_switch: float = Field(gt=0.0, lt=1.0)
    below: ClippedLog
    coefficients: tuple[float, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _is_positive(self) -> PiecewiseLog:
        if polynomial_minimum(self.coefficients, self.gr_switch, 1.0) < 0.0:
            raise ValueError("coefficients: the curve is negative between gr_switch and 1")
        return self

    def at(self, gr: npt.ArrayLike) -> Array:
        """Return the value at relative conductance gr."""
        inside = np.minimum(np.asarray(gr, dtype=np.float64), 1.0)
        above = polynomial(self.coefficients, inside)
        return np.where(inside < self.gr_switch, self.below.at(inside), above)


class PowerLaw(Spec):
    """min(scale / max(gr**exponent, denominator_min), high).

    Examples
    --------
    >>> law = PowerLaw(kind="power", scale=0.0088, exponent=0.65, denominator_min=1e-3, high=0.2)
    >>> float(law.at(1.0)), float(law.at(0.0))
    (0.0088, 0.2)
    """

    kind: Literal["power"]
    scale: float = Field(ge=0.0)
    exponent: float = Field(ge=0.0)
    denominator_min: float = Field(gt=0.0)
    high: float = Field(ge=0.0)

    def at(self, gr: npt.ArrayLike) -> Array:
        """Return the value at relative conductance gr >= 0."""
        power = np.asarray(gr, dtype=np.float64) ** self.exponent
        return np.minimum(self.scale / np.maximum(power, self.denominator_min), self.high)


class Line(Spec):
    """Spread that is a line in the conductance itself, max(intercept_S + slope * g_S, 0) [S].

    Unlike a polynomial in gr it does not move with g_max: a narrower range is a part of the same.

    Examples
    --------
    >>> round(float(Line(intercept_S=4.0e-6, slope=-0.01).at(100.0e-6)) * 1e6, 6)
    3.0
    """

    intercept_S: float
    slope: float

    def at(self, g_S: npt.ArrayLike) -> Array:
        """Return the spread at conductance g_S [S]."""
        values = np.asarray(g_S, dtype=np.float64)
        return np.asarray(np.maximum(self.intercept_S + self.slope * values, 0.0))


Curve = Annotated[Constant | ClippedLog | PiecewiseLog | PowerLaw, Field(discriminator="kind")]
