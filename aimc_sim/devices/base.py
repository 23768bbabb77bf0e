"""DeviceBase: range, statistic, counts, faults: the part of the interface all families share."""

from __future__ import annotations

from abc import abstractmethod
from typing import Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field, model_validator

from aimc_sim.devices.faults import Faults
from aimc_sim.devices.noise import ReadNoise, TelegraphNoise
from aimc_sim.devices.state import Array, DeviceState, Draw
from aimc_sim.spec import InputError, Source, Spec

RANGE_SLACK = 1.0e-9
"""Relative float slack, in units of g_max, by which a target may leave the range."""


class WriteVerify(Spec):
    """A loop of pulses and verify reads.

    Parameters
    ----------
    window_S : float
        A cell is done when its verify read is within this of its target [S].
    max_pulses : int
        Budget of a cell; whoever is not done then counts as failed.
    verify : {"ideal", "adc"}
        Verify reads as they are, or rounded to the chip's own converter.
    source : Source
        Where the numbers come from.
    """

    window_S: float = Field(gt=0.0)
    max_pulses: int = Field(ge=1, le=100_000)
    verify: Literal["ideal", "adc"] = "ideal"
    source: Source


class DeviceBase(Spec):
    """What every device family has.

    Parameters
    ----------
    g_min_S, g_max_S : float
        Range of targets [S]; 0 <= g_min_S < g_max_S.
    statistic : {"after_verify", "single_pulse"}
        ``after_verify``: the published spread is what is left after program-and-verify, so it is
        applied once. ``single_pulse``: the numbers are those of one pulse, and a loop writes.
    set_pulses_mean, reset_pulses_mean, verify_reads_mean : int
        Mean number of pulses and verify reads a cell takes to be programmed, for pricing; a
        ``single_pulse`` device counts its own.
    pulses_source : Source
        Where those counts come from.
    write_verify : WriteVerify, optional
        The loop of a ``single_pulse`` device.
    faults : Faults, optional
        Stuck devices and open lines.
    telegraph : TelegraphNoise, optional
        Cells that switch between two levels.
    """

    g_min_S: float = Field(ge=0.0)
    g_max_S: float = Field(gt=0.0)
    statistic: Literal["after_verify", "single_pulse"]
    set_pulses_mean: int = Field(ge=0)
    reset_pulses_mean: int = Field(ge=0)
    verify_reads_mean: int = Field(ge=0)
    pulses_source: Source
    write_verify: WriteVerify | None = None
    faults: Faults | None = None
    telegraph: TelegraphNoise | None = None

    @model_validator(mode="after")
    def _range_is_ordered(self) -> DeviceBase:
        if self.g_min_S >= self.g_max_S:
            raise ValueError(
                f"g_min_S: found {self.g_min_S:g}; must be below g_max_S {self.g_max_S:g}"
            )
        return self

    @model_validator(mode="after")
    def _is_verified_once(self) -> DeviceBase:
        if self.statistic == "after_verify" and self.write_verify is not None:
            raise ValueError(
                "write_verify: the spread of an after_verify set is what is left after "
                "verification; a loop on top would count it twice"
            )
        if self.statistic == "single_pulse" and self.write_verify is None:
            raise ValueError("write_verify: a single_pulse set is written by a loop; it is missing")
        return self

    @property
    def first_age_s(self) -> float:
        """Earliest read time that the device is known at [s]."""
        return 0.0

    @property
    def example_ages_s(self) -> tuple[float, ...]:
        """Read times that show how the device changes [s]; all of them are known."""
        return (self.first_age_s, 86400.0)

    @property
    def v_max_V(self) -> float | None:
        """Largest read voltage that the I-V curve is known for [V]; None where I is linear."""
        return None

    @property
    def temperature_range_K(self) -> tuple[float, float] | None:
        """Temperatures that the device is known at [K]; None where only one is known."""
        return None

    @property
    def time_scale_s(self) -> float:
        """Time over which drift begins to show [s]: its laws go with ln(t + time_scale_s)."""
        return 1.0

    @abstractmethod
    def program(self, g_target_S: npt.ArrayLike, draw: Draw) -> DeviceState:
        """Write the targets [S].

        Raises
        ------
        InputError
            A target outside [g_min_S, g_max_S].
        """

    def write(self, g_target_S: npt.ArrayLike, draw: Draw, verify_step_S: float) -> DeviceState:
        """Write the targets [S]; verify reads, if any, are rounded to `verify_step_S` (0: exact).

        Raises
        ------
        InputError
            A target outside [g_min_S, g_max_S].
        """
        return self.program(g_target_S, draw)

    @abstractmethod
    def drift(self, state: DeviceState, t_s: float) -> Array:
        """Return the conductances `t_s` [s] after the reference read [S]."""

    def at_temperature(self, g_S: Array, temperature_K: float | None) -> Array:
        """Return at `temperature_K` [K] what conducts `g_S` [S] where the device was measured."""
        return g_S

    @abstractmethod
    def read_noise(self, state: DeviceState, g_S: Array, t_s: float) -> ReadNoise:
        """Return the noise of reads of cells that are at `g_S` [S] at `t_s` [s]."""

    def nonlinearity(self, g_S: Array) -> tuple[Array, Array] | None:
        """Return a, b of ``I = g V + a V^2 + b V^3`` [A/V^2, A/V^3]; None where I is linear."""
        return None

    def sources(self) -> dict[str, Source]:
        """Return the sources of this device by field name, those of its parts dotted."""
        return _sources_in(self)

    def checked_target(self, g_target_S: npt.ArrayLike) -> Array:
        """Return the targets as float64, or refuse what lies outside the range.

        Raises
        ------
        InputError
            A target that is not a number or lies outside [g_min_S, g_max_S].
        """
        g_S = np.array(g_target_S, dtype=np.float64)
        slack = RANGE_SLACK * self.g_max_S
        low_S, high_S = self.g_min_S - slack, self.g_max_S + slack
        if g_S.size and not (g_S.min() >= low_S and g_S.max() <= high_S):  # nor if one is NaN
            bad = ~((g_S >= low_S) & (g_S <= high_S))
            raise InputError(
                f"g_target_S: found {g_S[bad].flat[0]:g} S in {int(bad.sum())} of "
                f"{g_S.size} cells; allowed {self.g_min_S:g} to {self.g_max_S:g} S"
            )
        np.maximum(g_S, self.g_min_S, out=g_S)
        return np.minimum(g_S, self.g_max_S, out=g_S)


def _sources_in(spec: Spec, prefix: str = "") -> dict[str, Source]:
    found: dict[str, Source] = {}
    for name in type(spec).model_fields:
        value = getattr(spec, name)
        if isinstance(value, Source):
            found[prefix + name] = value
        elif isinstance(value, Spec):
            found |= _sources_in(value, f"{prefix}{name}.")
    return found
