"""What the numerics need to know of a chip."""

from __future__ import annotations

from aimc_sim.hardware.hardware import Hardware
from aimc_sim.hardware.mapping import Mapping
from aimc_sim.hardware.operation import Calibration, Effects, Programming, Timing
from aimc_sim.hardware.tile_shape import TileShape
from aimc_sim.hardware.weights import Weights
from aimc_sim.hardware.wires import Wires

# fmt: off
__all__ = [
    "Calibration", "Effects", "Hardware", "Mapping", "Programming", "TileShape", "Timing",
    "Weights", "Wires",
]
