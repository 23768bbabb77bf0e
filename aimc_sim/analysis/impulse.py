"""The kernel of each channel: the response of its recurrence to an impulse, unrounded."""

from __future__ import annotations

import numpy as np

from aimc_sim.analysis.effective import Codes
from aimc_sim.model.layers import S4D
from aimc_sim.model.signal import Floats

MOST_STEPS = 1024
LEAST_STEPS = 8
TIME_CONSTANTS = 4.0
BOUND = 1.0e100
"""Where a state that grows without end is held, so that its square is still a number."""


def kernel_length(layer: S4D) -> int:
    """Return 4 time constants of the slowest pole in steps, at least 8 and at most 1024."""
    slowest = float(np.abs(layer.poles).max(initial=0.0))
    if slowest >= 1.0:
        return MOST_STEPS
    steps = TIME_CONSTANTS / -np.log(slowest) if slowest > 0.0 else 0.0
    return int(np.clip(np.ceil(steps), LEAST_STEPS, MOST_STEPS))


def kernels(layer: S4D, codes: Codes, n_steps: int) -> Floats:
    """Return ``K[h, l] = sum_n C_n A_n^l B_n`` of each channel, without D and without rounding.

    Parameters
    ----------
    layer : S4D
        Which modes belong to which channel, and the multipliers.
    codes : Codes
        A, B and C in codes; axes before that of the modes (chips) stay.
    n_steps : int
        Length; step 0 is the first at which the input reaches the readout.

    Returns
    -------
    float array, shape (..., H, n_steps)
        Output codes for one code of input.

    Notes
    -----
    A pole outside the unit circle grows without end; its state is held at 1e100, far beyond the
    clip of any state code.
    """
    system = codes.scaled(layer)
    x = system.B
    out = np.zeros((*x.shape[:-2], layer.n_out, n_steps))
    filled = np.flatnonzero(layer.n_states)
    if not filled.size:
        return out
    starts = np.concatenate([[0], np.cumsum(layer.n_states)[:-1]])[filled]
    for step in range(n_steps):
        modes = np.einsum("...np,...np->...n", system.C, x)
        out[..., filled, step] = np.add.reduceat(modes, starts, axis=-1)
        x = np.clip(np.einsum("...np,...npq->...nq", x, system.A), -BOUND, BOUND)
    return out


def kernel_errors(analog: Floats, exact: Floats) -> Floats:
    """Return RMS(K_analog - K) / RMS(K) of each channel; NaN where K is zero.

    Parameters
    ----------
    analog : float array, shape (..., H, n_steps)
        Kernels of chips.
    exact : float array, shape (H, n_steps)
        Kernels of the codes.

    Examples
    --------
    >>> kernel_errors(np.array([[1.1, 0.0]]), np.array([[1.0, 0.0]])).round(3)
    array([0.1])
    """
    size = np.sqrt(np.square(exact).mean(axis=-1))
    error = np.sqrt(np.square(analog - exact).mean(axis=-1))
    return np.asarray(error / np.where(size > 0.0, size, np.nan))
