"""Sheet: how small pictures of many tiles are laid out on one page."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from aimc_sim.mapping.floor import Floor

POINTS = 72.0
_WIDTHS_in = ((1, 3.4), (2, 3.2), (6, 2.12), (16, 1.58), (36, 1.02), (1000, 0.86))
_MOST_IN_A_ROW = 12


@dataclass(frozen=True)
class Sheet:
    """Sizes of the picture [inch].

    Parameters
    ----------
    n_across, n_down : int
        Tiles.
    width, height : float
        Of one tile.
    font : float
        Size of captions [pt].
    """

    n_across: int
    n_down: int
    width: float
    height: float
    font: float

    @property
    def pitch(self) -> tuple[float, float]:
        """From one tile to the next, across and down."""
        return self.width * 1.1 + 0.04, self.height + 3.6 * self.line

    @property
    def line(self) -> float:
        """Height of a line of text."""
        return 1.25 * self.font / POINTS

    @property
    def size(self) -> tuple[float, float]:
        """Of the whole picture, the legend included."""
        across, down = self.pitch
        return max(self.n_across * across + 0.1, 6.0), self.n_down * down + 0.62


def sheet_for(floors: Sequence[Floor]) -> Sheet:
    """Return how the tiles of a chip are laid out on a sheet."""
    n, (rows, columns) = len(floors), floors[0].region.shape
    width = next(w for most, w in _WIDTHS_in if n <= most or most == _WIDTHS_in[-1][0])
    height = width * min(max(rows / columns, 0.4), 2.0)
    wide = max(7.2 / (1.1 * width + 0.04), math.sqrt(n * height / width))
    across = min(n, max(int(wide), 1), _MOST_IN_A_ROW)
    font = 7.5 if width > 2 else 6.8 if width > 1.5 else 5.6 if width > 1 else 4.8
    return Sheet(across, -(-n // across), width, height, font)
