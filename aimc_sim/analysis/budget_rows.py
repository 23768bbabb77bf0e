"""Budget: what every source of error costs, as rows, plain data and a notebook's table."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from aimc_sim.display import Displayed, percent
from aimc_sim.runner.result import mean_interval


@dataclass(frozen=True)
class Measure:
    """What one run of a budget gave.

    Parameters
    ----------
    per_chip : tuple of float or None
        Accuracy of each chip; None without labels.
    agreement : float or None
        Share of classes that are those of the integer reference; None where no sequence ended.
    error : float
        RMS(analog - reference) / RMS(reference) of the last layer before the pool, over all steps,
        sequences, channels and chips.
    exact : bool
        Whether every code of that layer and every output code is that of the reference.
    """

    per_chip: tuple[float, ...] | None
    agreement: float | None
    error: float
    exact: bool

    @property
    def accuracy(self) -> float | None:
        """Mean accuracy over the chips."""
        return None if self.per_chip is None else math.fsum(self.per_chip) / len(self.per_chip)

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "accuracy": interval_of(self.per_chip),
            "agreement": self.agreement,
            "output_error": self.error,
        }


@dataclass(frozen=True)
class BudgetRow:
    """One source of error: the chip with it alone, and the chip without it alone."""

    source: str
    alone: Measure
    without: Measure


@dataclass(frozen=True, repr=False)
class Budget(Displayed):
    """An error budget.

    Parameters
    ----------
    sources : tuple of str
        Sources that the chip has, in the order of `aimc_sim.analysis.sources.SOURCES`.
    all_on, all_off : Measure
        The chip as it is, and without any source.
    rows : tuple of BudgetRow
        One a source.
    n_sequences : int
        Sequences that each run took.
    reference : float or None
        Accuracy of the integer reference.

    Notes
    -----
    Rows need not sum to the whole: sources mask each other, or meet in one wrong class.
    """

    sources: tuple[str, ...]
    all_on: Measure
    all_off: Measure
    rows: tuple[BudgetRow, ...]
    n_sequences: int
    reference: float | None

    def cost(self, row: BudgetRow) -> dict[str, Any] | None:
        """Return the accuracy that a source costs alone: without any source, less with it only."""
        return _difference(self.all_off, row.alone)

    def gain(self, row: BudgetRow) -> dict[str, Any] | None:
        """Return the accuracy that is won without a source: without it, less with all."""
        return _difference(row.without, self.all_on)

    @property
    def ranked(self) -> tuple[BudgetRow, ...]:
        """The rows, the largest output error alone first."""
        return tuple(sorted(self.rows, key=lambda row: -row.alone.error))

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "n_sequences": self.n_sequences,
            "reference": self.reference,
            "exact_without_sources": self.all_off.exact,
            "all_on": self.all_on.to_json(),
            "all_off": self.all_off.to_json(),
            "sources": {
                row.source: {
                    "alone": row.alone.to_json(),
                    "cost": self.cost(row),
                    "without": row.without.to_json(),
                    "gain": self.gain(row),
                }
                for row in self.rows
            },
        }

    def display_rows(self) -> list[tuple[str, str]]:
        """Return the rows that a notebook shows."""
        ends = [("all on", self.all_on), ("all off", self.all_off)]
        rows = [(f"{row.source} alone", row.alone) for row in self.ranked]
        return [
            (name, f"accuracy {percent(m.accuracy)}, output error {percent(m.error)}")
            for name, m in (*ends, *rows)
        ]


def interval_of(per_chip: tuple[float, ...] | None) -> dict[str, Any] | None:
    """Return mean, 95 % interval and values of one figure a chip; None where there is none."""
    return None if per_chip is None else mean_interval(list(per_chip))


def _difference(a: Measure, b: Measure) -> dict[str, Any] | None:
    """Return a - b in accuracy, chip by chip: both ran on the same draws."""
    if a.per_chip is None or b.per_chip is None:
        return None
    return interval_of(tuple(x - y for x, y in zip(a.per_chip, b.per_chip, strict=True)))
