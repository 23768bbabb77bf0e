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
        Physical lines; with `pair` "bitlines" a weight takes two neighbouring bitlines.
    bitlines_per_adc : int
        Conversions that one ADC makes one after another.
    pair : {"bitlines", "unit_cell"}
        Where the two devices of a differential pair sit.
    """

    n_wordlines: int = Field(ge=1, le=8192)
    n_bitlines: int = Field(ge=2, le=8192)
    bitlines_per_adc: int = Field(default=1, ge=1, le=8192)
    pair: Literal["bitlines", "unit_cell"] = "bitlines"

    @property
    def n_columns(self) -> int:
        """Weight columns: pairs of bitlines, or bitlines whose cells hold a pair."""
        return self.n_bitlines // 2 if self.pair == "bitlines" else self.n_bitlines
