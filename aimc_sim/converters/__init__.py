"""Codes to wordline voltages, bitline currents to codes."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from aimc_sim.converters.adc import AdcRange, IdealAdc, UniformAdc
from aimc_sim.converters.dac import IdealDac, Slice, UniformDac

Dac = Annotated[IdealDac | UniformDac, Field(discriminator="kind")]
Adc = Annotated[IdealAdc | UniformAdc, Field(discriminator="kind")]

__all__ = ["Adc", "AdcRange", "Dac", "IdealAdc", "IdealDac", "Slice", "UniformAdc", "UniformDac"]
