"""Cells: what each device was found at, at each time, its reads averaged; outliers; read noise."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from aimc_sim.devices.state import Array
from aimc_sim.fit.measurements import MIN_DEVICES, Measurements
from aimc_sim.spec import InputError

Mask = npt.NDArray[np.bool_]
OUTLIER_Z = 6.0
"""Robust z beyond which a device is taken as stuck: one Gaussian in 5e8."""


@dataclass(frozen=True)
class Cells:
    """Measurements of the devices that are fitted, reduced to averages of repeated reads.

    Parameters
    ----------
    of : Measurements
        The reads; outliers are left out already.
    """

    of: Measurements

    @cached_property
    def n(self) -> Array:
        """Number of reads, shape (n_devices, n_times)."""
        return np.asarray(np.isfinite(self.of.g_S).sum(axis=2), dtype=np.float64)

    @cached_property
    def mean_S(self) -> Array:
        """Average of repeated reads, NaN where there is none [S], shape (n_devices, n_times)."""
        total_S = np.nansum(self.of.g_S, axis=2)
        nothing = np.full(self.n.shape, np.nan)
        return np.asarray(np.divide(total_S, self.n, out=nothing, where=self.n > 0))

    @cached_property
    def squares_S2(self) -> Array:
        """Sum of squared deviations of repeated reads from their average [S^2], same shape."""
        return np.asarray(np.nansum((self.of.g_S - self.mean_S[:, :, None]) ** 2, axis=2))

    @cached_property
    def at_floor(self) -> Mask:
        """Whether any read is at or below the floor, or their average is exactly 0, same shape."""
        if self.of.floor_S is None:
            return np.asarray(self.mean_S == 0.0)
        return np.asarray((self.of.g_S <= self.of.floor_S).any(axis=2))

    @cached_property
    def one_hot(self) -> Array:
        """1 where a device belongs to a level, shape (n_devices, n_levels)."""
        return np.eye(len(self.of.levels_S))[self.of.level]

    @cached_property
    def has_cycles(self) -> bool:
        """Whether any read is repeated."""
        return bool((self.n > 1).any())

    @cached_property
    def read_variance_S2(self) -> Array:
        """Variance of one read at each level and time [S^2], shape (n_levels, n_times); 0 unknown.

        Pooled over the devices of a level: sum of squares over degrees of freedom.
        """
        return _pooled(self, self.squares_S2)

    @cached_property
    def relative_variance(self) -> Array:
        """Variance of one read relative to the conductance squared, shape (n_levels, n_times)."""
        ok = self.mean_S > 0.0
        squares = np.divide(
            self.squares_S2, self.mean_S**2, out=np.zeros_like(self.mean_S), where=ok
        )
        return _pooled(self, squares)


def _pooled(cells: Cells, squares: Array) -> Array:
    freedom = cells.one_hot.T @ np.maximum(cells.n - 1.0, 0.0)
    total = cells.one_hot.T @ squares
    return np.divide(total, freedom, out=np.zeros_like(total), where=freedom > 0)


def good_levels(cells: Cells, ok: Mask) -> npt.NDArray[np.intp]:
    """Return the levels that are `ok` and have a target above 0, whose ln gr is known."""
    return np.flatnonzero(ok & (cells.of.levels_S > 0.0))


def split_outliers(of: Measurements) -> tuple[Measurements, list[dict[str, object]]]:
    """Return the measurements without outliers, and the outliers: stuck devices, slips.

    Notes
    -----
    A device is an outlier where its first read lies more than 6 robust spreads from the median of
    its level; the spread is the largest of 1.4826 times the median absolute deviation and the
    distances from the median to the quantiles at one sigma, so that a level half of which was
    clipped has one too.

    Raises
    ------
    InputError
        A level with too few devices read at the first time.
    """
    first_S = Cells(of).mean_S[:, 0]
    z = np.zeros(of.n_devices)
    for k, target_S in enumerate(of.levels_S):
        here = (of.level == k) & np.isfinite(first_S)
        if here.sum() < MIN_DEVICES:
            raise InputError(
                f"{of.name}: target_S {target_S:g}: {int(here.sum())} devices were read at time_s "
                f"{of.times_s[0]:g}; a spread needs {MIN_DEVICES} or more"
            )
        z[here] = _robust_z(first_S[here])
    far = np.abs(z) > OUTLIER_Z
    found: list[dict[str, object]] = [
        {
            "device": of.devices[i],
            "target_S": float(of.target_S[i]),
            "g_S": float(first_S[i]),
            "robust_z": round(float(z[i]), 1),
        }
        for i in np.flatnonzero(far)
    ]
    return _without(of, far), found


def _robust_z(values: Array) -> Array:
    middle = float(np.median(values))
    low, high = np.quantile(values, [0.1587, 0.8413])
    spread = max(1.4826 * float(np.median(np.abs(values - middle))), middle - low, high - middle)
    return (values - middle) / spread if spread > 0.0 else np.zeros_like(values)


def _without(of: Measurements, leave_out: Mask) -> Measurements:
    keep = ~leave_out
    names = tuple(name for name, kept in zip(of.devices, keep, strict=True) if kept)
    return Measurements(
        of.name, of.digest, names, of.target_S[keep], of.times_s, of.g_S[keep], of.floor_S
    )
