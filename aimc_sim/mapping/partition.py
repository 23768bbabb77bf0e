"""Matrices cut and packed onto tiles: block-diagonal where blocks are small, cut where large."""

from __future__ import annotations

from dataclasses import dataclass

from aimc_sim.mapping.matrix import Block, Matrix


@dataclass(frozen=True)
class Piece:
    """A part of a block at its place on a tile.

    Parameters
    ----------
    block : int
        Index of the block in its matrix.
    row0, col0 : int
        First row and column of the part, in the matrix.
    n_rows, n_cols : int
        Size.
    wordline0, column0 : int
        Place on the tile (a column is a weight: a pair of devices).
    """

    block: int
    row0: int
    col0: int
    n_rows: int
    n_cols: int
    wordline0: int
    column0: int


def cut(index: int, block: Block, n_wordlines: int, n_columns: int) -> list[Piece]:
    """Cut a block into parts that fit a tile, row by row, not placed yet."""
    n_rows, n_cols = block.codes.shape
    return [
        Piece(
            index,
            block.row0 + r,
            block.col0 + c,
            min(n_wordlines, n_rows - r),
            min(n_columns, n_cols - c),
            0,
            0,
        )
        for r in range(0, n_rows, n_wordlines)
        for c in range(0, n_cols, n_columns)
    ]


def pack(matrix: Matrix, n_wordlines: int, n_columns: int) -> list[tuple[Piece, ...]]:
    """Place all parts of a matrix, in order, each tile filled along its diagonal.

    Examples
    --------
    >>> import numpy as np
    >>> blocks = tuple(Block(3 * i, 3 * i, np.ones((3, 3), dtype=np.int64)) for i in range(4))
    >>> m = Matrix("s", "kernel", 12, 12, 1, blocks, (), (), ())
    >>> [len(tile) for tile in pack(m, 8, 8)]
    [2, 2]
    """
    tiles: list[tuple[Piece, ...]] = []
    current: list[Piece] = []
    wordline = column = 0
    for index, block in enumerate(matrix.blocks):
        for part in cut(index, block, n_wordlines, n_columns):
            if wordline + part.n_rows > n_wordlines or column + part.n_cols > n_columns:
                tiles.append(tuple(current))
                current, wordline, column = [], 0, 0
            current.append(
                Piece(part.block, part.row0, part.col0, part.n_rows, part.n_cols, wordline, column)
            )
            wordline, column = wordline + part.n_rows, column + part.n_cols
    if current:
        tiles.append(tuple(current))
    return tiles
