"""What analog-to-digital conversions cost: tables, integrating converters, steps and neurons."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, model_validator

from aimc_sim.converters import IntegratingAdc
from aimc_sim.cost.component import ActionCost, Component, adcs_per_tile, converter_bits
from aimc_sim.hardware import Hardware
from aimc_sim.mapping.plan import Plan
from aimc_sim.spec import InputError


class AdcBase(Component):
    """What all ADC models share.

    Parameters
    ----------
    bits_if_ideal : int, optional
        Width at which a bit-exact (ideal) ADC is priced; without it such hardware is refused.
    energy_factor : float
        Multiplies the energy of conversions and steps: what a designer knows of the circuit.
    step_energy_J, step_latency_s : float
        Of one step of an integrating or adaptive converter [J, s].
    integration_energy_J, integration_latency_s : float
        Of one integration of a sampled bitline, where a neuron weights the bits of the input
        [J, s].
    """

    bits_if_ideal: int | None = Field(default=None, ge=1, le=24)
    energy_factor: float = Field(default=1.0, gt=0)
    step_energy_J: float = Field(default=0.0, ge=0)
    step_latency_s: float = Field(default=0.0, ge=0)
    integration_energy_J: float = Field(default=0.0, ge=0)
    integration_latency_s: float = Field(default=0.0, ge=0)

    @abstractmethod
    def conversion_on(self, hardware: Hardware) -> ActionCost:
        """Return energy and latency of one conversion, before `energy_factor`, without steps."""

    @abstractmethod
    def one_area_m2(self, bits: int) -> float:
        """Return the area of one converter [m2]."""

    def bits_of(self, hardware: Hardware) -> int:
        """Return the width that is priced."""
        return converter_bits("adc", hardware.adc.width, self.bits_if_ideal)

    def notes(self) -> tuple[str, ...]:
        """Return what is to be said where a model is used outside of its range."""
        return ()

    def actions(self, hardware: Hardware) -> Mapping[str, ActionCost]:
        """Return the cost of a conversion, of a step and of an integration."""
        each, factor = self.conversion_on(hardware), self.energy_factor
        return {
            "adc.convert": ActionCost(factor * each.energy_J, each.latency_s),
            "adc.step": ActionCost(factor * self.step_energy_J, self.step_latency_s),
            "integrator.step": ActionCost(
                factor * self.integration_energy_J, self.integration_latency_s
            ),
        }

    def total_area_m2(self, plan: Plan) -> float:
        """Return the area of all converters of all tiles [m2]."""
        return (
            plan.n_sites
            * adcs_per_tile(plan.hardware)
            * self.one_area_m2(self.bits_of(plan.hardware))
        )


class TableAdc(AdcBase):
    """Published values, one a width; a width that is not in the table is refused.

    Parameters
    ----------
    bits : tuple of int
        Widths, ascending.
    energy_J, area_m2 : tuple of float
        Energy of a conversion [J] and area of a converter [m2], one a width.
    latency_s : float
        Time of a conversion [s].
    """

    kind: Literal["table"]
    bits: tuple[int, ...] = Field(min_length=1)
    energy_J: tuple[Annotated[float, Field(ge=0)], ...]
    area_m2: tuple[Annotated[float, Field(ge=0)], ...]
    latency_s: float = Field(ge=0)

    @model_validator(mode="after")
    def _columns_fit(self) -> TableAdc:
        if list(self.bits) != sorted(set(self.bits)):
            raise ValueError(f"bits: found {list(self.bits)}; widths ascend, each once")
        if not len(self.bits) == len(self.energy_J) == len(self.area_m2):
            raise ValueError(
                f"bits, energy_J, area_m2: found {len(self.bits)}, "
                f"{len(self.energy_J)} and {len(self.area_m2)} values; one a width"
            )
        return self

    def conversion_on(self, hardware: Hardware) -> ActionCost:
        """Return energy and latency of one conversion."""
        return self.conversion(self.bits_of(hardware))

    def conversion(self, bits: int) -> ActionCost:
        """Return energy and latency of one conversion of that width."""
        return ActionCost(self.energy_J[self._row(bits)], self.latency_s)

    def derivation(self, hardware: Hardware) -> tuple[str, ...]:
        """Return which row of the table a conversion takes."""
        bits = self.bits_of(hardware)
        row = self._row(bits)
        return (
            f"adc.convert: {self.energy_factor:g} x row {row + 1} of {len(self.bits)} of the "
            f"table, {bits} bits: {self.energy_J[row]:.6g} J, "
            f"{self.area_m2[row]:.6g} m2 a converter",
        )

    def one_area_m2(self, bits: int) -> float:
        """Return the area of one converter [m2]."""
        return self.area_m2[self._row(bits)]

    def _row(self, bits: int) -> int:
        if bits not in self.bits:
            raise InputError(
                f"costs.adc.bits: found no {bits} in this table, which is what "
                f"hardware.adc needs; it has {', '.join(map(str, self.bits))}; "
                f"costs.adc.kind accelergy_sar has any width from 4"
            )
        return self.bits.index(bits)


class SteppedAdc(AdcBase):
    """A converter of any width whose energy and time go with its steps.

    Parameters
    ----------
    energy_J, latency_s : float
        Of a conversion besides its steps [J, s].
    area_m2 : float
        Of one converter [m2].

    Notes
    -----
    What is counted as a step: a bit that is resolved, of an adaptive converter
    (``hardware.adc.resolves: remaining``); a count, of an integrating one.
    """

    kind: Literal["stepped"]
    energy_J: float = Field(default=0.0, ge=0)
    latency_s: float = Field(default=0.0, ge=0)
    area_m2: float = Field(ge=0)

    def conversion_on(self, hardware: Hardware) -> ActionCost:
        """Return energy and latency of one conversion."""
        return ActionCost(self.energy_J, self.latency_s)

    def one_area_m2(self, bits: int) -> float:
        """Return the area of one converter [m2]."""
        return self.area_m2


class IntegratingAdcCost(AdcBase):
    """A converter in each column that draws a current for as long as it integrates.

    Parameters
    ----------
    power_W : float
        Of one converter while it integrates [W].
    latency_s : float
        From the end of the integration to the code [s].
    area_m2 : float
        Of one converter [m2].

    Notes
    -----
    ``E = power_W t_integration + n_counts step_energy_J``, with time and counts of
    ``hardware.adc``; counts are priced as those of full scale. Integration overlaps with the read,
    so it takes no time of its own.
    """

    kind: Literal["integrating"]
    power_W: float = Field(ge=0)
    latency_s: float = Field(ge=0)
    area_m2: float = Field(ge=0)

    def conversion_on(self, hardware: Hardware) -> ActionCost:
        """Return energy and latency of one conversion."""
        if not isinstance(hardware.adc, IntegratingAdc):
            raise InputError(
                f"costs.adc.kind: found 'integrating', which prices the time of integration of "
                f"hardware.adc.kind integrating; found {hardware.adc.kind!r} there"
            )
        return ActionCost(self.power_W * hardware.adc.t_integration_s, self.latency_s)

    def derivation(self, hardware: Hardware) -> tuple[str, ...]:
        """Return what a conversion is the product of."""
        adc = hardware.adc
        assert isinstance(adc, IntegratingAdc)
        return (
            f"adc.convert: {self.energy_factor:g} x {self.power_W:.6g} W x "
            f"{adc.t_integration_s:g} s",
            f"adc.step: {self.energy_factor:g} x {self.step_energy_J:.6g} J, {adc.n_counts} "
            f"counts a conversion",
        )

    def one_area_m2(self, bits: int) -> float:
        """Return the area of one converter [m2]."""
        return self.area_m2
