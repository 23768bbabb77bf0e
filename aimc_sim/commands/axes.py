"""Values of `--against` and `--size`: what is swept, and over which points."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aimc_sim.commands.options import parse_changes
from aimc_sim.devices.laws import age_text
from aimc_sim.duration import parse_time_s
from aimc_sim.hardware import Hardware
from aimc_sim.mapping.layout import layout_for_bits
from aimc_sim.spec import InputError, nearest

SHORT = {"adc_bits": "hardware.adc.bits", "dac_bits": "hardware.dac.bits"}
"""Axes that are short for a dotted path."""
KNOWN = ("time", "size", *SHORT)
_MOST = 100
_LARGEST = 8192
_SIZE = re.compile(r"(\d{1,5})(?:x(\d{1,5}))?")
_RANGE = re.compile(r"(-?\d{1,9})\.\.(-?\d{1,9})")

Size = tuple[int, int]  # wordlines, weight columns


@dataclass(frozen=True)
class AxisPoint:
    """One point of an axis: what it changes.

    Parameters
    ----------
    value : float or str
        Number where it is one.
    label : str
        As shown.
    changes : mapping
        Dotted path to value.
    size : tuple of int, optional
        Wordlines and weight columns.
    age_s : float, optional
        Time since the reference read [s].
    """

    value: float | str
    label: str
    changes: Mapping[str, Any]
    size: Size | None = None
    age_s: float | None = None


@dataclass(frozen=True)
class Axis:
    """What `--against` asks for."""

    name: str
    points: tuple[AxisPoint, ...]


def parse_axis(text: str) -> Axis:
    """Return an axis from text such as ``adc_bits=4..12``, ``time=0s,1d`` or ``size=64,128``.

    Raises
    ------
    InputError
        No such axis, no values, a value given twice, or too many.

    Examples
    --------
    >>> [point.changes for point in parse_axis("adc_bits=4..6").points]
    [{'hardware.adc.bits': 4}, {'hardware.adc.bits': 5}, {'hardware.adc.bits': 6}]
    """
    name, equals, values = text.partition("=")
    name = name.strip()
    if not equals or not name or not values.strip():
        raise InputError(
            f"--against: found {text!r}; expected AXIS=VALUES, as in adc_bits=4..12, time=0s,1h,1d "
            "or size=64,128,256"
        )
    if name not in KNOWN and "." not in name:
        near = nearest(name, KNOWN)
        hint = f"; did you mean {near!r}" if near else ""
        raise InputError(
            f"--against: found axis {name!r}{hint}; allowed: {', '.join(KNOWN)}, or a dotted path "
            "such as hardware.adc.bits"
        )
    words = [word for part in values.split(",") for word in _spelt(name, part.strip())]
    points = tuple(_point(name, word) for word in words)
    if len({point.label for point in points}) < len(points):
        raise InputError(f"--against {name}: a value is given twice")
    return Axis(name, points)


def _spelt(name: str, word: str) -> list[str]:
    """Return the values that one word between commas stands for: a range is several."""
    found = _RANGE.fullmatch(word)
    if found is None or name == "time":
        return [word]
    first, last = int(found.group(1)), int(found.group(2))
    if not 0 <= last - first < _MOST:
        raise InputError(
            f"--against {name}: found {word!r}; expected FIRST..LAST, at most {_MOST} values"
        )
    return [str(n) for n in range(first, last + 1)]


def _point(name: str, word: str) -> AxisPoint:
    if name == "time":
        age_s = parse_time_s(word, "--against time")
        return AxisPoint(age_s, age_text(age_s), {}, age_s=age_s)
    if name == "size":
        size = parse_size(word, "--against size")
        square = size[0] == size[1]
        return AxisPoint(float(size[0]) if square else word, size_text(size), {}, size=size)
    path = SHORT.get(name, name)
    (value,) = parse_changes([f"{path}={word}"]).values()
    if value is None or isinstance(value, (bool, dict)):
        return AxisPoint(word, word, {path: value})
    return AxisPoint(value, word, {path: value})


def parse_size(text: str, option: str = "--size") -> Size:
    """Return wordlines and weight columns from ``256`` or ``256x128``.

    Examples
    --------
    >>> parse_size("256"), parse_size("256x128")
    ((256, 256), (256, 128))
    """
    found = _SIZE.fullmatch(text.strip())
    if found is not None:
        size = int(found.group(1)), int(found.group(2) or found.group(1))
        if all(1 <= n <= _LARGEST for n in size):
            return size
    raise InputError(
        f"{option}: found {text!r}; expected wordlines, or wordlines x weight columns, as in 256 "
        f"or 256x128, up to {_LARGEST}"
    )


def size_text(size: Size) -> str:
    """Return a size as it is typed; a square has one number."""
    return f"{size[0]}" if size[0] == size[1] else f"{size[0]}x{size[1]}"


def size_changes(size: Size, hardware: Hardware, weight_bits: int) -> dict[str, int]:
    """Return the changes of a chip that give its tiles a size; ADCs serve no more than is there."""
    tile, layout = hardware.tile, layout_for_bits(weight_bits, hardware)
    n_bitlines = (size[1] + layout.has_reference) * layout.lines_per_column(tile)
    return {
        "hardware.tile.n_wordlines": size[0],
        "hardware.tile.n_bitlines": n_bitlines,
        "hardware.tile.bitlines_per_adc": min(tile.bitlines_per_adc, n_bitlines),
    }
