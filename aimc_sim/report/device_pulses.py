"""Numbers of one device written pulse by pulse: a pulse's step, and what its loop leaves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aimc_sim.devices import PulsedDevice
from aimc_sim.devices.state import Array
from aimc_sim.report.device_curves import N_CELLS, N_CURVE, one_in, sampled, targets_S

N_WRITTEN = 300
"""Devices that the loop writes, one at each of as many targets."""
LEAST_SHARE = 0.1
"""Share of the devices that can be at a conductance, below which no band is shown."""


@dataclass(frozen=True)
class PulseSteps:
    """What one pulse does to the conductance of devices that are at g_S.

    Parameters
    ----------
    g_S : float64 array, shape (n_points,)
        Conductance before the pulse [S].
    typical_S : float64 array, same shape
        Step of a device without any spread [S].
    low_S, high_S : float64 array, same shape
        5 % and 95 % of the steps, over devices and pulses, are below [S]; NaN where too few
        devices can be.
    """

    g_S: Array
    typical_S: Array
    low_S: Array
    high_S: Array


@dataclass(frozen=True)
class Written:
    """Devices as their loop left them, one at each target.

    Parameters
    ----------
    g_target_S, error_S : float64 array, shape (n_cells,)
        Conductance asked for, and what was written less that [S].
    failed : bool array, same shape
        Devices outside the window when the budget was spent.
    n_pulses : int64 array, same shape
        SET and RESET pulses of each.
    """

    g_target_S: Array
    error_S: Array
    failed: npt.NDArray[np.bool_]
    n_pulses: npt.NDArray[np.int64]


def pulse_steps(device: PulsedDevice, *, up: bool) -> PulseSteps:
    """Return the step of one SET (up) or RESET pulse over the conductance before it."""
    shape = (N_CELLS,)

    def steps_S(many: bool, w_before: float) -> Array:
        draw = sampled("pulse", shape) if many else one_in("", shape)
        cells = device.response.cells(lambda source: draw(source).astype(np.float64))
        w, z = np.full(shape, w_before), draw("pulse/1").astype(np.float64)
        after = device.response.step(cells, w, np.full(shape, up), z)
        inside = (cells.w_min <= w) & (w <= cells.w_max)
        moved = np.clip(after, cells.w_min, cells.w_max) - w
        return np.asarray(moved[inside] * device.slope_S)

    dark = device.w_at_g_min - device.g_min_S / device.slope_S
    weights = np.linspace(max(device.response.w_min, dark), device.response.w_max, N_CURVE)
    typical_S = np.array([steps_S(False, w)[0] for w in weights])
    low_S, high_S = np.array([_band(steps_S(True, w)) for w in weights]).T
    return PulseSteps(device.conductance_S(weights), typical_S, low_S, high_S)


def _band(steps_S: Array) -> Array:
    if steps_S.size < LEAST_SHARE * N_CELLS:
        return np.full(2, np.nan)
    return np.asarray(np.quantile(steps_S, (0.05, 0.95)))


def write_by_loop(device: PulsedDevice) -> Written:
    """Return what the write-verify loop makes of devices at targets over the whole range."""
    g_S = targets_S(device, N_WRITTEN)
    state = device.program(g_S, sampled("loop", g_S.shape))
    writing = state.writing
    assert writing is not None, "a loop says how it went"
    n_pulses = writing.n_set_pulses + writing.n_reset_pulses
    return Written(g_S, state.g_programmed_S - g_S, writing.failed, n_pulses)
