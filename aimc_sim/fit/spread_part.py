"""Part: spread of programming as a polynomial in gr, at one time."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from aimc_sim.devices.laws import polynomial, polynomial_minimum
from aimc_sim.devices.state import Array
from aimc_sim.fit.cells import Cells
from aimc_sim.fit.curves import curve, grid_S
from aimc_sim.fit.family import Name, at_target
from aimc_sim.fit.goodness import check_normal, explained
from aimc_sim.fit.likelihood import Written
from aimc_sim.fit.parts import Part
from aimc_sim.fit.programming import spread_alone, spread_law
from aimc_sim.fit.result import Check, Series


@dataclass
class SpreadPart(Part):
    """sigma = sum_i c_i gr^i about the targets, gr = target / largest target.

    Parameters
    ----------
    cells : Cells
        The devices.
    written : Written
        What they were found at.
    time_s : float
        When [s].
    order : int
        Largest order wanted; less where there are fewer targets, or where the spread would be
        negative between them.
    when : str
        What names end in, where there are such parts of other times.
    notes : list of str
        Filled where the order is less.
    """

    cells: Cells
    written: Written
    time_s: float
    order: int
    when: str = ""
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Find the order."""
        targets = len(self.cells.of.levels_S)
        everybody = np.ones((1, self.cells.of.n_devices))
        wanted = self.order
        low = float(self.cells.of.levels_S[0] / self.cells.of.levels_S[-1])
        for order in range(min(wanted, targets - 1), -1, -1):
            self.order = order
            self.start = spread_law(
                self.cells, self.written, everybody, powers(self.cells, self.order)
            )[0]
            if polynomial_minimum(self.start.tolist(), low, 1.0) >= 0.0:
                break
        self.alone = spread_alone(self.cells, self.written)
        if self.order < wanted:
            why = f"{targets} targets" if self.order == targets - 1 else "a spread not below 0"
            self.notes.append(f"spread{self.when}: order {self.order} of {wanted}, for {why}")

    def names(self) -> list[Name]:
        """Return coefficients, then the spread at each target."""
        n, q = float(self.cells.of.n_devices), self.order + 1
        coefficients = [Name(f"sigma_coefficients_S[{i}]{self.when}", "S", n, q) for i in range(q)]
        at = [
            Name(at_target("sigma_S", float(g)) + self.when, "S", n, q, is_spread=True)
            for g in self.cells.of.levels_S
        ]
        return coefficients + at

    def estimate(self, weights: Array) -> Array:
        """Return coefficients and spreads for each weighting [S]."""
        law = spread_law(
            self.cells, self.written, weights, powers(self.cells, self.order), self.start
        )
        return np.concatenate([law, law @ powers(self.cells, self.order).T], axis=1)

    def coefficients(self, values: Array) -> tuple[float, ...]:
        """Return the coefficients alone [S]; a constant is not below 0."""
        own = tuple(map(float, values[: self.order + 1]))
        return own if self.order else (max(own[0], 0.0),)

    def checks(self, values: Array) -> list[Check]:
        """Return mean, spread and shape at each target."""
        model, found, level = (
            values[self.order + 1 :],
            self.alone,
            self.cells.of.level,
        )
        return [
            check_normal(
                "programming", float(g_S), self.time_s, float(found[k]),
                self.written.take(level == k), float(g_S), float(model[k]), free=False,
            )
            for k, g_S in enumerate(self.cells.of.levels_S)
        ]  # fmt: skip

    def drawn(self, values: Array) -> tuple[str, tuple[Series, ...]]:
        """Return the polynomial, and the spread of each target."""
        levels_S = self.cells.of.levels_S
        x = grid_S(levels_S)
        model = polynomial(self.coefficients(values), x / levels_S[-1])
        label = self.when.removeprefix(" at ") or "reference read"
        return "spread", (curve(label, x, model, levels_S, self.alone),)

    def explained(self, values: Array) -> dict[str, float]:
        """Return the share of the spreads' variation that the polynomial explains."""
        return {f"spread{self.when}": explained(self.alone, values[self.order + 1 :])}


def powers(cells: Cells, order: int) -> Array:
    """Return powers 0 .. order of gr at each level, shape (n_levels, order + 1)."""
    levels_S = cells.of.levels_S
    return np.asarray((levels_S / levels_S[-1])[:, None] ** np.arange(order + 1))
