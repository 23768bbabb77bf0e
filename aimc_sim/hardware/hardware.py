"""Hardware: device + converters + tile shape + mapping + timing; everything but the costs."""

from __future__ import annotations

from pydantic import Field, model_validator

from aimc_sim.converters import Adc, Dac
from aimc_sim.devices import Device
from aimc_sim.hardware.mapping import Mapping
from aimc_sim.hardware.operation import Calibration, Effects, Programming, Timing
from aimc_sim.hardware.tile_shape import TileShape
from aimc_sim.hardware.wires import Wires
from aimc_sim.spec import Spec


class Hardware(Spec):
    """What the numerics need to know of a chip.

    Parameters
    ----------
    device, dac, adc, tile, mapping, timing, effects, programming, calibration : Spec
        Its parts.
    temperature_K : float, optional
        Temperature of the devices when they are read [K]; by default the one that their numbers
        were measured at. Writing is at that one always. Only for a device with a temperature law.
    wires : Wires, optional
        Lines of the crossbars; ideal connections by default.
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
    wires: Wires | None = None

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
    def _pulses_fit(self) -> Hardware:
        t_slice_s, t_read_s = self.dac.t_slice_s, self.timing.t_read_s
        if t_slice_s > t_read_s * (1.0 + 1.0e-9):
            raise ValueError(
                f"timing.t_read_s: found {t_read_s:g} s; the longest slice of the DAC takes "
                f"{t_slice_s:g} s"
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
