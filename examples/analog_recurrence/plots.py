"""Figures of the survey and of the deployment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from choices import ANALOG_GAINS, HYBRID, HYBRID_GAINS
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter
from tolerable import LOSS, Curve

DEVICES = {
    "gaussian": "generic device",
    "pcm_joshi2020": "PCM (Joshi 2020)",
    "taox_64x64": "TaOx, 64 levels",
    "rram_wan2022": "HfOx (Wan 2022)",
}
COLOURS = {
    "A, one window": "#b2182b",
    "A, one window, gain": "#e0705f",
    "A, window a mode, gain": "#eda98f",
    "A - I, one window": "#8c6bb1",
    "A - I, window a kernel": "#41a0c7",
    "A - I, window a mode": "#2166ac",
    "A - I, window a mode, real gain": "#999999",
    "A - I, window a mode, gain": "#0b7a3b",
    "hybrid, A digital": "#000000",
}
TIMES = {
    "fresh": "fresh",
    "a day later": "a day later,\nas calibrated",
    "a day later, calibrated": "a day later,\ncalibrated again",
}
KINDS = (
    (ANALOG_GAINS.name, "ptq8", "#9ecfae", "whole kernel, float-derived"),
    (ANALOG_GAINS.name, "noise_hybrid", "#0b7a3b", "whole kernel, trained against chips"),
    (HYBRID_GAINS.name, "ptq8", "#bbbbbb", "A digital, float-derived"),
    (HYBRID_GAINS.name, "noise_hybrid", "#444444", "A digital, trained against chips"),
)


def survey_figure(found: Mapping[str, Mapping[str, Curve]], reference: float) -> Figure:
    """Accuracy against the spread of writing, a panel a device, a line a choice."""
    devices = [device for device in DEVICES if device in found]
    figure = Figure(figsize=(3.4 * min(len(devices), 2) + 2.2, 2.9 * -(-len(devices) // 2)))
    figure.set_layout_engine("constrained")
    panels = np.atleast_1d(figure.subplots(-(-len(devices) // 2), min(len(devices), 2))).ravel()
    for axes, device in zip(panels, devices, strict=False):
        _curves(axes, found[device], device, reference)
    for axes in panels[len(devices) :]:
        axes.remove()
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside right center")
    return figure


def _curves(axes: Axes, curves: Mapping[str, Curve], device: str, reference: float) -> None:
    """Draw one panel: means, and the range from the worst to the best chip."""
    generic = device == "gaussian"
    for choice, curve in curves.items():
        x = curve.factors * (100.0 if generic else 1.0)
        ends = 100 * curve.accuracy.min(axis=1), 100 * curve.accuracy.max(axis=1)
        axes.vlines(x, *ends, color=COLOURS[choice], lw=0.8, alpha=0.6)
        dashes = (0, (2, 2)) if choice == HYBRID.name else "-"
        mean = 100 * curve.accuracy.mean(axis=1)
        axes.plot(x, mean, color=COLOURS[choice], ls=dashes, lw=1.4, marker="o", ms=2.6,
                  label=choice)  # fmt: skip
    axes.axhline(100 * (reference - LOSS), color="#555555", lw=0.7, ls=":")
    axes.annotate("two points lost", (0.99, 100 * (reference - LOSS)), xytext=(0, -2), ha="right",
                  va="top", xycoords=("axes fraction", "data"), textcoords="offset points",
                  fontsize=7, color="#555555")  # fmt: skip
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_ylim(40, 101)
    axes.set_ylabel("accuracy (%)")
    axes.set_xlabel("spread of writing (% of the window)" if generic
                    else "spread of writing (device model = 1)")  # fmt: skip
    axes.set_title(DEVICES[device], fontsize=9, loc="left")


def deployment_figure(rows: Sequence[Mapping[str, Any]], device: str, reference: float) -> Figure:
    """Accuracy of one device at three times: whole kernel and hybrid, trained and not."""
    every = sorted({r["of"]["devices a weight"] for r in rows if r["of"]["device"] == device})
    figure = Figure(figsize=(max(3.8 * len(every), 6.6), 3.2), layout="constrained")
    panels = np.atleast_1d(figure.subplots(1, len(every), sharey=True))
    for axes, copies in zip(panels, every, strict=True):
        here = [r for r in rows if r["of"]["device"] == device]
        _bars(axes, [r for r in here if r["of"]["devices a weight"] == copies])
        axes.axhline(100 * reference, color="#555555", lw=0.7, ls=":")
        axes.set_xticks(range(len(TIMES)), list(TIMES.values()))
        plural = "s" if copies > 1 else ""
        axes.set_title(f"{copies} device{plural} a side of a weight", fontsize=9, loc="left")
        axes.set_ylim(0, 101)
        axes.grid(False, axis="x")
    panels[0].set_ylabel("accuracy (%)")
    handles, labels = panels[-1].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2, fontsize=7)
    return figure


def _bars(axes: Axes, rows: Sequence[Mapping[str, Any]]) -> None:
    """Draw means as bars and chips as points, a group a time."""
    for i, (choice, model, colour, label) in enumerate(KINDS):
        wanted = {"choice": choice, "model": model}
        chips = {r["of"]["time"]: r["accuracy"] for r in rows if wanted.items() <= r["of"].items()}
        places = [k for k, time in enumerate(TIMES) if time in chips]
        values = [100 * np.array(chips[time]) for time in TIMES if time in chips]
        x = [k + 0.2 * i - 0.3 for k in places]
        axes.bar(x, [v.mean() for v in values], 0.18, color=colour, label=label)
        for at, v in zip(x, values, strict=True):
            axes.plot(np.full(len(v), at), v, "o", ms=2, color="k")
