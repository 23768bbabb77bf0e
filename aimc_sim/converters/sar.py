"""SAR converter: successive approximation with a capacitor array and one comparator."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from aimc_sim.converters.adc import FaultedAdc
from aimc_sim.converters.transfer import Draw, Floats, Transfer, gains, lowest_code, spread


class SarAdc(FaultedAdc):
    """Bit after bit, from the highest: is the input above what is set so far plus this bit?

    Parameters
    ----------
    capacitor_sigma : float
        Relative spread of a unit capacitor; capacitor b is 2^b units, so its relative spread is
        ``capacitor_sigma / sqrt(2^b)``.
    comparator_offset_sigma_lsb : float
        Spread of the comparator's offset, one draw a converter [LSB].
    comparator_noise_sigma_lsb : float
        Noise of the comparator, drawn anew at every decision [LSB].
    gain_sigma : float
        Relative spread of the reference, one draw a converter.

    Notes
    -----
    With capacitors ``C_b = 2^b (1 + capacitor_sigma z_b / sqrt(2^b))``, a terminating unit C_t,
    and a gain G, bit b weighs ``w_b = 2^bits C_b / (C_t + sum C) / G`` LSB. A signed converter
    is the unsigned one around 0: its origin is ``code_min`` instead of 0. Draws: ``adc/capacitor``
    (``bits + 1`` a converter, the terminating one last), ``adc/offset``, ``adc/gain``.

    References
    ----------
    .. [1] J. L. McCreary and P. R. Gray, "All-MOS charge redistribution analog-to-digital
       conversion techniques, part I", IEEE JSSC 10 (1975) 371, section III.

    Examples
    --------
    >>> SarAdc(kind="sar", bits=8).transfer(lambda name, n: np.ones(n), 4, True) is None
    True
    """

    kind: Literal["sar"]
    capacitor_sigma: float = Field(default=0.0, ge=0, le=0.3)
    comparator_offset_sigma_lsb: float = Field(default=0.0, ge=0, le=1000)
    comparator_noise_sigma_lsb: float = Field(default=0.0, ge=0, le=100)
    gain_sigma: float = Field(default=0.0, ge=0, le=0.3)

    def transfer(self, draw: Draw, n_adcs: int, signed: bool) -> Transfer | None:
        """Return the converters as built; decided bit after bit only where decisions are noisy."""
        if not self.is_faulty:
            return None
        gain = gains(draw, "adc/gain", n_adcs, self.gain_sigma)
        offset = spread(draw, "adc/offset", n_adcs, self.comparator_offset_sigma_lsb)
        weights = self._weights(draw, n_adcs) / gain[:, None]
        code_min = lowest_code(self.bits, signed)
        origin = (code_min - 0.5) / gain + 0.5 - offset
        noise = self.comparator_noise_sigma_lsb
        return Transfer(
            successive_thresholds(weights, origin),
            code_min,
            noise,
            "successive" if noise else "threshold",
            weights,
            origin,
        )

    def _weights(self, draw: Draw, n_adcs: int) -> Floats:
        """Return what each bit weighs, lowest first, shape (n_adcs, bits) [LSB]."""
        size = 2.0 ** np.append(np.arange(self.bits), 0)
        z = spread(draw, "adc/capacitor", n_adcs * size.size, self.capacitor_sigma)
        units = np.maximum(size + np.sqrt(size) * z.reshape(n_adcs, size.size), 0.0)
        share = units[:, :-1] / units.sum(axis=1, keepdims=True)
        return np.asarray(share * 2.0**self.bits, dtype=np.float64)


def successive_thresholds(weights: Floats, origin: Floats) -> Floats:
    """Return the thresholds that noise-free successive approximation has.

    Parameters
    ----------
    weights : float array, shape (n_adcs, bits)
        What each bit weighs, lowest first [LSB].
    origin : float array, shape (n_adcs,)
        Level with no bit set [LSB].

    Returns
    -------
    float array, shape (n_adcs, 2^bits - 1)
        Never decreasing, whatever the weights.

    Notes
    -----
    An input v takes bit b, at a level L that the higher bits set, where ``v + 1/2 >= L + w_b``.
    The inputs that come to that decision are an interval, which the decision cuts in two: the cut
    is the threshold below the code with bit b and no lower one. Where the cut lies outside of the
    interval, one half is empty and its codes are missing.

    Examples
    --------
    >>> successive_thresholds(np.array([[1.0, 2.0], [1.0, 3.0]]), np.zeros(2)).tolist()
    [[0.5, 1.5, 2.5], [0.5, 2.5, 3.5]]
    """
    n_adcs, bits = weights.shape
    out = np.empty((n_adcs, (1 << bits) - 1))
    low, high = np.full((n_adcs, 1), -np.inf), np.full((n_adcs, 1), np.inf)
    level = origin[:, None]
    for bit in reversed(range(bits)):
        above = level + weights[:, bit : bit + 1]
        cut = np.clip(above, low, high)
        out[:, (1 << bit) - 1 :: 2 << bit] = cut - 0.5
        low, high, level = _halves(low, cut), _halves(cut, high), _halves(level, above)
    return out


def _halves(lower: Floats, upper: Floats) -> Floats:
    """Return both halves of every interval, side by side."""
    return np.stack([lower, upper], axis=-1).reshape(len(lower), -1)
