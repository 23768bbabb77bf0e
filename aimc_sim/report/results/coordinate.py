"""Coordinate: a value of what is varied, in words."""

from __future__ import annotations

import json
from typing import Any

from aimc_sim.devices.laws import age_text
from aimc_sim.display import si
from aimc_sim.report.results.metric import unit_in


def is_number(value: Any) -> bool:
    """Tell whether a value is a number; true and false are none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def key_of(value: Any) -> str:
    """Return a text that equal values share: 1 and 1.0 are equal, 1 and true are not."""
    return json.dumps(float(value) if is_number(value) else value, sort_keys=True)


def value_text(path: str, value: Any) -> str:
    """Return the value at a path in words.

    Examples
    --------
    >>> value_text("after", 86400.0), value_text("hardware.adc.bits", 6), value_text("x_S", 1e-6)
    ('1d', '6', '1 µS')
    """
    if not is_number(value):
        return value if isinstance(value, str) else key_of(value).replace('"', "")
    if path == "after":
        return age_text(float(value))
    unit = unit_in(path)
    return f"{value:.6g}" if unit is None else si(float(value), unit, 4)


__all__ = ["is_number", "key_of", "value_text"]
