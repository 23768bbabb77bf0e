"""Ranges of the converters of one read: the step of each current, and the ends."""

from __future__ import annotations

import numpy as np

from aimc_sim.crossbar.lines import TileLines
from aimc_sim.mapping.matrix import Indices
from aimc_sim.model.signal import Floats


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
    stated = lines.setting.tiles.plan.ranges.get((lines.tile.tile_id, lines.phase.name, index))
    code_min = code_max = 0
    for number, which in enumerate(np.unique(group)):
        at = group == which
        first, share = unit[at][0], unit[at] / unit[at][0]
        found = adc.range_for(
            float((worst[at] * share).max()),
            float((norm[at] * share).max()),
            signed,
            float(first),
            None if stated is None else stated[number],
        )
        lsb[at] = 1.0 if adc.step_is_unit else found.lsb / share
        code_min, code_max = found.code_min, found.code_max
    return lsb, code_min, code_max


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
