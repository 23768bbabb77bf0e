"""Probe: whether one value holds a limit, by a test in rounds of chips."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from aimc_sim.spec import InputError
from aimc_sim.study.student import half_width, mean_of

Verdict = Literal["holds", "fails", "undecided"]


@dataclass(frozen=True)
class Probe:
    """What is known at one value.

    Parameters
    ----------
    value : any
        Of the parameter.
    mean : float
        Over chips.
    ci95 : tuple of two float, or None
        Student's interval of this mean by itself; None for a single chip. The verdict is stricter.
    n_chips : int
        Chips.
    verdict : {"holds", "fails", "undecided"}
        Whether the mean is shown to be at least the limit, or below it.
    """

    value: Any
    mean: float
    ci95: tuple[float, float] | None
    n_chips: int
    verdict: Verdict


@dataclass(frozen=True)
class ProbeTest:
    """A one-sided Student test either way, after 1, 2, 4, ... times `first` chips.

    Parameters
    ----------
    limit : float
        What the mean is compared with.
    first, most : int
        Chips of the first look and of the last one, at least 2.
    error : float
        Probability of a wrong verdict over all looks, at most.
    step : float
        Resolution of a score (1 / n_sequences), 0 where it is not known: see `spread_of`.

    Raises
    ------
    InputError
        Numbers of chips in the wrong order, or an error that is no probability.

    Notes
    -----
    Only one of the two verdicts can be wrong, so that each look may err by error / n_looks to
    either side: the union bound. Student's t is exact for normal scores. With few chips of skewed
    scores it is not; docs/study_statistics.md has figures.

    Examples
    --------
    >>> test = ProbeTest(limit=0.9, first=4, most=64, error=0.01)
    >>> test.looks
    (4, 8, 16, 32, 64)
    >>> test.verdict([0.95, 0.96, 0.95, 0.96]), test.verdict([0.91, 0.88, 0.93, 0.90])
    ('holds', 'undecided')
    """

    limit: float
    first: int
    most: int
    error: float
    step: float = 0.0

    def __post_init__(self) -> None:
        if not 2 <= self.first <= self.most:
            raise InputError(f"first: found {self.first}; expected 2 to most, {self.most}")
        if not 0.0 < self.error < 1.0:
            raise InputError("confidence: expected a number above 0 and below 1")

    @property
    def looks(self) -> tuple[int, ...]:
        """Numbers of chips at which a verdict is sought."""
        found = [self.first]
        while found[-1] < self.most:
            found.append(min(2 * found[-1], self.most))
        return tuple(found)

    def verdict(self, scores: Sequence[float]) -> Verdict:
        """Return the verdict of this look."""
        mean = mean_of(scores)
        half = half_width(scores, self.error / len(self.looks), self.step)
        if mean - half >= self.limit:
            return "holds"
        return "fails" if mean + half < self.limit else "undecided"

    def next_look(self, n_chips: int) -> int:
        """Return the number of chips at the look after that many."""
        return next(n for n in self.looks if n > n_chips)
