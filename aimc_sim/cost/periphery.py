"""What surrounds a crossbar, ADCs apart: DAC, sample-and-hold, multiplexer, shift-and-add."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from aimc_sim.converters import BitPulseDac, IdealDac, PulseWidthDac
from aimc_sim.cost.component import ActionCost, Component, adcs_per_tile, converter_bits
from aimc_sim.hardware import Hardware
from aimc_sim.mapping.plan import Plan


class DacCost(Component):
    """One DAC a wordline; its energy and area have a fixed part, and parts that grow with bits.

    Parameters
    ----------
    bits_if_ideal : int, optional
        Width at which an ideal DAC is priced; without it such hardware is refused.
    energy_J, area_m2 : float
        Of a conversion [J] and of a converter [m2], whatever its width: a driver.
    bit_energy_J, bit_area_m2 : float
        For each bit of its width: a capacitor array, an inverter of a bit-serial driver.
    slot_energy_J : float
        For each of the 2^bits - 1 slots of a pulse-width converter's counter [J].
    latency_s : float
        Time of a conversion [s].

    Notes
    -----
    ``E = energy_J + bits bit_energy_J + (2^bits - 1) slot_energy_J``. Where each bit is a pulse
    of its own (``hardware.dac.kind: bit_pulse``), a pulse is a conversion of one bit.
    """

    bits_if_ideal: int | None = Field(default=None, ge=1, le=16)
    energy_J: float = Field(default=0.0, ge=0)
    area_m2: float = Field(default=0.0, ge=0)
    bit_energy_J: float = Field(ge=0)
    bit_area_m2: float = Field(ge=0)
    slot_energy_J: float = Field(default=0.0, ge=0)
    latency_s: float = Field(ge=0)

    def bits_of(self, hardware: Hardware) -> int:
        """Return the width that is priced."""
        dac = hardware.dac
        width = None if isinstance(dac, IdealDac) else dac.bits
        return converter_bits("dac", width, self.bits_if_ideal)

    def actions(self, hardware: Hardware) -> Mapping[str, ActionCost]:
        """Return the cost of a conversion."""
        bits = 1 if isinstance(hardware.dac, BitPulseDac) else self.bits_of(hardware)
        energy_J = self.energy_J + bits * self.bit_energy_J
        if isinstance(hardware.dac, PulseWidthDac):
            energy_J += ((1 << bits) - 1) * self.slot_energy_J
        return {"dac.convert": ActionCost(energy_J, self.latency_s)}

    def total_area_m2(self, plan: Plan) -> float:
        """Return the area of the DACs of all wordlines of all tiles [m2]."""
        n_dacs = plan.n_sites * plan.hardware.tile.n_wordlines
        return n_dacs * (self.area_m2 + self.bits_of(plan.hardware) * self.bit_area_m2)


class SampleHoldCost(Component):
    """One sample-and-hold a bitline.

    Parameters
    ----------
    energy_J, latency_s, area_m2 : float
        Of one hold [J, s], of one circuit [m2].
    overlaps : bool
        Whether the next read settles while the bitlines that are held are converted.
    """

    overlaps: bool = False

    energy_J: float = Field(ge=0)
    latency_s: float = Field(ge=0)
    area_m2: float = Field(ge=0)

    def actions(self, hardware: Hardware) -> Mapping[str, ActionCost]:
        """Return the cost of a hold."""
        return {"sample_hold.hold": ActionCost(self.energy_J, self.latency_s)}

    def total_area_m2(self, plan: Plan) -> float:
        """Return the area over all bitlines of all tiles [m2]."""
        return plan.n_sites * plan.hardware.tile.n_bitlines * self.area_m2


class MuxCost(Component):
    """One switch a bitline, where bitlines share an ADC.

    Parameters
    ----------
    energy_J, latency_s, area_m2 : float
        Of one switching [J, s], of the switch of one bitline [m2].
    """

    IS_LOGIC = True

    energy_J: float = Field(ge=0)
    latency_s: float = Field(ge=0)
    area_m2: float = Field(ge=0)

    def actions(self, hardware: Hardware) -> Mapping[str, ActionCost]:
        """Return the cost of a switching; no time where no converter is shared."""
        shared = hardware.tile.bitlines_per_adc > 1
        return {"mux.switch": ActionCost(self.energy_J, self.latency_s if shared else 0.0)}

    def total_area_m2(self, plan: Plan) -> float:
        """Return the area over all bitlines that share an ADC [m2]."""
        tile = plan.hardware.tile
        return plan.n_sites * tile.n_bitlines * self.area_m2 * (tile.bitlines_per_adc > 1)


class ShiftAddCost(Component):
    """One shift-and-add unit an ADC.

    Parameters
    ----------
    energy_J, latency_s, area_m2 : float
        Of one operation [J, s], of one unit [m2].
    """

    IS_LOGIC = True

    energy_J: float = Field(ge=0)
    latency_s: float = Field(ge=0)
    area_m2: float = Field(ge=0)

    def actions(self, hardware: Hardware) -> Mapping[str, ActionCost]:
        """Return the cost of an operation."""
        return {"shift_add.op": ActionCost(self.energy_J, self.latency_s)}

    def total_area_m2(self, plan: Plan) -> float:
        """Return the area of the units of all tiles [m2]."""
        return plan.n_sites * adcs_per_tile(plan.hardware) * self.area_m2
