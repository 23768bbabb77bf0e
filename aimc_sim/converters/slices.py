"""Slices: the fields of an input code that are driven one after another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Polarity = Literal["bipolar", "unipolar", "sign_magnitude"]


@dataclass(frozen=True)
class Slice:
    """A field of an input code: ``code >> shift``, its lowest `bits`, signed only at the top.

    Parameters
    ----------
    shift : int
        Weight of the slice is 2^shift.
    bits : int
        Width.
    signed : bool
        True for the topmost slice of a signed code that a bipolar converter drives.
    part : {"code", "positive", "negative", "magnitude"}
        What is cut: the code, the code where it is above 0, or its magnitude where it is below,
        0 elsewhere; or the magnitude of every code, which then takes the code's sign.
    limit : int, optional
        Largest value, where that is less than all bits set.

    Examples
    --------
    >>> low, high = Slice(0, 8, False), Slice(8, 8, True)
    >>> x = np.array([-300])
    >>> int((low.of(x) + (high.of(x) << 8))[0])
    -300
    """

    shift: int
    bits: int
    signed: bool
    part: Literal["code", "positive", "negative", "magnitude"] = "code"
    limit: int | None = None

    @property
    def negative(self) -> bool:
        """Whether magnitudes of negative codes are driven: its read counts with sign -1."""
        return self.part == "negative"

    @property
    def sign(self) -> int:
        """Sign of its read: -1 or 1."""
        return -1 if self.negative else 1

    @property
    def magnitude(self) -> int:
        """Largest absolute value of the slice."""
        if self.limit is not None:
            return self.limit
        return 1 << (self.bits - 1) if self.signed else (1 << self.bits) - 1

    def of(self, code: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return the slice of each code; a signed slice holds all bits from `shift` up."""
        if self.part == "magnitude":
            size = np.abs(code) >> self.shift
            low = size & ((1 << self.bits) - 1) if self.magnitude < 1 << self.bits else size
            return np.asarray(np.sign(code) * low, dtype=np.int64)
        if self.part != "code":
            code = np.maximum(-code if self.negative else code, 0)
        shifted = code >> self.shift
        return shifted if self.signed else shifted & ((1 << self.bits) - 1)


def cut(bits: int, signed: bool, widths: tuple[int, ...], polarity: Polarity) -> tuple[Slice, ...]:
    """Return the slices of a code, lowest first, those of negative codes last.

    Parameters
    ----------
    bits : int
        Width of the code.
    signed : bool
        Whether the code has both signs.
    widths : tuple of int
        Widths of the slices, lowest first; the last one repeats, the topmost slice has what is
        left.
    polarity : {"bipolar", "unipolar"}
        ``unipolar``: the positive part of a signed code has ``bits - 1`` bits, the magnitude of
        the negative part has `bits`, because of its lowest code. ``sign_magnitude``: slices of
        the ``bits - 1`` bits of the magnitude, each with the code's sign; the topmost one reaches
        2^width for the lowest code.

    Notes
    -----
    The sum over slices of ``sign * slice.of(code) * 2^shift`` is the code.

    Examples
    --------
    >>> [(part.shift, part.bits) for part in cut(16, False, (2, 6), "bipolar")]
    [(0, 2), (2, 6), (8, 6), (14, 2)]
    >>> [(s.part, s.shift, s.magnitude) for s in cut(8, True, (4,), "unipolar")]
    [('positive', 0, 15), ('positive', 4, 7), ('negative', 0, 15), ('negative', 4, 8)]
    >>> [(s.shift, s.bits, s.magnitude) for s in cut(8, True, (3, 4), "sign_magnitude")]
    [(0, 3, 7), (3, 4, 16)]
    """
    if signed and polarity == "sign_magnitude":
        return tuple(
            Slice(start, width, True, "magnitude", (1 << width) - (start + width < bits - 1))
            for start, width in _fields(max(bits - 1, 1), widths)
        )
    if not signed or polarity != "unipolar":
        return tuple(
            Slice(start, width, signed and start + width == bits)
            for start, width in _fields(bits, widths)
        )
    above = [Slice(start, width, False, "positive") for start, width in _fields(bits - 1, widths)]
    below = [
        Slice(
            start,
            width,
            False,
            "negative",
            1 << (width - 1) if start + width == bits else None,
        )
        for start, width in _fields(bits, widths)
    ]
    return (*above, *below)


def _fields(bits: int, widths: tuple[int, ...]) -> list[tuple[int, int]]:
    """Return start and width of each field of a number of that many bits."""
    found: list[tuple[int, int]] = []
    start = 0
    while start < bits:
        width = min(widths[min(len(found), len(widths) - 1)], bits - start)
        found.append((start, width))
        start += width
    return found
