"""What can be chosen for an analog recurrence: what of A is stored, windows, gains, devices."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

CONVERTERS: Mapping[str, Any] = {
    "hardware.adc.range_factor": 2.0,
    "hardware.mapping.allow_narrow_state": True,
}
"""Sums of a mode have three terms: at 1.0 the norm of their codes is less than what they reach."""


@dataclasses.dataclass(frozen=True)
class Choice:
    """One way to keep a recurrence.

    Parameters
    ----------
    name
        For tables.
    stored, window, gain
        As `hardware.mapping.a_stored`, `.window`, `.pole_gain`.
    s4d
        As `hardware.mapping.s4d`.
    calibration
        As `hardware.calibration.kind`; empty: the chip's own, one gain a tile.
    """

    name: str
    stored: str = "A"
    window: str = "tensor"
    gain: str = "none"
    s4d: str = "split"
    calibration: str = ""

    def changes(self, copies: int = 1) -> dict[str, Any]:
        """Return the changes of a chip with so many devices on each side of a weight."""
        found = {**CONVERTERS, "hardware.mapping.s4d": self.s4d}
        found["hardware.mapping.window"] = self.window
        if self.s4d != "hybrid":
            found["hardware.mapping.a_stored"] = self.stored
            found["hardware.mapping.pole_gain"] = self.gain
        if self.calibration:
            found["hardware.calibration.kind"] = self.calibration
        if copies > 1:
            found["hardware.mapping.weights.redundancy"] = copies
        return found

    def with_bitline_gains(self) -> Choice:
        """Return the same with one gain a bitline against drift."""
        name = f"{self.name}, gains a bitline"
        return dataclasses.replace(self, name=name, calibration="per_bitline")


CHOICES = (
    Choice("A, one window"),
    Choice("A, one window, gain", gain="complex"),
    Choice("A, window a mode, gain", window="mode", gain="complex"),
    Choice("A - I, one window", stored="A_minus_I"),
    Choice("A - I, window a kernel", stored="A_minus_I", window="kernel"),
    Choice("A - I, window a mode", stored="A_minus_I", window="mode"),
    Choice("A - I, window a mode, real gain", "A_minus_I", "mode", "magnitude"),
    Choice("A - I, window a mode, gain", "A_minus_I", "mode", "complex"),
)
BEST = CHOICES[-1]
HYBRID = Choice("hybrid, A digital", window="mode", s4d="hybrid")
ANALOG_GAINS, HYBRID_GAINS = BEST.with_bitline_gains(), HYBRID.with_bitline_gains()
