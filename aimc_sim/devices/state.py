"""What a programmed device is, and what every device family shares."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field, model_validator

from aimc_sim.spec import InputError, Source, Spec

Array = npt.NDArray[np.float64]
Draw = Callable[[str], npt.NDArray[np.float32]]
"""draw("programming"): standard normals of the targets' shape, one named stream a source."""

RANGE_SLACK = 1.0e-9
"""Relative float slack, in units of g_max, by which a target may leave the range."""


@dataclass(frozen=True)
class DeviceState:
    """Cells as written: one device, one trajectory.

    Parameters
    ----------
    g_target_S : float64 array, any shape
        Conductances asked for [S].
    g_programmed_S : float64 array, same shape
        Conductances at the reference read [S].
    drift_nu : float64 array or None
        Drift exponent of each cell, drawn once at programming.
    z_programming : float64 array or None
        Standard normal of each cell, kept where its spread depends on the read time.
    n_clipped : int
        Cells whose programmed value met a physical bound.
    """

    g_target_S: Array
    g_programmed_S: Array
    drift_nu: Array | None
    z_programming: Array | None
    n_clipped: int


class DeviceBase(Spec):
    """Range, statistic and pulse counts: the part of the interface all families share.

    Parameters
    ----------
    g_min_S, g_max_S : float
        Range of targets [S]; 0 <= g_min_S < g_max_S.
    statistic : "after_verify"
        The published spread is what is left after program-and-verify, so it is applied once.
    set_pulses_mean, reset_pulses_mean, verify_reads_mean : int
        Mean number of pulses and verify reads a cell takes to be programmed, for pricing.
    pulses_source : Source
        Where those counts come from.
    """

    g_min_S: float = Field(ge=0.0)
    g_max_S: float = Field(gt=0.0)
    statistic: Literal["after_verify"]
    set_pulses_mean: int = Field(ge=0)
    reset_pulses_mean: int = Field(ge=0)
    verify_reads_mean: int = Field(ge=0)
    pulses_source: Source

    @model_validator(mode="after")
    def _range_is_ordered(self) -> DeviceBase:
        if self.g_min_S >= self.g_max_S:
            raise ValueError(
                f"g_min_S: found {self.g_min_S:g}; must be below g_max_S {self.g_max_S:g}"
            )
        return self

    def sources(self) -> dict[str, Source]:
        """Return the sources of this device by field name."""
        found = {name: getattr(self, name) for name in type(self).model_fields}
        return {name: value for name, value in found.items() if isinstance(value, Source)}

    def checked_target(self, g_target_S: npt.ArrayLike) -> Array:
        """Return the targets as float64, or refuse what lies outside the range.

        Raises
        ------
        InputError
            A target that is not a number or lies outside [g_min_S, g_max_S].
        """
        g_S = np.array(g_target_S, dtype=np.float64)
        slack = RANGE_SLACK * self.g_max_S
        bad = ~((g_S >= self.g_min_S - slack) & (g_S <= self.g_max_S + slack))
        if bad.any():
            raise InputError(
                f"g_target_S: found {g_S[bad].flat[0]:g} S in {int(bad.sum())} of "
                f"{g_S.size} cells; allowed {self.g_min_S:g} to {self.g_max_S:g} S"
            )
        return np.clip(g_S, self.g_min_S, self.g_max_S)


def check_age(t_s: float) -> None:
    """Refuse a read time before the reference read.

    Raises
    ------
    InputError
        Negative `t_s`, or one that is not a finite number.
    """
    if not 0.0 <= t_s < np.inf:
        raise InputError(
            f"t_s: found {t_s:g} s; time counts from the reference read after "
            "programming and is finite and >= 0"
        )


def polynomial(coefficients: Sequence[float], x: npt.ArrayLike) -> Array:
    """Return sum_i coefficients[i] * x**i by Horner's rule.

    Examples
    --------
    >>> float(polynomial([1.0, 0.0, 2.0], 3.0))
    19.0
    """
    values = np.asarray(x, dtype=np.float64)
    total = np.zeros_like(values)
    for coefficient in reversed(coefficients):
        total = total * values + coefficient
    return total


def polynomial_minimum(coefficients: Sequence[float], low: float, high: float) -> float:
    """Return the least value of a polynomial on [low, high]: at an end or where it is level.

    Examples
    --------
    >>> polynomial_minimum([1.0, -2.0, 1.0], 0.0, 3.0)
    0.0
    """
    level = np.polynomial.Polynomial(list(coefficients)).deriv().roots()
    real = level.real[abs(level.imag) < 1.0e-9]
    inside = real[(real > low) & (real < high)]
    return float(polynomial(coefficients, np.concatenate([[low, high], inside])).min())


def clip_counted(g_S: Array, low_S: float, high_S: float = np.inf) -> tuple[Array, int]:
    """Return `g_S` clipped to [low_S, high_S], and how many cells that changed."""
    clipped = np.clip(g_S, low_S, high_S)
    return clipped, int(np.count_nonzero(clipped != g_S))
