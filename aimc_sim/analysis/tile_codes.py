"""Codes of cells as the conductances of tiles have them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from aimc_sim.crossbar.targets import code_step_S
from aimc_sim.crossbar.tile import Tiles
from aimc_sim.mapping.layout import Layout
from aimc_sim.mapping.matrix import Indices
from aimc_sim.mapping.plan import MatrixPlan
from aimc_sim.mapping.tile_plan import TilePlan
from aimc_sim.model.signal import Floats

Pair = tuple[str, str]  # input and output vector that cells lie between
Conductances = Callable[[int, int], Floats]  # of a chip and a tile: [wordline, column, device]


def codes_at(
    m: MatrixPlan,
    tiles: Tiles,
    age_s: float,
    pair: Pair,
    rows: Indices,
    cols: Indices,
    *,
    corrected: bool = False,
    g_of: Conductances | None = None,
    is_variance: bool = False,
) -> Floats:
    """Return the analog codes of some cells of a matrix on all chips.

    Parameters
    ----------
    m : MatrixPlan
        The matrix and its tiles.
    tiles : Tiles
        Programmed conductances.
    age_s : float
        Time since the reference read [s].
    pair : tuple of str
        Input and output vector that the cells lie between; it says in which phase they are read.
    rows, cols : int arrays of one shape
        Which cells; all of them hold a weight.
    corrected : bool
        Whether digital gains count.
    g_of : callable, optional
        Conductances of a chip's tile [S], in place of those that were programmed; or variances of
        independent devices [S^2].
    is_variance : bool
        Whether `g_of` gives variances: those of the codes are returned.

    Returns
    -------
    float array
        Codes, or their variances; the first axis are the chips, the others those of `rows`.
    """
    index, wordline, column = _places(m, rows, cols)
    power = 2 if is_variance else 1
    g_of = g_of or partial(tiles.g_S, age_s=age_s)
    out = np.empty((len(tiles.chips), *rows.shape))
    for i, tile in enumerate(m.tiles):
        here = index == i
        step_S = code_step_S(m, tile, tiles.hardware)
        for codes, chip in zip(out, tiles.chips, strict=True):
            g_S = m.layout.split(g_of(chip, tile.tile_id))
            g_S = g_S.sum(axis=-1) / g_S.shape[-1] ** power
            plus_S, minus_S = _two_sides(g_S, m.layout)
            gain = _gains(m, tile, tiles, chip, pair) if corrected else np.ones(1)
            plus_S, minus_S = gain[..., 0] ** power * plus_S, gain[..., -1] ** power * minus_S
            sides = (plus_S + minus_S if is_variance else plus_S - minus_S) / step_S**power
            weighed = (sides * 2.0 ** (power * np.array(m.layout.shifts))).sum(axis=-1)
            codes[here] = weighed[wordline[here], column[here]]
    return out


def _two_sides(g_S: Floats, layout: Layout) -> tuple[Floats, Floats]:
    """Return plus and minus, [wordline, column, slice]; a reference column serves all."""
    if layout.has_reference:
        return g_S[:, :-1, :, 0], g_S[:, -1:, :, 0]
    return g_S[..., 0], g_S[..., 1]


def _gains(m: MatrixPlan, tile: TilePlan, tiles: Tiles, chip: int, pair: Pair) -> Floats:
    """Return the digital gains of a tile, shape (n_columns, n_slices, 2): plus and minus."""
    phase = next(p for p in m.matrix.phases if pair[0] in p.drives and pair[1] in p.reads)
    gains = np.ones((tile.n_columns, m.layout.n_slices, 2))
    correction = tiles.corrections.get((chip, tile.tile_id, phase.name))
    if correction is not None:
        columns, _ = m.lines_of(tile, phase.reads, "outputs")
        n, n_slices = len(columns), m.layout.n_slices
        plus = correction.gain[: n * n_slices].reshape(n_slices, n).T
        rest = correction.gain[n * n_slices :]  # of the minus side, of a reference, or nothing
        minus = plus if not rest.size else rest.reshape(n_slices, -1).T
        gains[columns] = np.stack([plus, np.broadcast_to(minus, plus.shape)], axis=-1)
    return gains


def _places(m: MatrixPlan, rows: Indices, cols: Indices) -> tuple[Indices, Indices, Indices]:
    """Return the tile (its number in the matrix), wordline and column of each cell."""
    wanted = rows * m.matrix.n_cols + cols
    order = np.argsort(wanted, axis=None)
    keys = wanted.ravel()[order]
    found = np.full((3, keys.size), -1, dtype=np.intp)
    for index, tile in enumerate(m.tiles):
        for p in tile.pieces:
            first = (p.row0 + np.arange(p.n_rows)) * m.matrix.n_cols + p.col0
            begins, ends = np.searchsorted(keys, first), np.searchsorted(keys, first + p.n_cols)
            for i in np.flatnonzero(begins < ends):
                part = slice(begins[i], ends[i])
                column = keys[part] - first[i] + p.column0
                found[0, part], found[1, part], found[2, part] = index, p.wordline0 + i, column
    out = np.empty_like(found)
    out[:, order] = found
    tile_index, wordline, at_column = out.reshape(3, *rows.shape)
    return tile_index, wordline, at_column
