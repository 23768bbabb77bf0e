"""Signals and requantisation: the code ranges and multipliers that layers share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Signal:
    """Integer codes of a fixed width; value = code * scale, no zero point.

    Parameters
    ----------
    bits : int
        Width, 2..16 for activations, 2..24 for states, up to 32 for pooled sums and logits.
    signed : bool
        Two's complement if true; otherwise codes start at 0.
    scale : float
        Value of one code.

    Examples
    --------
    >>> Signal(8, True, 0.1).code_min, Signal(8, False, 0.1).code_max
    (-128, 255)
    """

    bits: int
    signed: bool
    scale: float

    @property
    def code_min(self) -> int:
        """Smallest code."""
        return -(1 << (self.bits - 1)) if self.signed else 0

    @property
    def code_max(self) -> int:
        """Largest code."""
        return (1 << (self.bits - 1 if self.signed else self.bits)) - 1

    @property
    def magnitude(self) -> int:
        """Largest absolute code."""
        return max(-self.code_min, self.code_max)


@dataclass(frozen=True)
class Requant:
    """A frozen multiplier and shift, per tensor (shape ()) or per channel (shape (n,)).

    Parameters
    ----------
    m : int array
        Multiplier, 1 <= m < 2^31.
    k : int array
        Shift, 1 <= k <= 61.
    """

    m: Ints
    k: Ints


def is_power_of_two(values: Ints) -> Bools:
    """Return which values are powers of two, of either sign, or 0: products that are shifts.

    Examples
    --------
    >>> is_power_of_two(np.array([1, 3, -4, 0, 6])).tolist()
    [True, False, True, True, False]
    """
    size = np.abs(values)
    return np.asarray((size & (size - 1)) == 0)


def spread(values: Ints, channel: npt.NDArray[np.intp]) -> Ints:
    """Return per-tensor or per-channel values as one value an entry of `channel`."""
    return np.broadcast_to(values, channel.shape) if values.ndim == 0 else values[channel]
