"""Scale: where the values of what is varied stand on an axis, and what is written there."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullLocator

from aimc_sim.report.figures import short
from aimc_sim.report.results.coordinate import is_number, key_of, value_text
from aimc_sim.report.results.ticks import log_ticks

_MOST_TICKS = 8
_LETTER, _SPACE = 0.024, 0.02
"""Widths of a letter and of a space, in parts of an axis."""
_LEAST_GAP = 0.06
"""Of the whole range: nearer values are told apart on a logarithm, or evenly spaced."""


@dataclass(frozen=True)
class Scale:
    """What is varied.

    Parameters
    ----------
    path : str
        Its dotted path.
    label : str
        As shown.
    values : tuple
        All values, each once, in order.
    kind : str
        "linear", "log", or "category" for values that are evenly spaced.
    """

    path: str
    label: str
    values: tuple[Any, ...]
    kind: str

    @classmethod
    def of(cls, axis: Mapping[str, Any], found: Iterable[Any]) -> Scale:
        """Return the scale of an axis of a study's JSON, whose points have these values."""
        by_text = {key_of(value): value for value in (*(axis.get("values") or ()), *found)}
        values = tuple(by_text.values())
        if all(is_number(v) for v in values):
            values = tuple(sorted(values))
        last = axis["path"].rpartition(".")[2].replace("_", " ")
        label = axis.get("label") or last
        label = "time after programming" if label == "after" else label
        return cls(axis["path"], label, values, _kind(axis.get("scale", "linear"), values))

    def place(self, value: Any) -> float:
        """Return where a value stands."""
        return float(value) if self.kind != "category" else float(self.index(value))

    def index(self, value: Any) -> int:
        """Return which of the values it is."""
        return [key_of(v) for v in self.values].index(key_of(value))

    def text(self, value: Any) -> str:
        """Return a value in words."""
        return value_text(self.path, value)

    def prepare(self, axes: Axes, which: str = "x") -> None:
        """Set the scale, the ticks and the label of the "x" or "y" axis that shows it."""
        axis = axes.xaxis if which == "x" else axes.yaxis
        if self.kind == "log":
            axes.set(**{f"{which}scale": "log"})
            log_ticks(axis, self.values)
        if self.kind == "category" or len(self.values) <= _MOST_TICKS:
            self._tick_values(axis, turned=which == "x")
        else:
            if self.kind == "linear":
                axis.set_major_locator(MaxNLocator(nbins=6))
            axis.set_major_formatter(FuncFormatter(lambda v, _: self.text(float(v))))
        axis.set_label_text(short(self.label, 44))

    def _tick_values(self, axis: Axis, *, turned: bool) -> None:
        kept = self._far_enough() if self.kind != "category" else self.values
        kept = kept[:: -(-len(kept) // 16) or 1]
        texts = told_apart([self.text(v) for v in kept], 14)
        axis.set_minor_locator(NullLocator())
        axis.set_ticks([self.place(v) for v in kept], texts)
        if turned and self.kind == "category" and sum(map(len, texts)) > 40:
            axis.set_tick_params(labelrotation=35)
            for label in axis.get_ticklabels():
                label.set_horizontalalignment("right")

    def _far_enough(self) -> tuple[Any, ...]:
        """Return the values whose texts do not run into each other along an axis."""
        at = [math.log(v) if self.kind == "log" else v for v in self.values]
        span = (at[-1] - at[0]) or 1.0
        kept = [0]
        for i in range(1, len(at)):
            letters = len(self.text(self.values[i])) + len(self.text(self.values[kept[-1]]))
            if at[i] - at[kept[-1]] > (_LETTER * letters / 2 + _SPACE) * span:
                kept.append(i)
        return tuple(self.values[i] for i in kept)


def _kind(kind: str, values: Sequence[Any]) -> str:
    if kind == "category" or not values or not all(is_number(v) for v in values):
        return "category"
    positive = values[0] > 0
    if kind == "log":
        return "log" if positive else "category"
    gaps = [b - a for a, b in pairwise(values)]
    if len(values) <= _MOST_TICKS and gaps and min(gaps) < _LEAST_GAP * sum(gaps):
        return "log" if positive else "category"
    return "linear"


def told_apart(texts: Sequence[str], most: int) -> list[str]:
    """Return texts of bounded length that still differ: what all begin with is left out first.

    Examples
    --------
    >>> told_apart(["a", "b"], 5), told_apart(["models/long_1.npz", "models/long_2.npz"], 9)
    (['a', 'b'], ['…1.npz', '…2.npz'])
    """
    cut = [short(text, most) for text in texts]
    if len(set(cut)) == len(set(texts)):
        return cut
    columns = enumerate(zip(*texts, strict=False))
    n = next((i for i, letters in columns if len(set(letters)) > 1), min(map(len, texts)))
    return [short(f"…{text[n:]}", most) for text in texts]


__all__ = ["Scale", "told_apart"]
