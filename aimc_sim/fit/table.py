"""Family table: mean and spread, exponents and read noise at each measured target."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from aimc_sim.devices import TableDevice
from aimc_sim.devices.state import Array
from aimc_sim.devices.table import TableLevel
from aimc_sim.fit.curves import drift_series, points_of
from aimc_sim.fit.exponents import Exponents, exponents, spread_without_noise
from aimc_sim.fit.family import Family, Name, at_target
from aimc_sim.fit.goodness import check_normal, drift_checks, drift_explained
from aimc_sim.fit.likelihood import Written
from aimc_sim.fit.programming import level_moments, written_at
from aimc_sim.fit.result import Check, Parameter, Series
from aimc_sim.spec import InputError

COLUMNS = ("mean_S", "sigma_S", "nu_mean", "nu_std", "read_sigma_S")


class TableFit(Family):
    """A level for each target; nothing is assumed between them but what `TableDevice` says."""

    @cached_property
    def lines(self) -> Exponents:
        """The drift exponents of the devices."""
        return exponents(self.cells, self.options.t0_s)

    @cached_property
    def written(self) -> Written:
        """What the devices were at the reference read."""
        return written_at(self.cells, 0, self.lines)

    def names(self) -> list[Name]:
        """Return the parameters of the first level, then those of the next.

        Raises
        ------
        InputError
            A single target: a table has at least two levels.
        """
        targets_S = self.cells.of.levels_S
        if len(targets_S) < 2:
            raise InputError(
                f"{self.cells.of.name}: found the one target {targets_S[0]:g} S; "
                "a table needs 2 or more"
            )
        n = self.cells.one_hot.sum(axis=0)
        if "nu_mean" in columns_of(self) and not self.lines.level_ok.all():
            shown = ", ".join(f"{1e6 * g_S:.4g}" for g_S in targets_S[~self.lines.level_ok])
            self.notes.append(
                f"targets of {shown} uS have no exponents of their own (reads too noisy, at or "
                "below 0, or too few): they take those of the nearest target that has, without "
                "an interval"
            )
        return [
            Name(
                at_target(column, float(g_S)),
                "S" if column.endswith("_S") else "",
                0.0 if column.startswith("nu") and not self.lines.level_ok[k] else float(n[k]),
                is_spread=column in ("sigma_S", "nu_std"),
            )
            for k, g_S in enumerate(targets_S)
            for column in columns_of(self)
        ]

    def estimate(self, weights: Array) -> Array:
        """Return all parameters for each weighting."""
        found = dict(
            zip(COLUMNS[:2], level_moments(self.cells, self.written, weights), strict=True)
        )
        if "nu_mean" in columns_of(self):
            found["nu_mean"], variance = level_exponents(self, weights)
            found["nu_std"] = np.sqrt(variance)
        if "read_sigma_S" in columns_of(self):
            found["read_sigma_S"] = read_spread(self, weights)
        stacked = np.stack([found[name] for name in columns_of(self)], axis=2)
        return np.asarray(stacked.reshape(len(weights), -1))

    def device(self, parameters: Sequence[Parameter]) -> TableDevice:
        """Return the device."""
        targets_S = self.cells.of.levels_S
        columns = by_column(self, np.array([p.value for p in parameters]))
        levels = [
            TableLevel(
                g_target_S=float(g_S),
                **{name: max(float(v[k]), 0.0) if name != "nu_mean" else float(v[k])
                   for name, v in columns.items()},
            )
            for k, g_S in enumerate(targets_S)
        ]  # fmt: skip
        of_column = {
            name: [p for p in parameters if p.name.startswith(f"{name}[")] for name in columns
        }
        text = "maximum likelihood of a normal clipped at 0 S, at each target"
        fields: dict[str, object] = {
            "programming_source": self.source(text, of_column["mean_S"] + of_column["sigma_S"])
        }
        if "nu_mean" in columns:
            fields["t0_s"] = self.options.t0_s
            fields["drift_source"] = self.source(
                "least squares of ln g against ln((t + t0) / t0), read noise taken out; "
                f"t0_s as given, {self.options.t0_s:g} s",
                of_column["nu_mean"] + of_column["nu_std"],
            )
        if "read_sigma_S" in columns:
            fields["read_source"] = self.source(
                "repeated reads at each time, pooled; taken as white", of_column["read_sigma_S"]
            )
        return TableDevice.model_validate(
            {"kind": "table", "statistic": "after_verify", "g_min_S": float(targets_S[0]),
             "g_max_S": float(targets_S[-1]), "levels": levels, **fields,
             **self.pulses("pcm_joshi2020")}
        )  # fmt: skip

    def checks(self, values: Array) -> list[Check]:
        """Return shape of programming at each target, and of the exponents."""
        columns, level = by_column(self, values), self.cells.of.level
        found = [
            check_normal(
                "programming", float(g_S), float(self.cells.of.times_s[0]),
                float(columns["sigma_S"][k]), self.written.take(level == k),
                float(columns["mean_S"][k]), float(columns["sigma_S"][k]), free=True,
            )
            for k, g_S in enumerate(self.cells.of.levels_S)
        ]  # fmt: skip
        if "nu_mean" in columns:
            found += drift_checks(
                self.cells, self.lines, columns["nu_mean"], columns["nu_std"], free=True
            )
        return found

    def r2(self, values: Array) -> dict[str, float]:
        """Return the share of the mean drift that goes with ln t."""
        columns = by_column(self, values)
        if "nu_mean" not in columns:
            return {}
        return {"drift": drift_explained(self.cells, self.lines, columns["nu_mean"])}

    def series(self, values: Array) -> dict[str, tuple[Series, ...]]:
        """Return spread, drift and read noise against the target."""
        columns, targets_S = by_column(self, values), self.cells.of.levels_S
        found: dict[str, tuple[Series, ...]] = {}
        found["spread"] = (points_of("levels", targets_S, columns["sigma_S"]),)
        if "nu_mean" in columns:
            found["drift"] = drift_series(self.cells, self.lines, columns["nu_mean"])
        if "read_sigma_S" in columns:
            found["read"] = (points_of("levels", targets_S, columns["read_sigma_S"]),)
        return found


def columns_of(fit: TableFit) -> tuple[str, ...]:
    """Return the columns that the measurements support."""
    drift = bool(fit.lines.level_ok.any())
    keep = {"nu_mean": drift, "nu_std": drift, "read_sigma_S": fit.cells.has_cycles}
    return tuple(name for name in COLUMNS if keep.get(name, True))


def by_column(fit: TableFit, values: Array) -> dict[str, Array]:
    """Return the values of each column, shape (n_levels,)."""
    columns = columns_of(fit)
    table = values.reshape(-1, len(columns))
    return {name: table[:, i] for i, name in enumerate(columns)}


def level_exponents(fit: TableFit, weights: Array) -> tuple[Array, Array]:
    """Return mean and variance of the exponents; a level without takes its neighbour's."""
    lines = fit.lines
    mean, variance = spread_without_noise(fit.cells, lines.nu, lines.variance, weights * lines.used)
    good = np.flatnonzero(lines.level_ok)
    nearest = good[np.abs(np.arange(mean.shape[1])[:, None] - good).argmin(axis=1)]
    return mean[:, nearest], variance[:, nearest]


def read_spread(fit: Family, weights: Array) -> Array:
    """Return the spread of one read at each level, pooled over times [S]."""
    cells = fit.cells
    squares = (weights * cells.squares_S2.sum(axis=1)) @ cells.one_hot
    freedom = (weights * np.maximum(cells.n - 1.0, 0.0).sum(axis=1)) @ cells.one_hot
    variance = np.divide(squares, freedom, out=np.zeros_like(squares), where=freedom > 0)
    return np.asarray(np.sqrt(variance))
