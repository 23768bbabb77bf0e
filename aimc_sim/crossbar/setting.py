"""Which chip is read, when, by which seed; and where a batch stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from aimc_sim.crossbar.tile import Tiles
from aimc_sim.model.signal import Ints


@dataclass(frozen=True)
class ReadSetting:
    """Which chip is read, when, and with which noise.

    Parameters
    ----------
    tiles : Tiles
        Programmed conductances.
    chip : int
        Chip instance.
    age_s : float
        Time since the reference read [s].
    seed : int
        Run seed.
    purpose : str
        First part of the names of the random streams.
    """

    tiles: Tiles
    chip: int
    age_s: float
    seed: int
    purpose: str = "read"

    @property
    def lasting(self) -> str:
        """First part of the names of what lasts: a calibration reads the devices of the run."""
        return "read" if self.purpose == "calibrate" else self.purpose


@dataclass(frozen=True)
class Address:
    """Where a batch stands.

    Parameters
    ----------
    sequence : int array, shape (n_sequences,)
        Index of each sequence in its file.
    step : int
        Time step.
    levels : mapping
        ``tile_id -> uint8 array (n_sequences, n_cells)``: levels of telegraph noise.
    kept : dict, optional
        What is worth keeping until the next step of the same batch; no result depends on it.
    """

    sequence: Ints
    step: int
    levels: Mapping[int, npt.NDArray[np.uint8]] = field(default_factory=dict)
    kept: dict[str, object] | None = None
