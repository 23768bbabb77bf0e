"""Scores of chips with known means, for the statistics of studies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aimc_sim.study.scale import Scale, log_scale
from aimc_sim.study.threshold import Search, Threshold

Array = npt.NDArray[np.float64]
Draw = Callable[[np.random.Generator, int], Array]
N_SEQUENCES = 100
SCALE = log_scale(0.01, 1.0, 1.0759, "up")
"""64 values over two decades."""


def normal(rng: np.random.Generator, n: int) -> Array:
    """Mean 0, spread 1."""
    return rng.standard_normal(n)


def skewed(rng: np.random.Generator, n: int) -> Array:
    """A few bad chips: exponential to the left; mean 0, spread 1, skewness -2."""
    return 1.0 - rng.exponential(1.0, n)


def logistic(value: float) -> float:
    """From 97 % to 10 %, half way at 0.1."""
    return 0.1 + 0.87 / (1.0 + (value / 0.1) ** 4)


def cliff(value: float) -> float:
    """97 % up to 0.1234, 80 % above."""
    return 0.97 if value <= 0.1234 else 0.80


def plateau(height: float) -> Callable[[float], float]:
    """97 % up to 0.03, then so much up to 0.3, then 50 %."""
    return lambda value: 0.97 if value <= 0.03 else height if value <= 0.3 else 0.5


@dataclass(frozen=True)
class Curve:
    """A mean over values, its limit, and where it crosses the limit."""

    mean: Callable[[float], float]
    limit: float
    threshold: float


CURVES = {
    "logistic, limit 96 %": Curve(logistic, 0.96, 0.1 * (0.87 / 0.86 - 1.0) ** 0.25),
    "logistic, limit 90 %": Curve(logistic, 0.90, 0.1 * (0.87 / 0.80 - 1.0) ** 0.25),
    "cliff": Curve(cliff, 0.96, 0.1234),
    "plateau 0.05 % above": Curve(plateau(0.9605), 0.96, 0.3),
    "plateau 0.05 % below": Curve(plateau(0.9595), 0.96, 0.03),
}


@dataclass(frozen=True)
class Chips:
    """How chips differ: by a spread around the mean, or by how many of 100 sequences are right.

    Parameters
    ----------
    kind : {"normal", "skewed", "counts"}
        A spread of 1 % either way, or sequences that are right independently.
    is_common : bool
        Chip k is the same at every value (common random numbers), or is drawn anew.
    """

    kind: str
    is_common: bool

    def scores(self, mean: float, seed: int, value: float) -> list[float]:
        """Return the scores of chips 0 to 63 at a value."""
        key = [seed] if self.is_common else [seed, SCALE.values.index(value)]
        rng = np.random.default_rng(key)
        if self.kind == "counts":
            return (rng.random((64, N_SEQUENCES)) < mean).mean(axis=1).tolist()
        draw = {"normal": normal, "skewed": skewed}[self.kind]
        return (mean + 0.01 * draw(rng, 64)).tolist()

    @property
    def step(self) -> float:
        """Resolution of a score."""
        return 1.0 / N_SEQUENCES if self.kind == "counts" else 0.0


def searched(curve: Curve, chips: Chips, seed: int, scale: Scale = SCALE) -> Threshold:
    """Return what a search finds with the defaults of `Search`."""
    search = Search(scale, curve.limit, step=chips.step)
    drawn: dict[float, list[float]] = {}
    while batch := search.ask():
        for value, n in batch:
            if value not in drawn:
                drawn[value] = chips.scores(curve.mean(value), seed, value)
            search.tell(value, drawn[value][:n])
    return search.result()


def is_right(found: Threshold, curve: Curve) -> bool:
    """Tell whether the threshold lies from `holds` to `fails`."""
    return (found.holds is None or found.holds <= curve.threshold) and (
        found.fails is None or found.fails > curve.threshold
    )
