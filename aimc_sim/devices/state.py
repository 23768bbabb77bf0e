"""What is kept of a device: its state from programming to the last read, and how it was written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
Normals = npt.NDArray[np.float32]
Draw = Callable[[str], Normals]
"""draw("programming"): standard normals of the targets' shape, one named stream a source."""


@dataclass(frozen=True)
class Levels:
    """Targets that are a few numbers, one of them a cell: what follows from them is looked up.

    Parameters
    ----------
    table_S : float64 array, shape (n_levels, n_devices)
        Conductances of the devices of a cell [S].
    place : int array, any shape
        Row of each cell.

    Examples
    --------
    >>> Levels(np.array([[0.0, 1.0], [2.0, 0.0]]), np.array([1, 0, 1])).g_S.tolist()
    [[2.0, 0.0], [0.0, 1.0], [2.0, 0.0]]
    """

    table_S: Array
    place: npt.NDArray[np.integer[Any]]

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the targets, devices last."""
        return (*self.place.shape, self.table_S.shape[1])

    @property
    def g_S(self) -> Array:
        """All targets [S]."""
        return np.take(self.table_S, self.place, axis=0)

    def packed(self, table_S: Array) -> Levels:
        """Return the same places in as few bytes as hold them, with another table [S]."""
        return Levels(table_S, self.place.astype(np.min_scalar_type(len(table_S) - 1)))

    def __array__(
        self, dtype: npt.DTypeLike | None = None, copy: bool | None = None
    ) -> npt.NDArray[Any]:
        return np.asarray(self.g_S, dtype=dtype)


@dataclass(frozen=True)
class Writing:
    """How a write-verify loop went, cell by cell.

    Parameters
    ----------
    n_set_pulses, n_reset_pulses, n_verify_reads : int64 array, shape of the targets
        What each cell took.
    failed : bool array, same shape
        Cells still outside the window when the budget of pulses was spent.
    """

    n_set_pulses: Counts
    n_reset_pulses: Counts
    n_verify_reads: Counts
    failed: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class DeviceState:
    """Cells as written: one device, one trajectory.

    Parameters
    ----------
    target : float64 array, or Levels
        Conductances asked for [S].
    g_programmed_S : float64 array, same shape
        Conductances at the reference read [S].
    drift_nu : float64 array or None
        Drift exponent of each cell, drawn once at programming.
    z_programming : float64 array or None
        Standard normal of each cell, kept where its spread depends on the read time.
    n_clipped : int
        Cells whose programmed value met a physical bound.
    z_relaxation : float64 array or None
        Standard normal of each cell's relaxation, where that is a source of its own.
    writing : Writing or None
        Pulses and reads of a write-verify loop; None where they are priced from mean counts.
    """

    target: Array | Levels
    g_programmed_S: Array
    drift_nu: Array | None
    z_programming: Array | None
    n_clipped: int
    z_relaxation: Array | None = None
    writing: Writing | None = None

    @property
    def g_target_S(self) -> Array:
        """Conductances asked for [S], an array."""
        return self.target.g_S if isinstance(self.target, Levels) else self.target
