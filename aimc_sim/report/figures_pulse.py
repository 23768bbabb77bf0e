"""The figures of a device that is written pulse by pulse: a pulse's step, and the loop's errors."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes

from aimc_sim.devices import PulsedDevice
from aimc_sim.report.device_pulses import PulseSteps, Written
from aimc_sim.report.figures_device import SIZE_in, uS
from aimc_sim.report.svg import FAINT, INK, MAIN, SECOND, draw


def pulse_figure(device: PulsedDevice, steps: Mapping[str, PulseSteps]) -> str:
    """Return what one SET and one RESET pulse add to a conductance.

    Parameters
    ----------
    device : PulsedDevice
        Its range of targets is shaded.
    steps : mapping of str to PulseSteps
        Of "SET", and of "RESET" where that is gradual.
    """
    colours = {"SET": MAIN, "RESET": SECOND}

    def paint(axes: Axes) -> None:
        ends = (uS * device.g_min_S, uS * device.g_max_S)
        axes.axvspan(*ends, color=FAINT, alpha=0.2, lw=0, label="targets")
        for name, step in steps.items():
            g, colour = uS * step.g_S, colours[name]
            axes.fill_between(g, uS * step.low_S, uS * step.high_S, color=colour, alpha=0.2, lw=0)
            axes.plot(g, uS * step.typical_S, color=colour, lw=1.4, label=name)
        axes.axhline(0.0, color=INK, lw=0.5)
        axes.set_xlabel("conductance before the pulse [µS]")
        axes.set_ylabel("step of one pulse [µS]")
        axes.grid(axis="y")
        axes.figure.legend(loc="outside upper center", ncols=3, fontsize=8, handlelength=1.4)

    return draw("pulse", "conductance step of one pulse against conductance", SIZE_in, paint)


def loop_figure(device: PulsedDevice, found: Written) -> str:
    """Return how far from its target the loop left each device, within three windows."""
    window = uS * device.write_verify.window_S
    error = np.clip(uS * found.error_S, -3.0 * window, 3.0 * window)

    def paint(axes: Axes) -> None:
        axes.axhspan(-window, window, color=FAINT, alpha=0.2, lw=0, label="window")
        for chosen, label, colour in (
            (~found.failed, "done", MAIN),
            (found.failed, "failed", SECOND),
        ):
            g = uS * found.g_target_S[chosen]
            axes.plot(g, error[chosen], "o", color=colour, ms=2.4, label=label, clip_on=False)
        axes.set_ylim(-3.0 * window, 3.0 * window)
        axes.set_xlabel("target [µS]")
        axes.set_ylabel("written less target [µS]")
        axes.grid(axis="y")
        axes.figure.legend(loc="outside upper center", ncols=3, fontsize=8, handlelength=1.4)

    return draw("loop", "error of each device after the loop", SIZE_in, paint)
