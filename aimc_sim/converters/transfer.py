"""Transfer: where the codes of drawn converters begin, and how far that is from straight."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Draw = Callable[[str, int], Floats]
"""Standard normals 0 .. n-1 of the stream of that name, shape (n,); the caller binds the tile."""


@dataclass(frozen=True)
class Transfer:
    """The converters of a tile as they were built, in LSB.

    Parameters
    ----------
    thresholds : float array, shape (n_adcs, 2^bits - 1)
        Threshold k separates the codes ``code_min + k`` and ``code_min + k + 1``; a value on it
        gets the upper one. Never decreasing; two equal ones are a missing code. Without faults
        ``code_min + k + 1/2``.
    code_min : int
        Lowest code.
    noise_lsb : float
        Spread of what is drawn anew for each conversion (``threshold``) or each decision of it
        (``successive``), referred to the input.
    form : {"threshold", "successive"}
        One comparison with the table, or bit after bit.
    weights : float array, shape (n_adcs, bits), optional
        What each bit weighs, lowest first, for ``successive``; without faults ``2^bit``.
    origin : float array, shape (n_adcs,), optional
        Level that the weights are added to; without faults ``code_min``.

    Notes
    -----
    A threshold converter gives ``code_min + #{k: v + noise >= T_k}`` at the input v. Noise apart,
    both forms give the same codes: see `aimc_sim.converters.sar`.
    """

    thresholds: Floats
    code_min: int
    noise_lsb: float
    form: Literal["threshold", "successive"] = "threshold"
    weights: Floats | None = None
    origin: Floats | None = None

    @property
    def n_draws(self) -> int:
        """Normals that one conversion takes."""
        if self.noise_lsb == 0.0:
            return 0
        return 1 if self.weights is None or self.form == "threshold" else self.weights.shape[1]


def lowest_code(bits: int, signed: bool) -> int:
    """Return the lowest of 2^bits codes.

    Examples
    --------
    >>> lowest_code(8, True), lowest_code(8, False)
    (-128, 0)
    """
    return -(1 << (bits - 1)) if signed else 0


def ideal_thresholds(bits: int, signed: bool) -> Floats:
    """Return ``code_min + k + 1/2`` for each k, shape (2^bits - 1,) [LSB].

    Examples
    --------
    >>> ideal_thresholds(2, True).tolist()
    [-1.5, -0.5, 0.5]
    """
    return lowest_code(bits, signed) + 0.5 + np.arange((1 << bits) - 1, dtype=np.float64)


def inl_lsb(thresholds: Floats) -> Floats:
    """Return the integral nonlinearity at each threshold, of the end-point fit [LSB].

    Parameters
    ----------
    thresholds : float array, shape (..., 2^bits - 1)
        Measured or drawn ones [LSB].

    Returns
    -------
    float array, shape (..., 2^bits - 1)
        0 at both ends. Positive where a threshold comes too early: the code is too high.

    Notes
    -----
    ``G T_k + V_os + INL_k = T_0 + k`` with G and V_os such that INL is 0 at both ends.

    References
    ----------
    .. [1] IEEE Std 1241-2010, static gain, offset and INL (terminal-based).

    Examples
    --------
    >>> inl_lsb(np.array([0.5, 1.25, 2.5])).tolist()
    [0.0, 0.25, 0.0]
    """
    steps = np.arange(thresholds.shape[-1], dtype=np.float64)
    return steps - _gain(thresholds) * (thresholds - thresholds[..., :1])


def dnl_lsb(thresholds: Floats) -> Floats:
    """Return the differential nonlinearity of each inner code, of the end-point fit [LSB].

    Parameters
    ----------
    thresholds : float array, shape (..., 2^bits - 1)
        Measured or drawn ones [LSB].

    Returns
    -------
    float array, shape (..., 2^bits - 2)
        Entry k belongs to code ``code_min + k + 1``; -1 for a missing code. The lowest and the
        highest code have no width.

    Notes
    -----
    ``DNL_k = G (T_(k+1) - T_k) - 1 = INL_k - INL_(k+1)``.

    References
    ----------
    .. [1] IEEE Std 1241-2010, DNL and missing codes.

    Examples
    --------
    >>> dnl_lsb(np.array([0.5, 1.25, 2.5])).tolist()
    [-0.25, 0.25]
    """
    return _gain(thresholds) * np.diff(thresholds, axis=-1) - 1.0


def _gain(thresholds: Floats) -> Floats:
    span = thresholds[..., -1:] - thresholds[..., :1]
    if thresholds.shape[-1] < 2 or not (span > 0.0).all():
        raise ValueError("thresholds: a straight line needs two different ends")
    return np.asarray((thresholds.shape[-1] - 1) / span, dtype=np.float64)


def gains(draw: Draw, name: str, n: int, sigma: float) -> Floats:
    """Return ``1 + sigma z``, shape (n,), at least `LEAST_GAIN`; no draw where sigma is 0."""
    return np.maximum(1.0 + spread(draw, name, n, sigma), LEAST_GAIN)


def spread(draw: Draw, name: str, n: int, sigma: float) -> Floats:
    """Return ``sigma z``, shape (n,); no draw where sigma is 0."""
    return sigma * draw(name, n) if sigma else np.zeros(n)


def bow(x: Floats) -> Floats:
    """Return ``4 x (1 - x)``: 0 at both ends, 1 in the middle."""
    return 4.0 * x * (1.0 - x)


def tied_walk(steps: Floats) -> Floats:
    """Return 0 and the sums of steps, scaled to end at their number; along the last axis.

    Parameters
    ----------
    steps : float array, shape (..., n)
        Steps of about 1; those below 0 count as 0.

    Returns
    -------
    float array, shape (..., n + 1)
        Never decreasing, from 0 to n: what all steps have in common is gain, not nonlinearity.

    Examples
    --------
    >>> tied_walk(np.array([0.5, 1.5, -1.0, 2.0])).tolist()
    [0.0, 0.5, 2.0, 2.0, 4.0]
    """
    sums = np.cumsum(np.maximum(steps, 0.0), axis=-1)
    whole = np.maximum(sums[..., -1:], np.finfo(np.float64).tiny)
    zero = np.zeros((*steps.shape[:-1], 1))
    return np.concatenate([zero, sums * (steps.shape[-1] / whole)], axis=-1)


LEAST_GAIN = 0.1
"""Smallest gain of a converter; smaller draws end there."""
