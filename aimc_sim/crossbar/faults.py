"""Faults of programmed tiles: stuck devices and open lines, drawn from rates or read from a map."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from aimc_sim.crossbar.io import read_fault_map
from aimc_sim.devices.faults import Faults, StuckAt
from aimc_sim.hardware import TileShape
from aimc_sim.mapping.layout import Layout
from aimc_sim.mapping.plan import Plan
from aimc_sim.mapping.tile_plan import TilePlan
from aimc_sim.model.signal import Floats
from aimc_sim.rng import stream
from aimc_sim.spec import InputError

Mask = npt.NDArray[np.bool_]
KINDS = ("stuck_off", "stuck_on", "line", "map")


@dataclass(frozen=True)
class TileFaults:
    """What is broken on the tiles of one or more chip instances.

    Parameters
    ----------
    stuck_S : mapping
        ``(chip, tile_id) -> float array [wordline, column, device]`` [S]: what a device conducts
        whatever was written, NaN where it is healthy; no key where all are.
    n : mapping
        Devices by kind: "stuck_off", "stuck_on", "line" (on an open line), "map"; a device is
        counted once, over all chips and all lines that the tiles use.
    map_digest : str or None
        SHA-256 of the map's content.
    """

    stuck_S: Mapping[tuple[int, int], Floats] = field(default_factory=dict)
    n: Mapping[str, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))
    map_digest: str | None = None

    def healthy(self, chip: int, tile_id: int) -> Mask:
        """Return which devices of a tile work; of shape () where all of them do."""
        return np.asarray(np.isnan(self.stuck_S.get((chip, tile_id), np.nan)))

    def over(self, chip: int, tile_id: int, g_S: Floats) -> Floats:
        """Return the conductances of a tile with those of its broken devices put over them [S]."""
        stuck_S = self.stuck_S.get((chip, tile_id))
        return g_S if stuck_S is None else np.where(np.isnan(stuck_S), g_S, stuck_S)


def faults_of(plan: Plan, chips: tuple[int, ...], seed: int) -> TileFaults:
    """Return the faults of a plan's tiles, from the device's `faults`.

    Parameters
    ----------
    plan : Plan
        Tiles, and the hardware with its device and `effects.faults`.
    chips : tuple of int
        Numbers of the chip instances.
    seed : int
        Build seed.

    Raises
    ------
    InputError
        A map that cannot be used, or whose content is not that of `map_digest`.
    """
    faults, layouts = plan.hardware.device.faults, plan.layouts
    if faults is None or not plan.hardware.effects.faults:
        return TileFaults()
    places = [(chip, tile) for chip in chips for tile in plan.tiles]
    if faults.map is not None:
        found = read_fault_map(faults.map, plan, max(chips) + 1)
        if faults.map_digest not in (None, found.digest):
            raise InputError(
                f"{faults.map}: its content has digest {found.digest}; "
                f"device.faults.map_digest says {faults.map_digest}"
            )
        stuck_S = {
            (chip, tile.tile_id): found.of(chip, tile, layouts[tile.tile_id])
            for chip, tile in places
        }
        return _gather(stuck_S, {"map": sum(map(_n_stuck, stuck_S.values()))}, found.digest)
    drawn = {
        (chip, tile.tile_id): draw_faults(
            faults, tile, layouts[tile.tile_id], plan.hardware.tile, seed, chip
        )
        for chip, tile in places
    }
    n = {kind: sum(counts[kind] for _, counts in drawn.values()) for kind in KINDS[:3]}
    return _gather({key: stuck_S for key, (stuck_S, _) in drawn.items()}, n, None)


def _gather(
    stuck_S: Mapping[tuple[int, int], Floats], n: Mapping[str, int], digest: str | None
) -> TileFaults:
    broken = {key: values for key, values in stuck_S.items() if _n_stuck(values)}
    return TileFaults(broken, dict.fromkeys(KINDS, 0) | dict(n), digest)


def _n_stuck(stuck_S: Floats) -> int:
    return int((~np.isnan(stuck_S)).sum())


def draw_faults(
    faults: Faults, tile: TilePlan, layout: Layout, shape: TileShape, seed: int, chip: int
) -> tuple[Floats, dict[str, int]]:
    """Draw the faults of one tile of one chip.

    Parameters
    ----------
    faults : Faults
        Rates.
    tile : TilePlan
        Which tile, and how many of its lines are used.
    layout : Layout
        Devices of its weights.
    shape : TileShape
        Where the devices of a weight sit.
    seed, chip : int
        Build seed and chip instance.

    Returns
    -------
    tuple of float array and dict
        Stuck conductances, [wordline, column, device] [S], NaN where a device is healthy;
        and the number of devices by kind.

    Notes
    -----
    One uniform u a device decides: off below the rate of `stuck_off`, on from one minus the rate of
    `stuck_on`. A higher rate therefore keeps every device that a lower one broke, and neither
    moves the other. A second uniform sets the conductance. A line is open where the uniform of the
    line is below its rate; open lines go over stuck devices.
    """
    n_wordlines, n_columns = tile.n_wordlines, tile.n_columns + layout.has_reference

    def uniform(source: str, *n: int) -> Floats:
        named = stream(seed, "program", chip, tile.layer, tile.name, source)
        return named.uniform(int(np.prod(n))).reshape(n)

    cells = (n_wordlines, n_columns, layout.n_devices)
    u = uniform("faults", *cells)
    off, on = u < faults.stuck_off_rate, u >= 1.0 - faults.stuck_on_rate
    stuck_S = np.full(cells, np.nan)
    for part, hit in ((faults.stuck_off, off), (faults.stuck_on, on)):
        if part is not None and hit.any():
            stuck_S[hit] = _stuck_at_S(part, uniform("faults/value", *cells)[hit])
    wordlines = uniform("faults/wordline", n_wordlines) < faults.wordline_rate
    u_line = _bitlines(shape, layout, uniform("faults/bitline", *cells[1:]))
    bitlines = u_line < faults.bitline_rate
    line = wordlines[:, None, None] | bitlines[None]
    stuck_S[line] = 0.0
    counts = {"stuck_off": off & ~line, "stuck_on": on & ~line, "line": line}
    return stuck_S, {kind: int(mask.sum()) for kind, mask in counts.items()}


def _stuck_at_S(part: StuckAt, u: Floats) -> Floats:
    """Return conductances evenly distributed in a range, ends included [S]."""
    return np.clip(part.low_S + u * (part.high_S - part.low_S), part.low_S, part.high_S)


def _bitlines(shape: TileShape, layout: Layout, u: Floats) -> Floats:
    """Return the uniform of each device's bitline: its own, or that of its cell."""
    if shape.pair == "bitlines":
        return u
    cells = u.reshape(len(u), layout.n_slices, -1)
    return np.broadcast_to(cells[..., :1], cells.shape).reshape(u.shape)
