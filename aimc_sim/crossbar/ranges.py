"""Ranges of the converters of one read: the step of each current, and the ends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aimc_sim.converters import IdealAdc
from aimc_sim.converters.transfer import lowest_code
from aimc_sim.crossbar.lines import TileLines
from aimc_sim.mapping.matrix import Indices
from aimc_sim.mapping.plan import Plan
from aimc_sim.mapping.reads import bits_above
from aimc_sim.model.signal import Floats
from aimc_sim.spec import InputError

NOT_CALIBRATED = (
    "hardware.adc.range: found 'calibrated', but the plan holds no full scales; find them with "
    "aimc calibrate MODEL --chip CHIP --data DATA -o plan.json, then run with --plan plan.json"
)


@dataclass(frozen=True)
class ReadRanges:
    """The ranges of one read of a tile, whatever their full scales; [A], or [V] where sensed.

    Parameters
    ----------
    unit : float array, shape (n_currents,)
        What one accumulator unit is at each converter.
    group : int array, shape (n_currents,)
        Number of the range of each current, 0 to n_ranges - 1.
    code_min, code_max : int
        Ends of the converters.
    worst : float array, shape (n_ranges,)
        Full scales that no input can exceed.
    least : float array, shape (n_ranges,)
        Smallest full scales: one accumulator unit.
    """

    unit: Floats
    group: Indices
    code_min: int
    code_max: int
    worst: Floats
    least: Floats


def converter_ranges(
    lines: TileLines, index: int, size: Floats, v_lsb_V: float, signed: bool
) -> tuple[Floats, int, int]:
    """Return the converter step of each current, and the ends.

    Parameters
    ----------
    lines : TileLines
        Tile and phase.
    index : int
        Number of the read in its phase.
    size : float array, shape (n_wordlines,)
        Largest code of each wordline in it.
    v_lsb_V : float
        Wordline voltage of code 1 [V].
    signed : bool
        Whether currents have both signs.

    Returns
    -------
    tuple
        Steps, shape (n_currents,) [accumulator units], lowest and highest code.

    Notes
    -----
    What is converted is in proportion to the current, or, where voltages are sensed, to it over
    the bitline's sum of conductances. Bitlines that share a range have one full scale of that.
    """
    weighted = size[:, None] * np.abs(lines.exact())
    worst, norm = weighted.sum(axis=0), np.sqrt(np.square(weighted).sum(axis=0))
    unit = unit_of_current(lines, v_lsb_V)
    adc = lines.hardware.adc
    lsb, group = np.empty(len(worst)), range_groups(lines)
    numbers = np.unique(group)
    stated = _stated(lines, index, len(numbers))
    code_min = code_max = 0
    for number, which in enumerate(numbers):
        at = group == which
        first, share = unit[at][0], unit[at] / unit[at][0]
        found = adc.range_for(
            float((worst[at] * share).max()),
            float((norm[at] * share).max()),
            signed,
            float(first),
            None if stated is None else stated[number],
            bits_above(lines.reads, index),
        )
        lsb[at] = 1.0 if adc.step_is_unit else found.lsb / share
        code_min, code_max = found.code_min, found.code_max
    return lsb, code_min, code_max


def ranges_of_read(lines: TileLines, index: int) -> ReadRanges:
    """Return the ranges of a read.

    Parameters
    ----------
    lines : TileLines
        Tile and phase; the converters of its hardware have a width.
    index : int
        Number of the read in its phase.
    """
    size, adc = lines.magnitudes()[index], lines.hardware.adc
    assert not isinstance(adc, IdealAdc)
    unit = unit_of_current(lines, lines.hardware.dac.v_read_V / max(float(size.max()), 1.0))
    signed = not lines.after or any(part.signed for part in lines.reads[index].slices.values())
    _, first, group = np.unique(range_groups(lines), return_index=True, return_inverse=True)
    worst, least = np.zeros(len(first)), unit[first]
    np.maximum.at(worst, group, (size[:, None] * np.abs(lines.exact())).sum(axis=0) * unit)
    bits = adc.resolved_bits(bits_above(lines.reads, index))
    code_min = lowest_code(bits, signed)
    code_max = code_min + (1 << bits) - 1
    return ReadRanges(unit, group, code_min, code_max, np.maximum(worst, least), least)


def _stated(lines: TileLines, index: int, n_ranges: int) -> tuple[float, ...] | None:
    """Return the full scales that the plan holds for a read, where they are asked for."""
    if not lines.hardware.adc.is_calibrated:
        return None
    where = f"layer {lines.tile.layer!r}, tile {lines.tile.tile_id}, phase {lines.phase.name!r}"
    found = lines.setting.tiles.plan.ranges.get((lines.tile.tile_id, lines.phase.name, index))
    if found is None:
        raise InputError(f"{where}: {NOT_CALIBRATED}")
    if len(found) != n_ranges:
        raise InputError(
            f"{where}: the plan holds {len(found)} full scales of read {index}; "
            f"expected {n_ranges}, one a range"
        )
    return found


def check_calibrated(plan: Plan) -> None:
    """Refuse a plan without ranges on a chip that takes them from it, before anything is written.

    Raises
    ------
    InputError
        The message names the command that finds them.
    """
    if plan.hardware.adc.is_calibrated and plan.tiles and not plan.ranges:
        raise InputError(NOT_CALIBRATED)


def unit_of_current(lines: TileLines, v_lsb_V: float) -> Floats:
    """Return what one accumulator unit is at each converter: a current [A], or a voltage [V]."""
    unit_A = v_lsb_V * lines.step_of_current_S[0] * lines.layout.n_copies
    if lines.hardware.tile.sensing == "current":
        return np.asarray(unit_A)
    asked_S = lines.asked_sum_S()
    return np.asarray(unit_A / np.where(asked_S > 0.0, asked_S, asked_S.max() or 1.0))


def range_groups(lines: TileLines) -> Indices:
    """Return the number of the range of each current: one an output vector and slice, or each."""
    adc = lines.hardware.adc
    if adc.has_range_per_bitline:
        return np.arange(len(lines.lane()))
    phase, m = lines.phase, lines.m
    ends = np.cumsum([len(m.matrix.output(name).lines) for name in phase.reads])
    vector = np.searchsorted(ends, lines.out, side="right")
    n_slices = lines.layout.n_slices
    group = (vector[None, :] * n_slices + np.arange(n_slices)[:, None]).ravel()
    if not lines.after:
        return group
    second = len(ends) * n_slices + np.arange(n_slices) if lines.layout.has_reference else group
    return np.concatenate([group, second])
