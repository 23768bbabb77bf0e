"""Weights: how one weight becomes devices."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from aimc_sim.spec import Spec

CellBits = Annotated[int, Field(ge=1, le=8)]


class Weights(Spec):
    """How one weight becomes devices.

    Parameters
    ----------
    encoding : {"one_sided", "two_sided", "offset_column"}
        ``one_sided``: a pair of devices, one of which stays at the bottom of the window.
        ``two_sided``: a pair that leaves the middle of the window in opposite directions.
        ``offset_column``: one device that holds the weight plus an offset, and one reference column
        a tile that holds the offset alone and is subtracted.
    cell_bits : int or tuple of int, optional
        Bits that one device holds, 1 to 8: the weight is cut into slices of that width, each on
        devices of its own, and their codes are shifted and added after the ADC. Uneven widths are
        given lowest slice first, the last one repeats. By default a device holds a whole weight.
    redundancy : int
        Devices in parallel in place of each device; their mean counts.
    """

    encoding: Literal["one_sided", "two_sided", "offset_column"] = "one_sided"
    cell_bits: CellBits | Annotated[tuple[CellBits, ...], Field(min_length=1)] | None = None
    redundancy: int = Field(default=1, ge=1, le=16)
