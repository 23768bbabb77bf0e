"""Layout: the devices of one weight, from its code to conductances, lines and back."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate

import numpy as np
import numpy.typing as npt

from aimc_sim.devices.state import Levels
from aimc_sim.hardware import Hardware, Mapping, TileShape
from aimc_sim.model.signal import Floats, Ints
from aimc_sim.spec import InputError


@dataclass(frozen=True)
class Layout:
    """Devices of one weight, in the order [slice, side, copy].

    Parameters
    ----------
    encoding : {"one_sided", "two_sided", "offset_column"}
        How a code becomes conductances.
    widths : tuple of int
        Bits of the slices, lowest first; empty where a device holds a whole weight.
    n_copies : int
        Devices in parallel.
    """

    encoding: str = "one_sided"
    widths: tuple[int, ...] = ()
    n_copies: int = 1

    @property
    def n_slices(self) -> int:
        """Slices of a weight."""
        return max(len(self.widths), 1)

    @property
    def shifts(self) -> tuple[int, ...]:
        """Slice s weighs ``2^shifts[s]``."""
        return (0, *accumulate(self.widths[:-1])) if self.widths else (0,)

    @property
    def n_sides(self) -> int:
        """2 for a pair, 1 where a reference column is subtracted."""
        return 1 if self.has_reference else 2

    @property
    def has_reference(self) -> bool:
        """Whether a tile has a reference column, after its columns of weights."""
        return self.encoding == "offset_column"

    @property
    def n_devices(self) -> int:
        """Devices of a weight."""
        return self.n_slices * self.n_sides * self.n_copies

    def split(self, values: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
        """Return [..., slice, side, copy] from [..., device]."""
        return values.reshape(*values.shape[:-1], self.n_slices, self.n_sides, self.n_copies)

    def fulls(self, full: Ints) -> Ints:
        """Return the code of each slice that takes the whole window, from that of the weight.

        Parameters
        ----------
        full : int array, shape (n_wordlines, n_columns)
            Weight code that takes the whole window.

        Returns
        -------
        int array, shape (n_wordlines, n_columns, n_slices)
        """
        if not self.widths:
            return full[..., None]
        top = np.array([(1 << width) - 1 for width in self.widths], dtype=np.int64)
        if self.has_reference:  # one reference serves all columns: whole digits take the window
            return np.broadcast_to(top, (*full.shape, len(top)))
        return np.asarray(np.clip(full[..., None] >> np.array(self.shifts), 1, top))

    def sides(self, codes: Ints, full: Ints) -> Floats:
        """Return what each side of each slice holds, in steps of `steps_S`.

        Parameters
        ----------
        codes, full : int arrays, shape (n_wordlines, n_columns)
            Weight codes, and those that take the whole window.

        Returns
        -------
        float array, shape (n_wordlines, n_columns, n_slices, n_sides)
        """
        if self.has_reference:
            offset = 1 << (sum(self.widths) - 1) if self.widths else full
            return self._digits(codes + offset).astype(np.float64)[..., None]
        digits = codes[..., None]
        if self.widths:
            digits = np.sign(digits) * self._digits(np.abs(codes))
        if self.encoding == "one_sided":
            pair = np.empty((*digits.shape, 2))
            np.maximum(digits, 0, out=pair[..., 0])
            np.maximum(-digits, 0, out=pair[..., 1])
            return pair
        middle = self.fulls(full)
        return np.stack([middle + digits, middle - digits], axis=-1) / 2.0

    def _digits(self, values: Ints) -> Ints:
        """Return the slices of codes >= 0, [..., slice]."""
        if not self.widths:
            return values[..., None]
        masks = [(1 << width) - 1 for width in self.widths]
        return np.stack(
            [(values >> s) & m for s, m in zip(self.shifts, masks, strict=True)], axis=-1
        )

    def steps_S(self, full: Ints, window_S: float) -> Floats:
        """Return the conductance of one code of each slice, (n_wordlines, n_columns, n_slices) [S].

        The difference of both sides is the slice's code times this.
        """
        step_S = window_S / self.fulls(full)
        halved = self.has_reference and not self.widths
        return np.asarray(step_S / 2.0 if halved else step_S)

    def targets_S(self, codes: Ints, full: Ints, g_min_S: float, g_max_S: float) -> Floats:
        """Return target conductances [S], the reference column, if any, after the others.

        Parameters
        ----------
        codes, full : int arrays, shape (n_wordlines, n_columns)
            Weight codes, and those that take the whole window.
        g_min_S, g_max_S : float
            Window [S].

        Returns
        -------
        float array, shape (n_wordlines, n_columns or one more, n_devices)

        Examples
        --------
        >>> Layout().targets_S(np.array([[2, -2]]), np.array([[2, 2]]), 0.0, 1.0).tolist()
        [[[1.0, 0.0], [0.0, 1.0]]]
        """
        if self.has_reference:
            codes = np.pad(codes, ((0, 0), (0, 1)))
            full = np.pad(full, ((0, 0), (0, 1)), constant_values=1)
        step_S = self.steps_S(full, g_max_S - g_min_S)[..., None]
        g_S = self.sides(codes, full)
        g_S *= step_S
        g_S += g_min_S
        np.minimum(g_S, g_max_S, out=g_S)
        if self.n_copies > 1:
            g_S = np.repeat(g_S[..., None], self.n_copies, axis=-1)
        return g_S.reshape(*codes.shape, self.n_devices)

    def levels_S(self, codes: Ints, full: Ints, g_min_S: float, g_max_S: float) -> Levels | None:
        """Return the same as one level a code, where that is a smaller table; else None."""
        if self.has_reference or not codes.size or full.min() != full.max():
            return None
        low, high = int(codes.min()), int(codes.max())
        if high - low >= codes.size // 4:
            return None
        each = np.arange(low, high + 1)[:, None]
        table_S = self.targets_S(each, np.full_like(each, full.flat[0]), g_min_S, g_max_S)
        return Levels(table_S[:, 0], codes - low)

    def net_S(self, g_S: Floats) -> Floats:
        """Return plus minus minus of the top slice of each cell [S], from [..., device]."""
        g_S = np.asarray(self.split(g_S)[..., -1, :, :]).mean(axis=-1)
        return np.asarray(g_S[..., 0] - g_S[..., 1] if self.n_sides == 2 else g_S[..., 0])

    def columns_that_fit(self, shape: TileShape) -> int:
        """Return how many columns of weights a tile holds, beside a reference column."""
        return shape.n_bitlines // self.lines_per_column(shape) - self.has_reference

    def lines_per_column(self, shape: TileShape) -> int:
        """Return the bitlines of a column of weights."""
        return self.n_slices if shape.pair == "unit_cell" else self.n_devices

    def line_of(self, columns: Ints, shape: TileShape, side: int) -> Ints:
        """Return the bitline where each slice of some columns is converted, [slice, column]."""
        per_slice = self.lines_per_column(shape) // self.n_slices
        first = 0 if shape.pair == "unit_cell" else side * self.n_copies
        slices = np.arange(self.n_slices)[:, None]
        return (columns[None, :] * self.n_slices + slices) * per_slice + first


def devices_per_cell(hardware: Hardware) -> int:
    """Return the devices where a wordline crosses a bitline: 1, or all of a weight's slice."""
    if hardware.tile.pair == "bitlines":
        return 1
    weights = hardware.mapping.weights
    return weights.redundancy * (1 if weights.encoding == "offset_column" else 2)


def layout_of(peak: int, mapping: Mapping, shape: TileShape, where: str) -> Layout:
    """Return the layout of a matrix.

    Parameters
    ----------
    peak : int
        Its largest absolute code.
    mapping, shape
        Of the hardware.
    where : str
        For the message.

    Raises
    ------
    InputError
        A tile too narrow for one weight.
    """
    weights = mapping.weights
    bits = peak.bit_length() + (weights.encoding == "offset_column")
    layout = Layout(weights.encoding, _widths(weights.cell_bits, bits), weights.redundancy)
    if layout.columns_that_fit(shape) < 1:
        raise InputError(
            f"{where}: one weight takes {layout.lines_per_column(shape)} bitlines"
            f"{' and a reference column' if layout.has_reference else ''}; "
            f"a tile has n_bitlines {shape.n_bitlines}"
        )
    return layout


def layout_for_bits(bits: int, hardware: Hardware) -> Layout:
    """Return the layout of weights of a width, signed; a tile may be too narrow for it."""
    weights = hardware.mapping.weights
    magnitude = bits - 1 + (weights.encoding == "offset_column")
    return Layout(weights.encoding, _widths(weights.cell_bits, magnitude), weights.redundancy)


def _widths(cell_bits: int | tuple[int, ...] | None, bits: int) -> tuple[int, ...]:
    """Return widths that hold a number of bits, the last one repeated as often as needed."""
    if cell_bits is None:
        return ()
    given = (cell_bits,) if isinstance(cell_bits, int) else cell_bits
    widths: list[int] = []
    while sum(widths) < bits:
        widths.append(given[min(len(widths), len(given) - 1)])
    return tuple(widths)
