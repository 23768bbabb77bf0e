"""Device physics: program once, drift in time, read with noise; one family a file."""

from aimc_sim.devices.base import DeviceBase, WriteVerify
from aimc_sim.devices.cmo import AcceptanceWindows, CmoDevice, LogFlicker, Relaxation
from aimc_sim.devices.curves import ClippedLog, Constant, Curve, Line, PiecewiseLog, PowerLaw
from aimc_sim.devices.faults import Faults, StuckAt
from aimc_sim.devices.file import Device, DeviceFile
from aimc_sim.devices.gaussian import DriftLaw, FlickerLaw, GaussianDevice, WhiteLaw
from aimc_sim.devices.hfo2 import CubicCurrent, Hfo2Device
from aimc_sim.devices.ideal import IdealDevice
from aimc_sim.devices.io import (
    device_model_folder,
    device_model_names,
    device_model_path,
    load_device,
    shipped_near,
)
from aimc_sim.devices.noise import Flicker, ReadNoise, TelegraphNoise
from aimc_sim.devices.pcm import PcmDevice
from aimc_sim.devices.pulsed import FullReset, PulsedDevice
from aimc_sim.devices.pulsed_exp import ExpStep
from aimc_sim.devices.pulsed_response import ConstantStep, LinearStep, SoftBounds
from aimc_sim.devices.rram import RramDevice, SpreadFit
from aimc_sim.devices.sonos import CurrentFit, Saturating, SonosDevice
from aimc_sim.devices.state import DeviceState, Draw, Writing
from aimc_sim.devices.table import TableDevice, TableLevel
from aimc_sim.devices.taox import TaoxDevice
from aimc_sim.devices.temperature import Activation

__all__ = [
    "AcceptanceWindows",
    "Activation",
    "ClippedLog",
    "CmoDevice",
    "Constant",
    "ConstantStep",
    "CubicCurrent",
    "CurrentFit",
    "Curve",
    "Device",
    "DeviceBase",
    "DeviceFile",
    "DeviceState",
    "Draw",
    "DriftLaw",
    "ExpStep",
    "Faults",
    "Flicker",
    "FlickerLaw",
    "FullReset",
    "GaussianDevice",
    "Hfo2Device",
    "IdealDevice",
    "Line",
    "LinearStep",
    "LogFlicker",
    "PcmDevice",
    "PiecewiseLog",
    "PowerLaw",
    "PulsedDevice",
    "ReadNoise",
    "Relaxation",
    "RramDevice",
    "Saturating",
    "SoftBounds",
    "SonosDevice",
    "SpreadFit",
    "StuckAt",
    "TableDevice",
    "TableLevel",
    "TaoxDevice",
    "TelegraphNoise",
    "WhiteLaw",
    "WriteVerify",
    "Writing",
    "device_model_folder",
    "device_model_names",
    "device_model_path",
    "load_device",
    "shipped_near",
]
