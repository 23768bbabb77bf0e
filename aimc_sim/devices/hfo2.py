"""HfO2 RRAM after Milo et al. 2021: a spread that is a line in conductance, a cubic I-V curve."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field, model_validator

from aimc_sim.devices.base import RANGE_SLACK, DeviceBase
from aimc_sim.devices.curves import Line
from aimc_sim.devices.laws import check_age, clip_counted, polynomial
from aimc_sim.devices.noise import ReadNoise
from aimc_sim.devices.state import Array, DeviceState, Draw
from aimc_sim.spec import Source, Spec


class CubicCurrent(Spec):
    r"""I = g V + a V^2 + b V^3, a and b polynomials in log10(g / 1 S).

    Parameters
    ----------
    a_coefficients_A, b_coefficients_A : tuple of float
        Ascending in log10(g) [A/V^2, A/V^3].
    g_low_S, g_high_S : float
        Range of the fit [S]; a conductance outside takes the a and b of the nearest end.
    v_max_V : float
        Largest magnitude of the voltage in the fit [V].
    source : Source
        Where the numbers come from.
    """

    a_coefficients_A: tuple[float, ...] = Field(min_length=1)
    b_coefficients_A: tuple[float, ...] = Field(min_length=1)
    g_low_S: float = Field(gt=0.0)
    g_high_S: float = Field(gt=0.0)
    v_max_V: float = Field(gt=0.0)
    source: Source

    @model_validator(mode="after")
    def _range_is_ordered(self) -> CubicCurrent:
        if self.g_low_S >= self.g_high_S:
            raise ValueError(
                f"g_low_S: found {self.g_low_S:g}; must be below g_high_S {self.g_high_S:g}"
            )
        return self

    def terms(self, g_S: npt.ArrayLike) -> tuple[Array, Array]:
        """Return a and b at conductances g_S [A/V^2, A/V^3]."""
        log = np.log10(np.clip(np.asarray(g_S, np.float64), self.g_low_S, self.g_high_S))
        return polynomial(self.a_coefficients_A, log), polynomial(self.b_coefficients_A, log)


class Hfo2Device(DeviceBase):
    r"""HfO2 RRAM, statistics after program-and-verify.

    Parameters
    ----------
    sigma_law : Line
        Programming spread over the target.
    programming_source : Source
        Where the spread comes from.
    current_law : CubicCurrent, optional
        The I-V curve; targets then lie within its range. Without it I is linear in V.

    Notes
    -----
    .. math::
        g_{prog} = \max(g_{target} + \sigma z, 0), \qquad \sigma = \max(s_0 + s_1 g_{target}, 0)

    Neither drift nor read noise is published, so conductances keep and reads are exact.

    References
    ----------
    V. Milo et al., IRPS 2021, Fig. 4 (IGVVA-100 algorithm); fitted in CrossSim.

    Examples
    --------
    >>> from aimc_sim.devices.io import device_model_path, load_device
    >>> device = load_device(device_model_path("rram_milo2021")).device
    >>> round(float(device.sigma_law.at(100.0e-6)) * 1e6, 6), device.v_max_V
    (3.871621, 0.5)
    """

    kind: Literal["hfo2"]
    statistic: Literal["after_verify"]
    sigma_law: Line
    programming_source: Source
    current_law: CubicCurrent | None = None

    @model_validator(mode="after")
    def _targets_have_a_curve(self) -> Hfo2Device:
        law = self.current_law
        slack = RANGE_SLACK * self.g_max_S
        if law and (self.g_min_S < law.g_low_S - slack or self.g_max_S > law.g_high_S + slack):
            raise ValueError(
                f"current_law: the I-V curve is known from {law.g_low_S:g} to {law.g_high_S:g} S; "
                f"found g_min_S {self.g_min_S:g} and g_max_S {self.g_max_S:g}"
            )
        return self

    def program(self, g_target_S: npt.ArrayLike, draw: Draw) -> DeviceState:
        """Write the targets [S]: one spread a cell, clipped at 0 and counted.

        Raises
        ------
        InputError
            A target outside [g_min_S, g_max_S].
        """
        g_S = self.checked_target(g_target_S)
        written_S = g_S + self.sigma_law.at(g_S) * draw("programming").astype(np.float64)
        g_programmed_S, n_clipped = clip_counted(written_S, 0.0)
        return DeviceState(g_S, g_programmed_S, None, None, n_clipped)

    def drift(self, state: DeviceState, t_s: float) -> Array:
        """Return the conductances `t_s` [s] after the reference read: unchanged [S]."""
        check_age(t_s)
        return state.g_programmed_S.copy()

    def read_noise(self, state: DeviceState, g_S: Array, t_s: float) -> ReadNoise:
        """Return no noise: none is published."""
        check_age(t_s)
        return ReadNoise()

    def nonlinearity(self, g_S: Array) -> tuple[Array, Array] | None:
        """Return a, b of ``I = g V + a V^2 + b V^3`` [A/V^2, A/V^3]; None where I is linear."""
        return None if self.current_law is None else self.current_law.terms(g_S)

    @property
    def v_max_V(self) -> float | None:
        """Largest read voltage that the I-V curve is known for [V]; None where I is linear."""
        return None if self.current_law is None else self.current_law.v_max_V
