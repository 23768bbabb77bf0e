"""Reads of a phase: which slice of which input is driven, and what the codes then weigh."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from aimc_sim.converters import Slice
from aimc_sim.hardware import Hardware
from aimc_sim.mapping.layout import Layout
from aimc_sim.mapping.matrix import Indices, Matrix, Phase
from aimc_sim.mapping.tile_plan import TilePlan
from aimc_sim.model.signal import Ints


@dataclass(frozen=True)
class InputRead:
    """One read of a phase.

    Parameters
    ----------
    slices : mapping
        The slice of every input that is driven.
    shift : int
        The read weighs 2^shift.
    sign : int
        -1 where the magnitudes of negative codes are driven, else 1.
    """

    slices: Mapping[str, Slice]
    shift: int
    sign: int = 1

    @property
    def bits(self) -> int:
        """Bits of the widest slice."""
        return max(part.bits for part in self.slices.values())


def reads_of(matrix: Matrix, phase: Phase, hardware: Hardware) -> tuple[InputRead, ...]:
    """Return the reads of a phase, in order: lowest first, those of negative codes at the end."""
    found: dict[tuple[bool, int], dict[str, Slice]] = {}
    for name in phase.drives:
        vector = matrix.input(name)
        for part in hardware.dac.slices(vector.bits, vector.signed):
            key = part.negative, part.shift + phase.lead(name)
            found.setdefault(key, {})[name] = part
    return tuple(
        InputRead(found[negative, shift], shift, -1 if negative else 1)
        for negative, shift in sorted(found)
    )


def bits_above(reads: tuple[InputRead, ...], index: int) -> int:
    """Return the bits of the higher slices of the same inputs that a phase reads besides.

    Parameters
    ----------
    reads : tuple of InputRead
        Of the phase.
    index : int
        Number of one of them.
    """
    own = reads[index]
    return sum(other.bits for other in reads if other.sign == own.sign and other.shift > own.shift)


def converted_lines(layout: Layout, tile: TilePlan, columns: Indices, hardware: Hardware) -> Ints:
    """Return the bitline, on its tile, of each conversion of a read.

    Parameters
    ----------
    layout : Layout
        Of the matrix.
    tile : TilePlan
        Which.
    columns : int array
        Weight columns that are converted.
    hardware : Hardware
        Tile shape, pair layout and place of the subtraction.

    Returns
    -------
    int array, shape (n_currents,)
        In the order of the currents: side, slice, column; a reference column at the end.
    """
    shape = hardware.tile
    at = columns if tile.column_at is None else tile.column_at[columns]
    after = hardware.mapping.subtraction == "after_adc"
    lines = [
        layout.line_of(at, shape, side).ravel() for side in range(layout.n_sides if after else 1)
    ]
    if after and layout.has_reference:
        lines.append(layout.line_of(np.array([tile.n_columns]), shape, 0).ravel())
    return np.concatenate(lines) + tile.origin[1]


def conversions_per_adc(lines: Ints, hardware: Hardware) -> int:
    """Return the conversions of the busiest ADC of a tile, from the bitlines converted."""
    return int(np.bincount(lines // hardware.tile.bitlines_per_adc).max(initial=0))
