"""Writing: what programming counts, in pulses and reads, and in the time slots they take."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from aimc_sim.devices.state import Counts, DeviceState
from aimc_sim.events import Events, Key
from aimc_sim.hardware import Hardware
from aimc_sim.mapping.plan import Plan
from aimc_sim.mapping.tile_plan import TilePlan

Masks = Mapping[int, npt.NDArray[np.bool_]]
States = Mapping[tuple[int, int], DeviceState]


def verify_step_S(hardware: Hardware) -> float:
    """Return the step that verify reads are rounded to [S]; 0 reads exactly.

    Notes
    -----
    ``verify: adc`` reads one device at a time with the tile's own converter, whose range then
    spans the device's window: ``(g_max - g_min) / 2^bits``; an ideal converter has no step.

    Examples
    --------
    >>> from aimc_sim.chip import load_chip
    >>> verify_step_S(load_chip("examples/chips/pcm_256.yaml").hardware)
    0.0
    """
    device, bits = hardware.device, hardware.adc.width
    loop = device.write_verify
    if loop is None or loop.verify == "ideal" or bits is None:
        return 0.0
    return (device.g_max_S - device.g_min_S) / 2.0**bits


def programming_events(plan: Plan, hardware: Hardware, states: States, programmed: Masks) -> Events:
    """Count what writing took: pulses, verify reads, their time slots, cells that failed.

    Parameters
    ----------
    plan : Plan
        Its tiles are written.
    hardware : Hardware
        Device and schedule.
    states : mapping
        ``(chip, tile_id) -> DeviceState``, arrays of shape (n_wordlines, n_columns, 2).
    programmed : mapping
        ``tile_id -> bool array (n_wordlines, n_columns)``: cells that were written.

    Returns
    -------
    Events
        Of all chips.

    Notes
    -----
    Pulses and reads are those of each device's loop, or the stated means of its model. With
    ``schedule: serial`` each has a slot of its own; with ``row_parallel`` a wordline has as many
    slots of a kind as its slowest device needs, and wordlines follow one another.
    """
    tiles: dict[int, TilePlan] = {tile.tile_id: tile for tile in plan.tiles}
    counts: dict[Key, int] = {}
    for (_, tile_id), state in states.items():
        written = np.broadcast_to(programmed[tile_id][..., None], state.g_programmed_S.shape)
        for action, n in _counted(hardware, state, written).items():
            if n:
                key = (tiles[tile_id].layer, tile_id, action)
                counts[key] = counts.get(key, 0) + n
    return Events(counts)


def _counted(
    hardware: Hardware, state: DeviceState, written: npt.NDArray[np.bool_]
) -> dict[str, int]:
    amounts: dict[str, int] = {}
    for action, each in _each(hardware, state).items():
        n, slots = _totals(each, written, hardware.programming.schedule)
        amounts[f"program.{action}_{'read' if action == 'verify' else 'pulse'}"] = n
        amounts[f"program.{action}_slot"] = slots
    if state.writing is not None and hardware.effects.programming:
        amounts["program.failure"] = int(np.count_nonzero(state.writing.failed & written))
    return amounts


def _each(hardware: Hardware, state: DeviceState) -> dict[str, Counts]:
    device, writing = hardware.device, state.writing
    if writing is not None:
        return {
            "set": writing.n_set_pulses,
            "reset": writing.n_reset_pulses,
            "verify": writing.n_verify_reads,
        }
    means = {
        "set": device.set_pulses_mean,
        "reset": device.reset_pulses_mean,
        "verify": device.verify_reads_mean,
    }
    return {action: np.asarray(mean, dtype=np.int64) for action, mean in means.items()}


def _totals(each: Counts, written: npt.NDArray[np.bool_], schedule: str) -> tuple[int, int]:
    """Return what devices of a tile take, and its slots: one each, or the most of a wordline."""
    if each.ndim == 0:  # the mean of all: no array of counts
        n = int(each) * int(np.count_nonzero(written[..., 0])) * written.shape[2]
        rows = int(each) * int(np.count_nonzero(written[..., 0].any(axis=1)))
        return n, n if schedule == "serial" else rows
    counted = np.where(written, each, 0)
    n = int(counted.sum())
    return n, n if schedule == "serial" else int(counted.max(axis=(1, 2)).sum())
