"""Hardware: device + converters + tile shape + mapping + timing; everything but the costs."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from aimc_sim.converters import Adc, Dac
from aimc_sim.devices import Device
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


class Mapping(Spec):
    """How a model is laid onto tiles.

    Parameters
    ----------
    s4d : {"hybrid", "split", "fused"}
        ``hybrid``: the diagonal recurrence is digital, B and C are analog. ``split``: A, B and C
        on tiles of their own, digital sums between. ``fused``: A, B, C and D of a kernel on one
        crossbar.
    subtraction : {"before_adc", "after_adc"}
        Where the two currents of a pair are subtracted.
    unused : {"stated", "programmed"}
        Cells that hold no weight: left at the stated conductance `unused_S`, without spread,
        drift or read noise, or programmed like a weight of zero.
    unused_S : float, optional
        Conductance of an unused cell [S]; by default the device's `g_min_S`.
    allow_narrow_state : bool
        Let a state pass through an ADC that is narrower than it; otherwise that is refused.
    noise_form : {"bitline", "cell"}
        One read-noise draw a bitline with the exact variance, or one a cell; equal in
        distribution.
    """

    s4d: Literal["hybrid", "split", "fused"] = "hybrid"
    subtraction: Literal["before_adc", "after_adc"] = "before_adc"
    unused: Literal["stated", "programmed"] = "stated"
    unused_S: float | None = Field(default=None, ge=0)
    allow_narrow_state: bool = False
    noise_form: Literal["bitline", "cell"] = "bitline"


class Timing(Spec):
    """Times that are part of the physics.

    Parameters
    ----------
    t_read_s : float
        Time that a read drives the wordlines [s].
    t_step_s : float, optional
        Time between steps (a sample period) [s]; by default the latency of a step.
    """

    t_read_s: float = Field(gt=0, le=1)
    t_step_s: float | None = Field(default=None, gt=0)


class Hardware(Spec):
    """What the numerics need to know of a chip."""

    device: Device
    dac: Dac
    adc: Adc
    tile: TileShape
    mapping: Mapping = Mapping()
    timing: Timing
