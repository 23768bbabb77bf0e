"""What does not combine: choices of hardware that contradict each other, refused by name."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from aimc_sim.hardware import Hardware
from aimc_sim.spec import InputError


def check_supported(hardware: Hardware) -> None:
    """Refuse choices that do not combine.

    Raises
    ------
    InputError
        The message names both choices, and what to change.
    """
    for holds, says in CONTRADICTIONS:
        if holds(hardware):
            raise InputError(says)


def _offset(h: Hardware) -> bool:
    return h.mapping.weights.encoding == "offset_column"


def _voltage(h: Hardware) -> bool:
    return h.tile.sensing == "voltage"


def _curved(h: Hardware) -> bool:
    at_most_S = np.array([h.device.g_max_S])
    return h.effects.nonlinearity and h.device.nonlinearity(at_most_S) is not None


CONTRADICTIONS: tuple[tuple[Callable[[Hardware], bool], str], ...] = (
    (
        lambda h: _offset(h) and h.mapping.unused == "stated",
        "hardware.mapping.weights.encoding: found offset_column with unused cells at a stated "
        "conductance, which the reference column would be subtracted from; allowed: "
        "hardware.mapping.unused=programmed",
    ),
    (
        lambda h: (
            _offset(h)
            and h.mapping.subtraction == "after_adc"
            and (h.mapping.window in ("kernel", "mode") or h.mapping.s4d == "fused")
        ),
        "hardware.mapping.subtraction: found after_adc with an offset column whose code would "
        "serve bitlines of several scales (window kernel or mode, or s4d fused); allowed: "
        "before_adc, or window tensor or tile with s4d hybrid or split",
    ),
    (
        lambda h: (
            _voltage(h)
            and h.mapping.subtraction == "before_adc"
            and (_offset(h) or h.tile.pair == "bitlines")
        ),
        "hardware.tile.sensing: found voltage with voltages of two bitlines subtracted before the "
        "ADC, which are not in proportion to their currents; allowed: "
        "hardware.mapping.subtraction=after_adc, or hardware.tile.pair=unit_cell with a pair",
    ),
    (
        lambda h: _voltage(h) and _curved(h),
        "hardware.tile.sensing: found voltage with a device whose current is not linear in the "
        "voltage; allowed: current, or hardware.effects.nonlinearity=false",
    ),
)
