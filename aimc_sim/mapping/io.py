"""A plan is a file too: which piece of which matrix stands where on which tile."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from aimc_sim.hardware import Hardware
from aimc_sim.mapping.mapper import map_model
from aimc_sim.mapping.matrix import Indices
from aimc_sim.mapping.partition import Piece
from aimc_sim.mapping.plan import MatrixPlan, Plan
from aimc_sim.mapping.reads import reads_of
from aimc_sim.mapping.tile_plan import TilePlan
from aimc_sim.model.archive import replacing
from aimc_sim.model.network import Model
from aimc_sim.spec import InputError, Spec, validate


class PieceFile(Spec):
    """A `Piece` as the file writes it."""

    block: int = Field(ge=0)
    row0: int = Field(ge=0)
    col0: int = Field(ge=0)
    n_rows: int = Field(ge=1)
    n_cols: int = Field(ge=1)
    wordline0: int = Field(ge=0)
    column0: int = Field(ge=0)


class TileFile(Spec):
    """A `TilePlan` as the file writes it."""

    tile_id: int = Field(ge=0)
    layer: str
    matrix: str
    index: int = Field(ge=0)
    pieces: tuple[PieceFile, ...] = Field(min_length=1)
    site: int | None = Field(default=None, ge=0)
    origin: tuple[Annotated[int, Field(ge=0)], Annotated[int, Field(ge=0)]] = (0, 0)
    wordline_at: tuple[int, ...] | None = None
    column_at: tuple[int, ...] | None = None


class RangeFile(Spec):
    """Full scales of the converters of one read of a tile."""

    tile_id: int = Field(ge=0)
    phase: str
    read: int = Field(ge=0)
    full_scale: tuple[Annotated[float, Field(gt=0)], ...] = Field(min_length=1)


class PlanFile(Spec):
    """The whole file."""

    format: Literal["aimc-plan"]
    version: Literal["1.0", "1.1"]
    model: str = Field(pattern="^[0-9a-f]{64}$")
    hardware: str = Field(pattern="^[0-9a-f]{64}$")
    tiles: tuple[TileFile, ...]
    ranges: tuple[RangeFile, ...] = ()


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
    by_matrix: dict[tuple[str, str], list[TilePlan]] = {}
    for number, tile in enumerate(file.tiles):
        if tile.tile_id != number:
            raise InputError(
                f"{path}: tiles.{number}.tile_id: found {tile.tile_id}; expected {number}"
            )
        pieces = tuple(Piece(**p.model_dump()) for p in tile.pieces)
        key = (tile.layer, tile.matrix)
        by_matrix.setdefault(key, []).append(
            TilePlan(
                number,
                tile.layer,
                tile.matrix,
                tile.index,
                pieces,
                tile.site,
                tile.origin,
                _order(tile.wordline_at),
                _order(tile.column_at),
            )
        )
    layers = []
    for layer in plan.layers:
        matrices = tuple(
            replace(m, tiles=tuple(by_matrix.pop((layer.layer, m.matrix.name), [])))
            for m in layer.matrices
        )
        for m in matrices:
            _check_cover(m, hardware, f"{path}: layer {layer.layer!r} matrix {m.matrix.name!r}")
        layers.append(replace(layer, matrices=matrices))
    for layer_name, matrix in by_matrix:
        raise InputError(f"{path}: layer {layer_name!r} has no analog matrix {matrix!r} here")
    ranges = {(r.tile_id, r.phase, r.read): r.full_scale for r in file.ranges}
    whole = replace(plan, layers=tuple(layers), ranges=ranges)
    _check_sites(whole, str(path))
    _check_ranges(whole, str(path))
    return whole


def _listed(order: Indices | None) -> list[int] | None:
    return None if order is None else [int(i) for i in order]


def _order(listed: tuple[int, ...] | None) -> Indices | None:
    return None if listed is None else np.array(listed, dtype=np.intp)


def _check_ranges(plan: Plan, where: str) -> None:
    """Refuse ranges of reads that there are not."""
    known = {
        (tile.tile_id, phase.name, read)
        for m in plan.matrices
        for tile in m.tiles
        for phase in m.matrix.phases
        for read in range(len(reads_of(m.matrix, phase, plan.hardware)))
    }
    for key in plan.ranges:
        if key not in known:
            raise InputError(f"{where}: ranges: the plan has no tile, phase and read {key}")


def _check_sites(plan: Plan, where: str) -> None:
    """Refuse tiles that overlap on their site, or leave it."""
    shape = plan.hardware.tile
    seen: dict[int, list[tuple[str, int, int, int, int]]] = {}
    for m in plan.matrices:
        for tile in m.tiles:
            row, line = tile.origin
            columns = tile.n_columns + m.layout.has_reference
            last_row = row + tile.n_wordlines
            last_line = line + columns * m.layout.lines_per_column(shape)
            name = f"{where}: tile {tile.tile_id}"
            if last_row > shape.n_wordlines or last_line > shape.n_bitlines:
                raise InputError(
                    f"{name}: origin {list(tile.origin)}: it ends at wordline {last_row} and "
                    f"bitline {last_line}; a tile has {shape.n_wordlines} x {shape.n_bitlines}"
                )
            if tile.site is None and any(tile.origin):
                raise InputError(f"{name}: origin {list(tile.origin)}: goes with a site only")
            others = seen.setdefault(tile.site, []) if tile.site is not None else []
            for other, r0, r1, l0, l1 in others:
                if (row < r1 and r0 < last_row) or (line < l1 and l0 < last_line):
                    raise InputError(f"{name}: shares a line with {other} on site {tile.site}")
            others.append((f"tile {tile.tile_id}", row, last_row, line, last_line))


def _check_cover(m: MatrixPlan, hardware: Hardware, where: str) -> None:
    """Refuse pieces that leave their tile or block, or do not cover every weight once."""
    shape = hardware.tile
    seen = [np.zeros(block.codes.shape, dtype=np.int64) for block in m.matrix.blocks]
    for index, tile in enumerate(m.tiles):
        name = f"{where}: tile {tile.tile_id}"
        if tile.index != index:
            raise InputError(f"{name}: index: found {tile.index}; expected {index}")
        wordline = column = 0
        for p in tile.pieces:
            if (p.wordline0, p.column0) != (wordline, column):
                raise InputError(
                    f"{name}: a piece stands at ({p.wordline0}, {p.column0}); expected "
                    f"({wordline}, {column}), along the diagonal without gaps"
                )
            wordline, column = wordline + p.n_rows, column + p.n_cols
            if p.block >= len(seen):
                raise InputError(f"{name}: block: found {p.block}; the matrix has {len(seen)}")
            block = m.matrix.blocks[p.block]
            r, c = p.row0 - block.row0, p.col0 - block.col0
            rows, cols = block.codes.shape
            if min(r, c) < 0 or r + p.n_rows > rows or c + p.n_cols > cols:
                raise InputError(f"{name}: a piece leaves block {p.block} ({rows} x {cols})")
            seen[p.block][r : r + p.n_rows, c : c + p.n_cols] += 1
        fit = m.layout.columns_that_fit(shape)
        if wordline > shape.n_wordlines or column > fit:
            raise InputError(
                f"{name}: takes {wordline} x {column} weights; a tile has room for "
                f"{shape.n_wordlines} x {fit}"
            )
        for axis, order, n in (
            ("wordline_at", tile.wordline_at, wordline),
            ("column_at", tile.column_at, column),
        ):
            if order is not None and sorted(order.tolist()) != list(range(n)):
                raise InputError(f"{name}: {axis}: expected each of 0 to {n - 1} once")
    for i, count in enumerate(seen):
        if (count != 1).any():
            raise InputError(
                f"{where}: block {i} has weights placed {int(count.min())} to "
                f"{int(count.max())} times; expected once each"
            )
