"""Measurements: conductances of devices at times, repeated reads, and what is missing of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aimc_sim.devices.state import Array
from aimc_sim.spec import InputError

MIN_DEVICES = 5
"""Least number of devices at a target: fewer say nothing about a spread."""


@dataclass(frozen=True)
class Measurements:
    """Conductances of a set of devices, each written once and read at times.

    Parameters
    ----------
    name : str
        Name of the file, for sources and messages.
    digest : str
        SHA-256 of the file.
    devices : tuple of str
        Identifiers, one a device.
    target_S : float64 array, shape (n_devices,)
        Conductance each was written to [S].
    times_s : float64 array, shape (n_times,)
        Read times since the reference read [s], ascending.
    g_S : float64 array, shape (n_devices, n_times, n_cycles)
        Reads [S]; NaN where there is none.
    floor_S : float, optional
        What the instrument cannot tell from less [S]: a read at or below it is only known to be
        no larger.

    Examples
    --------
    >>> g_S = np.full((5, 1, 2), 1.0e-6)
    >>> m = Measurements("a.csv", "", tuple("abcde"), np.full(5, 1.0e-6), np.zeros(1), g_S)
    >>> m.n_devices, m.n_cycles, m.levels_S.tolist()
    (5, 2, [1e-06])
    """

    name: str
    digest: str
    devices: tuple[str, ...]
    target_S: Array
    times_s: Array
    g_S: Array
    floor_S: float | None = None

    @property
    def n_devices(self) -> int:
        """Number of devices."""
        return len(self.devices)

    @property
    def n_cycles(self) -> int:
        """Largest number of repeated reads at one time."""
        return int(self.g_S.shape[2])

    @property
    def levels_S(self) -> Array:
        """The distinct targets, ascending [S]."""
        return np.unique(self.target_S)

    @property
    def level(self) -> npt.NDArray[np.intp]:
        """The index of each device's target in `levels_S`, shape (n_devices,)."""
        return np.searchsorted(self.levels_S, self.target_S)

    def check(self) -> None:
        """Refuse what no fit can be made of.

        Raises
        ------
        InputError
            A target with fewer than `MIN_DEVICES` devices.
        """
        targets_S, counts = np.unique(self.target_S, return_counts=True)
        for target_S, count in zip(targets_S, counts, strict=True):
            if count < MIN_DEVICES:
                raise InputError(
                    f"{self.name}: target_S {target_S:g} has {count} devices; "
                    f"a spread needs {MIN_DEVICES} or more"
                )

    def census(self) -> dict[str, object]:
        """Return what there is and what is missing, as plain data."""
        found = np.isfinite(self.g_S)
        read: npt.NDArray[np.bool_] = np.asarray(found.any(axis=2))
        floor_S = -np.inf if self.floor_S is None else self.floor_S
        return {
            "n_devices": self.n_devices,
            "targets_S": self.levels_S.tolist(),
            "times_s": self.times_s.tolist(),
            "n_cycles": self.n_cycles,
            "n_reads": int(found.sum()),
            "n_missing": int(found.size - found.sum()),
            "n_devices_at_last_time": int(read[:, -1].sum()),
            "n_devices_by_time": read.sum(axis=0).tolist(),
            "floor_S": self.floor_S,
            "n_at_floor": int(np.count_nonzero(found & (self.g_S <= floor_S))),
        }
