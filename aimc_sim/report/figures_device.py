"""The figures of a device's page: spread, drift, read noise, faults, I-V curve."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, NullLocator

from aimc_sim.devices import Device, Faults
from aimc_sim.devices.laws import age_text
from aimc_sim.devices.state import Array
from aimc_sim.report.device_curves import DAY_s, Fan, HOUR_s, Spread, YEAR_s
from aimc_sim.report.svg import FAINT, INK, MAIN, SECOND, draw, drawing, to_svg

SIZE_in = (5.2, 2.9)
TICKS_s = {0.0: "0", 1.0: "1 s", 60.0: "1 min", HOUR_s: "1 h", DAY_s: "1 d", 30 * DAY_s: "30 d",
           YEAR_s: "1 y"}  # fmt: skip
uS = 1.0e6
"""Microsiemens in a siemens."""


def sigma_figure(curves: Sequence[tuple[str, Array, Array]], found: Spread) -> str:
    """Return the spread of programming over the target: the file's, and that of written cells.

    Parameters
    ----------
    curves : sequence of tuple
        Label, targets and spread [S] of each curve, the first one as written.
    found : Spread
        Cells as written.
    """

    def paint(axes: Axes) -> None:
        for i, (label, g_S, sigma_S) in enumerate(curves):
            alpha = 1.0 - 0.75 * i / max(len(curves) - 1, 1)
            axes.plot(uS * g_S, uS * sigma_S, color=MAIN, lw=1.4, alpha=alpha, label=label)
        label = "cells as written, clipped"
        axes.plot(uS * found.g_target_S, uS * found.sigma_S, "o", color=SECOND, ms=4, label=label)
        axes.set_ylim(0.0, 1.1 * uS * max(found.sigma_S.max(), *(s.max() for _, _, s in curves)))
        _conductance_axis(axes, "target [µS]")
        axes.set_ylabel("standard deviation [µS]")
        _legend(axes, 4)

    return draw("sigma", "spread of programming against target conductance", SIZE_in, paint)


def fan_figure(fan: Fan, scale_s: float) -> str:
    """Return median and 5 to 95 % of cells over time; points where times between are unknown.

    Parameters
    ----------
    fan : Fan
        The cells.
    scale_s : float
        Where the axis of time turns from linear to logarithmic, if it begins at 0 [s].
    """
    if not fan.ages.continuous:
        return _points_figure(fan)
    t_s = np.array(fan.ages.ages_s)

    def paint(axes: Axes) -> None:
        for i in range(fan.g_target_S.size):
            low, high = uS * fan.low_S[:, i], uS * fan.high_S[:, i]
            axes.fill_between(t_s, low, high, color=MAIN, alpha=0.18, lw=0)
            axes.plot(t_s, uS * fan.median_S[:, i], color=MAIN, lw=1.3)
        if t_s[0] > 0.0:
            axes.set_xscale("log")
        else:
            axes.set_xscale("symlog", linthresh=scale_s, linscale=0.4)
        ticks = {t: text for t, text in TICKS_s.items() if t == t_s[0] or scale_s < t <= t_s[-1]}
        axes.set_xticks(list(ticks), list(ticks.values()))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.set_xlim(t_s[0], t_s[-1])
        axes.set_xlabel("age")
        _target_labels(axes, fan)

    return draw("drift", "median and 5 to 95 % of cells over time", (5.2, 3.4), paint)


def _points_figure(fan: Fan) -> str:
    place = np.arange(len(fan.ages.ages_s))

    def paint(axes: Axes) -> None:
        for i in range(fan.g_target_S.size):
            median = uS * fan.median_S[:, i]
            reach = np.abs(uS * np.array([fan.low_S[:, i], fan.high_S[:, i]]) - median)
            axes.errorbar(place, median, yerr=reach, fmt="o", color=MAIN, ms=4, lw=1.0, capsize=3)
        axes.set_xticks(place, [age_text(t_s) for t_s in fan.ages.ages_s])
        axes.set_xlim(-0.5, place[-1] + 0.5)
        axes.set_xlabel("age, at the known times only")
        _target_labels(axes, fan)

    return draw("drift", "median and 5 to 95 % of cells at the known times", (5.2, 3.4), paint)


def _target_labels(axes: Axes, fan: Fan) -> None:
    """Say on the right which target each group of cells was written to."""
    axes.set_ylabel("conductance [µS]")
    axes.set_ylim(bottom=min(0.0, float(uS * fan.low_S.min())))
    right = axes.secondary_yaxis("right")
    right.set_yticks(uS * fan.g_target_S, [f"{g:.4g}" for g in uS * fan.g_target_S])
    right.set_ylabel("target [µS]")
    right.spines["right"].set_visible(True)


def read_figure(curves: Sequence[tuple[str, Array, Array]]) -> str:
    """Return the spread of one read, relative to the conductance, over it: a curve for each time.

    Parameters
    ----------
    curves : sequence of tuple
        Label, conductances and spread [S] of each time.
    """
    top = max(float(np.median(sigma_S / g_S)) for _, g_S, sigma_S in curves)

    def paint(axes: Axes) -> None:
        for i, (label, g_S, sigma_S) in enumerate(curves):
            alpha = 1.0 - 0.65 * i / max(len(curves) - 1, 1)
            ratio = 100.0 * sigma_S / g_S
            axes.plot(uS * g_S, ratio, color=MAIN, lw=1.4, alpha=alpha, label=label)
        axes.set_ylim(0.0, min(axes.get_ylim()[1], 600.0 * top) or 1.0)
        _conductance_axis(axes, "conductance at that time [µS]")
        axes.set_ylabel("σ of one read / g [%]")
        _legend(axes, 4)

    return draw("read", "read noise relative to the conductance", SIZE_in, paint)


def shares_figure(rows: Sequence[tuple[str, float, float, float]]) -> str:
    """Return bars of what 1/f noise consists of: frozen, correlated and white part of variance.

    Parameters
    ----------
    rows : sequence of tuple
        Label of each bar and its three shares.
    """
    place, parts = np.arange(len(rows)), 100.0 * np.array([row[1:] for row in rows])

    def paint(axes: Axes) -> None:
        left = np.zeros(len(rows))
        looks = ((FAINT, "frozen"), (MAIN, "correlated"), (SECOND, "white"))
        for (colour, label), share in zip(looks, parts.T, strict=True):
            axes.barh(place, share, 0.62, left=left, color=colour, label=label)
            left = left + share
        axes.set_yticks(place, [row[0] for row in rows])
        axes.tick_params(axis="y", length=0)
        axes.invert_yaxis()
        axes.set_xlim(0.0, 100.0)
        axes.set_xlabel("share of the variance [%]")
        _legend(axes, 3)

    return draw("shares", "shares of 1/f noise", (5.2, 0.95 + 0.27 * len(rows)), paint)


def faults_figure(device: Device, faults: Faults) -> str:
    """Return the range of targets and those of stuck devices on one axis."""
    rows = [("targets", device.g_min_S, device.g_max_S, MAIN)]
    for name, stuck in (("stuck off", faults.stuck_off), ("stuck on", faults.stuck_on)):
        if stuck is not None:
            rows.append((f"{name}, {100 * stuck.rate:g} %", stuck.low_S, stuck.high_S, SECOND))

    def paint(axes: Axes) -> None:
        for i, (_, low_S, high_S, colour) in enumerate(rows):
            ends = [uS * low_S, uS * high_S]
            axes.plot(ends, [i, i], "|-", color=colour, lw=5, ms=10, solid_capstyle="butt")
        if min(low_S for _, low_S, _, _ in rows) > 0.0:
            axes.set_xscale("log")
        axes.set_yticks(range(len(rows)), [row[0] for row in rows])
        axes.tick_params(axis="y", length=0)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        _conductance_axis(axes, "conductance [µS]")

    return draw("faults", "ranges of stuck devices", (5.2, 0.8 + 0.3 * len(rows)), paint)


def current_figure(device: Device, v_max_V: float, g_S: Array) -> str:
    """Return the I-V curve at a few conductances, and how far it is from I = g V.

    Parameters
    ----------
    device : Device
        One whose current is not linear.
    v_max_V : float
        Largest voltage it is known for [V].
    g_S : float64 array, shape (n_curves,)
        Conductances [S].
    """
    terms = device.nonlinearity(g_S)
    assert terms is not None, "a curve has coefficients"
    v_V = np.linspace(-v_max_V, v_max_V, 101)
    with drawing(5.2, 2.9) as figure:
        left, right = figure.subplots(1, 2)
        for i, (g, a, b) in enumerate(zip(g_S, *terms, strict=True)):
            look = {"color": MAIN, "lw": 1.3, "alpha": 0.35 + 0.65 * i / max(g_S.size - 1, 1)}
            extra_A = a * v_V**2 + b * v_V**3
            left.plot(v_V, uS * (g * v_V + extra_A), label=f"{uS * g:.4g} µS", **look)
            away = np.divide(extra_A, g * v_V, out=np.zeros_like(v_V), where=v_V != 0.0)
            right.plot(v_V, 100.0 * away, **look)
        left.set_ylabel("current [µA]")
        right.set_ylabel("I / (g V) - 1 [%]")
        right.axhline(0.0, color=INK, lw=0.5)
        for axes in (left, right):
            axes.set_xlabel("voltage [V]")
            axes.grid()
        figure.legend(loc="outside upper center", ncols=5, fontsize=8, handlelength=1.2)
        return to_svg(figure, "current", "current against voltage")


def _conductance_axis(axes: Axes, label: str) -> None:
    axes.set_xlabel(label)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}"))
    axes.grid()
    axes.set_axisbelow(True)


def _legend(axes: Axes, n: int) -> None:
    axes.figure.legend(loc="outside upper center", ncols=n, fontsize=8, handlelength=1.4)
