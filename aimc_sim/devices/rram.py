"""Filamentary RRAM after Wan et al. 2022: a spread that grows, known at a few read times only."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field, model_validator

from aimc_sim.devices.base import DeviceBase
from aimc_sim.devices.laws import check_age, clip_counted, polynomial, polynomial_minimum
from aimc_sim.devices.noise import ReadNoise
from aimc_sim.devices.state import Array, DeviceState, Draw
from aimc_sim.devices.times import check_times, weights_at
from aimc_sim.spec import Source, Spec


class SpreadFit(Spec):
    """Spread at one read time: polynomial in gr = g_target / g_max, ascending [S]."""

    t_s: float = Field(gt=0.0)
    sigma_coefficients_S: tuple[float, ...] = Field(min_length=1)


class RramDevice(DeviceBase):
    r"""Filamentary RRAM, statistics after program-and-verify, at stated read times.

    Parameters
    ----------
    spread_fits : tuple of SpreadFit
        Spread at each read time known, ascending in time; time counts from programming [s].
    interpolation : {"refuse", "hold", "log_time"}
        Between two fitted times nothing is known and reading is refused, or the spread is taken as
        linear in ln(t) (assumed), or the last one holds, and before the first one that (assumed).
        After the last, and but for ``hold`` before the first, it is refused in any case.
    sigma_g_max_S : float
        g_max of the fits [S]; spreads are scaled by g_max_S / sigma_g_max_S.
    read_sigma_relative : float
        Short-term read noise, relative to g_max_S, the same at every conductance.
    programming_source, read_source : Source
        Where each set of numbers comes from.

    Notes
    -----
    .. math:: g(t) = \max(g_{target} + \sigma(t, g_{target})\,z, 0)

    with one z a cell for all times (reading a day later is the same device), and
    :math:`\sigma = \frac{g_{max}}{g_{fit}} \sum_i c_i(t)\,gr^i`. That z is the same at all times is
    assumed: only the spread is published.

    References
    ----------
    W. Wan et al., Nature 608, 504 (2022), Extended Data Fig. 3d; digitised in aihwkit
    (``ReRamWan2022NoiseModel``) and CrossSim (``RRAMWan``).

    Examples
    --------
    >>> from aimc_sim.devices.io import device_model_path, load_device
    >>> rram = load_device(device_model_path("rram_wan2022")).device
    >>> round(float(rram.sigma_at(20.0e-6, 86400.0)) * 1e6, 6)
    3.909
    """

    kind: Literal["rram"]
    statistic: Literal["after_verify"]
    spread_fits: tuple[SpreadFit, ...] = Field(min_length=1)
    interpolation: Literal["refuse", "hold", "log_time"] = "refuse"
    sigma_g_max_S: float = Field(gt=0.0)
    programming_source: Source
    read_sigma_relative: float = Field(ge=0.0)
    read_source: Source

    @model_validator(mode="after")
    def _fits_are_ordered_and_positive(self) -> RramDevice:
        check_times(self.times_s, "spread_fits")
        low = self.g_min_S / self.g_max_S
        for fit in self.spread_fits:
            if polynomial_minimum(fit.sigma_coefficients_S, low, 1.0) < 0.0:
                raise ValueError(
                    f"spread_fits: at t_s {fit.t_s:g} the spread is negative "
                    "somewhere between g_min_S and g_max_S"
                )
        return self

    @property
    def times_s(self) -> tuple[float, ...]:
        """The fitted read times [s]."""
        return tuple(fit.t_s for fit in self.spread_fits)

    def sigma_at(self, g_target_S: npt.ArrayLike, t_s: float) -> Array:
        """Return the spread at a read time, before clipping [S].

        Raises
        ------
        InputError
            A read time that is neither fitted nor, with interpolation, between fitted ones.
        """
        gr = np.asarray(g_target_S, dtype=np.float64) / self.g_max_S
        scale = self.g_max_S / self.sigma_g_max_S
        sigma_S = np.zeros(gr.shape)
        for i, weight in weights_at(self.times_s, t_s, self.interpolation):
            sigma_S += weight * polynomial(self.spread_fits[i].sigma_coefficients_S, gr)
        return sigma_S * scale

    def program(self, g_target_S: npt.ArrayLike, draw: Draw) -> DeviceState:
        """Write the targets [S]; g_programmed_S is the state at the first fitted read time.

        Raises
        ------
        InputError
            A target outside [g_min_S, g_max_S].
        """
        g_S = self.checked_target(g_target_S)
        z = draw("programming").astype(np.float64)
        written_S = g_S + self.sigma_at(g_S, self.spread_fits[0].t_s) * z
        g_programmed_S, n_clipped = clip_counted(written_S, 0.0)
        return DeviceState(g_S, g_programmed_S, None, z, n_clipped)

    def drift(self, state: DeviceState, t_s: float) -> Array:
        """Return the conductances at read time `t_s` [s] after programming [S].

        Raises
        ------
        InputError
            A read time that is not known; the message says which are.
        """
        assert state.z_programming is not None, "an RRAM state carries its standard normals"
        sigma_S = self.sigma_at(state.g_target_S, t_s)
        return np.maximum(state.g_target_S + sigma_S * state.z_programming, 0.0)

    def read_noise(self, state: DeviceState, g_S: Array, t_s: float) -> ReadNoise:
        """Return white noise, the same at every conductance."""
        check_age(t_s)
        return ReadNoise(np.full(g_S.shape, self.read_sigma_relative * self.g_max_S))

    @property
    def first_age_s(self) -> float:
        """The first fitted read time [s]."""
        return self.spread_fits[0].t_s

    @property
    def example_ages_s(self) -> tuple[float, ...]:
        """The fitted read times [s]."""
        return self.times_s
