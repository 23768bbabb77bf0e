"""Phase-change memory after Joshi et al. 2020: programming spread, drift, 1/f read noise."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field, model_validator

from aimc_sim.devices.base import DeviceBase
from aimc_sim.devices.laws import check_age, clip_counted, polynomial, polynomial_minimum
from aimc_sim.devices.noise import Flicker, ReadNoise
from aimc_sim.devices.state import Array, DeviceState, Draw
from aimc_sim.spec import Source, Spec


class ClippedLog(Spec):
    """clip(slope * ln(gr) + offset, low, high), gr = g / g_max.

    Examples
    --------
    >>> float(ClippedLog(slope=-0.0155, offset=0.0244, low=0.049, high=0.1).at(1.0))
    0.049
    """

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
        """Return the value at relative conductance gr > 0."""
        return np.clip(self.slope * np.log(gr) + self.offset, self.low, self.high)


class PcmDevice(DeviceBase):
    r"""Phase-change memory, statistics after program-and-verify.

    Parameters
    ----------
    sigma_coefficients_S : tuple of float
        Polynomial of the programming spread in gr = g / g_max, ascending [S].
    sigma_g_max_S : float
        g_max of the fit [S]; the spread is scaled by g_max_S / sigma_g_max_S.
    t0_s : float
        Time from programming to the reference read [s].
    nu_mean, nu_std : ClippedLog
        Mean and spread of the drift exponent before it is folded to positive values.
    gr_floor : float
        Least relative conductance that enters the logarithm and the power.
    q_scale, q_exponent, q_denominator_min, q_max : float
        Strength of the 1/f noise: Q_s = min(q_scale / max(gr**q_exponent, q_denominator_min),
        q_max).
    t_read_s : float
        Duration of a read in the fit [s]; t_read_s < t0_s.
    programming_source, drift_source, read_source : Source
        Where each set of numbers comes from.

    Notes
    -----
    With gr = g_target/g_max for programming and drift, and gr = g_prog/g_max for reading:

    .. math::
        \sigma &= \frac{g_{max}}{g_{fit}} \sum_i c_i\,gr^i, \qquad
            g_{prog} = \max(g_{target} + \sigma z, 0) \\
        g(t) &= g_{prog} \left(\frac{t + t_0}{t_0}\right)^{-\nu}, \qquad
            \nu = |N(\mu_\nu(gr), \sigma_\nu(gr))| \\
        \sigma_{read} &= g(t)\,Q_s \sqrt{\ln\frac{t + t_0 + t_{read}}{2 t_{read}}}

    t counts from the reference read. sigma_read is that of the whole 1/f band from 1/t to
    1/(2 t_read); `Flicker.shares` splits it into what is frozen over a run, correlated between its
    steps, and white. A noisy read is not clipped at 0.

    References
    ----------
    V. Joshi et al., Nat. Commun. 11, 2473 (2020); S. R. Nandakumar et al., ICECS 2019;
    coefficients as digitised in aihwkit, ``PCMLikeNoiseModel``.

    Examples
    --------
    >>> from aimc_sim.devices.io import device_model_path, load_device
    >>> pcm = load_device(device_model_path("pcm_joshi2020")).device
    >>> round(float(pcm.sigma_programming(25.0e-6)) * 1e6, 5)
    1.05538
    """

    kind: Literal["pcm"]
    statistic: Literal["after_verify"]
    sigma_coefficients_S: tuple[float, ...] = Field(min_length=1)
    sigma_g_max_S: float = Field(gt=0.0)
    programming_source: Source
    t0_s: float = Field(gt=0.0)
    nu_mean: ClippedLog
    nu_std: ClippedLog
    gr_floor: float = Field(gt=0.0, lt=1.0)
    drift_source: Source
    q_scale: float = Field(ge=0.0)
    q_exponent: float = Field(ge=0.0)
    q_denominator_min: float = Field(gt=0.0)
    q_max: float = Field(ge=0.0)
    t_read_s: float = Field(gt=0.0)
    read_source: Source

    @model_validator(mode="after")
    def _laws_hold_in_range(self) -> PcmDevice:
        low = self.g_min_S / self.g_max_S
        if polynomial_minimum(self.sigma_coefficients_S, low, 1.0) < 0.0:
            raise ValueError(
                "sigma_coefficients_S: the spread is negative somewhere between g_min_S and g_max_S"
            )
        if self.t_read_s >= self.t0_s:
            raise ValueError(f"t_read_s: found {self.t_read_s:g}; must be below t0_s {self.t0_s:g}")
        return self

    def sigma_programming(self, g_target_S: npt.ArrayLike) -> Array:
        """Return the spread of programming before clipping [S]."""
        gr = np.asarray(g_target_S, dtype=np.float64) / self.g_max_S
        return polynomial(self.sigma_coefficients_S, gr) * (self.g_max_S / self.sigma_g_max_S)

    def program(self, g_target_S: npt.ArrayLike, draw: Draw) -> DeviceState:
        """Write the targets [S]: one spread and one drift exponent a cell.

        Raises
        ------
        InputError
            A target outside [g_min_S, g_max_S].
        """
        g_S = self.checked_target(g_target_S)
        written_S = g_S + self.sigma_programming(g_S) * draw("programming").astype(np.float64)
        g_programmed_S, n_clipped = clip_counted(written_S, 0.0)
        gr = np.maximum(g_S / self.g_max_S, self.gr_floor)
        z = draw("drift_nu").astype(np.float64)
        nu = np.abs(self.nu_mean.at(gr) + self.nu_std.at(gr) * z)
        return DeviceState(g_S, g_programmed_S, nu, None, n_clipped)

    def drift(self, state: DeviceState, t_s: float) -> Array:
        """Return the conductances `t_s` [s] after the reference read [S]."""
        check_age(t_s)
        assert state.drift_nu is not None, "a PCM state carries drift exponents"
        return np.asarray(state.g_programmed_S * ((t_s + self.t0_s) / self.t0_s) ** -state.drift_nu)

    def q_s(self, g_programmed_S: npt.ArrayLike) -> Array:
        """Return the strength Q_s of the 1/f noise, relative to the conductance."""
        gr = np.asarray(g_programmed_S, dtype=np.float64) / self.g_max_S
        return np.minimum(
            self.q_scale / np.maximum(gr**self.q_exponent, self.q_denominator_min), self.q_max
        )

    def read_noise(self, state: DeviceState, g_S: Array, t_s: float) -> ReadNoise:
        """Return 1/f noise of strength g Q_s."""
        check_age(t_s)
        strength_S = np.asarray(g_S * self.q_s(state.g_programmed_S))
        return ReadNoise(flicker=Flicker(strength_S, t_s + self.t0_s, self.t_read_s))

    @property
    def time_scale_s(self) -> float:
        """The time from programming to the reference read [s]."""
        return self.t0_s
