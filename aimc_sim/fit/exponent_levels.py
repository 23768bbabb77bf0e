"""Mean and spread of the exponents level by level, and the law or constant that they support."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from aimc_sim.devices.state import Array
from aimc_sim.fit.cells import Cells, good_levels
from aimc_sim.fit.exponents import Exponents, spread_without_noise, unfolded
from aimc_sim.fit.logs import WORTH, Bends, at, bends, fit_constant, fit_log

N_ROUNDS = 3
SMALLEST = 1.0e-9
"""Spread of exponents that is as good as none."""


@dataclass(frozen=True)
class ExponentLevels:
    """The exponents of a set of devices, by level.

    Parameters
    ----------
    cells : Cells
        The devices.
    lines : Exponents
        Their exponents.
    """

    cells: Cells
    lines: Exponents

    @cached_property
    def good(self) -> npt.NDArray[np.intp]:
        """The levels that have exponents and a target above 0."""
        return good_levels(self.cells, self.lines.level_ok)

    @cached_property
    def log_gr(self) -> Array:
        """ln gr of those levels."""
        levels_S = self.cells.of.levels_S
        return np.asarray(np.log(levels_S[self.good] / levels_S[-1]))

    @cached_property
    def bends(self) -> Bends:
        """Where a law may bend."""
        return bends(self.log_gr)

    def at(self, weights: Array) -> dict[str, tuple[Array, Array]]:
        """Return value and 1 / variance of mean and spread at each good level.

        Parameters
        ----------
        weights : float64 array, shape (n_weightings, n_devices)
            How often each device counts.
        """
        lines, hot = self.lines, self.cells.one_hot[:, self.good]
        used = weights * lines.used
        mean, variance = spread_without_noise(self.cells, lines.nu, lines.variance, used)
        mu, sigma = unfolded(mean[:, self.good], variance[:, self.good])
        n = used @ hot
        noise2 = (used * lines.variance) @ hot / n
        model = np.sqrt(np.mean(sigma**2, axis=1, keepdims=True)) * np.ones_like(sigma)
        for _ in range(N_ROUNDS):
            least = 0.05 * model.max(axis=1, keepdims=True)
            square = np.maximum(model, least) ** 2 + SMALLEST**2
            weight = 2.0 * (n - 1.0) * square / (square + noise2) ** 2
            model = at(self.chosen(sigma, weight), self.log_gr)
        return {"nu_mean": (mu, n / (square + noise2)), "nu_std": (sigma, weight)}

    def law(self, y: Array, weight: Array) -> Array:
        """Return the law of each sample; there are two levels or more."""
        return fit_log(self.bends, y, weight)[0]

    def supported(self, y: Array, weight: Array) -> npt.NDArray[np.bool_]:
        """Tell for each sample whether a law is better than a constant."""
        if len(self.good) < 2:
            return np.zeros(len(y), dtype=bool)
        gain = fit_constant(y, weight)[1] - fit_log(self.bends, y, weight)[1]
        return np.asarray(gain > WORTH)

    def chosen(self, y: Array, weight: Array) -> Array:
        """Return law or constant, each sample by its own data: the choice is uncertain, too."""
        constant = fit_constant(y, weight)[0]
        if len(self.good) < 2:
            return constant
        return np.where(self.supported(y, weight)[:, None], self.law(y, weight), constant)
