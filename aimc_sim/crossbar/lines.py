"""The lines of one tile in one phase: what drives them, and how devices become currents."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from aimc_sim.crossbar.flicker import Entries
from aimc_sim.crossbar.setting import ReadSetting
from aimc_sim.crossbar.tile import code_step_S
from aimc_sim.mapping.matrix import Indices, Phase
from aimc_sim.mapping.plan import MatrixPlan, TilePlan, slices_of
from aimc_sim.model.signal import Floats, Ints


class TileLines:
    """Wordlines and columns that a phase uses of a tile.

    Parameters
    ----------
    setting : ReadSetting
        Which chip, when.
    m : MatrixPlan
        The matrix.
    phase : Phase
        The phase.
    tile : TilePlan
        The tile.
    """

    def __init__(self, setting: ReadSetting, m: MatrixPlan, phase: Phase, tile: TilePlan) -> None:
        self.setting, self.m, self.phase, self.tile = setting, m, phase, tile
        self.hardware = setting.tiles.hardware
        self.after = self.hardware.mapping.subtraction == "after_adc"
        self.wordlines, self.gather = m.lines_of(tile, phase.drives, "inputs")
        self.columns, self.out = m.lines_of(tile, phase.reads, "outputs")
        self.part = np.ix_(self.wordlines, self.columns)
        self.step_S = code_step_S(m, tile, self.hardware)[self.part]
        self.slices = slices_of(m.matrix, phase, self.hardware)
        self.shape = (tile.n_wordlines, tile.n_columns, 2)
        self.number = np.arange(np.prod(self.shape)).reshape(self.shape)[self.part]

    @property
    def path(self) -> tuple[str | int, ...]:
        """What names the random streams of the tile."""
        return self.setting.purpose, self.setting.chip, self.tile.layer, self.tile.name

    def both(self, values: Indices) -> Indices:
        """Return one entry a current from one entry a column."""
        return np.concatenate([values, values]) if self.after else values

    def sign(self) -> Ints:
        """Return the sign of each current."""
        n = len(self.columns)
        return np.repeat(np.array([1, -1] if self.after else [1], dtype=np.int64), n)

    def currents(self, units: Floats) -> Floats:
        """Return [wordline, current] from [wordline, column, device]."""
        if self.after:
            return np.concatenate([units[..., 0], units[..., 1]], axis=1)
        return np.ascontiguousarray(units[..., 0] - units[..., 1])

    def by_current(self, devices: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return [wordline, current, device] from [wordline, column, device]."""
        if self.after:
            return np.concatenate([devices[..., :1], devices[..., 1:]], axis=1)
        return np.ascontiguousarray(devices)

    def magnitudes(self) -> Floats:
        """Return the largest slice code of each wordline, shape (n_slices, n_wordlines)."""
        rows = []
        for slices in self.slices:
            sizes = [
                np.full(
                    len(self.m.matrix.input(name).lines),
                    float(slices[name].magnitude) if name in slices else 0.0,
                )
                for name in self.phase.drives
            ]
            rows.append(np.concatenate(sizes)[self.gather])
        return np.stack(rows)

    def entries(self, amount: Floats, keep: npt.NDArray[np.bool_]) -> Entries:
        """Return the devices kept as a list, from arrays [wordline, column, device]."""
        current = np.broadcast_to(np.arange(len(self.columns))[:, None], (len(self.columns), 2))
        signed = amount
        if self.after:
            current = current + np.array([0, len(self.columns)])
        else:
            signed = amount * np.array([1.0, -1.0])
        source = np.broadcast_to(self.gather[:, None, None], amount.shape)
        order = np.argsort(self.number[keep], kind="stable")
        on = np.broadcast_to(current, amount.shape)
        return Entries(
            self.number[keep][order], source[keep][order], on[keep][order], signed[keep][order]
        )
