"""What the devices of a tile are to conduct."""

from __future__ import annotations

from aimc_sim.devices.state import Levels
from aimc_sim.hardware import Hardware
from aimc_sim.mapping.plan import MatrixPlan
from aimc_sim.mapping.tile_plan import TilePlan
from aimc_sim.model.signal import Floats


def code_step_S(m: MatrixPlan, tile: TilePlan, hardware: Hardware) -> Floats:
    """Return the conductance of one code of each slice, (n_wordlines, n_columns, n_slices) [S]."""
    return m.steps_S(tile, hardware.device.g_max_S - hardware.device.g_min_S)


def target_S(m: MatrixPlan, tile: TilePlan, hardware: Hardware) -> Floats:
    """Return what the devices of a tile are to conduct, [wordline, column, device] [S]."""
    found = asked_S(m, tile, hardware)
    return found.g_S if isinstance(found, Levels) else found


def asked_S(m: MatrixPlan, tile: TilePlan, hardware: Hardware) -> Floats | Levels:
    """Return the same as levels where a tile has few of them."""
    device, layout = hardware.device, m.layout
    asked = tile.codes(m.matrix), m.full(tile), device.g_min_S, device.g_max_S
    levels = layout.levels_S(*asked)
    return layout.targets_S(*asked) if levels is None else levels
