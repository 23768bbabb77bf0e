"""Rounds: how many repeats a point wants for its mean to be known as closely as asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from aimc_sim.study.student import half_width, mean_of


@dataclass(frozen=True)
class Rounds:
    r"""Repeats in fixed rounds, until the 95 % interval of their mean is narrow.

    Parameters
    ----------
    first, more, most : int
        Repeats of the first round, at least 2, of each further one, and of all.
    width : float
        Full width of the interval that is asked for, in units of the values.
    step : float, optional
        Resolution of a value (1 / n_sequences for an accuracy), below which equal values say
        nothing. Without it a first round of equal values is taken for a spread of 0, and is enough.

    Notes
    -----
    The half width after a round of n repeats with sample spread s is

    .. math:: h_n = (1 + 1/n_1) \, t_{n-1,\,0.975} \, s / \sqrt n ,

    with n_1 = `first`; the last round is the first one with :math:`2 h_n` at most `width`. The
    widening makes up for the rounds stopping where the spread happens to be small. Where
    `first` is `most`, nothing is chosen, and nothing widened.

    References
    ----------
    The rule and its coverage: docs/decisions/0013-adaptive-repeats.md. Student's interval of a
    sample that was stopped by its own spread: Anscombe, Proc. Camb. Phil. Soc. 48, 600 (1952);
    Chow and Robbins, Ann. Math. Stat. 36, 457 (1965).
    """

    first: int
    more: int
    most: int
    width: float
    step: float = 0.0

    def wanted(self, values: Sequence[float]) -> int:
        """Return how many repeats the point should have, given the values there are.

        Parameters
        ----------
        values : sequence of float
            By chip number, from 0 on. Only complete rounds count, and the answer is the same
            however many values follow the last round that it needs.

        Examples
        --------
        >>> Rounds(4, 2, 20, 0.1).wanted([0.90, 0.92, 0.88, 0.90])
        4
        >>> Rounds(4, 2, 20, 0.02).wanted([0.90, 0.92, 0.88, 0.90])
        6
        """
        for n in self._ends():
            if len(values) < n or n == self.most:
                return n
            if 2.0 * self._half(values[:n]) <= self.width:
                return n
        raise AssertionError("the last round ends at most")

    def interval(self, values: Sequence[float]) -> tuple[float, float] | None:
        """Return the 95 % interval of the mean; None for fewer than two values.

        Examples
        --------
        >>> Rounds(4, 2, 20, 0.1).interval([0.875, 0.875, 0.875, 0.875])
        (0.875, 0.875)
        """
        if len(values) < 2:
            return None
        half = self._half(values)
        return mean_of(values) - half, mean_of(values) + half

    def _ends(self) -> Iterator[int]:
        yield from range(self.first, self.most, self.more)
        yield self.most

    def _half(self, values: Sequence[float]) -> float:
        widening = 1.0 + 1.0 / self.first if self.first < self.most else 1.0
        return widening * half_width(values, 0.025, self.step)
