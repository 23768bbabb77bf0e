"""Converters as built, bound to the bitlines that they serve."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from aimc_sim.converters import Transfer
from aimc_sim.crossbar.setting import Address, ReadSetting
from aimc_sim.mapping.matrix import Indices
from aimc_sim.mapping.tile_plan import TilePlan
from aimc_sim.model.signal import Floats, Ints
from aimc_sim.rng import stream, stream_key


class Converts(Protocol):
    """What turns the currents of a read into codes in place of exact uniform converters."""

    def convert(self, i: Floats, lsb: Floats, at: Address, codes: Ints, saturated: Ints) -> None:
        """Convert currents, shape (n_sequences, n_currents); codes are written."""


@dataclass(frozen=True)
class BoundAdc:
    """Converters of one read of a tile.

    Parameters
    ----------
    transfer : Transfer
        All converters of the tile, as built.
    adc_of, lane : int array, shape (n_currents,)
        Converter of each current, and number of its draw.
    key : uint32 array, shape (4,)
        Stream of the thermal noise.
    """

    transfer: Transfer
    adc_of: Indices
    lane: Indices
    key: npt.NDArray[np.uint32]

    def convert(self, i: Floats, lsb: Floats, at: Address, codes: Ints, saturated: Ints) -> None:
        """Convert currents, shape (n_sequences, n_currents); codes are written."""
        from aimc_sim.crossbar import kernels_convert as kernels

        t = self.transfer
        common = (
            i, lsb, self.adc_of, t.thresholds, t.code_min, t.noise_lsb, self.lane,
            int(self.lane.max()) + 1, self.key, at.sequence, at.step, codes, saturated,
        )  # fmt: skip
        if t.weights is not None and t.origin is not None and t.noise_lsb > 0.0:
            kernels.convert_batch_successive(*common, t.weights, t.origin)
        else:
            kernels.convert_batch(*common)


def transfer_of(setting: ReadSetting, tile: TilePlan, signed: bool) -> Transfer | None:
    """Return the converters of a tile as built; None where they are exact.

    Notes
    -----
    Tiles on one site share its converters: the draws are named by the first of them.
    """
    tiles = setting.tiles
    hardware, shape = tiles.hardware, tiles.hardware.tile
    if not hardware.effects.converter_faults:
        return None
    owner = tile
    if tile.site is not None:
        owner = next(t for t in tiles.plan.tiles if t.site == tile.site)

    def draw(source: str, n: int) -> Floats:
        named = stream(tiles.seed, "program", setting.chip, owner.layer, owner.name, source)
        return named.normal(n).astype(np.float64)

    return hardware.adc.transfer(draw, -(-shape.n_bitlines // shape.bitlines_per_adc), signed)


def bind_adc(
    setting: ReadSetting,
    transfer: Transfer | None,
    path: tuple[str | int, ...],
    source: str,
    lines: Ints,
    lane: Indices,
) -> BoundAdc | None:
    """Bind the converters of a read; None where they are exact.

    Parameters
    ----------
    setting : ReadSetting
        Which chip.
    transfer : Transfer, optional
        Its converters.
    path, source : tuple, str
        Name of the read's random stream.
    lines : int array, shape (n_currents,)
        Bitline where each current is converted.
    lane : int array, shape (n_currents,)
        Number of its draw.
    """
    if transfer is None:
        return None
    adc_of = lines // setting.tiles.hardware.tile.bitlines_per_adc
    key = stream_key(setting.seed, *path, source)
    return BoundAdc(transfer, adc_of, lane, key)
