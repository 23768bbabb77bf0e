"""MVMs against one thing that changes: time, ADC bits, array size, or any value of the chip."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aimc_sim.analysis.mvm import Progress, measure_mvm, program_workload
from aimc_sim.analysis.mvm_measure import MvmMeasure
from aimc_sim.analysis.mvm_workload import Workload
from aimc_sim.crossbar.tile import Tiles
from aimc_sim.hardware import Hardware


@dataclass(frozen=True)
class MvmSetting:
    """One point of a sweep, to be measured.

    Parameters
    ----------
    value : float or str
        Where the point stands on the axis: seconds, bits, wordlines, a word.
    label : str
        The value as it is shown.
    workload : Workload
        What is multiplied.
    hardware : Hardware
        On what.
    age_s : float
        Time since the reference read [s].
    """

    value: float | str
    label: str
    workload: Workload
    hardware: Hardware
    age_s: float = 0.0


@dataclass(frozen=True)
class MvmSweep:
    """MVMs at every point of one axis.

    Parameters
    ----------
    axis : str
        What changes, as the user calls it: "time", "size", "adc_bits", a dotted path.
    points : tuple of (MvmSetting, MvmMeasure)
        In the order given.
    """

    axis: str
    points: tuple[tuple[MvmSetting, MvmMeasure], ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        points = [
            {"value": setting.value, "label": setting.label, **measure.to_json()}
            for setting, measure in self.points
        ]
        return {"axis": self.axis, "points": points}


def sweep_mvm(
    axis: str,
    settings: Sequence[MvmSetting],
    *,
    seed: int = 0,
    n_chips: int = 1,
    progress: Progress | None = None,
) -> MvmSweep:
    """Measure every point of an axis, all with the same seeds.

    Parameters
    ----------
    axis : str
        What changes.
    settings : sequence of MvmSetting
        The points; neighbours of the same hardware and workload are programmed once.
    seed : int
        Build seed and run seed of every point.
    n_chips : int
        Chip instances of every point.
    progress : callable, optional
        Called with (reads done, all of them, what is read).

    Examples
    --------
    >>> from aimc_sim import load_chip
    >>> from aimc_sim.analysis.mvm_workload import random_workload
    >>> hardware, work = load_chip("examples/chips/ideal.yaml").hardware, random_workload(8, 4, 2)
    >>> points = [MvmSetting(t, f"{t:g}s", work, hardware, t) for t in (0.0, 3600.0)]
    >>> [m.values("eta") for _, m in sweep_mvm("time", points).points]
    [(0.0,), (0.0,)]
    """
    found = []
    last: tuple[Workload, str] | None = None
    tiles: Tiles | None = None
    for i, point in enumerate(settings):
        if progress is not None:
            progress(i, len(settings), f"{axis} {point.label}")
        here = point.workload, point.hardware.digest()
        if tiles is None or last is None or here[0] is not last[0] or here[1] != last[1]:
            tiles = program_workload(point.workload, point.hardware, seed=seed, n_chips=n_chips)
        last = here
        measure = measure_mvm(
            point.workload, point.hardware, seed=seed, age_s=point.age_s, tiles=tiles
        )
        found.append((point, measure))
    return MvmSweep(axis, tuple(found))
