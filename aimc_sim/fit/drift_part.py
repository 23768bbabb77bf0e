"""Part: drift exponents, mean and spread each a constant or a law of ln gr."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from aimc_sim.devices.curves import ClippedLog, Constant
from aimc_sim.devices.state import Array
from aimc_sim.fit.cells import Cells
from aimc_sim.fit.curves import drift_series
from aimc_sim.fit.exponent_levels import ExponentLevels
from aimc_sim.fit.exponents import Exponents
from aimc_sim.fit.family import Name, at_target
from aimc_sim.fit.goodness import drift_checks, drift_explained
from aimc_sim.fit.logs import at, fit_constant
from aimc_sim.fit.parts import Part
from aimc_sim.fit.result import Check, Series

LAW = ("slope", "offset", "low", "high")
CURVES = ("nu_mean", "nu_std")


@dataclass
class DriftPart(Part):
    r"""Exponents :math:`\nu = |N(\mu(gr), \sigma(gr))|`.

    Parameters
    ----------
    cells : Cells
        The devices.
    lines : Exponents
        Their exponents.
    notes : list of str
        Filled with what the data do not support.
    is_law : dict
        Filled with which of mean and spread is a law.

    Notes
    -----
    Mean and spread of each level (`spread_without_noise`, unfolded) are fitted by
    clip(slope ln gr + offset, low, high), the weights being those that the law itself gives:
    var(mean) = (sigma^2 + v) / n, var(sigma) = (sigma^2 + v)^2 / (2 (n - 1) sigma^2), v the mean
    noise variance. Outside the levels the law stays at its end values. Where it is not better
    than a constant at 5 %, the constant is taken.
    """

    cells: Cells
    lines: Exponents
    notes: list[str] = field(default_factory=list)
    is_law: dict[str, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Decide which laws the data support."""
        self.levels = ExponentLevels(self.cells, self.lines)
        self.good = self.levels.good
        for name, (y, weight) in self.levels.at(np.ones((1, self.cells.of.n_devices))).items():
            self.is_law[name] = bool(self.levels.supported(y, weight)[0])
        for name, law in self.is_law.items():
            if not law:
                self.notes.append(f"{name}: a constant; the data do not support a law of ln gr")

    def names(self) -> list[Name]:
        """Return the laws, then mean and spread at each level."""
        n = float(self.cells.one_hot[:, self.good].sum())
        found = []
        for name in CURVES:
            keys = LAW if self.is_law[name] else ("value",)
            found += [Name(f"{name}.{key}", "", n, 4.0) for key in keys]
        for name in CURVES:
            levels_S = self.cells.of.levels_S[self.good]
            spread = name == "nu_std"
            found += [Name(at_target(name, float(g)), "", n, 4.0, spread) for g in levels_S]
        return found

    def estimate(self, weights: Array) -> Array:
        """Return laws and level values for each weighting."""
        laws, values = [], []
        for name, (y, weight) in self.levels.at(weights).items():
            law = self.levels.law(y, weight) if self.is_law[name] else fit_constant(y, weight)[0]
            ends = np.maximum(np.sort(law[:, 2:], axis=1), 0.0)
            values.append(np.maximum(at(self.levels.chosen(y, weight), self.levels.log_gr), 0.0))
            laws.append(np.concatenate([law[:, :2], ends], axis=1) if self.is_law[name]
                        else law[:, 1:2])  # fmt: skip
        return np.concatenate([*laws, *values], axis=1)

    def curves(self, values: Array) -> dict[str, ClippedLog | Constant]:
        """Return the curves of the device."""
        found: dict[str, ClippedLog | Constant] = {}
        first = 0
        for name in CURVES:
            if self.is_law[name] and values[first + 2] < values[first + 3]:
                law = dict(zip(LAW, map(float, values[first : first + 4]), strict=True))
                found[name] = ClippedLog.model_validate(law)
            else:
                value = float(values[first + 2 if self.is_law[name] else first])
                found[name] = Constant(kind="constant", value=max(value, 0.0))
            first += 4 if self.is_law[name] else 1
        return found

    def _at_levels(self, values: Array) -> tuple[Array, Array]:
        """Return mean and spread at every level; at those without exponents by the law."""
        curves, levels_S = self.curves(values), self.cells.of.levels_S
        gr = levels_S / levels_S[-1]
        return curves["nu_mean"].at(gr), curves["nu_std"].at(gr)

    def checks(self, values: Array) -> list[Check]:
        """Return mean, spread and shape of the exponents at each level."""
        return drift_checks(self.cells, self.lines, *self._at_levels(values), free=False)

    def drawn(self, values: Array) -> tuple[str, tuple[Series, ...]]:
        """Return the mean drift of a few levels."""
        return "drift", drift_series(self.cells, self.lines, self._at_levels(values)[0])

    def explained(self, values: Array) -> dict[str, float]:
        """Return the share of the mean drift that goes with ln t."""
        mean, _ = self._at_levels(values)
        return {"drift": drift_explained(self.cells, self.lines, mean)}
