"""A device as measured: mean and spread at a few levels, linear between them, refused outside."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field, model_validator

from aimc_sim.devices.base import RANGE_SLACK
from aimc_sim.devices.laws import check_age, clip_counted, power_of_time
from aimc_sim.devices.noise import Flicker, ReadNoise
from aimc_sim.devices.state import Array, DeviceState, Draw
from aimc_sim.devices.temperature import ThermalDevice
from aimc_sim.spec import Source, Spec


class TableLevel(Spec):
    """What was found of cells written to one target.

    Parameters
    ----------
    g_target_S : float
        Conductance asked for [S].
    mean_S, sigma_S : float
        Mean and spread of the conductances at the reference read [S].
    nu_mean, nu_std : float, optional
        Mean and spread of the drift exponent; a negative one grows.
    read_sigma_S : float, optional
        Spread of white read noise [S].
    q : float, optional
        Strength of 1/f noise, relative to the conductance.
    """

    g_target_S: float = Field(ge=0.0)
    mean_S: float = Field(ge=0.0)
    sigma_S: float = Field(ge=0.0)
    nu_mean: float | None = Field(default=None, ge=-2.0, le=2.0)
    nu_std: float | None = Field(default=None, ge=0.0, le=2.0)
    read_sigma_S: float | None = Field(default=None, ge=0.0)
    q: float | None = Field(default=None, ge=0.0)


class TableDevice(ThermalDevice):
    r"""A device of which mean and spread are known at levels, and nothing between them.

    Parameters
    ----------
    levels : tuple of TableLevel
        At least two, ascending in target; they cover g_min_S to g_max_S. A column is given at
        every level or at none.
    t0_s : float, optional
        Time from programming to the reference read [s]; needed where exponents are given.
    t_read_s : float, optional
        Duration of a read [s]; needed where q is given.
    programming_source, drift_source, read_source : Source
        Where each set of numbers comes from; the latter two where there are such numbers.

    Notes
    -----
    Each column x is linear in the target between the levels: with :math:`x = x(g_{target})`,

    .. math::
        g_{prog} &= \max(mean + \sigma z, 0), \qquad
        g(t) = g_{prog} \left(\frac{t + t_0}{t_0}\right)^{-\nu}, \quad \nu = N(\mu_\nu, \sigma_\nu)

    and reads have white noise of `read_sigma_S` and 1/f noise of strength g(t) q. Exponents are as
    measured, not folded: a conductance may grow. Linear between levels is assumed, and so is the
    normal form: where a spread reaches 0, clipping raises the mean above that of the level.

    Examples
    --------
    >>> from aimc_sim.devices.io import device_model_path, load_device
    >>> table = load_device(device_model_path("table_example")).device
    >>> bool(0.0 < float(table.column("sigma_S", 6.25e-6)) < 2.0e-6)
    True
    """

    kind: Literal["table"]
    statistic: Literal["after_verify"]
    levels: tuple[TableLevel, ...] = Field(min_length=2)
    programming_source: Source
    t0_s: float | None = Field(default=None, gt=0.0)
    drift_source: Source | None = None
    t_read_s: float | None = Field(default=None, gt=0.0)
    read_source: Source | None = None

    @model_validator(mode="after")
    def _levels_ascend_and_cover_the_range(self) -> TableDevice:
        targets = [level.g_target_S for level in self.levels]
        if targets != sorted(set(targets)):
            raise ValueError("levels: g_target_S must ascend from level to level")
        slack = RANGE_SLACK * self.g_max_S
        if self.g_min_S < targets[0] - slack or self.g_max_S > targets[-1] + slack:
            raise ValueError(
                f"levels: found {targets[0]:g} to {targets[-1]:g} S; must cover "
                f"g_min_S {self.g_min_S:g} to g_max_S {self.g_max_S:g}"
            )
        return self

    @model_validator(mode="after")
    def _columns_are_whole_and_have_a_source(self) -> TableDevice:
        for name, needs in (
            ("nu_mean", ("nu_std", "t0_s", "drift_source")),
            ("nu_std", ("nu_mean",)),
            ("read_sigma_S", ("read_source",)),
            ("q", ("t_read_s", "read_source")),
        ):
            given = [getattr(level, name) is not None for level in self.levels]
            if any(given) and not all(given):
                raise ValueError(
                    f"levels: {name} is given at {sum(given)} of {len(given)}; all or none"
                )
            for other in needs if any(given) else ():
                if not self._has(other):
                    raise ValueError(f"{other}: required where levels give {name}")
        return self

    def _has(self, name: str) -> bool:
        if name in TableLevel.model_fields:
            return getattr(self.levels[0], name) is not None
        return getattr(self, name) is not None

    def column(self, name: str, g_target_S: npt.ArrayLike) -> Array:
        """Return a column of the levels at the targets, linear between levels."""
        targets = [level.g_target_S for level in self.levels]
        values = [getattr(level, name) for level in self.levels]
        return np.asarray(np.interp(np.asarray(g_target_S, dtype=np.float64), targets, values))

    def program(self, g_target_S: npt.ArrayLike, draw: Draw) -> DeviceState:
        """Write the targets [S]: measured mean and spread, clipped at 0 and counted.

        Raises
        ------
        InputError
            A target outside [g_min_S, g_max_S].
        """
        g_S = self.checked_target(g_target_S)
        z = draw("programming").astype(np.float64)
        written_S = self.column("mean_S", g_S) + self.column("sigma_S", g_S) * z
        g_programmed_S, n_clipped = clip_counted(written_S, 0.0)
        nu = None
        if self._has("nu_mean"):
            z_nu = draw("drift_nu").astype(np.float64)
            nu = self.column("nu_mean", g_S) + self.column("nu_std", g_S) * z_nu
        return DeviceState(g_S, g_programmed_S, nu, None, n_clipped)

    def drift(self, state: DeviceState, t_s: float) -> Array:
        """Return the conductances `t_s` [s] after the reference read [S]."""
        check_age(t_s)
        if state.drift_nu is None or self.t0_s is None:
            return state.g_programmed_S.copy()
        return state.g_programmed_S * power_of_time(state.drift_nu, t_s, self.t0_s)

    def read_noise(self, state: DeviceState, g_S: Array, t_s: float) -> ReadNoise:
        """Return the white and the 1/f noise of the columns that are given."""
        check_age(t_s)
        white_S = flicker = None
        if self._has("read_sigma_S"):
            white_S = self.column("read_sigma_S", state.g_target_S)
        if self._has("q") and self.t_read_s is not None:
            strength_S = g_S * self.column("q", state.g_target_S)
            flicker = Flicker(strength_S, t_s + (self.t0_s or 0.0), self.t_read_s)
        return ReadNoise(white_S, flicker)

    @property
    def time_scale_s(self) -> float:
        """The time from programming to the reference read [s]; a second where none is given."""
        return self.t0_s or 1.0
