"""What a plan file must hold: every weight once, no line twice, ranges of reads that there are."""

from __future__ import annotations

import numpy as np

from aimc_sim.hardware import Hardware
from aimc_sim.mapping.plan import MatrixPlan, Plan
from aimc_sim.mapping.reads import reads_of
from aimc_sim.spec import InputError


def check_ranges(plan: Plan, where: str) -> None:
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


def check_sites(plan: Plan, where: str) -> None:
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


def check_cover(m: MatrixPlan, hardware: Hardware, where: str) -> None:
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
