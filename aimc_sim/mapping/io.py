"""A plan is a file too: which piece of which matrix stands where on which tile."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from aimc_sim.hardware import Hardware
from aimc_sim.mapping.mapper import map_model
from aimc_sim.mapping.matrix import Indices
from aimc_sim.mapping.partition import Piece
from aimc_sim.mapping.plan import Plan
from aimc_sim.mapping.plan_check import check_cover, check_ranges, check_sites
from aimc_sim.mapping.plan_file import PlanFile
from aimc_sim.mapping.tile_plan import TilePlan
from aimc_sim.model.archive import replacing
from aimc_sim.model.network import Model
from aimc_sim.spec import InputError, validate


def write_plan(path: str | Path, plan: Plan) -> None:
    """Write a plan as JSON; the weights themselves stay in the model file."""
    tree = {
        "format": "aimc-plan",
        "version": "1.1",
        "model": plan.model_digest,
        "hardware": plan.hardware.digest(),
        "tiles": [
            {
                "tile_id": t.tile_id,
                "layer": t.layer,
                "matrix": t.matrix,
                "index": t.index,
                "pieces": [vars(p) for p in t.pieces],
                "site": t.site,
                "origin": t.origin,
                "wordline_at": _listed(t.wordline_at),
                "column_at": _listed(t.column_at),
            }
            for t in plan.tiles
        ],
        "ranges": [
            {"tile_id": tile_id, "phase": phase, "read": read, "full_scale": full}
            for (tile_id, phase, read), full in sorted(plan.ranges.items())
        ],
    }
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(tree, indent=1) + "\n", encoding="utf-8")


def read_plan_file(path: str | Path) -> PlanFile:
    """Read a plan file and check its form, without the model it belongs to."""
    try:
        tree = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    except ValueError as error:
        raise InputError(f"{path}: is not valid JSON ({error})") from None
    if not isinstance(tree, dict):
        raise InputError(f"{path}: expected a JSON object, found {type(tree).__name__}")
    return validate(PlanFile, tree, str(path))


def read_plan(path: str | Path, model: Model, hardware: Hardware) -> Plan:
    """Read a plan and put it onto its model.

    Parameters
    ----------
    path : path
        A file that `write_plan` wrote, perhaps edited.
    model : Model
        The model it was made for.
    hardware : Hardware
        The hardware it was made for.

    Raises
    ------
    InputError
        Another model or hardware, a weight placed twice or not at all, a piece outside its tile.
    """
    file = read_plan_file(path)
    for name, found, expected in (
        ("model", file.model, model.digest),
        ("hardware", file.hardware, hardware.digest()),
    ):
        if found != expected:
            raise InputError(
                f"{path}: {name}: the plan was made for digest {found[:12]}..., "
                f"this one has {expected[:12]}..."
            )
    plan = map_model(model, hardware)
    by_matrix = _tiles_of(file, path)
    layers = []
    for layer in plan.layers:
        matrices = tuple(
            replace(m, tiles=tuple(by_matrix.pop((layer.layer, m.matrix.name), [])))
            for m in layer.matrices
        )
        for m in matrices:
            check_cover(m, hardware, f"{path}: layer {layer.layer!r} matrix {m.matrix.name!r}")
        layers.append(replace(layer, matrices=matrices))
    for layer_name, matrix in by_matrix:
        raise InputError(f"{path}: layer {layer_name!r} has no analog matrix {matrix!r} here")
    ranges = {(r.tile_id, r.phase, r.read): r.full_scale for r in file.ranges}
    whole = replace(plan, layers=tuple(layers), ranges=ranges)
    check_sites(whole, str(path))
    check_ranges(whole, str(path))
    return whole


def _tiles_of(file: PlanFile, path: str | Path) -> dict[tuple[str, str], list[TilePlan]]:
    """Return the tiles of each (layer, matrix) of a plan file."""
    found: dict[tuple[str, str], list[TilePlan]] = {}
    for number, tile in enumerate(file.tiles):
        if tile.tile_id != number:
            raise InputError(
                f"{path}: tiles.{number}.tile_id: found {tile.tile_id}; expected {number}"
            )
        pieces = tuple(Piece(**p.model_dump()) for p in tile.pieces)
        orders = _order(tile.wordline_at), _order(tile.column_at)
        found.setdefault((tile.layer, tile.matrix), []).append(
            TilePlan(
                number, tile.layer, tile.matrix, tile.index, pieces, tile.site, tile.origin, *orders
            )
        )
    return found


def _listed(order: Indices | None) -> list[int] | None:
    return None if order is None else [int(i) for i in order]


def _order(listed: tuple[int, ...] | None) -> Indices | None:
    return None if listed is None else np.array(listed, dtype=np.intp)
