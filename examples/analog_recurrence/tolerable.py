"""From rows of a survey to the spread of writing that loses two points, with its interval."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from aimc_sim.study.student import half_width, mean_of

LOSS = 0.02
Floats = npt.NDArray[np.float64]


@dataclasses.dataclass(frozen=True)
class Curve:
    """Accuracy of chips against the spread of writing.

    Parameters
    ----------
    factors : [point]
        Spreads, rising.
    accuracy : [point, chip]
        Of each chip.
    """

    factors: Floats
    accuracy: Floats


@dataclasses.dataclass(frozen=True)
class Tolerable:
    """The spread that loses two points: geometric mean over chips, 95 % interval.

    Parameters
    ----------
    value, low, high
        In the unit of the curve's factors.
    is_bound
        Whether some chip lost less at the largest spread measured: the value is a lower bound.
    is_lost
        Whether some chip lost more at the smallest spread measured, already.
    """

    value: float
    low: float
    high: float
    is_bound: bool
    is_lost: bool


def curves(rows: Sequence[Mapping[str, Any]], device: str) -> dict[str, Curve]:
    """Return the curves of a device by choice, in the order of the file."""
    found: dict[str, list[tuple[float, list[float]]]] = {}
    for row in rows:
        of = row["of"]
        if of["device"] == device:
            found.setdefault(of["choice"], []).append((of["factor"], row["accuracy"]))
    return {
        choice: Curve(np.array([f for f, _ in points]), np.array([a for _, a in points]))
        for choice, points in found.items()
    }


def crossing(factors: Floats, accuracy: Floats, wanted: float) -> tuple[float, bool]:
    """Return where one chip's accuracy falls below what is wanted, and whether it does.

    Between points accuracy is linear in the logarithm of the spread. A chip that never falls gives
    its largest spread, one that is below from the start its smallest.

    Examples
    --------
    >>> crossing(np.array([1.0, 4.0]), np.array([0.98, 0.90]), 0.94)
    (2.0, True)
    >>> crossing(np.array([1.0, 4.0]), np.array([0.98, 0.96]), 0.94)
    (4.0, False)
    """
    below = np.flatnonzero(accuracy < wanted)
    if not below.size:
        return float(factors[-1]), False
    i = int(below[0])
    if i == 0:
        return float(factors[0]), True
    share = (accuracy[i - 1] - wanted) / (accuracy[i - 1] - accuracy[i])
    low, high = np.log(factors[i - 1 : i + 1])
    return float(np.exp(low + share * (high - low))), True


def tolerable(curve: Curve, reference: float) -> Tolerable:
    """Return the spread at which chips lose `LOSS` against the reference.

    Notes
    -----
    The interval is Student's over chips, of the logarithm.
    """
    pairs = [crossing(curve.factors, chip, reference - LOSS) for chip in curve.accuracy.T]
    logs = [float(np.log(value)) for value, _ in pairs]
    mean, half = mean_of(logs), half_width(logs, 0.025)
    low, high = (float(np.exp(mean + sign * half)) for sign in (-1.0, 1.0))
    return Tolerable(
        float(np.exp(mean)),
        low,
        high,
        is_bound=not all(fell for _, fell in pairs),
        is_lost=bool((curve.accuracy[0] < reference - LOSS).any()),
    )
