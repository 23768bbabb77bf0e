"""What matrix-vector products gave on chips: figures of every matrix, and pairs for a picture."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aimc_sim.analysis.mvm_figures import NAMES, MvmFigures
from aimc_sim.display import Displayed, percent
from aimc_sim.model.signal import Floats
from aimc_sim.runner.result import mean_interval


@dataclass(frozen=True)
class MatrixMeasure:
    """What one phase of one matrix gave on every chip.

    Parameters
    ----------
    name : str
        ``layer/matrix``, and the phase where a matrix has several.
    shape : tuple of int
        Rows driven, columns read.
    per_chip : tuple of MvmFigures
        In the order of the chips.
    exact, analog : float array, shape (n_points,)
        Some outputs of all chips over the largest exact one, for a scatter.
    """

    name: str
    shape: tuple[int, int]
    per_chip: tuple[MvmFigures, ...]
    exact: Floats = field(repr=False)
    analog: Floats = field(repr=False)

    def values(self, figure: str) -> tuple[float | None, ...]:
        """Return one figure of every chip."""
        return tuple(getattr(found, figure) for found in self.per_chip)


@dataclass(frozen=True, repr=False)
class MvmMeasure(Displayed):
    """Matrix-vector products of a workload on chip instances.

    Parameters
    ----------
    chips : tuple of int
        Chip instances.
    matrices : tuple of MatrixMeasure
        In the order of the model.
    """

    chips: tuple[int, ...]
    matrices: tuple[MatrixMeasure, ...]

    def values(self, figure: str) -> tuple[float | None, ...]:
        """Return one figure of every chip: the mean over the matrices that have it."""
        by_matrix = [m.values(figure) for m in self.matrices]
        return tuple(mean_of(chip) for chip in zip(*by_matrix, strict=True))

    def to_json(self) -> dict[str, Any]:
        """Return plain data: the mean over the matrices, and each of them."""
        return {
            "figures": _summary(self.values),
            "matrices": {
                m.name: {"shape": list(m.shape), "figures": _summary(m.values)}
                for m in self.matrices
            },
        }

    def display_rows(self) -> list[tuple[str, str]]:
        """Return the rows that a notebook shows."""
        return [
            (m.name, f"error {percent(mean_of(m.values('eta')))}, "
             f"effective bits {number(mean_of(m.values('enob')))}")
            for m in self.matrices
        ]  # fmt: skip


def _summary(values: Callable[[str], Sequence[float | None]]) -> Mapping[str, Any]:
    """Return mean, 95 % interval and values over the chips of every figure."""
    found: dict[str, Any] = {}
    for name in NAMES:
        per_chip = list(values(name))
        known = [v for v in per_chip if v is not None]
        if len(known) == len(per_chip):
            found[name] = mean_interval(known)
        else:
            found[name] = {"mean": mean_of(known), "ci95": None, "per_chip": per_chip}
    return found


def mean_of(values: Sequence[float | None]) -> float | None:
    """Return the mean of the figures that there are; None without one."""
    known = [value for value in values if value is not None]
    return math.fsum(known) / len(known) if known else None


def number(value: float | None) -> str:
    """Return a figure with two digits; None becomes a dash."""
    return "–" if value is None else f"{value:.2f}"
