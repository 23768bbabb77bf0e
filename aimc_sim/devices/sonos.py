"""SONOS flash after Agrawal et al. 2022: cell currents, known each day for five days."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field, model_validator

from aimc_sim.devices.base import DeviceBase
from aimc_sim.devices.laws import check_age, clip_counted, polynomial
from aimc_sim.devices.noise import ReadNoise
from aimc_sim.devices.state import Array, DeviceState, Draw
from aimc_sim.devices.times import check_times, weights_at
from aimc_sim.spec import Source, Spec

ONE_nA = 1.0e-9


class Saturating(Spec):
    """Spread of a current, a_A * (1 - exp(-I / b_A)), 0 where I is negative [A].

    Examples
    --------
    >>> round(float(Saturating(a_A=2.0e-9, b_A=1.0e-9).at(1.0e-9)) * 1e9, 6)
    1.264241
    """

    a_A: float = Field(ge=0.0)
    b_A: float = Field(gt=0.0)

    def at(self, current_A: npt.ArrayLike) -> Array:
        """Return the spread at a current [A]."""
        ratio = np.maximum(np.asarray(current_A, dtype=np.float64), 0.0) / self.b_A
        return np.asarray(-self.a_A * np.expm1(-ratio))


class CurrentFit(Spec):
    """What was found at one read time.

    Parameters
    ----------
    t_s : float
        Time since programming [s].
    sigma : Saturating
        Spread over the mean current at that time.
    shift_coefficients_A : tuple of float
        Shift of the mean, a polynomial in I_target / 1 nA, ascending [A]; none: no shift.
    """

    t_s: float = Field(ge=0.0)
    sigma: Saturating
    shift_coefficients_A: tuple[float, ...] = ()


class SonosDevice(DeviceBase):
    r"""SONOS charge-trapping flash, statistics after program-and-verify, as currents.

    Parameters
    ----------
    v_read_V : float
        Voltage that turns the published currents into conductances, g = I / v_read [V].
    range_source : Source
        Where that voltage and the range come from.
    fits : tuple of CurrentFit
        Spread and mean shift at each read time known, ascending in time.
    interpolation : {"refuse", "linear_time"}
        Between two of them reading is refused, or spread and shift are taken as linear in time.
    fits_source : Source
        Where the fits come from.
    read_sigma : Saturating
        White read noise over the current.
    read_source : Source
        Where it comes from.

    Notes
    -----
    .. math::
        m(t) &= I_{target} + \sum_i c_i(t) (I_{target} / nA)^i, \qquad
            \sigma(t) = A(t) (1 - e^{-m(t) / B(t)}) \\
        g(t) &= \max(m(t) + \sigma(t) z, 0) / V_{read}

    with one z a cell for all times; that is assumed, only the spread is published.

    References
    ----------
    V. Agrawal et al., IEDM 2022, 21.7, Figs. 10 and 11; fitted in CrossSim (``SONOS``).

    Examples
    --------
    >>> from aimc_sim.devices.io import device_model_path, load_device
    >>> sonos = load_device(device_model_path("sonos_agrawal2022")).device
    >>> round(float(sonos.moments_A(1.0e-6, 0.0)[1]) * 1e9, 3)
    19.818
    """

    kind: Literal["sonos"]
    statistic: Literal["after_verify"]
    v_read_V: float = Field(gt=0.0)
    range_source: Source
    fits: tuple[CurrentFit, ...] = Field(min_length=1)
    interpolation: Literal["refuse", "linear_time"] = "refuse"
    fits_source: Source
    read_sigma: Saturating
    read_source: Source

    @model_validator(mode="after")
    def _fits_are_ordered(self) -> SonosDevice:
        check_times(self.example_ages_s, "fits")
        return self

    def moments_A(self, target_A: npt.ArrayLike, t_s: float) -> tuple[Array, Array]:
        """Return mean and spread of the currents of cells written to a current [A].

        Raises
        ------
        InputError
            A read time that is neither fitted nor, with interpolation, between fitted ones.
        """
        current_A = np.asarray(target_A, dtype=np.float64)
        parts = weights_at(self.example_ages_s, t_s, self.interpolation)
        mean_A = current_A.copy()
        for i, weight in parts:
            shift_A = polynomial(self.fits[i].shift_coefficients_A, current_A / ONE_nA)
            mean_A = mean_A + weight * shift_A
        sigma_A = sum(weight * self.fits[i].sigma.at(mean_A) for i, weight in parts)
        return mean_A, np.asarray(sigma_A)

    def program(self, g_target_S: npt.ArrayLike, draw: Draw) -> DeviceState:
        """Write the targets [S]; g_programmed_S is the state at the first fitted read time.

        Raises
        ------
        InputError
            A target outside [g_min_S, g_max_S].
        """
        g_S = self.checked_target(g_target_S)
        z = draw("programming").astype(np.float64)
        g_programmed_S, n_clipped = clip_counted(self._g_S(g_S, z, self.first_age_s), 0.0)
        return DeviceState(g_S, g_programmed_S, None, z, n_clipped)

    def drift(self, state: DeviceState, t_s: float) -> Array:
        """Return the conductances at read time `t_s` [s] after programming [S].

        Raises
        ------
        InputError
            A read time that is not known; the message says which are.
        """
        assert state.z_programming is not None, "a SONOS state carries its standard normals"
        return np.maximum(self._g_S(state.g_target_S, state.z_programming, t_s), 0.0)

    def _g_S(self, g_target_S: Array, z: Array, t_s: float) -> Array:
        mean_A, sigma_A = self.moments_A(g_target_S * self.v_read_V, t_s)
        return (mean_A + sigma_A * z) / self.v_read_V

    def read_noise(self, state: DeviceState, g_S: Array, t_s: float) -> ReadNoise:
        """Return white noise over the current that flows."""
        check_age(t_s)
        return ReadNoise(self.read_sigma.at(g_S * self.v_read_V) / self.v_read_V)

    @property
    def first_age_s(self) -> float:
        """The first fitted read time [s]."""
        return self.fits[0].t_s

    @property
    def example_ages_s(self) -> tuple[float, ...]:
        """The fitted read times [s]."""
        return tuple(fit.t_s for fit in self.fits)
