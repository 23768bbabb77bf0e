"""Codes to wordline voltages, bitline currents to codes."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from aimc_sim.converters.adc import AdcRange, IdealAdc
from aimc_sim.converters.bit_pulse import BitPulseDac
from aimc_sim.converters.dac import IdealDac, UniformDac
from aimc_sim.converters.integrating import IntegratingAdc
from aimc_sim.converters.pulse_width import PulseWidthDac
from aimc_sim.converters.ramp import RampAdc
from aimc_sim.converters.sar import SarAdc
from aimc_sim.converters.slices import Slice
from aimc_sim.converters.transfer import Transfer, dnl_lsb, inl_lsb
from aimc_sim.converters.uniform import UniformAdc

Dac = Annotated[IdealDac | UniformDac | PulseWidthDac | BitPulseDac, Field(discriminator="kind")]
Adc = Annotated[
    IdealAdc | UniformAdc | SarAdc | RampAdc | IntegratingAdc, Field(discriminator="kind")
]

# fmt: off
__all__ = [
    "Adc", "AdcRange", "BitPulseDac", "Dac", "IdealAdc", "IdealDac", "IntegratingAdc",
    "PulseWidthDac", "RampAdc", "SarAdc", "Slice", "Transfer", "UniformAdc", "UniformDac",
    "dnl_lsb", "inl_lsb",
]
