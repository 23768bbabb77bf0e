"""What every family of fits has: names of its parameters, their estimate, device and checks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from aimc_sim.devices import Device, device_model_path, load_device
from aimc_sim.devices.state import Array
from aimc_sim.fit.cells import Cells
from aimc_sim.fit.result import Check, Parameter, Series
from aimc_sim.spec import Source


@dataclass(frozen=True)
class FitOptions:
    """What a fit cannot take from the measurements.

    Parameters
    ----------
    t0_s : float
        Time from programming to the reference read [s].
    t_read_s : float
        Duration of a read [s].
    order : int
        Largest order of the polynomials of family ``rram``.
    n_bootstrap : int
        Samples of devices for the intervals; 0 leaves intervals out.
    seed : int
        Names the stream that devices are drawn from.
    keep_outliers : bool
        Fit devices that look stuck, too.
    """

    t0_s: float = 20.0
    t_read_s: float = 250.0e-9
    order: int = 4
    n_bootstrap: int = 200
    seed: int = 0
    keep_outliers: bool = False


@dataclass(frozen=True)
class Name:
    """A parameter's name.

    Parameters
    ----------
    name, unit : str
        As in `Parameter`.
    n, lost : float
        Devices it rests on, 0 for none of its own, and degrees of freedom that the estimate took.
    is_spread : bool
        It is positive, and a spread: its logarithm is nearer to normal, and its own interval says
        how many devices it really rests on.
    """

    name: str
    unit: str
    n: float
    lost: float = 1.0
    is_spread: bool = False


@dataclass
class Family(ABC):
    """A family of fits to one set of measurements.

    Parameters
    ----------
    cells : Cells
        The devices to fit.
    options : FitOptions
        What the measurements do not say.
    notes : list of str
        Filled as the fit goes.
    """

    cells: Cells
    options: FitOptions
    notes: list[str] = field(default_factory=list)

    @abstractmethod
    def names(self) -> list[Name]:
        """Return the names of the parameters, in the order of `estimate`."""

    @abstractmethod
    def estimate(self, weights: Array) -> Array:
        """Return all parameters for each weighting, shape (n_weightings, n_parameters)."""

    @abstractmethod
    def device(self, parameters: Sequence[Parameter]) -> Device:
        """Return the device."""

    @abstractmethod
    def checks(self, values: Array) -> list[Check]:
        """Return the goodness of fit of each level."""

    @abstractmethod
    def r2(self, values: Array) -> dict[str, float]:
        """Return shares explained by the model."""

    @abstractmethod
    def series(self, values: Array) -> dict[str, tuple[Series, ...]]:
        """Return what to draw: "spread", "drift", "read"."""

    def source(self, note: str, parameters: Sequence[Parameter], grade: str = "fitted") -> Source:
        """Return the source of a set of numbers: the file, and intervals in the note."""
        of = self.cells.of
        ends = "; ".join(
            f"{p.name} {p.low:.3g} to {p.high:.3g}" for p in parameters if np.isfinite(p.low)
        )
        text = f"{note}. 95 % intervals: {ends}" if ends else note
        cite = f"measurements {of.name}, sha256 {of.digest}"
        return Source.model_validate({"cite": cite, "grade": grade, "note": text})

    def pulses(self, like: str) -> dict[str, object]:
        """Return the counts of pulses and reads, which no such measurement holds."""
        model = load_device(device_model_path(like)).device
        note = f"not in the measurements; those of {like} ({model.pulses_source.cite}); replace"
        return {
            "set_pulses_mean": model.set_pulses_mean,
            "reset_pulses_mean": model.reset_pulses_mean,
            "verify_reads_mean": model.verify_reads_mean,
            "pulses_source": Source(cite=f"shipped model {like}", grade="assumed", note=note),
        }


def at_target(name: str, target_S: float) -> str:
    """Return the name of a parameter of one target.

    Examples
    --------
    >>> at_target("sigma_S", 5.0e-6)
    'sigma_S[5 uS]'
    """
    return f"{name}[{1.0e6 * target_S:.6g} uS]"
