"""The write-verify loop: pulses and verify reads, cell by cell, until a window or a budget ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aimc_sim.devices.base import WriteVerify
from aimc_sim.devices.pulsed_response import Flags
from aimc_sim.devices.state import Array, Writing

Cells = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Moved:
    """Cells after a pulse.

    Parameters
    ----------
    w : float64 array
        Weight that the next pulse starts from.
    g_S : float64 array, same shape
        Conductance that reads see until then [S].
    cut : bool array, same shape
        Whether a bound cut the pulse, or 0 S the conductance.
    """

    w: Array
    g_S: Array
    cut: Flags


Pulse = Callable[[int, Cells, Array, Flags], Moved]
"""pulse(i, cells, w, up): pulse number i (from 1) on some cells, SET where `up`."""


def verify_read(g_S: Array, step_S: float) -> Array:
    """Return conductances as a verify read gives them: rounded to a step, ties up; 0 is exact [S].

    Examples
    --------
    >>> verify_read(np.array([1.4, 1.5]), 1.0).tolist()
    [1.0, 2.0]
    """
    return np.floor(g_S / step_S + 0.5) * step_S if step_S else g_S


def write_verify(
    target_S: Array, start: Moved, pulse: Pulse, loop: WriteVerify, verify_step_S: float
) -> tuple[Moved, Writing]:
    """Read, and while a cell is not within its window, pulse it towards its target and read again.

    Parameters
    ----------
    target_S : float64 array, shape (n_cells,)
        Conductances asked for [S].
    start : Moved
        The cells before the first read.
    pulse : callable
        What a pulse does.
    loop : WriteVerify
        Window and budget.
    verify_step_S : float
        Step of a verify read [S]; 0 reads exactly.

    Returns
    -------
    tuple of Moved and Writing
        The cells as written, and what it took; a cell that no pulse met was read once.

    Notes
    -----
    A cell is done when ``|read - target| < window_S``. Its pulses are numbered from its own
    first, and all cells begin together, so no cell depends on when another is done.
    """
    w, g_S, cut = start.w.copy(), start.g_S.copy(), start.cut.copy()
    n_set, n_reset = np.zeros(target_S.size, np.int64), np.zeros(target_S.size, np.int64)

    def missed(cells: Cells) -> Cells:
        error_S = verify_read(g_S[cells], verify_step_S) - target_S[cells]
        return cells[np.abs(error_S) >= loop.window_S]

    cells = missed(np.arange(target_S.size))
    for i in range(1, loop.max_pulses + 1):
        if not cells.size:
            break
        up = verify_read(g_S[cells], verify_step_S) < target_S[cells]
        moved = pulse(i, cells, w[cells], up)
        w[cells], g_S[cells], cut[cells] = moved.w, moved.g_S, moved.cut
        n_set[cells] += up
        n_reset[cells] += ~up
        cells = missed(cells)
    failed = np.zeros(target_S.size, np.bool_)
    failed[cells] = True
    return Moved(w, g_S, cut), Writing(n_set, n_reset, 1 + n_set + n_reset, failed)
