"""Parts: read noise, either 1/f of a strength by a power law, or white and the same everywhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from aimc_sim.devices.curves import Constant, PowerLaw
from aimc_sim.devices.state import Array
from aimc_sim.fit.cells import Cells, good_levels
from aimc_sim.fit.curves import curve, grid_S
from aimc_sim.fit.exponents import Exponents
from aimc_sim.fit.family import Name, at_target
from aimc_sim.fit.flicker import ReadSquares, band_at, fit_power, read_squares
from aimc_sim.fit.goodness import explained, read_check
from aimc_sim.fit.parts import Part
from aimc_sim.fit.result import Check, Series


@dataclass
class FlickerPart(Part):
    """1/f noise of relative strength Q_s = scale / gr^exponent, or a constant.

    Parameters
    ----------
    cells : Cells
        The devices.
    lines : Exponents
        Their drift lines: the conductances that noise is relative to.
    t_read_s : float
        Duration of a read [s].
    notes : list of str
        Filled where the data do not support the law.
    """

    cells: Cells
    lines: Exponents
    t_read_s: float
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Decide whether the strength falls with the conductance."""
        self.good = good_levels(self.cells, self.lines.level_ok)
        self.alone = _strength_alone(self.squares, self.cells.one_hot[:, self.good])
        self.is_law = True
        exponent = self.estimate(np.ones((1, self.cells.of.n_devices)))[0, 1]
        self.is_law = bool(exponent > 0.0) and len(self.good) > 1
        if not self.is_law:
            self.notes.append("q_s: a constant; the data do not support a power law that falls")

    @cached_property
    def squares(self) -> ReadSquares:
        """Scatter of the repeated reads."""
        g_max_S = float(self.cells.of.levels_S[-1])
        return read_squares(self.cells, self.lines, g_max_S, self.t_read_s)

    def names(self) -> list[Name]:
        """Return scale, exponent, and the strength at each level."""
        levels_S = self.cells.of.levels_S
        n = float((self.squares.freedom > 0).sum())
        found = [Name("q_s.scale", "", n, 2.0), Name("q_s.exponent", "", n, 2.0)]
        return found + [Name(at_target("q_s", float(g)), "", n, 2.0) for g in levels_S[self.good]]

    def estimate(self, weights: Array) -> Array:
        """Return scale, exponent and level values for each weighting."""
        levels_S = self.cells.of.levels_S
        law = fit_power(self.squares, weights, constant=not self.is_law)
        log_gr = np.log(levels_S[self.good] / levels_S[-1])
        at = np.exp(law[:, :1] - law[:, 1:] * log_gr)
        return np.concatenate([np.exp(law[:, :1]), law[:, 1:], at], axis=1)

    def curve(self, values: Array) -> PowerLaw | Constant:
        """Return the curve of the device, held constant below the least level used."""
        scale, exponent = map(float, values[:2])
        if not self.is_law:
            return Constant(kind="constant", value=scale)
        high = float(values[2:].max())
        return PowerLaw(
            kind="power", scale=scale, exponent=exponent, denominator_min=scale / high, high=high
        )

    def checks(self, values: Array) -> list[Check]:
        """Return the scatter of each level over the model's against chi-square."""
        levels_S, of = self.cells.of.levels_S, self.squares
        model = values[0] * np.exp(-values[1] * of.log_gr)
        found = []
        for i, k in enumerate(self.good):
            here = self.cells.of.level == k
            found.append(
                read_check(
                    float(levels_S[k]), float(self.cells.of.times_s[0]),
                    of.squares[here] / model[here] ** 2, of.freedom[here],
                    float(self.alone[i]), float(values[2 + i]),
                )
            )  # fmt: skip
        return found

    def drawn(self, values: Array) -> tuple[str, tuple[Series, ...]]:
        """Return the spread of one read at the first time against the conductance."""
        levels_S = self.cells.of.levels_S
        t_s = float(self.cells.of.times_s[0]) + self.lines.t0_s
        root = np.sqrt(band_at(np.array(t_s), self.t_read_s))
        x = grid_S(levels_S[self.good]) if len(self.good) > 1 else levels_S[self.good]
        model = x * self.curve(values).at(x / levels_S[-1]) * root
        points = levels_S[self.good] * self.alone * root
        return "read", (curve("first time", x, model, levels_S[self.good], points),)

    def explained(self, values: Array) -> dict[str, float]:
        """Return the share of the strengths' variation that the law explains."""
        return {"read noise": explained(self.alone, values[2:])} if len(self.good) > 1 else {}


def _strength_alone(of: ReadSquares, one_hot: Array) -> Array:
    """Return the strength of each level taken alone, at its devices' conductances."""
    return np.asarray(np.sqrt(of.squares @ one_hot / np.maximum(of.freedom @ one_hot, 1.0)))


@dataclass
class WhitePart(Part):
    """White read noise, the same at every conductance.

    Parameters
    ----------
    cells : Cells
        The devices.
    """

    cells: Cells

    def names(self) -> list[Name]:
        """Return the one parameter."""
        return [Name("read_sigma_S", "S", float(self.cells.of.n_devices), 1.0)]

    def estimate(self, weights: Array) -> Array:
        """Return the spread of one read, pooled over devices and times [S]."""
        freedom = weights @ np.maximum(self.cells.n - 1.0, 0.0).sum(axis=1)
        return np.asarray(np.sqrt(weights @ self.cells.squares_S2.sum(axis=1) / freedom)[:, None])

    def checks(self, values: Array) -> list[Check]:
        """Return the scatter at each level and time over the model's against chi-square."""
        cells, found = self.cells, []
        freedom = np.maximum(cells.n - 1.0, 0.0)
        for k, g_S in enumerate(cells.of.levels_S):
            here = cells.of.level == k
            for i, t_s in enumerate(cells.of.times_s):
                own = float(np.sqrt(cells.read_variance_S2[k, i]))
                squares = cells.squares_S2[here, i] / values[0] ** 2
                found.append(
                    read_check(float(g_S), float(t_s), squares, freedom[here, i], own, values[0])
                )
        return found

    def drawn(self, values: Array) -> tuple[str, tuple[Series, ...]]:
        """Return the spread of one read against the target."""
        cells = self.cells
        levels_S = cells.of.levels_S
        freedom = cells.one_hot.T @ np.maximum(cells.n - 1.0, 0.0).sum(axis=1)
        own = np.sqrt(cells.one_hot.T @ cells.squares_S2.sum(axis=1) / np.maximum(freedom, 1.0))
        model = np.full(len(levels_S), values[0])
        return "read", (curve("all times", levels_S, model, levels_S, own),)

    def explained(self, values: Array) -> dict[str, float]:
        """Return nothing: a constant explains no variation."""
        return {}
