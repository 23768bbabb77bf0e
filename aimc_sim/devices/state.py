"""What is kept of a device: its state from programming to the last read, and how it was written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
Normals = npt.NDArray[np.float32]
Draw = Callable[[str], Normals]
"""draw("programming"): standard normals of the targets' shape, one named stream a source."""


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
    g_target_S : float64 array, any shape
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

    g_target_S: Array
    g_programmed_S: Array
    drift_nu: Array | None
    z_programming: Array | None
    n_clipped: int
    z_relaxation: Array | None = None
    writing: Writing | None = None
