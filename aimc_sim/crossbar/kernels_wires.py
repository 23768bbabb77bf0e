"""Compiled read noise through wires: one draw a device, then two sums through tables."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from aimc_sim.jit import pnjit, prange
from aimc_sim.rng_kernels import Key, fill_gaussians

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@pnjit
def draw_devices(sigma: Floats, key: Key, sequence: Ints, step: int, out: Floats) -> None:
    """Add one Gaussian a device.

    Parameters
    ----------
    sigma : float array, shape (n_devices,)
        Spread of each.
    key : uint32 array, shape (4,)
        Stream; draw d is that of device d.
    sequence : int64 array, shape (n_sequences,)
        Index of each sequence in its file.
    step : int
        Time step.
    out : float array, shape (n_sequences, n_devices)
        Added to.
    """
    for b in prange(out.shape[0]):
        z = np.empty(sigma.shape[0], dtype=np.float32)
        fill_gaussians(key, sequence[b], step, z)
        for d in range(sigma.shape[0]):
            out[b, d] += sigma[d] * np.float64(z[d])


@pnjit
def add_first_order(
    voltage: Floats, devices: Floats, cell: Ints, p: Floats, q: Floats, out: Floats
) -> None:
    """Add what deviations of devices change of the lines' currents, in a fixed order.

    Parameters
    ----------
    voltage : float array, shape (n_sequences, n_rows)
        Drive of each row.
    devices : float array, shape (n_sequences, n_devices)
        Deviation of each device [S].
    cell : int64 array, shape (n_devices,)
        Place of each in the flat array.
    p : float array, shape (n_rows, n_cells)
        Voltage across each cell per volt on a row.
    q : float array, shape (n_cells, n_lines)
        Current of a line per ampere through a cell.
    out : float array, shape (n_sequences, n_lines)
        Added to.
    """
    for b in prange(voltage.shape[0]):
        across = np.zeros(p.shape[1])
        for r in range(p.shape[0]):
            v = voltage[b, r]
            if v != 0.0:
                for c in range(across.shape[0]):
                    across[c] += v * p[r, c]
        moved = np.zeros(p.shape[1])
        for d in range(cell.shape[0]):
            moved[cell[d]] += devices[b, d]
        for c in range(moved.shape[0]):
            a = across[c] * moved[c]
            if a != 0.0:
                for j in range(out.shape[1]):
                    out[b, j] += a * q[c, j]
