"""Places: where the devices of a tile sit in the array that its wires connect."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aimc_sim.hardware import Hardware, Wires
from aimc_sim.mapping.layout import Layout
from aimc_sim.mapping.plan import MatrixPlan
from aimc_sim.mapping.tile_plan import TilePlan
from aimc_sim.model.signal import Floats, Ints


@dataclass(frozen=True)
class Places:
    """Rows and lines of the devices of a tile, those of a reference column included.

    A row is a wordline, or one of the two wordlines of a cell whose pair is subtracted on one
    bitline: the first carries +V, the second -V.

    Parameters
    ----------
    row, line : int array, shape (n_wordlines, n_columns, n_devices)
        Of each device.
    n_rows, n_lines : int
        Size of the array.
    rows_per_wordline : int
        1, or 2 where a cell has two wordlines.
    n_in_cell : int
        Devices in parallel at one place.
    """

    row: Ints
    line: Ints
    n_rows: int
    n_lines: int
    rows_per_wordline: int
    n_in_cell: int

    def array(self, devices: Floats) -> Floats:
        """Return sums over the devices at each place, shape (n_rows, n_lines)."""
        out = np.zeros((self.n_rows, self.n_lines))
        np.add.at(out, (self.row, self.line), devices)
        return out

    def rows_of(self, wordlines: Ints) -> tuple[Ints, Floats]:
        """Return the row of each wordline, shape (n,) or (2 n,), and the sign of its voltage."""
        first = self.row[wordlines, 0, 0]
        if self.rows_per_wordline == 1:
            return first, np.ones(len(first))
        return np.concatenate([first, first + 1]), np.repeat([1.0, -1.0], len(first))

    def per_device(self, array: Floats) -> Floats:
        """Return the share of each device in what stands at its place, [wordline, column, device].

        Of a cell with two wordlines the difference of both is given to the plus side.
        """
        if self.rows_per_wordline == 1:
            return np.asarray(array[self.row, self.line] / self.n_in_cell)
        first = self.row - self.row % 2
        both = (array[first, self.line] - array[first + 1, self.line]) / self.n_in_cell
        return np.where(self.row % 2 == 0, both, 0.0)


def places_of(m: MatrixPlan, tile: TilePlan, hardware: Hardware) -> Places:
    """Return where the devices of a tile sit.

    Notes
    -----
    With ``pair: bitlines`` each device has a bitline of its own. In a unit cell the copies are in
    parallel; a pair has two wordlines and one bitline where it is subtracted before the ADC (and
    wordlines carry the drive), else two bitlines.
    """
    n_wl, n_columns, n_devices = m.shape(tile)
    layout, shape = m.layout, hardware.tile
    wordline = np.arange(n_wl) if tile.wordline_at is None else tile.wordline_at
    column = np.arange(n_columns)
    if tile.column_at is not None:
        column[: tile.n_columns] = tile.column_at
    in_order = np.arange(n_devices).reshape(layout.n_slices, layout.n_sides, layout.n_copies)
    slices, sides, copies = np.unravel_index(in_order.ravel(), in_order.shape)
    two_rows = _has_two_wordlines(layout, hardware)
    if shape.pair == "bitlines":
        per_column, offset, n_in_cell = n_devices, np.arange(n_devices), 1
    else:
        apart = 1 if two_rows else layout.n_sides
        per_column, n_in_cell = layout.n_slices * apart, layout.n_copies
        offset = slices * apart + (0 if two_rows else sides)
    rows = wordline[:, None] * (2 if two_rows else 1) + (sides if two_rows else 0 * copies)
    lines = column[:, None] * per_column + offset
    everywhere = (n_wl, n_columns, n_devices)
    return Places(
        np.broadcast_to(rows[:, None, :], everywhere),
        np.broadcast_to(lines[None], everywhere),
        n_wl * (2 if two_rows else 1),
        n_columns * per_column,
        2 if two_rows else 1,
        n_in_cell,
    )


def _has_two_wordlines(layout: Layout, hardware: Hardware) -> bool:
    wires = hardware.wires
    return (
        hardware.tile.pair == "unit_cell"
        and layout.n_sides == 2
        and hardware.mapping.subtraction == "before_adc"
        and (wires is None or not wires.is_gate)
    )


def on_site(
    places: Places, m: MatrixPlan, tile: TilePlan, hardware: Hardware, wires: Wires
) -> tuple[Places, Wires]:
    """Return a tile's array and wires as they are on its site, unused lines included.

    Notes
    -----
    Cells of lines that a tile does not use are open. Between driver and first cell, and between
    last cell and converter, they are segments in series; where lines are connected at both ends
    the array is laid out whole.
    """
    shape = hardware.tile
    row0 = tile.origin[0] * places.rows_per_wordline
    per_bitline = places.n_lines // (
        (tile.n_columns + m.layout.has_reference) * m.layout.lines_per_column(shape)
    )
    line0 = tile.origin[1] * per_bitline
    all_rows = shape.n_wordlines * places.rows_per_wordline
    if wires.driven == "both_ends" or wires.sensed == "both_ends" or wires.is_gate:
        whole = Places(
            places.row + row0,
            places.line + line0,
            all_rows,
            shape.n_bitlines * per_bitline,
            places.rows_per_wordline,
            places.n_in_cell,
        )
        return whole, wires
    below = all_rows - row0 - places.n_rows
    leads = {
        "driver_ohm": wires.driver_ohm + line0 * wires.wordline_ohm,
        "sense_ohm": wires.sense_ohm + below * wires.bitline_ohm,
    }
    return places, wires.model_copy(update=leads)
