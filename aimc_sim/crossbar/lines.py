"""The lines of one tile in one phase: what drives them, and how devices become currents."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from aimc_sim.crossbar.flicker import Entries
from aimc_sim.crossbar.setting import ReadSetting
from aimc_sim.crossbar.targets import code_step_S, target_S
from aimc_sim.crossbar.tile import unused_S
from aimc_sim.mapping.encode import in_units
from aimc_sim.mapping.matrix import Phase
from aimc_sim.mapping.plan import MatrixPlan
from aimc_sim.mapping.reads import converted_lines, reads_of
from aimc_sim.mapping.tile_plan import TilePlan
from aimc_sim.model.signal import Floats, Ints

Mask = npt.NDArray[np.bool_]


class TileLines:
    """Wordlines, columns and currents that a phase uses of a tile.

    A current is what one conversion converts: a slice of a column, or one side of it where the
    sides are subtracted after the ADC; in the order side, slice, column. Arrays of devices are
    [wordline, column, device], where the columns are those of the phase and, at the end, the
    reference column, if any.

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
        self.hardware, self.layout = setting.tiles.hardware, m.layout
        self.after = self.hardware.mapping.subtraction == "after_adc"
        self.wordlines, self.gather = m.lines_of(tile, phase.drives, "inputs")
        self.n_driven = len(self.wordlines)
        if self.hardware.tile.sensing == "voltage" and self.n_driven:
            self._take_all_wordlines()
        self.columns, self.out = m.lines_of(tile, phase.reads, "outputs")
        with_reference = self.columns
        if self.layout.has_reference:
            with_reference = np.append(self.columns, tile.n_columns)
        self.part = np.ix_(self.wordlines, with_reference)
        step_S = code_step_S(m, tile, self.hardware)[np.ix_(self.wordlines, self.columns)]
        self.step_S = np.ascontiguousarray(step_S.transpose(0, 2, 1)).reshape(
            len(self.wordlines), len(self.columns) * self.layout.n_slices
        )
        self.reads = reads_of(m.matrix, phase, self.hardware)
        shape = m.shape(tile)
        self.number = np.arange(np.prod(shape)).reshape(shape)[self.part]

    def _take_all_wordlines(self) -> None:
        """Add the wordlines at 0 V, which are driven by no input: their cells pull at a bitline."""
        idle = np.setdiff1d(np.arange(self.tile.n_wordlines), self.wordlines)
        n_inputs = sum(len(self.m.matrix.input(name).lines) for name in self.phase.drives)
        self.wordlines = np.concatenate([self.wordlines, idle])
        self.gather = np.concatenate([self.gather, np.full(len(idle), n_inputs)])

    @property
    def path(self) -> tuple[str | int, ...]:
        """What names the random streams of the tile."""
        return self.setting.purpose, self.setting.chip, self.tile.layer, self.tile.name

    @property
    def shared_minus(self) -> bool:
        """Whether one reference current is converted and subtracted digitally."""
        return self.after and self.layout.has_reference

    def over_currents(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return one entry a current from one entry a column; a reference's is the first."""
        sliced = np.tile(values, self.layout.n_slices)
        if not self.after:
            return sliced
        second = values[:1].repeat(self.layout.n_slices) if self.layout.has_reference else sliced
        return np.concatenate([sliced, second])

    def weight(self) -> Ints:
        """Return the factor of each current's code: its sign times the weight of its slice."""
        shifts = np.array(self.layout.shifts, dtype=np.int64)
        sliced = np.repeat(1 << shifts, len(self.columns))
        if not self.after:
            return sliced
        return np.concatenate([sliced, -(1 << shifts) if self.layout.has_reference else -sliced])

    def lane(self) -> Ints:
        """Return the number of each current's draw: cells in order, sides within them."""
        cells = (self.columns[None, :] * self.layout.n_slices) + np.arange(self.layout.n_slices)[
            :, None
        ]
        cells = cells.ravel()
        if not self.after:
            return cells
        if self.layout.has_reference:
            first = self.tile.n_columns * self.layout.n_slices
            return np.concatenate([cells, first + np.arange(self.layout.n_slices)])
        return np.concatenate([2 * cells, 2 * cells + 1])

    def lines(self) -> Ints:
        """Return the bitline of its site where each current is converted."""
        return converted_lines(self.layout, self.tile, self.columns, self.hardware)

    def sides(self, devices: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
        """Return plus and minus, [wordline, slice x column, copy], from arrays of devices.

        The minus side of an offset column is the reference, [wordline, slice, copy].
        """
        split = self.layout.split(devices).transpose(3, 0, 2, 1, 4)  # side, wordline, slice, column
        n_wl, n = len(self.wordlines), len(self.columns) * self.layout.n_slices
        if not self.layout.has_reference:
            plus, minus = (side.reshape(n_wl, n, self.layout.n_copies) for side in split)
            return plus, minus
        plus = split[0, :, :, :-1].reshape(n_wl, n, self.layout.n_copies)
        return plus, split[0, :, :, -1]

    def paired(self, minus: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return the minus side beside the plus side, one entry a slice and column."""
        if not self.layout.has_reference:
            return minus
        return np.repeat(minus, len(self.columns), axis=1)

    def by_current(self, devices: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return [wordline, current, device] from arrays of devices."""
        plus, minus = self.sides(devices)
        if self.after:
            return np.concatenate([plus, minus], axis=1)
        return np.concatenate([plus, self.paired(minus)], axis=2)

    def device_sign(self) -> Ints:
        """Return the sign with which the devices of a current add to it."""
        k = self.layout.n_copies
        return np.repeat(np.array([1] if self.after else [1, -1], dtype=np.int64), k)

    @property
    def step_of_current_S(self) -> Floats:
        """Conductance of one code, [wordline, current] [S]; a reference's is the first column's."""
        if not self.after:
            return self.step_S
        stride = max(len(self.columns), 1) if self.layout.has_reference else 1
        return np.concatenate([self.step_S, self.step_S[:, ::stride]], axis=1)

    def currents(self, devices: npt.NDArray[Any]) -> Floats:
        """Return the mean of copies in codes, plus minus minus, [wordline, current]."""
        plus, minus = (side.mean(axis=2) for side in self.sides(devices))
        if self.after:
            both = np.concatenate([plus, minus], axis=1)
            return np.asarray(both / self.step_of_current_S)
        return np.asarray((plus - self.paired(minus)) / self.step_S)

    def units(self, g_S: Floats, bits: int) -> Floats:
        """Return conductances in codes on a grid, [wordline, current]; a pedestal cancels exactly.

        Parameters
        ----------
        g_S : float array
            Of the devices [S].
        bits : int
            Binary places of the grid.
        """
        g_min_S = self.hardware.device.g_min_S
        plus_S, minus_S = (side.mean(axis=2) for side in self.sides(g_S))
        plus = in_units(plus_S, g_min_S, self.step_S, bits)
        if self.after:
            step_S = self.step_of_current_S[:, self.step_S.shape[1] :]
            return np.concatenate([plus, in_units(minus_S, g_min_S, step_S, bits)], axis=1)
        return np.asarray(plus - in_units(self.paired(minus_S), g_min_S, self.step_S, bits))

    def exact(self) -> Floats:
        """Return what exact devices are in codes, pedestals included, [wordline, current]."""
        return self.currents(target_S(self.m, self.tile, self.hardware)[self.part])

    def asked_sum_S(self) -> Floats:
        """Return the sum of what the devices of each current's bitline are to conduct [S]."""
        asked_S = target_S(self.m, self.tile, self.hardware)
        programmed = self.setting.tiles.programmed[self.tile.tile_id][..., None]
        asked_S = np.where(programmed, asked_S, unused_S(self.hardware))[self.part]
        return np.asarray(self.by_current(asked_S).sum(axis=(0, 2)))

    def magnitudes(self) -> Floats:
        """Return the largest slice code of each wordline, shape (n_reads, n_wordlines)."""
        rows = []
        for read in self.reads:
            sizes = [
                np.full(
                    len(self.m.matrix.input(name).lines),
                    float(read.slices[name].magnitude) if name in read.slices else 0.0,
                )
                for name in self.phase.drives
            ]
            rows.append(np.concatenate([*sizes, [0.0]])[self.gather])
        return np.stack(rows)

    def entries(self, amount: Floats, keep: Mask, amount_S: Floats) -> Entries:
        """Return the devices kept as a list, one entry a device and current, by device number.

        Parameters
        ----------
        amount : float array, shape (n_wordlines, n_currents, n_devices)
            What each adds for code 1.
        keep : bool array, same shape
            Which.
        amount_S : float array, same shape
            What each adds to its bitline's sum of conductances [S].
        """
        number = self.by_current(self.number)
        order = np.argsort(number[keep], kind="stable")
        wordline = np.arange(len(self.wordlines))[:, None, None]
        current = np.arange(number.shape[1])[None, :, None]
        signed = amount * self.device_sign()

        def listed(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
            return np.broadcast_to(values, number.shape)[keep][order]

        return Entries(
            listed(number), listed(wordline), listed(current), listed(signed), listed(amount_S)
        )
