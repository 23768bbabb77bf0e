"""TaOx memristor of 64x64 arrays: a wide range, discrete levels, one write spread."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field, model_validator

from aimc_sim.devices.base import DeviceBase
from aimc_sim.devices.laws import check_age, clip_counted
from aimc_sim.devices.noise import ReadNoise
from aimc_sim.devices.state import Array, DeviceState, Draw
from aimc_sim.spec import Source


class TaoxDevice(DeviceBase):
    r"""TaOx memristor, written to the nearest of its levels with a constant spread.

    Parameters
    ----------
    n_levels : int
        Levels evenly spaced from g_min_S to g_max_S, both included.
    sigma_write_S : float
        Spread after write-verify, the same at every conductance [S].
    g_physical_min_S, g_physical_max_S : float
        Bounds a realised conductance is clipped to; g_physical_min_S <= g_min_S and
        g_max_S <= g_physical_max_S [S].
    sigma_read_S : float or None
        White read noise, the same at every conductance [S]; None where none is published.
    range_source, programming_source, read_source : Source
        Where each set of numbers comes from.

    Notes
    -----
    .. math::
        g_{prog} = \mathrm{clip}(g_{level} + \sigma_{write} z,\ g_{phys,min},\ g_{phys,max})

    No drift law is published for these arrays, so conductances keep.

    References
    ----------
    C. Liu et al., DAC 2017 (range, levels); M. Hu et al., Adv. Mater. 2018 (write-verify);
    S. Siegel et al., arXiv:2412.20215 (the 64x64 arrays that run S4D kernels).

    Examples
    --------
    >>> from aimc_sim.devices.io import device_model_path, load_device
    >>> taox = load_device(device_model_path("taox_64x64")).device
    >>> round(float(taox.nearest_level(100.0e-6)) * 1e6, 3)
    100.667
    """

    kind: Literal["taox"]
    statistic: Literal["after_verify"]
    n_levels: int = Field(ge=2)
    g_physical_min_S: float = Field(ge=0.0)
    g_physical_max_S: float = Field(gt=0.0)
    range_source: Source
    sigma_write_S: float = Field(ge=0.0)
    programming_source: Source
    sigma_read_S: float | None = Field(default=None, ge=0.0)
    read_source: Source

    @model_validator(mode="after")
    def _range_is_physical(self) -> TaoxDevice:
        if self.g_physical_min_S > self.g_min_S or self.g_max_S > self.g_physical_max_S:
            raise ValueError(
                f"g_physical_min_S, g_physical_max_S: found {self.g_physical_min_S:g} "
                f"and {self.g_physical_max_S:g}; must enclose g_min_S "
                f"{self.g_min_S:g} and g_max_S {self.g_max_S:g}"
            )
        return self

    def nearest_level(self, g_target_S: npt.ArrayLike) -> Array:
        """Return the level nearest to each target, the upper one on a tie [S]."""
        step_S = (self.g_max_S - self.g_min_S) / (self.n_levels - 1)
        index = np.floor((np.asarray(g_target_S, dtype=np.float64) - self.g_min_S) / step_S + 0.5)
        return np.asarray(np.minimum(self.g_min_S + index * step_S, self.g_max_S))

    def program(self, g_target_S: npt.ArrayLike, draw: Draw) -> DeviceState:
        """Write the targets [S]: nearest level, one spread a cell, clipped and counted.

        Raises
        ------
        InputError
            A target outside [g_min_S, g_max_S].
        """
        g_S = self.checked_target(g_target_S)
        z = draw("programming").astype(np.float64)
        written_S = self.nearest_level(g_S) + self.sigma_write_S * z
        g_programmed_S, n_clipped = clip_counted(
            written_S, self.g_physical_min_S, self.g_physical_max_S
        )
        return DeviceState(g_S, g_programmed_S, None, None, n_clipped)

    def drift(self, state: DeviceState, t_s: float) -> Array:
        """Return the conductances `t_s` [s] after the reference read: unchanged [S]."""
        check_age(t_s)
        return state.g_programmed_S.copy()

    def read_noise(self, state: DeviceState, g_S: Array, t_s: float) -> ReadNoise:
        """Return white noise, the same at every conductance, where a spread is given."""
        check_age(t_s)
        if self.sigma_read_S is None:
            return ReadNoise()
        return ReadNoise(np.full(g_S.shape, self.sigma_read_S))
