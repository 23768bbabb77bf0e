"""CMO/HfOx RRAM after Falcone et al. 2025: written to a window, then relaxing with ln t."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from aimc_sim.devices.base import DeviceBase
from aimc_sim.devices.curves import Line
from aimc_sim.devices.laws import check_age, clip_counted
from aimc_sim.devices.noise import Flicker, ReadNoise
from aimc_sim.devices.state import Array, DeviceState, Draw
from aimc_sim.spec import InputError, Source, Spec

ONE_uS = 1.0e-6


class AcceptanceWindows(Spec):
    """Programming spread for each acceptance window that was measured; no other key is taken."""

    pct_0p2: Line
    pct_2: Line


class Relaxation(Spec):
    """Relaxation after writing: mean shift and spread, both lines in ln(t / 1 s).

    Parameters
    ----------
    mean_slope_S : float
        Mean shift for each unit of ln t; none at 1 s [S].
    sigma_slope_S, sigma_1s_S : float
        Spread for each unit of ln t, and at 1 s [S].
    source : Source
        Where the numbers come from.
    """

    mean_slope_S: float
    sigma_slope_S: float = Field(ge=0.0)
    sigma_1s_S: float = Field(ge=0.0)
    source: Source


class LogFlicker(Spec):
    """1/f noise of strength k * log10(g / 1 uS), 0 below 1 uS.

    Parameters
    ----------
    k_S : float
        Strength at 10 uS [S].
    t_read_s : float
        Duration of a read in the fit [s].
    source : Source
        Where the numbers come from.
    """

    k_S: float = Field(ge=0.0)
    t_read_s: float = Field(gt=0.0, lt=1.0)
    source: Source


class CmoDevice(DeviceBase):
    r"""CMO/HfOx RRAM, statistics after program-and-verify.

    Parameters
    ----------
    range_source : Source
        Where g_min_S and g_max_S come from.
    acceptance : {"pct_0p2", "pct_2"}
        Window of program-and-verify, relative to the target; a window that was not measured is
        refused.
    windows : AcceptanceWindows
        Programming spread for each of them.
    programming_source : Source
        Where the spreads come from.
    relaxation : Relaxation
        What follows, from 1 s on.
    flicker_law : LogFlicker
        1/f noise.

    Notes
    -----
    .. math::
        g_{prog} &= \max(g_{target} + \sigma_w(g_{target})\,z, 0) \\
        g(t) &= \max(g_{prog} + m \ln t + (a \ln t + b)\,z_{relax}, 0) \\
        \sigma_{1/f} &= k \max(\log_{10} g(t)/\mu S, 0) \sqrt{\ln\frac{t + t_{read}}{2 t_{read}}}

    with t in seconds from programming, from 1 s on: the spread of relaxation there is b already.
    One z_relax a cell is kept for all times (assumed; only the spread is published), so a cell read
    later is the same cell. Where log10 g is negative (below 1 uS, outside the range of targets)
    the noise is 0.

    References
    ----------
    D. F. Falcone et al., arXiv:2502.04524 (2025); read noise: Lombardo et al., DRC 2024;
    coefficients as in aihwkit ``ReRamCMONoiseModel``.

    Examples
    --------
    >>> from aimc_sim.devices.io import device_model_path, load_device
    >>> device = load_device(device_model_path("cmo_hfox_falcone_2pct")).device
    >>> round(float(device.sigma_programming(50.0e-6)) * 1e6, 6)
    0.575732
    """

    kind: Literal["cmo"]
    statistic: Literal["after_verify"]
    range_source: Source
    acceptance: Literal["pct_0p2", "pct_2"]
    windows: AcceptanceWindows
    programming_source: Source
    relaxation: Relaxation
    flicker_law: LogFlicker

    def sigma_programming(self, g_target_S: npt.ArrayLike) -> Array:
        """Return the spread of programming in the acceptance window chosen [S]."""
        line: Line = getattr(self.windows, self.acceptance)
        return line.at(g_target_S)

    def program(self, g_target_S: npt.ArrayLike, draw: Draw) -> DeviceState:
        """Write the targets [S]; g_programmed_S is what was accepted, before it relaxes.

        Raises
        ------
        InputError
            A target outside [g_min_S, g_max_S].
        """
        g_S = self.checked_target(g_target_S)
        written_S = g_S + self.sigma_programming(g_S) * draw("programming").astype(np.float64)
        g_programmed_S, n_clipped = clip_counted(written_S, 0.0)
        z_relaxation = draw("relaxation").astype(np.float64)
        return DeviceState(g_S, g_programmed_S, None, None, n_clipped, z_relaxation=z_relaxation)

    def drift(self, state: DeviceState, t_s: float) -> Array:
        """Return the conductances `t_s` [s] after programming, 1 s at least [S].

        Raises
        ------
        InputError
            A time before 1 s.
        """
        self._check_known(t_s)
        assert state.z_relaxation is not None, "a CMO state carries its normals of relaxation"
        log, law = math.log(t_s), self.relaxation
        sigma_S = law.sigma_slope_S * log + law.sigma_1s_S
        relaxed_S = state.g_programmed_S + law.mean_slope_S * log + sigma_S * state.z_relaxation
        return np.maximum(relaxed_S, 0.0)

    def read_noise(self, state: DeviceState, g_S: Array, t_s: float) -> ReadNoise:
        """Return 1/f noise of strength k log10(g / 1 uS), 0 below 1 uS."""
        self._check_known(t_s)
        strength_S = self.flicker_law.k_S * np.log10(np.maximum(g_S / ONE_uS, 1.0))
        return ReadNoise(flicker=Flicker(strength_S, t_s, self.flicker_law.t_read_s))

    @property
    def first_age_s(self) -> float:
        """One second: ln t is known from there on."""
        return 1.0

    def _check_known(self, t_s: float) -> None:
        check_age(t_s)
        if t_s < self.first_age_s:
            raise InputError(
                f"--after: found {t_s:g} s; relaxation of this device is known from --after 1s on"
            )
