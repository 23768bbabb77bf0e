"""DeviceFile: one published device, as its YAML file holds it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from aimc_sim.devices.cmo import CmoDevice
from aimc_sim.devices.gaussian import GaussianDevice
from aimc_sim.devices.hfo2 import Hfo2Device
from aimc_sim.devices.ideal import IdealDevice
from aimc_sim.devices.pcm import PcmDevice
from aimc_sim.devices.pulsed import PulsedDevice
from aimc_sim.devices.rram import RramDevice
from aimc_sim.devices.sonos import SonosDevice
from aimc_sim.devices.table import TableDevice
from aimc_sim.devices.taox import TaoxDevice
from aimc_sim.spec import Spec

Device = Annotated[
    IdealDevice
    | GaussianDevice
    | TableDevice
    | PcmDevice
    | RramDevice
    | Hfo2Device
    | CmoDevice
    | TaoxDevice
    | SonosDevice
    | PulsedDevice,
    Field(discriminator="kind"),
]


class DeviceFile(Spec):
    """A device model file: what it is called, what it describes, its parameters and sources."""

    format: Literal["aimc-device"]
    version: Literal["1.0"]
    name: str = Field(min_length=1, pattern=r"^[a-z0-9_]+$")
    description: str = Field(min_length=10)
    device: Device
