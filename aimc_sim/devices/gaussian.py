"""Gaussian spread, drift by a power of time, 1/f and white noise: all but the first optional."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field, model_validator

from aimc_sim.devices.cells import Cells
from aimc_sim.devices.curves import Curve
from aimc_sim.devices.laws import (
    cache_parts,
    check_age,
    polynomial,
    polynomial_minimum,
    power_of_time,
)
from aimc_sim.devices.noise import Flicker, ReadNoise
from aimc_sim.devices.state import Array, DeviceState, Draw, Normals
from aimc_sim.devices.temperature import ThermalDevice
from aimc_sim.spec import Source, Spec


class DriftLaw(Spec):
    """Drift by a power of time, one exponent a cell.

    Parameters
    ----------
    t0_s : float
        Time from programming to the reference read [s].
    nu_mean, nu_std : Curve
        Mean and spread of the exponent in gr = g_target / g_max, before it is folded to positive.
    source : Source
        Where the numbers come from.
    """

    t0_s: float = Field(gt=0.0)
    nu_mean: Curve
    nu_std: Curve
    source: Source


class FlickerLaw(Spec):
    """1/f noise of a strength relative to the conductance.

    Parameters
    ----------
    q_s : Curve
        Strength in gr = g_programmed / g_max.
    t_read_s : float
        Duration of a read in the fit [s].
    source : Source
        Where the numbers come from.
    """

    q_s: Curve
    t_read_s: float = Field(gt=0.0)
    source: Source


class WhiteLaw(Spec):
    """White read noise, the same at every conductance [S]."""

    sigma_S: float = Field(ge=0.0)
    source: Source


class GaussianBase(ThermalDevice):
    r"""What `gaussian` and `pcm` share.

    Parameters
    ----------
    sigma_coefficients_S : tuple of float
        Polynomial of the programming spread in gr = g / g_max, ascending [S].
    sigma_g_max_S : float
        g_max of the fit [S]; the spread is scaled by g_max_S / sigma_g_max_S.
    programming_source : Source
        Where the spread comes from.
    drift_law : DriftLaw, optional
        Without it, conductances keep.
    flicker_law : FlickerLaw, optional
        1/f noise; its t_read_s is below t0_s. Its time counts from programming, which is t0_s
        before the reference read (0 s where no drift is known).
    white_law : WhiteLaw, optional
        White read noise.

    Notes
    -----
    With gr = g_target/g_max for programming and drift, and gr = g_prog/g_max for reading:

    .. math::
        \sigma &= \frac{g_{max}}{g_{fit}} \sum_i c_i\,gr^i, \qquad
            g_{prog} = \max(g_{target} + \sigma z, 0) \\
        g(t) &= g_{prog} \left(\frac{t + t_0}{t_0}\right)^{-\nu}, \qquad
            \nu = |N(\mu_\nu(gr), \sigma_\nu(gr))| \\
        \sigma_{1/f} &= g(t)\,Q_s \sqrt{\ln\frac{t + t_0 + t_{read}}{2 t_{read}}}

    t counts from the reference read. sigma_1/f is that of the whole band from 1/t to
    1/(2 t_read); `Flicker.shares` splits it into what is frozen over a run, correlated between its
    steps, and white. A noisy read is not clipped at 0.
    """

    statistic: Literal["after_verify"]
    sigma_coefficients_S: tuple[float, ...] = Field(min_length=1)
    sigma_g_max_S: float = Field(gt=0.0)
    programming_source: Source
    drift_law: DriftLaw | None = None
    flicker_law: FlickerLaw | None = None
    white_law: WhiteLaw | None = None

    @model_validator(mode="after")
    def _laws_hold_in_range(self) -> GaussianBase:
        low = self.g_min_S / self.g_max_S
        if polynomial_minimum(self.sigma_coefficients_S, low, 1.0) < 0.0:
            raise ValueError(
                "sigma_coefficients_S: the spread is negative somewhere between g_min_S and g_max_S"
            )
        if self.drift_law and self.flicker_law and self.flicker_law.t_read_s >= self.drift_law.t0_s:
            raise ValueError(
                f"flicker_law.t_read_s: found {self.flicker_law.t_read_s:g}; "
                f"must be below drift_law.t0_s {self.drift_law.t0_s:g}"
            )
        return self

    def sigma_programming(self, g_target_S: npt.ArrayLike) -> Array:
        """Return the spread of programming before clipping [S]."""
        gr = np.asarray(g_target_S, dtype=np.float64) / self.g_max_S
        spread_S = polynomial(self.sigma_coefficients_S, gr)
        spread_S *= self.g_max_S / self.sigma_g_max_S
        return spread_S

    def program(self, g_target_S: npt.ArrayLike, draw: Draw) -> DeviceState:
        """Write the targets [S]: one spread and, with drift, one exponent a cell.

        Raises
        ------
        InputError
            A target outside [g_min_S, g_max_S].
        """
        cells = Cells(g_target_S, self.checked_target)
        written_S = np.empty(cells.shape)
        spread_of, n_clipped, z = (
            cells.law(self.sigma_programming),
            0,
            draw("programming").reshape(-1),
        )
        for part, own in cells.parts:
            asked_S = cells.targets_S(part)
            spread_S = spread_of(part)
            spread_S *= z[own]
            spread_S += asked_S
            n_clipped += int(np.count_nonzero(spread_S < 0.0))
            np.maximum(spread_S, 0.0, out=written_S.reshape(-1)[own])
        nu = None if self.drift_law is None else self._exponents(cells, draw("drift_nu"))
        return DeviceState(cells.target, written_S, nu, None, n_clipped)

    def _exponents(self, cells: Cells, normals: Normals) -> Array:
        """Return the drift exponent of each cell."""
        law, found = self.drift_law, np.empty(cells.shape)
        assert law is not None
        mean_of = cells.law(lambda g_S: law.nu_mean.at(g_S / self.g_max_S))
        std_of = cells.law(lambda g_S: law.nu_std.at(g_S / self.g_max_S))
        z, to = normals.reshape(-1), found.reshape(-1)
        for part, own in cells.parts:
            spread = std_of(part)
            spread *= z[own]
            spread += mean_of(part)
            np.abs(spread, out=to[own])
        return found

    def drift(self, state: DeviceState, t_s: float) -> Array:
        """Return the conductances `t_s` [s] after the reference read [S]."""
        check_age(t_s)
        if state.drift_nu is None:
            return state.g_programmed_S.copy()
        g_S = np.empty(state.g_programmed_S.shape)
        written, nu, to = (a.reshape(-1) for a in (state.g_programmed_S, state.drift_nu, g_S))
        for part in cache_parts(g_S.size):
            left = power_of_time(nu[part], t_s, self.time_scale_s)
            np.multiply(written[part], left, out=to[part])
        return g_S

    def read_noise(self, state: DeviceState, g_S: Array, t_s: float) -> ReadNoise:
        """Return 1/f noise of strength g Q_s, and white noise, where they are known."""
        check_age(t_s)
        white_S = flicker = None
        if self.white_law is not None:
            white_S = np.full(g_S.shape, self.white_law.sigma_S)
        if self.flicker_law is not None:
            q_s = self.flicker_law.q_s.at(state.g_programmed_S / self.g_max_S)
            t0_s = self.drift_law.t0_s if self.drift_law else 0.0
            flicker = Flicker(np.asarray(g_S * q_s), t_s + t0_s, self.flicker_law.t_read_s)
        return ReadNoise(white_S, flicker)

    @property
    def time_scale_s(self) -> float:
        """The time from programming to the reference read [s]; a second where none is known."""
        return self.drift_law.t0_s if self.drift_law else 1.0


class GaussianDevice(GaussianBase):
    """A device described by moments alone, for studies of one effect at a time.

    Examples
    --------
    >>> from aimc_sim.devices.io import device_model_path, load_device
    >>> device = load_device(device_model_path("gaussian")).device
    >>> float(device.sigma_programming(0.0)), float(device.sigma_programming(25.0e-6))
    (2e-07, 2e-07)
    """

    kind: Literal["gaussian"]
