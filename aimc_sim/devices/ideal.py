"""The ideal device: written exactly, kept for ever, read without noise."""

from __future__ import annotations

from typing import Literal

import numpy.typing as npt
from pydantic import Field

from aimc_sim.devices.base import DeviceBase
from aimc_sim.devices.laws import check_age
from aimc_sim.devices.noise import ReadNoise
from aimc_sim.devices.state import Array, DeviceState, Draw
from aimc_sim.spec import Source

_BY_DEFINITION = Source(cite="by definition, no physical device", grade="assumed")


class IdealDevice(DeviceBase):
    """Exact conductances; the device of law 1 (ideal = exact).

    Examples
    --------
    >>> import numpy as np
    >>> device = IdealDevice(kind="ideal", g_min_S=0.0, g_max_S=25.0e-6)
    >>> state = device.program([1.0e-6, 2.0e-6], lambda name: np.zeros(2, np.float32))
    >>> bool((device.drift(state, 86400.0) == [1.0e-6, 2.0e-6]).all())
    True
    """

    kind: Literal["ideal"]
    statistic: Literal["after_verify"] = "after_verify"
    set_pulses_mean: int = Field(default=1, ge=0)
    reset_pulses_mean: int = Field(default=0, ge=0)
    verify_reads_mean: int = Field(default=0, ge=0)
    pulses_source: Source = _BY_DEFINITION
    source: Source = _BY_DEFINITION

    def program(self, g_target_S: npt.ArrayLike, draw: Draw) -> DeviceState:
        """Return the targets as written; nothing is drawn.

        Raises
        ------
        InputError
            A target outside [g_min_S, g_max_S].
        """
        g_S = self.checked_target(g_target_S)
        return DeviceState(g_S, g_S, None, None, 0)

    def drift(self, state: DeviceState, t_s: float) -> Array:
        """Return the conductances `t_s` [s] after the reference read: unchanged [S]."""
        check_age(t_s)
        return state.g_programmed_S.copy()

    def read_noise(self, state: DeviceState, g_S: Array, t_s: float) -> ReadNoise:
        """Return no noise."""
        check_age(t_s)
        return ReadNoise()
