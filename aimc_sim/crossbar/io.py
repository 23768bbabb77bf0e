"""Reading maps of faults: which device of which tile is stuck, and at which conductance."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from aimc_sim.mapping.layout import Layout, devices_per_cell
from aimc_sim.mapping.plan import Plan
from aimc_sim.mapping.tile_plan import TilePlan
from aimc_sim.model.archive import Archive
from aimc_sim.model.signal import Floats
from aimc_sim.spec import InputError

ARRAY = "stuck_S"


@dataclass(frozen=True)
class FaultMap:
    """Stuck conductances of whole tiles.

    Parameters
    ----------
    stuck_S : float64 array, shape (n_chips, n_tiles, n_wordlines, n_bitlines, n_devices)
        Conductance of each device [S], NaN where it is healthy; the last axis holds the devices
        of one cell. One chip alone stands for all of them.
    digest : str
        SHA-256 of shape and values of the file's array, not of the zip that carried it.
    """

    stuck_S: Floats
    digest: str

    def of(self, chip: int, tile: TilePlan, layout: Layout) -> Floats:
        """Return the lines that a tile uses, [wordline, column, device] [S]."""
        site = tile.tile_id if tile.site is None else tile.site
        whole: Floats = self.stuck_S[chip if len(self.stuck_S) > 1 else 0, site]
        row, line = tile.origin
        n_columns = tile.n_columns + layout.has_reference
        n_lines = n_columns * layout.n_devices // whole.shape[-1]
        part = whole[row : row + tile.n_wordlines, line : line + n_lines]
        cells = part.reshape(tile.n_wordlines, n_columns, layout.n_devices)
        rows = slice(None) if tile.wordline_at is None else tile.wordline_at
        columns: Any = slice(None)
        if tile.column_at is not None:
            columns = np.append(tile.column_at, np.arange(tile.n_columns, n_columns))
        return cells[rows][:, columns]


def read_fault_map(path: str | Path, plan: Plan, n_chips: int) -> FaultMap:
    """Read and check a map of faults.

    Parameters
    ----------
    path : path
        An ``.npz`` in the format of docs/formats.md, relative to the current directory or absolute.
    plan : Plan
        Whose tiles it describes.
    n_chips : int
        Chips that a map with an axis of chips has to cover: 0 .. n_chips - 1.

    Raises
    ------
    InputError
        One line: file, array, found, expected.
    """
    with Archive(path) as archive:
        for name in archive.headers:
            if name != ARRAY:
                raise archive.fail(name, f"is not expected here; a fault map holds {ARRAY!r} alone")
        if ARRAY not in archive.headers:
            raise InputError(f"{path}: array {ARRAY!r} is missing")
        shape, dtype = archive.headers[ARRAY]
        if dtype.kind != "f" or dtype.itemsize != 8:
            raise archive.fail(ARRAY, f"found {dtype}; expected float64")
        _check_shape(archive, shape, plan, n_chips)
        stuck_S = archive.read(ARRAY).astype("<f8", order="C")
        bad = np.isinf(stuck_S) | (stuck_S < 0.0)
        if bad.any():
            at = tuple(int(i[0]) for i in np.nonzero(bad))
            raise archive.fail(
                ARRAY, f"found {stuck_S[at]:g} S at {list(at)}; expected NaN (healthy) or >= 0"
            )
    stuck_S = np.where(np.isnan(stuck_S), np.nan, np.abs(stuck_S))  # one NaN and one zero
    digest = hashlib.sha256(str(shape).encode() + stuck_S.tobytes()).hexdigest()
    return FaultMap(_per_cell(stuck_S, plan), digest)


def _tile_shape(plan: Plan) -> dict[str, int]:
    """Return the axes of a map of one chip, by name."""
    tile = plan.hardware.tile
    axes = {"tile": plan.n_sites, "wordline": tile.n_wordlines, "bitline": tile.n_bitlines}
    return axes | ({"device": devices_per_cell(plan.hardware)} if tile.pair == "unit_cell" else {})


def _check_shape(archive: Archive, shape: tuple[int, ...], plan: Plan, n_chips: int) -> None:
    axes = _tile_shape(plan)
    expected = tuple(axes.values())
    told = f"[{', '.join(axes)}] = {expected}"
    if shape != expected and shape[1:] != expected:
        raise archive.fail(
            ARRAY, f"found shape {shape}; expected {told}, or the same after an axis of chips"
        )
    if len(shape) > len(expected) and shape[0] < n_chips:
        raise archive.fail(
            ARRAY, f"has {shape[0]} chips; expected at least {n_chips}, or no axis of chips"
        )


def _per_cell(stuck_S: Floats, plan: Plan) -> Floats:
    """Return [chip, tile, wordline, bitline, device] from the axes of the file."""
    whole = stuck_S.reshape(-1, *_tile_shape(plan).values())
    return whole if plan.hardware.tile.pair == "unit_cell" else whole[..., None]
