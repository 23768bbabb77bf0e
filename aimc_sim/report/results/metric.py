"""Metric: a figure that a study keeps, and how it is written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aimc_sim.display import percent, si

NAMES: Mapping[str, str] = {
    "accuracy.analog.mean": "accuracy",
    "accuracy.reference": "accuracy of the integer reference",
    "energy_J.per_inference": "energy per inference",
    "energy_J.programming": "energy of programming",
    "latency_s.per_inference": "latency per inference",
    "latency_s.per_step": "latency of a step",
    "area_m2.total": "area of a chip",
}
ACCURACY, REFERENCE = "accuracy.analog.mean", "accuracy.reference"
_SHARES = ("accuracy", "agreement", "utilisation", "share")
_UNIT = re.compile(r"_(J|s|m2|S|A|V|W|Hz|ohm)(?=\.|$)")
_HEADINGS: Mapping[str, str] = {
    "accuracy.reference": "reference",
    "energy_J.per_inference": "energy",
    "latency_s.per_inference": "latency",
    "area_m2.total": "area",
}
"""Shorter names, for the columns of a terminal."""


def unit_in(path: str) -> str | None:
    """Return the unit that a dotted path names.

    Examples
    --------
    >>> unit_in("energy_J.total"), unit_in("hardware.adc.bits")
    ('J', None)
    """
    found = _UNIT.findall(path)
    return str(found[-1]).replace("ohm", "Ω") if found else None


@dataclass(frozen=True)
class Metric:
    """One figure of a run.

    Parameters
    ----------
    name : str
        Its dotted path in the JSON of a run.
    """

    name: str

    @property
    def title(self) -> str:
        """Its name in words."""
        return NAMES.get(self.name) or re.sub(r"[._]+", " ", _UNIT.sub("", self.name))

    @property
    def heading(self) -> str:
        """Its name in a word, or its dotted path."""
        return _HEADINGS.get(self.name) or NAMES.get(self.name) or self.name

    @property
    def is_share(self) -> bool:
        """Whether it is told in per cent."""
        parts = self.name.split(".")
        return parts[0] in _SHARES or parts[-1] in _SHARES

    def text(self, value: float | None, digits: int = 3) -> str:
        """Return a value in words.

        Examples
        --------
        >>> Metric("agreement").text(0.5), Metric("energy_J.total").text(2e-6)
        ('50.00 %', '2 µJ')
        """
        if value is None:
            return "–"
        if self.is_share:
            return percent(value)
        unit = unit_in(self.name)
        return f"{value:.4g}" if unit is None else si(value, unit, digits)

    def with_interval(self, tree: Mapping[str, Any]) -> str:
        """Return mean and half the width of its 95 % interval."""
        mean, ci95 = tree["mean"], tree["ci95"]
        if mean is None or ci95 is None or ci95[0] == ci95[1]:
            return self.text(mean)
        half = (ci95[1] - ci95[0]) / 2
        if self.is_share:
            return f"{100 * mean:.2f} ± {100 * half:.2f} %"
        return f"{self.text(mean)} ± {self.text(half)}"


__all__ = ["ACCURACY", "REFERENCE", "Metric", "unit_in"]
