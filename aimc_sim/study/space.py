"""What a search over several parameters may choose from."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from aimc_sim.spec import InputError, canonical_json


@dataclass(frozen=True)
class Choice:
    """One of several values of any kind.

    Examples
    --------
    >>> Choice((4, 6, 8)).n
    3
    """

    values: tuple[Any, ...]

    def __post_init__(self) -> None:
        if not self.values:
            raise InputError("values: none; expected at least one")
        if len(set(map(canonical_json, self.values))) < len(self.values):
            raise InputError(f"values: found {list(self.values)}; one is given twice")

    @property
    def n(self) -> float:
        """How many there are."""
        return len(self.values)

    def suggested(self, trial: Any, name: str) -> Any:
        """Return the value that a trial of Optuna takes."""
        return self.values[trial.suggest_int(name, 0, len(self.values) - 1)]

    def drawn(self, rng: np.random.Generator) -> Any:
        """Return one of the values, each as likely."""
        return self.values[rng.integers(len(self.values))]


@dataclass(frozen=True)
class Between:
    """Any number from `low` to `high`, evenly or evenly in its logarithm.

    Examples
    --------
    >>> Between(0.01, 1.0, is_log=True).n
    inf
    """

    low: float
    high: float
    is_log: bool = False

    def __post_init__(self) -> None:
        if not (math.isfinite(self.high - self.low) and self.low < self.high):
            raise InputError(f"range: found {self.low} to {self.high}; the first must be lower")
        if self.is_log and self.low <= 0.0:
            raise InputError(f"range: found {self.low}; a logarithmic range lies above 0")

    @property
    def n(self) -> float:
        """How many there are."""
        return math.inf

    def suggested(self, trial: Any, name: str) -> Any:
        """Return the value that a trial of Optuna takes, with nine significant digits."""
        value = trial.suggest_float(name, self.low, self.high, log=self.is_log)
        return self._rounded(value)

    def drawn(self, rng: np.random.Generator) -> float:
        """Return a number, evenly drawn, with nine significant digits."""
        if self.is_log:
            return self._rounded(math.exp(rng.uniform(math.log(self.low), math.log(self.high))))
        return self._rounded(rng.uniform(self.low, self.high))

    def _rounded(self, value: float) -> float:
        return min(max(float(f"{value:.9g}"), self.low), self.high)
