"""Noise of the devices of a tile at one age, split by how long it lasts, effects switched."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aimc_sim.crossbar.flicker import Holds
from aimc_sim.crossbar.tile import Tiles
from aimc_sim.devices.noise import ReadNoise
from aimc_sim.hardware import Hardware
from aimc_sim.model.signal import Floats


@dataclass(frozen=True)
class CellNoise:
    """Spreads of each device of a tile, shape (n_wordlines, n_columns, 2) [S]; None: no such part.

    Parameters
    ----------
    white_S : float array or None
        Drawn anew at every read: read_white and flicker_white.
    frozen_S : float array or None
        Drawn once a run and chip: flicker_frozen.
    correlated_S : float array or None
        Correlated between steps: flicker_correlated.
    band : float
        Width of the correlated band, ln(f_high / f_low).
    holds : Holds
        Layout of the correlated part; it does not depend on the age.
    """

    white_S: Floats | None
    frozen_S: Floats | None
    correlated_S: Floats | None
    band: float
    holds: Holds


def cell_noise(tiles: Tiles, chip: int, tile_id: int, age_s: float) -> CellNoise:
    """Return the noise of a tile at an age.

    Parameters
    ----------
    tiles : Tiles
        Programmed tiles; their plan says the time between steps.
    chip, tile_id : int
        Which.
    age_s : float
        Time since the reference read [s].

    Notes
    -----
    White noise and the white part of 1/f are one draw: their variances add. The three parts of
    1/f share its variance as `Flicker.shares` says. Devices that are stuck or were never
    programmed are quiet.
    """
    noise, live = tiles.read_noise(chip, tile_id, age_s), tiles.live(chip, tile_id)
    t_step_s, n_steps = tiles.plan.t_step_s, tiles.hardware.timing.n_band_steps
    parts = noise_parts(noise, tiles.hardware, t_step_s)
    white_S, frozen_S, correlated_S = (
        None if part is None else _if_any(np.where(live, part, 0.0)) for part in parts
    )
    band, holds = 0.0, Holds(0.0, 1.0)
    if noise.flicker is not None:
        band = noise.flicker.shares(t_step_s, n_steps).correlated
        whole = noise.flicker.correlated_band(t_step_s, n_steps)
        holds = Holds(whole, max(noise.flicker.t_read_s / t_step_s, 1.0))
    return CellNoise(white_S, frozen_S, correlated_S, band, holds)


def noise_parts(
    noise: ReadNoise, hardware: Hardware, t_step_s: float
) -> tuple[Floats | None, Floats | None, Floats | None]:
    """Return the spreads of white, frozen and correlated noise [S], effects switched.

    Parameters
    ----------
    noise : ReadNoise
        Of any cells.
    hardware : Hardware
        Timing and effects.
    t_step_s : float
        Time between steps [s].
    """
    effects = hardware.effects
    white = [] if noise.white_S is None or not effects.read_white else [np.square(noise.white_S)]
    frozen_S = correlated_S = None
    if noise.flicker is not None:
        shares = noise.flicker.shares(t_step_s, hardware.timing.n_band_steps)
        strength_S = noise.flicker.strength_S
        if effects.flicker_white and shares.white:
            white.append(np.square(strength_S) * shares.white)
        if effects.flicker_frozen and shares.frozen:
            frozen_S = strength_S * np.sqrt(shares.frozen)
        if effects.flicker_correlated and shares.correlated:
            correlated_S = strength_S * np.sqrt(shares.correlated)
    return np.sqrt(sum(white)) if white else None, frozen_S, correlated_S


def _if_any(values_S: Floats | None) -> Floats | None:
    """Return the spreads, or None where all are 0."""
    return values_S if values_S is not None and values_S.any() else None


def is_correlated(tiles: Tiles, chip: int) -> bool:
    """Return whether 1/f noise of these tiles is to be correlated between steps.

    Notes
    -----
    The age does not matter, as the band may be empty at first and grow while a run lasts.
    """
    age_s = tiles.hardware.device.first_age_s
    return tiles.hardware.effects.flicker_correlated and any(
        _has_flicker(tiles, chip, tile.tile_id, age_s) for tile in tiles.plan.tiles
    )


def _has_flicker(tiles: Tiles, chip: int, tile_id: int, age_s: float) -> bool:
    flicker = tiles.read_noise(chip, tile_id, age_s).flicker
    return flicker is not None and bool((flicker.strength_S * tiles.live(chip, tile_id)).any())
