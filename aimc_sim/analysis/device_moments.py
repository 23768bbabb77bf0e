"""Moments of a device: mean and variance of its conductance at an age, against its target."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aimc_sim.crossbar.noise import noise_parts
from aimc_sim.crossbar.targets import target_S
from aimc_sim.crossbar.tile import Tiles, exactly_written
from aimc_sim.crossbar.writing import verify_step_S
from aimc_sim.devices.state import Normals
from aimc_sim.model.signal import Floats
from aimc_sim.rng import stream

N_CELLS, MOST_CELLS = 16384, 1 << 22
"""Cells that are drawn at each target, and of all: with 16,384 a variance is known to 1.1 %, an
error to 0.05 dB."""
MOST_TARGETS = 1 << 13


@dataclass(frozen=True)
class DeviceMoments:
    """Mean and variance of the conductance of a healthy device against its target.

    Parameters
    ----------
    target_S : float array, shape (n,)
        Targets, ascending [S].
    mean_S, variance_S2 : float array, shape (n,)
        Of what devices are at the age [S], [S^2].
    lasting_S2, white_S2 : float array, shape (n,)
        Mean variance of 1/f noise that is frozen or correlated between steps, and of what is drawn
        at every read [S^2].

    Notes
    -----
    The device's own laws of writing and drift are drawn, as a law that clips, folds or writes in a
    loop has no moments in closed form. Between the targets both are linear; a plan's own targets
    are among them, because a device with levels jumps in between.
    """

    target_S: Floats
    mean_S: Floats
    variance_S2: Floats
    lasting_S2: Floats
    white_S2: Floats

    def mean(self, g_target_S: Floats) -> Floats:
        """Return the mean at these targets [S]."""
        return np.interp(g_target_S, self.target_S, self.mean_S)

    def static(self, g_target_S: Floats) -> Floats:
        """Return the variance of what stays for a run at these targets [S^2]."""
        return np.interp(g_target_S, self.target_S, self.variance_S2 + self.lasting_S2)

    def white(self, g_target_S: Floats) -> Floats:
        """Return the variance of what is drawn at every read at these targets [S^2]."""
        return np.interp(g_target_S, self.target_S, self.white_S2)


def device_moments(tiles: Tiles, age_s: float, *, seed: int = 0) -> DeviceMoments:
    """Return the moments of a chip's device, its effects switched as the hardware says.

    Parameters
    ----------
    tiles : Tiles
        What is written where; of what was drawn for it nothing counts.
    age_s : float
        Time since the reference read [s].
    seed : int
        Of the cells that are drawn.

    Examples
    --------
    >>> from aimc_sim import load_chip, load_model, map_model, program
    >>> chip = load_chip("examples/chips/pcm_256.yaml", {"hardware.device": "ideal"})
    >>> plan = map_model(load_model("examples/models/digits.npz"), chip.hardware)
    >>> tiles = program(plan, chip.hardware, seed=0)
    >>> float(device_moments(tiles, 0.0).variance_S2.max())
    0.0
    """
    hardware, device = tiles.hardware, tiles.hardware.device
    targets_S = _targets_S(tiles)
    n_cells = min(N_CELLS, MOST_CELLS // len(targets_S))
    cells_S = np.repeat(targets_S[:, None], n_cells, axis=1)

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
    parts = noise_parts(device.read_noise(state, g_S, age_s), hardware, tiles.plan.t_step_s)
    white, frozen, correlated = (np.zeros(1) if p is None else np.square(p) for p in parts)
    lasting = np.broadcast_to(frozen + correlated, g_S.shape)
    return DeviceMoments(
        targets_S,
        np.where(same, g_S[:, 0], mean_S),
        np.where(same, 0.0, variance_S2),
        lasting.mean(axis=1),
        np.broadcast_to(white, g_S.shape).mean(axis=1),
    )


def _targets_S(tiles: Tiles) -> Floats:
    """Return the targets of a plan, each once, ascending; of too many, some, evenly spaced."""
    hardware = tiles.hardware
    found = [
        np.unique(target_S(m, tile, hardware)) for m in tiles.plan.matrices for tile in m.tiles
    ]
    distinct = np.unique(np.concatenate(found))
    if len(distinct) <= MOST_TARGETS:
        return distinct
    some: Floats = distinct[np.linspace(0, len(distinct) - 1, MOST_TARGETS).round().astype(int)]
    return some
