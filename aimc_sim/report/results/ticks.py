"""Ticks: the scale, the ticks and the label of an axis that shows a metric."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from aimc_sim.report.results.metric import Metric

_DECADES, _FEW = 30.0, 500.0
"""Ratio of the largest to the smallest value from which an axis is logarithmic, and to which it has
ticks within decades."""


def prepare_axis(axes: Axes, which: str, metric: Metric, values: Iterable[float | None]) -> None:
    """Set the scale, the ticks and the label of the "x" or "y" axis that shows a metric."""
    axis = axes.xaxis if which == "x" else axes.yaxis
    known = [v for v in values if v is not None]
    if _is_log(metric, known):
        axes.set(**{f"{which}scale": "log"})
        log_ticks(axis, known)
    else:
        axis.set_major_locator(MaxNLocator(nbins=5 if which == "x" else 7, steps=[1, 2, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda v, _: _tick(metric, v)))
    axis.set_label_text(metric.title)


def _is_log(metric: Metric, known: list[float]) -> bool:
    return not metric.is_share and bool(known) and min(known) > 0.0 and (
        max(known) > _DECADES * min(known)
    )  # fmt: skip


def _tick(metric: Metric, value: float) -> str:
    if metric.is_share:
        return f"{100 * value:.4g} %" if -1.0e-9 < value < 1.0 + 1.0e-9 else ""
    return metric.text(value, 4)


def log_ticks(axis: Axis, values: Sequence[float]) -> None:
    """Set the ticks of a logarithmic axis: 1, 2, 5 where it spans few decades."""
    if max(values) < _FEW * min(values):
        axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axis.set_minor_formatter(NullFormatter())


__all__ = ["log_ticks", "prepare_axis"]
