"""Rounds: how many repeats a point wants for its mean to be known as closely as asked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Rounds:
    """Repeats in fixed rounds, by the rule of Stein.

    Parameters
    ----------
    first, more, most : int
        Repeats of the first round, of each further one, and of all.
    width : float
        Width of the 95 % interval that is asked for.

    References
    ----------
    Stein, Ann. Math. Stat. 16, 243 (1945): the number of repeats follows from the spread of the
    first round alone, so that the interval covers the mean as often as it says.
    """

    first: int
    more: int
    most: int
    width: float

    def wanted(self, values: Sequence[float]) -> int:
        """Return how many repeats the point should have, given those of its complete rounds.

        Examples
        --------
        >>> Rounds(4, 2, 20, 0.1).wanted([0.90, 0.92, 0.88, 0.90])
        4
        >>> Rounds(4, 2, 20, 0.02).wanted([0.90, 0.92, 0.88, 0.90])
        20
        """
        n = len(values)
        if n < self.first:
            return self.first
        needed = (self._spread(values) * 2.0 * self._quantile() / self.width) ** 2
        rounds = max(math.ceil((needed - self.first) / self.more), 0)
        return max(min(self.first + rounds * self.more, self.most), n)

    def interval(self, values: Sequence[float]) -> tuple[float, float]:
        """Return the 95 % interval of the mean, its spread that of the first round."""
        mean = math.fsum(values) / len(values)
        half = self._quantile() * self._spread(values) / math.sqrt(len(values))
        return mean - half, mean + half

    def _spread(self, values: Sequence[float]) -> float:
        part = values[: self.first]
        mean = math.fsum(part) / len(part)
        return math.sqrt(math.fsum((v - mean) ** 2 for v in part) / (len(part) - 1))

    def _quantile(self) -> float:
        from scipy.special import stdtrit

        return float(stdtrit(self.first - 1, 0.975))
