"""Known patterns that a calibration reads: weak enough for ranges that data has fixed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from aimc_sim.hardware import Hardware
from aimc_sim.model.signal import Ints

MOST_SATURATED = 0.01
"""Share of conversions that patterns may saturate."""
MOST_HALVINGS = 6


def patterns_that_fit(
    hardware: Hardware, inputs: tuple[Ints, ...], saturated: Callable[[tuple[Ints, ...]], float]
) -> tuple[tuple[Ints, ...], int]:
    """Return patterns for converters of that hardware, and how often they were read to find them.

    Parameters
    ----------
    hardware : Hardware
        Where its ranges are calibrated, patterns over all codes would saturate its converters.
    inputs : tuple of int arrays
        Patterns over all codes.
    saturated : callable
        Reads patterns and returns the share of saturated conversions.

    Notes
    -----
    Magnitudes are halved until at most `MOST_SATURATED` of the conversions saturate, at most
    `MOST_HALVINGS` times.

    Examples
    --------
    >>> from aimc_sim import load_chip
    >>> chip = load_chip("examples/chips/pcm_256.yaml", {"hardware.adc.range": "calibrated"})
    >>> clips_above_40 = lambda inputs: float((abs(inputs[0]) > 40).mean())
    >>> patterns_that_fit(chip.hardware, (np.array([-127, 127, 3]),), clips_above_40)
    ((array([-31,  31,   0]),), 3)
    """
    if not hardware.adc.is_calibrated:
        return inputs, 0
    times = 1
    while times <= MOST_HALVINGS and saturated(inputs) > MOST_SATURATED:
        inputs = tuple(np.sign(codes) * (np.abs(codes) >> 1) for codes in inputs)
        times += 1
    return inputs, min(times, MOST_HALVINGS)
