"""TileShape: one crossbar with its converters."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from aimc_sim.spec import Spec


class TileShape(Spec):
    """One crossbar with its converters.

    Parameters
    ----------
    n_wordlines, n_bitlines : int
        Physical lines; with `pair` "bitlines" each device of a weight has a bitline of its own.
    bitlines_per_adc : int
        Conversions that one ADC makes one after another.
    pair : {"bitlines", "unit_cell"}
        Where the devices of a weight sit: side by side, or in one cell, whose currents the bitline
        adds with their signs. Slices of a weight lie side by side always.
    sensing : {"current", "voltage"}
        What is converted: the current into a bitline held at 0 V, or the voltage that a bitline
        left open settles at, ``sum V G / sum G``; its code is multiplied digitally by the sum of
        the conductances that were asked for.
    """

    n_wordlines: int = Field(ge=1, le=8192)
    n_bitlines: int = Field(ge=2, le=8192)
    bitlines_per_adc: int = Field(default=1, ge=1, le=8192)
    pair: Literal["bitlines", "unit_cell"] = "bitlines"
    sensing: Literal["current", "voltage"] = "current"
