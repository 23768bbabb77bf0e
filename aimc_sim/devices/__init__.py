"""Device physics: program once, drift in time, read with noise; one family a file."""

from aimc_sim.devices.file import Device, DeviceFile
from aimc_sim.devices.ideal import IdealDevice
from aimc_sim.devices.io import (
    device_model_folder,
    device_model_names,
    device_model_path,
    load_device,
)
from aimc_sim.devices.pcm import ClippedLog, PcmDevice
from aimc_sim.devices.rram import RramDevice, SpreadFit
from aimc_sim.devices.state import DeviceBase, DeviceState, Draw
from aimc_sim.devices.taox import TaoxDevice

__all__ = [
    "ClippedLog",
    "Device",
    "DeviceBase",
    "DeviceFile",
    "DeviceState",
    "Draw",
    "IdealDevice",
    "PcmDevice",
    "RramDevice",
    "SpreadFit",
    "TaoxDevice",
    "device_model_folder",
    "device_model_names",
    "device_model_path",
    "load_device",
]
