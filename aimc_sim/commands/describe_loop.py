"""What `aimc inspect` says of a device that a loop writes: sampled, since no formula gives it."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from aimc_sim.devices import Device
from aimc_sim.rng import stream

N_SAMPLED = 200
"""Devices written at each target."""


def loop_rows(device: Device, levels: tuple[float, ...]) -> list[dict[str, Any]]:
    """Return, at a few targets, mean and spread of devices as their loop leaves them [S].

    Parameters
    ----------
    device : Device
        One with a section `write_verify`; its verify reads are taken as exact.
    levels : tuple of float
        Targets, as shares of the window.

    Notes
    -----
    `N_SAMPLED` devices a target, from streams of seed 0; those that failed are among them.
    """
    shape = (len(levels), N_SAMPLED)
    target_S = device.g_min_S + np.array(levels) * (device.g_max_S - device.g_min_S)

    def draw(source: str) -> npt.NDArray[np.float32]:
        return stream(0, "inspect", source).normal(shape[0] * shape[1]).reshape(shape)

    state = device.program(np.broadcast_to(target_S[:, None], shape), draw)
    g_S, age_s = state.g_programmed_S, device.first_age_s
    read_S = device.read_noise(state, g_S, age_s).sigma_S()
    return [
        {
            "g_target_S": float(target_S[i]),
            "age_s": age_s,
            "g_typical_S": float(g_S[i].mean()),
            "sigma_S": float((g_S[i] - g_S[i, 0]).std()),
            "sigma_read_S": None if read_S is None else float(read_S[i].mean()),
        }
        for i in range(shape[0])
    ]
