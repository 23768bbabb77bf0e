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


def _wired(h: Hardware) -> bool:
    return h.wires is not None and h.effects.wires and not h.wires.is_ideal


def _gate(h: Hardware) -> bool:
    return _wired(h) and h.wires is not None and h.wires.is_gate


def _is_one_bit(h: Hardware) -> bool:
    dac = h.dac
    return (
        dac.kind == "uniform"
        and dac.bits == 1
        and dac.polarity == "unipolar"
        and not (dac.is_faulty and h.effects.converter_faults)
    )


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
    (
        lambda h: _gate(h) and not _is_one_bit(h),
        "hardware.wires.topology: found a gate topology with inputs that are more than on or off; "
        "allowed: hardware.dac.kind=uniform, hardware.dac.bits=1, hardware.dac.polarity=unipolar, "
        "hardware.dac.slice_bits=null, without faults",
    ),
    (
        lambda h: _gate(h) and _voltage(h),
        "hardware.tile.sensing: found voltage with a gate topology, whose bitlines are held; "
        "allowed: hardware.tile.sensing=current, or hardware.wires.topology=crossed",
    ),
    (
        lambda h: _wired(h) and _curved(h) and h.dac.is_pulse,
        "hardware.dac.kind: found pulses with wires and a device whose current is not linear "
        "in the voltage, where pulses that overlap move each other; allowed: uniform, or "
        "hardware.effects.nonlinearity=false",
    ),
)
