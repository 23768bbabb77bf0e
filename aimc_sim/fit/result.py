"""Fit: a device with the interval of every parameter, and how well it describes the data."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from aimc_sim.devices import DeviceFile
from aimc_sim.display import si


@dataclass(frozen=True)
class Parameter:
    """One estimate.

    Parameters
    ----------
    name : str
        As in the device file, with the target or time it belongs to in brackets.
    value : float
        In SI units.
    unit : str
        "S", "" or "s".
    low, high : float
        Ends of the 95 % interval; NaN without a bootstrap.
    """

    name: str
    value: float
    unit: str
    low: float = math.nan
    high: float = math.nan

    def shown(self) -> tuple[str, str, str]:
        """Return name, value and interval as text."""
        if math.isnan(self.low):
            return self.name, _text(self.value, self.unit), "–"
        ends = f"{_text(self.low, self.unit)} to {_text(self.high, self.unit)}"
        return self.name, _text(self.value, self.unit), ends

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data; a missing end is null."""
        low, high = (None if math.isnan(end) else end for end in (self.low, self.high))
        return {"name": self.name, "value": self.value, "unit": self.unit, "ci95": [low, high]}


@dataclass(frozen=True)
class Check:
    """How data and model agree at one target and time.

    Parameters
    ----------
    of : str
        "programming", "drift" or "read".
    target_S, time_s : float
        Where [S, s].
    n : int
        Devices.
    found, model : float
        The spread (for drift: the mean exponent) of the data and of the model, in SI units.
    p_mean, p_spread, p_shape : float
        Chance of data at least this far off, were the model true: mean shift (normal), spread
        (chi-square) and shape (Kolmogorov-Smirnov of standardised residuals); NaN where unknown.
    """

    of: str
    target_S: float
    time_s: float
    n: int
    found: float
    model: float
    p_mean: float
    p_spread: float
    p_shape: float

    @property
    def p_values(self) -> list[float]:
        """The p-values that are known."""
        return [p for p in (self.p_mean, self.p_spread, self.p_shape) if not math.isnan(p)]

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data; an unknown p-value is null."""
        return {k: None if v != v else v for k, v in vars(self).items()}


@dataclass(frozen=True)
class Series:
    """A curve of the model with the data it is to describe, for a drawing.

    Parameters
    ----------
    label : str
        What it is of.
    x, model : tuple of float
        The curve.
    points_x, points : tuple of float
        The data.
    """

    label: str
    x: tuple[float, ...]
    model: tuple[float, ...]
    points_x: tuple[float, ...]
    points: tuple[float, ...]


@dataclass(frozen=True)
class Fit:
    """A fitted device.

    Parameters
    ----------
    family : str
        "table", "pcm" or "rram".
    file : DeviceFile
        The device as its file will hold it.
    parameters : tuple of Parameter
        Every estimate.
    checks : tuple of Check
        Goodness of fit, one a target and time.
    r2 : dict
        Share of the variation between targets that the model explains, by what it is of.
    series : dict
        "spread", "drift" and "read": what to draw.
    notes : tuple of str
        What a reader has to know.
    census : dict
        What was measured and what is missing.
    outliers : tuple of dict
        Devices left out as stuck.
    provenance : dict
        File, digest, seed, number of bootstrap samples.
    """

    family: str
    file: DeviceFile
    parameters: tuple[Parameter, ...]
    checks: tuple[Check, ...]
    r2: dict[str, float]
    series: dict[str, tuple[Series, ...]]
    notes: tuple[str, ...]
    census: dict[str, Any]
    outliers: tuple[dict[str, Any], ...]
    provenance: dict[str, Any] = field(default_factory=dict)

    def parameter(self, name: str) -> Parameter:
        """Return the parameter of that name."""
        return next(p for p in self.parameters if p.name == name)

    @property
    def worst_p(self) -> float:
        """The least p-value times the number of them (Bonferroni), at most 1."""
        found = [p for check in self.checks for p in check.p_values]
        return min(1.0, min(found) * len(found)) if found else math.nan

    def to_json(self) -> dict[str, Any]:
        """Return everything but the drawings as plain data."""
        return {
            "schema": 1,
            "family": self.family,
            "name": self.file.name,
            "provenance": self.provenance,
            "measurements": self.census,
            "outliers": list(self.outliers),
            "parameters": [p.to_json() for p in self.parameters],
            "goodness": {
                "worst_p": None if math.isnan(self.worst_p) else self.worst_p,
                "r2": self.r2,
                "checks": [check.to_json() for check in self.checks],
            },
            "notes": list(self.notes),
            "device": self.file.device.model_dump(mode="json"),
        }


def _text(value: float, unit: str) -> str:
    return si(value, unit) if unit else f"{value:.4g}"
