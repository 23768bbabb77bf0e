"""Hardware: device + converters + tile shape + mapping + timing; everything but the costs."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

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
        Time between steps (a sample period) [s]; by default what the reads of a step take, one
        after another (`Plan.t_step_s`), and for the cost the latency of a step.
    n_band_steps : int
        Steps over which 1/f noise is correlated; what is slower than that is frozen. A power of
        two at least as long as the sequences; a longer run is refused where it matters.
    """

    t_read_s: float = Field(gt=0, le=1)
    t_step_s: float | None = Field(default=None, gt=0)
    n_band_steps: int = Field(default=1024, ge=2, le=1 << 40)


class Effects(Spec):
    """Sources of error, each of which can be switched off; all are on by default.

    Parameters
    ----------
    programming : bool
        Spread of what is written.
    drift : bool
        Change of conductances with time: drift and relaxation.
    faults : bool
        Stuck devices and open lines.
    read_white, flicker_frozen, flicker_correlated, flicker_white, telegraph : bool
        Parts of read noise (docs/noise.md).
    nonlinearity : bool
        Curvature of the devices' current against voltage.
    """

    programming: bool = True
    drift: bool = True
    faults: bool = True
    read_white: bool = True
    flicker_frozen: bool = True
    flicker_correlated: bool = True
    flicker_white: bool = True
    telegraph: bool = True
    nonlinearity: bool = True


class Programming(Spec):
    """How devices are written one after another.

    Parameters
    ----------
    schedule : {"serial", "row_parallel"}
        Pulses and verify reads of one device after another, or of all devices of a wordline at
        once, as often as its slowest device needs.
    """

    schedule: Literal["serial", "row_parallel"] = "serial"


class Calibration(Spec):
    """What is measured and corrected digitally before a run.

    Parameters
    ----------
    kind : {"none", "global", "per_bitline", "affine"}
        ``global``: one factor a tile against drift, from a reference read; ``per_bitline``: one a
        bitline; ``affine``: gain and offset of each bitline from known patterns.
    n_patterns : int
        Input patterns read.
    """

    kind: Literal["none", "global", "per_bitline", "affine"] = "none"
    n_patterns: int = Field(default=16, ge=2, le=4096)


class Hardware(Spec):
    """What the numerics need to know of a chip.

    Parameters
    ----------
    device, dac, adc, tile, mapping, timing, effects, programming, calibration : Spec
        Its parts.
    temperature_K : float, optional
        Temperature of the devices when they are read [K]; by default the one that their numbers
        were measured at. Writing is at that one always. Only for a device with a temperature law.
    """

    device: Device
    dac: Dac
    adc: Adc
    tile: TileShape
    mapping: Mapping = Mapping()
    timing: Timing
    effects: Effects = Effects()
    programming: Programming = Programming()
    calibration: Calibration = Calibration()
    temperature_K: float | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _temperature_is_known(self) -> Hardware:
        asked_K, known_K = self.temperature_K, self.device.temperature_range_K
        if asked_K is None:
            return self
        if known_K is None:
            raise ValueError(
                f"temperature_K: found {asked_K:g}; this device has no temperature law; "
                f"allowed: null"
            )
        if not known_K[0] <= asked_K <= known_K[1]:
            raise ValueError(
                f"temperature_K: found {asked_K:g}; the device is known from {known_K[0]:g} to "
                f"{known_K[1]:g} K"
            )
        return self

    @model_validator(mode="after")
    def _voltage_is_known(self) -> Hardware:
        asked_V, known_V = self.dac.v_read_V, self.device.v_max_V
        if known_V is not None and asked_V > known_V and self.effects.nonlinearity:
            raise ValueError(
                f"dac.v_read_V: found {asked_V:g}; the device's I-V curve is known up to "
                f"{known_V:g} V"
            )
        return self
