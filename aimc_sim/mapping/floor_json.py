"""The floor plan of a chip as plain data, small: what a study keeps and a report draws."""

from __future__ import annotations

from typing import Any

import numpy as np

from aimc_sim.mapping.floor import Floor, Region, floors_of
from aimc_sim.mapping.matrix import Indices
from aimc_sim.mapping.plan import Plan

MOST_TILES = 36
_MOST_RUNS = 32


def floor_json(plan: Plan) -> dict[str, Any]:
    """Return what lies on the tiles of a chip.

    Parameters
    ----------
    plan : Plan
        The plan.

    Returns
    -------
    dict
        ``n_wordlines`` and ``n_bitlines`` of a tile, ``n_tiles`` of the chip, and ``tiles``, the
        first 36 of them. A region has its ``layer``, ``tensor`` ("A", "B", "C", "weight",
        "reference", "none"), ``n_weights``, the share of the cells where its lines cross that is
        held, and ``wordlines`` and ``bitlines`` as pairs of the first line and the number of lines;
        where lines are in more than 32 pieces, the whole span is one.

    Examples
    --------
    >>> from aimc_sim.chip import load_chip
    >>> from aimc_sim.mapping.mapper import map_model
    >>> from aimc_sim.model.npz import load_model
    >>> chip = load_chip("examples/chips/pcm_256.yaml")
    >>> tree = floor_json(map_model(load_model("examples/models/digits.npz"), chip.hardware))
    >>> tree["tiles"][-1]["regions"][0]["wordlines"]
    [[0, 32]]
    """
    shape, floors = plan.hardware.tile, floors_of(plan)
    return {
        "n_wordlines": shape.n_wordlines,
        "n_bitlines": shape.n_bitlines,
        "n_tiles": len(floors),
        "tiles": [_tile(floor) for floor in floors[:MOST_TILES]],
    }


def _tile(floor: Floor) -> dict[str, Any]:
    return {
        "tile": floor.number,
        "share_used": floor.share_used,
        "regions": [_region(region) for region in floor.regions],
    }


def _region(region: Region) -> dict[str, Any]:
    crossings = len(region.wordlines) * len(region.bitlines)
    return {
        "layer": region.plan.layer,
        "tensor": region.tensor,
        "n_weights": region.n_weights,
        "share_held": region.n_used / crossings,
        "wordlines": runs(region.wordlines),
        "bitlines": runs(region.bitlines),
    }


def runs(lines: Indices) -> list[list[int]]:
    """Return ascending lines as runs: the first line and the number of each.

    Examples
    --------
    >>> runs(np.array([0, 1, 2, 8, 9]))
    [[0, 3], [8, 2]]
    """
    pieces = np.split(lines, np.flatnonzero(np.diff(lines) != 1) + 1)
    if len(pieces) > _MOST_RUNS:
        return [[int(lines[0]), int(lines[-1] - lines[0]) + 1]]
    return [[int(piece[0]), len(piece)] for piece in pieces]


__all__ = ["MOST_TILES", "floor_json", "runs"]
