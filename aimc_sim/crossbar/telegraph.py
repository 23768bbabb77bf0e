"""Random telegraph noise: which devices of a tile switch, and the level each is at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aimc_sim.crossbar.flicker import Entries
from aimc_sim.crossbar.setting import ReadSetting
from aimc_sim.devices.noise import switching_cells, telegraph_levels
from aimc_sim.mapping.matrix import Indices
from aimc_sim.mapping.tile_plan import TilePlan
from aimc_sim.model.signal import Floats, Ints
from aimc_sim.rng import stream, stream_key

Levels = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Switching:
    """The devices of a tile that switch.

    Parameters
    ----------
    number : int array, shape (n,)
        Of each device on its tile, ascending.
    start : uint8 array, shape (n,)
        Level at step 0, that of the chip: all sequences begin at the same moment.
    key : uint32 array, shape (4,)
        Stream of the changes.
    renewal, p_high : float
        Probability that a level is drawn anew between steps, and that it is high then.
    """

    number: Indices
    start: Levels
    key: npt.NDArray[np.uint32]
    renewal: float
    p_high: float

    def advance(self, levels: Levels, sequence: Ints, step: int) -> None:
        """Move levels, shape (n_sequences, n), from the step before to `step`, in place."""
        from aimc_sim.crossbar.kernels_correlated import advance_levels

        advance_levels(levels, self.number, self.key, sequence, step, self.renewal, self.p_high)


def switching(setting: ReadSetting, tile: TilePlan) -> Switching | None:
    """Return the devices of a tile that switch; None where there is no such noise.

    Notes
    -----
    Which devices switch is settled at programming (build seed), when they do by the run seed.
    """
    tiles, noise = setting.tiles, setting.tiles.hardware.device.telegraph
    if noise is None or not noise.share or not tiles.hardware.effects.telegraph:
        return None
    live = tiles.live(setting.chip, tile.tile_id)
    named = stream(tiles.seed, "program", setting.chip, tile.layer, tile.name, "telegraph")
    chosen = switching_cells(noise.share, named.normal(live.size)) & live.reshape(-1)
    number = np.flatnonzero(chosen)
    path = (setting.lasting, setting.chip, tile.layer, tile.name)
    first = stream(setting.seed, *path, "telegraph_start").uniform(live.size)
    return Switching(
        number,
        (first[number] < noise.p_high).astype(np.uint8),
        stream_key(setting.seed, *path, "telegraph"),
        noise.renewal(tiles.plan.t_step_s),
        noise.p_high,
    )


@dataclass(frozen=True)
class BoundTelegraph:
    """Switching devices of one tile in one phase.

    Parameters
    ----------
    cell : int array, shape (n,)
        Index of each device among those of its tile that switch.
    source, current : int arrays, shape (n,)
        Wordline that drives it, current that it adds to.
    low, high : float arrays, shape (n,)
        What its levels add for input code 1 [units of a weight code].
    low_S, high_S : float arrays, shape (n,)
        What its levels add to the sum of conductances of its bitline [S].
    """

    cell: Indices
    source: Indices
    current: Indices
    low: Floats
    high: Floats
    low_S: Floats
    high_S: Floats


def bind_telegraph(setting: ReadSetting, found: Switching, entries: Entries) -> BoundTelegraph:
    """Bind switching devices; the amount of an entry is its conductance [units]."""
    noise = setting.tiles.hardware.device.telegraph
    assert noise is not None, "devices that switch have telegraph noise"
    cell = np.searchsorted(found.number, entries.number)
    low, high = telegraph_levels(noise, entries.amount)
    sums_S = telegraph_levels(noise, entries.amount_S)
    return BoundTelegraph(cell, entries.source, entries.current, low, high, *sums_S)
