"""Compiled codes of one conversion: by a table of thresholds, or bit after bit."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from aimc_sim.jit import njit

Floats = npt.NDArray[np.float64]
Normals = npt.NDArray[np.float32]

# Comparisons are of v + 1/2 with T + 1/2, which is an integer for an ideal threshold: then the
# code is floor(v + 1/2) to the bit, as it is in kernels.py.


@njit(forceinline=True)
def code_by_threshold(v: float, thresholds: Floats, code_min: int) -> int:
    """Return ``code_min`` plus the number of thresholds that v reaches.

    Parameters
    ----------
    v : float
        Input [LSB]; NaN gives `code_min`.
    thresholds : float array, shape (n_codes - 1,)
        Of one converter, never decreasing [LSB].
    code_min : int
        Lowest code.

    Notes
    -----
    The ideal code is tried first; where it is wrong, bisection goes on at the side that is left.
    """
    u = v + 0.5
    n = thresholds.shape[0]
    guess = np.floor(u) - code_min
    at = 0
    if guess >= n:
        at = n
    elif guess > 0:
        at = int(guess)
    low, high = at, at
    if at > 0 and u < thresholds[at - 1] + 0.5:
        low, high = 0, at - 1
    elif at < n and u >= thresholds[at] + 0.5:
        low, high = at + 1, n
    while low < high:
        middle = (low + high + 1) // 2
        if u >= thresholds[middle - 1] + 0.5:
            low = middle
        else:
            high = middle - 1
    return code_min + low


@njit(forceinline=True)
def code_successive(
    v: float, weights: Floats, origin: float, noise: float, z: Normals, code_min: int
) -> int:
    """Return the code of successive approximation, highest bit first.

    Parameters
    ----------
    v : float
        Input [LSB]; NaN gives `code_min`.
    weights : float array, shape (bits,)
        What each bit of one converter weighs, lowest first [LSB].
    origin : float
        Level with no bit set [LSB].
    noise : float
        Spread of the comparator's noise [LSB].
    z : float32 array, shape (bits,)
        Standard normals, one a decision, in order of decisions.
    code_min : int
        Lowest code.
    """
    u = v + 0.5
    bits = weights.shape[0]
    level = origin
    code = code_min
    for i in range(bits):
        bit = bits - 1 - i
        trial = level + weights[bit]
        if u + noise * np.float64(z[i]) >= trial:
            level = trial
            code += 1 << bit
    return code


@njit(forceinline=True)
def is_saturated(v: float, thresholds: Floats) -> bool:
    """Tell whether v lies a whole LSB or more outside of the outer thresholds.

    Notes
    -----
    Beyond them lies one LSB of the end code itself. Without faults: whether ``floor(v + 1/2)`` is
    no code of the converter.
    """
    u = v + 0.5
    return not thresholds[0] + 0.5 - 1.0 <= u < thresholds[-1] + 0.5 + 1.0
