"""Cells that are written: what their targets say is worked out in parts that caches hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from aimc_sim.devices.laws import PART, cache_parts
from aimc_sim.devices.state import Array, Levels

Law = Callable[[Array], Array]
OfPart = Callable[[slice], Array]


class Cells:
    """Targets of cells, each a number, or one of a few levels.

    Parameters
    ----------
    g_target_S : array_like or Levels
        Conductances asked for [S].
    check : callable
        Returns targets as float64, or refuses them.

    Examples
    --------
    >>> cells = Cells(Levels(np.array([[1.0], [3.0]]), np.array([1, 1, 0])), np.asarray)
    >>> cells.law(lambda g_S: 2.0 * g_S)(slice(0, 2)).tolist()
    [6.0, 6.0]
    """

    def __init__(self, g_target_S: npt.ArrayLike | Levels, check: Law) -> None:
        if isinstance(g_target_S, Levels):
            self._place: npt.NDArray[np.integer[Any]] | None = g_target_S.place.reshape(-1)
            self._values_S = check(g_target_S.table_S)
            self.target: Array | Levels = g_target_S.packed(self._values_S)
            self.shape, n_devices = g_target_S.shape, self._values_S.shape[1]
            n_cells = self._place.size
        else:
            values_S = check(np.asarray(g_target_S, dtype=np.float64))
            self._place, self.shape, n_devices = None, values_S.shape, 1
            self.target = values_S
            self._values_S, n_cells = values_S.reshape(-1), values_S.size
        parts = cache_parts(n_cells, max(PART // n_devices, 1))
        self.parts = [(p, slice(p.start * n_devices, p.stop * n_devices)) for p in parts]
        """Parts of the cells, and of their devices."""
        self.targets_S = self.law(np.copy)
        """Targets of a part of the cells, one device after another."""

    def law(self, law: Law) -> OfPart:
        """Return what a law of the target says of a part of the cells, a fresh array.

        Parameters
        ----------
        law : callable
            Takes and returns an array, number by number.
        """
        place, values_S = self._place, self._values_S
        if place is None:
            return lambda part: law(values_S[part])
        table = law(values_S)
        return lambda part: np.take(table, place[part], axis=0).reshape(-1)
