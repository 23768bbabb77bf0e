"""What drives the wordlines: nominal codes, or the levels and jitter of converters as built."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aimc_sim.crossbar.setting import Address, ReadSetting
from aimc_sim.hardware import Hardware
from aimc_sim.mapping.matrix import Indices
from aimc_sim.mapping.tile_plan import TilePlan
from aimc_sim.model.signal import Floats, Ints
from aimc_sim.rng import stream, stream_key


@dataclass(frozen=True)
class BoundDac:
    """Converters of the wordlines of one tile in one phase.

    Parameters
    ----------
    levels : float array, shape (n_wordlines, n_codes)
        What each code drives [codes].
    zero_index : int
        Where code 0 stands.
    jitter : float
        Spread of a pulse length [codes].
    keys : tuple of uint32 arrays
        Stream of the jitter, one a read of the phase.
    """

    levels: Floats
    zero_index: int
    jitter: float
    keys: tuple[npt.NDArray[np.uint32], ...]

    def drive(self, x: Ints, index: int, at: Address) -> Floats:
        """Return what drives the wordlines, shape (n_sequences, n_wordlines) [codes]."""
        from aimc_sim.crossbar.kernels_drive import drive_batch

        drive, own = np.empty(x.shape), np.arange(x.shape[1])
        drive_batch(
            x, own, own, self.levels, self.zero_index, self.jitter, self.keys[index], at.sequence,
            at.step, drive,
        )  # fmt: skip
        return drive


def bind_dac(
    setting: ReadSetting, tile: TilePlan, wordlines: Indices, phase: str, n_reads: int
) -> BoundDac | None:
    """Look up the converters of the wordlines; None where they are exact.

    Notes
    -----
    One converter drives a wordline of a tile, in all phases; its faults are drawn at build.
    """
    hardware: Hardware = setting.tiles.hardware
    dac = hardware.dac
    if not hardware.effects.converter_faults:
        return None
    path = (tile.layer, tile.name)

    def draw(source: str, n: int) -> Floats:
        named = stream(setting.tiles.seed, "program", setting.chip, *path, source)
        return named.normal(n).astype(np.float64)

    levels, jitter = dac.levels(draw, tile.n_wordlines), dac.jitter_lsb
    if levels is None and not jitter:
        return None
    if levels is None:
        levels = np.broadcast_to(dac.exact_levels(), (tile.n_wordlines, len(dac.exact_levels())))
    keys = tuple(
        stream_key(setting.seed, setting.purpose, setting.chip, *path, f"{phase}/{i}/dac_jitter")
        for i in range(n_reads)
    )
    return BoundDac(np.ascontiguousarray(levels[wordlines]), dac.zero_index, jitter, keys)
