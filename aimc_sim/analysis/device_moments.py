"""Moments of a device: mean and variance of its conductance at an age, against its target."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aimc_sim.crossbar.tile import exactly_written
from aimc_sim.crossbar.writing import verify_step_S
from aimc_sim.devices.state import Normals
from aimc_sim.hardware import Hardware
from aimc_sim.model.signal import Floats
from aimc_sim.rng import stream

N_TARGETS = 65
N_CELLS = 16384
"""Cells that are drawn at each target: variances are known to 1.1 %, and errors to 0.05 dB."""


@dataclass(frozen=True)
class DeviceMoments:
    """Mean and variance of the conductance of a healthy device against its target.

    Parameters
    ----------
    target_S : float array, shape (n,)
        Targets, ascending [S].
    mean_S, variance_S2 : float array, shape (n,)
        Of what devices are at the age [S], [S^2].

    Notes
    -----
    The device's own laws of writing and drift are drawn, as a law that clips, folds or writes in a
    loop has no moments in closed form. Between the targets both are linear.
    """

    target_S: Floats
    mean_S: Floats
    variance_S2: Floats

    def mean(self, g_target_S: Floats) -> Floats:
        """Return the mean at these targets [S]."""
        return np.interp(g_target_S, self.target_S, self.mean_S)

    def variance(self, g_target_S: Floats) -> Floats:
        """Return the variance at these targets [S^2]."""
        return np.interp(g_target_S, self.target_S, self.variance_S2)


def device_moments(hardware: Hardware, age_s: float, *, seed: int = 0) -> DeviceMoments:
    """Return the moments of a chip's device, its effects switched as the hardware says.

    Parameters
    ----------
    hardware : Hardware
        Device, temperature, effects.
    age_s : float
        Time since the reference read [s].
    seed : int
        Of the cells that are drawn.

    Examples
    --------
    >>> from aimc_sim.chip import load_chip
    >>> chip = load_chip("examples/chips/pcm_256.yaml", {"hardware.device": "ideal"})
    >>> float(device_moments(chip.hardware, 0.0).variance_S2.max())
    0.0
    """
    device = hardware.device
    target_S = np.linspace(device.g_min_S, device.g_max_S, N_TARGETS)
    cells_S = np.repeat(target_S[:, None], N_CELLS, axis=1)

    def draw(source: str) -> Normals:
        return stream(seed, "moments", source).normal(cells_S.size).reshape(cells_S.shape)

    state = device.write(cells_S, draw, verify_step_S(hardware))
    if not hardware.effects.programming:
        state = exactly_written(state)
    drifts = hardware.effects.drift
    g_S = device.drift(state, age_s) if drifts else state.g_programmed_S
    g_S = device.at_temperature(g_S, hardware.temperature_K)
    same = np.ptp(g_S, axis=1) == 0.0  # rounding of a mean is no spread
    mean_S, variance_S2 = g_S.mean(axis=1), g_S.var(axis=1)
    return DeviceMoments(
        target_S, np.where(same, g_S[:, 0], mean_S), np.where(same, 0.0, variance_S2)
    )
