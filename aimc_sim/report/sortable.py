"""Table: rows of a page that can be sorted by any column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Cell(NamedTuple):
    """Text of a cell, and the value that it is sorted by."""

    text: str
    value: float | None


@dataclass(frozen=True)
class Table:
    """One table.

    Parameters
    ----------
    title : str
        Heading.
    head : sequence of str
        Names of the columns.
    rows : sequence of sequences
        Text, or `Cell` where the order is not that of the text; the first names the row.
    text : str
        Remark beneath.
    n_names : int
        Columns, from the left, that hold names; the others hold figures.
    """

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str | Cell]]
    text: str = ""
    n_names: int = 1

    @property
    def cells(self) -> list[list[Cell]]:
        """All rows, each cell with a value to sort by where it has one."""
        return [[c if isinstance(c, Cell) else Cell(c, None) for c in row] for row in self.rows]


__all__ = ["Cell", "Table"]
