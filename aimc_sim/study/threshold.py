"""Search: the loosest value of a parameter that still keeps a mean score at its limit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aimc_sim.runner.result import mean_interval
from aimc_sim.study.probe import Probe, ProbeTest, Verdict
from aimc_sim.study.scale import Scale
from aimc_sim.study.student import mean_of


@dataclass(frozen=True)
class Threshold:
    """Answer of a search.

    Parameters
    ----------
    holds : any or None
        Loosest value shown to hold; None where none is.
    fails : any or None
        Tightest value shown to fail; None where none is.
    probes : tuple of Probe
        All that was looked at, from the tightest value to the loosest.
    n_tasks : int
        Chips over all probes.
    is_complete : bool
        Whether `holds` and `fails` are neighbours of each other, or of values that stay undecided,
        or ends of the range; False where the budget ended the search.
    is_monotone : bool
        Whether no value that holds is looser than one that fails. Else the parameter is not one
        whose looser values are worse, and the search means nothing.
    """

    holds: Any | None
    fails: Any | None
    probes: tuple[Probe, ...]
    n_tasks: int
    is_complete: bool
    is_monotone: bool


class Search:
    """A search by ask and tell: bracketing on a monotone curve that is known with noise.

    Parameters
    ----------
    scale : Scale
        Values; looser ones are taken to score no better in the mean.
    limit : float
        What the mean score over chips has to reach.
    confidence : float
        That the true threshold lies from `holds` to `fails`.
    first, most : int
        Chips of a probe: at first, then doubled until it is decided, up to `most`.
    most_tasks : int, optional
        Chips over all probes; a batch that would exceed it is not asked.
    at_once : int
        New probes in one gap, for pools with many workers. It changes which values are probed.
    step : float
        Resolution of a score, 1 / n_sequences: scores of few chips that are equal by chance
        have at least the spread of half a step.

    Notes
    -----
    Both ends and the middle are probed first; then the gap between the loosest value that holds
    and the tightest that fails is divided. Once a value stays undecided, the gaps to either side
    of it are divided, each until its ends are neighbours. The error 1 - confidence is shared
    evenly over as many probes as the search can ever ask (`n_probes`) and all their looks, so that
    all verdicts are right at once with the confidence stated. What is asked follows from the
    scores alone, in whatever order a batch is told: told the same, a new search asks the same.

    References
    ----------
    Bisection under noise with a test at each probe: Waeber, Frazier and Henderson, SIAM J. Control
    Optim. 51, 2261 (2013).

    Examples
    --------
    >>> from aimc_sim.study.scale import integer_scale
    >>> search = Search(integer_scale(1, 64, "up"), limit=0.9)
    >>> while batch := search.ask():
    ...     for value, n_chips in batch:
    ...         top = 0.95 if value < 23 else 0.6
    ...         search.tell(value, [top + 0.01 * (k % 2) for k in range(n_chips)])
    >>> found = search.result()
    >>> found.holds, found.fails, found.n_tasks
    (22, 23, 32)
    """

    def __init__(
        self,
        scale: Scale,
        limit: float,
        confidence: float = 0.95,
        *,
        first: int = 4,
        most: int = 64,
        most_tasks: int | None = None,
        at_once: int = 1,
        step: float = 0.0,
    ) -> None:
        self.scale = scale
        self.at_once = at_once
        self.most_tasks = most_tasks
        self.test = ProbeTest(limit, first, most, (1.0 - confidence) / self.n_probes, step)
        self._scores: dict[int, Sequence[float]] = {}
        self._verdicts: dict[int, Verdict] = {}
        self._batch: dict[int, int] = {}
        self._is_over_budget = False
        last = len(scale.values) - 1
        self._open({0, last, *_inner(0, last, 1)})

    @property
    def n_probes(self) -> int:
        """Most probes that the search can ask: three, and then both sides of an undecided one."""
        gap, rounds = len(self.scale.values) // 2, 0
        while gap > 1:
            gap, rounds = -(-gap // (self.at_once + 1)), rounds + 1
        return min(3 + 2 * self.at_once * rounds, len(self.scale.values))

    def ask(self) -> list[tuple[Any, int]]:
        """Return what to evaluate: values, and how many chips, counted from chip 0.

        The rest of a batch is returned again until all of it is told; an empty list is the end.
        """
        return [(self.scale.values[i], n) for i, n in sorted(self._batch.items())]

    def tell(self, value: Any, scores: Sequence[float]) -> None:
        """Tell the scores of a value that was asked.

        Parameters
        ----------
        value : any
            As asked.
        scores : sequence of float
            Of chips 0 to n_chips - 1, those of earlier rounds included.

        Raises
        ------
        ValueError
            A value that was not asked, another number of scores, or one that is not finite.
        """
        index = self.scale.values.index(value)
        if self._batch.get(index) != len(scores):
            raise ValueError(f"{value}: told {len(scores)} scores; asked {self._batch.get(index)}")
        if not all(math.isfinite(score) for score in scores):
            raise ValueError(f"{value}: a score is not finite")
        self._scores[index] = tuple(scores)
        self._verdicts[index] = self.test.verdict(scores)
        del self._batch[index]
        if not self._batch:
            self._advance()

    def result(self) -> Threshold:
        """Return what is known so far; the answer once nothing is asked any more."""
        low, high = self._bracket()
        good, bad = self._with("holds"), self._with("fails")
        values = self.scale.values
        return Threshold(
            holds=values[low] if low >= 0 else None,
            fails=values[high] if high < len(values) else None,
            probes=tuple(self._probe(i) for i in sorted(self._scores)),
            n_tasks=sum(map(len, self._scores.values())),
            is_complete=not self._batch and not self._is_over_budget,
            is_monotone=not good or not bad or max(good) < min(bad),
        )

    def _probe(self, index: int) -> Probe:
        scores = self._scores[index]
        interval = mean_interval(list(scores))["ci95"]
        return Probe(
            value=self.scale.values[index],
            mean=mean_of(scores),
            ci95=interval and tuple(interval),
            n_chips=len(scores),
            verdict=self._verdicts[index],
        )

    def _with(self, verdict: Verdict) -> list[int]:
        return [i for i, found in self._verdicts.items() if found == verdict]

    def _bracket(self) -> tuple[int, int]:
        """Return the tightest that fails, after the loosest below it that holds; n and -1: none."""
        high = min(self._with("fails"), default=len(self.scale.values))
        return max((i for i in self._with("holds") if i < high), default=-1), high

    def _advance(self) -> None:
        """Add chips to probes between the ends of the bracket; where none wants any, new probes."""
        low, high = self._bracket()
        inside = [i for i in self._scores if low < i < high]
        wanting = {i for i in inside if len(self._scores[i]) < self.test.most}
        if wanting:
            self._open(wanting)
        elif not inside:
            self._open(set(_inner(low, high, self.at_once)))
        else:
            left = _inner(low, min(inside), self.at_once)
            self._open({*left, *_inner(max(inside), high, self.at_once)})

    def _open(self, indices: set[int]) -> None:
        told = {i: len(self._scores.get(i, ())) for i in indices}
        batch = {i: self.test.next_look(n) for i, n in told.items()}
        cost = sum(batch.values()) - sum(told.values())
        spent = sum(map(len, self._scores.values()))
        self._is_over_budget = self.most_tasks is not None and spent + cost > self.most_tasks
        self._batch = {} if self._is_over_budget else batch


def _inner(low: int, high: int, n: int) -> list[int]:
    """Return up to n indices that divide a gap evenly, its ends excluded."""
    n = min(n, high - low - 1)
    return [low + (high - low) * k // (n + 1) for k in range(1, n + 1)]
