"""Metric: a figure that a study keeps, and how it is written and drawn."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

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
_DECADES, _FEW = 30.0, 500.0
"""Ratio of the largest to the smallest value from which an axis is logarithmic, and to which it has
ticks within decades."""


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
    def is_share(self) -> bool:
        """Whether it is told in per cent."""
        parts = self.name.split(".")
        return parts[0] in _SHARES or parts[-1] in _SHARES

    def text(self, value: float | None) -> str:
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
        return f"{value:.4g}" if unit is None else si(value, unit)

    def with_interval(self, tree: Mapping[str, Any]) -> str:
        """Return mean and half the width of its 95 % interval."""
        mean, ci95 = tree["mean"], tree["ci95"]
        if mean is None or ci95 is None or ci95[0] == ci95[1]:
            return self.text(mean)
        half = (ci95[1] - ci95[0]) / 2
        if self.is_share:
            return f"{100 * mean:.2f} ± {100 * half:.2f} %"
        return f"{self.text(mean)} ± {self.text(half)}"

    def prepare(self, axes: Axes, which: str, values: Iterable[float | None]) -> None:
        """Set the scale, the ticks and the label of the "x" or "y" axis that shows it."""
        axis = axes.xaxis if which == "x" else axes.yaxis
        known = [v for v in values if v is not None]
        if self._is_log(known):
            axes.set(**{f"{which}scale": "log"})
            log_ticks(axis, known)
        else:
            axis.set_major_locator(MaxNLocator(nbins=5 if which == "x" else 7, steps=[1, 2, 5, 10]))
        axis.set_major_formatter(FuncFormatter(lambda v, _: self._tick(v)))
        axis.set_label_text(self.title)

    def _is_log(self, known: list[float]) -> bool:
        return not self.is_share and bool(known) and min(known) > 0.0 and (
            max(known) > _DECADES * min(known)
        )  # fmt: skip

    def _tick(self, value: float) -> str:
        if self.is_share:
            return f"{100 * value:.4g} %" if -1.0e-9 < value < 1.0 + 1.0e-9 else ""
        unit = unit_in(self.name)
        return f"{value:.4g}" if unit is None else si(value, unit, 4)


def log_ticks(axis: Axis, values: Sequence[float]) -> None:
    """Set the ticks of a logarithmic axis: 1, 2, 5 where it spans few decades."""
    if max(values) < _FEW * min(values):
        axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axis.set_minor_formatter(NullFormatter())


__all__ = ["ACCURACY", "REFERENCE", "Metric", "log_ticks", "unit_in"]
