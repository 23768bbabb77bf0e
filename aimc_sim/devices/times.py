"""Fits at read times: which of them a time falls on or between, and refusal of any other time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

from aimc_sim.devices.laws import age_text, check_age
from aimc_sim.spec import InputError

Between = Literal["refuse", "hold", "log_time", "linear_time"]
SAME_TIME = 1.0e-9
"""Relative slack by which a time is that of a fit."""


def weights_at(times_s: Sequence[float], t_s: float, between: Between) -> list[tuple[int, float]]:
    """Return which fits hold at a time and with what weight: one, or the two neighbours.

    Parameters
    ----------
    times_s : sequence of float
        Times of the fits, ascending [s].
    t_s : float
        Read time [s].
    between : {"refuse", "hold", "log_time", "linear_time"}
        Whether there is anything between the fits, and what it is linear in; ``hold``: the last
        fit that is not later holds, before the first one that.

    Raises
    ------
    InputError
        A time that is not that of a fit, or, with interpolation, outside the first and last.

    Examples
    --------
    >>> weights_at([1.0, 100.0], 10.0, "log_time")
    [(0, 0.5), (1, 0.5)]
    >>> weights_at([1.0, 100.0], 10.0, "hold"), weights_at([1.0, 100.0], 0.0, "hold")
    ([(0, 1.0)], [(0, 1.0)])
    """
    check_age(t_s)
    for i, known_s in enumerate(times_s):
        if abs(t_s - known_s) <= SAME_TIME * known_s:
            return [(i, 1.0)]
    texts = [f"--after {age_text(known_s)}" for known_s in times_s]
    if between == "refuse":
        raise InputError(
            f"--after: found {t_s:g} s; this device is known at its measured read times only: "
            f"{' or '.join(texts)}"
        )
    if between == "hold" and t_s < times_s[-1]:
        return [(max(sum(known_s < t_s for known_s in times_s) - 1, 0), 1.0)]
    if not times_s[0] < t_s < times_s[-1]:
        raise InputError(
            f"--after: found {t_s:g} s; this device is known from {texts[0]} to {texts[-1]} only"
        )
    i = next(i for i, known_s in enumerate(times_s) if known_s > t_s)
    low, high, now = times_s[i - 1], times_s[i], t_s
    if between == "log_time":
        low, high, now = math.log(low), math.log(high), math.log(now)
    share = (now - low) / (high - low)
    return [(i - 1, 1.0 - share), (i, share)]


def check_times(times_s: Sequence[float], name: str) -> None:
    """Refuse times that do not ascend.

    Raises
    ------
    ValueError
        With the name of the field.
    """
    if list(times_s) != sorted(set(times_s)):
        raise ValueError(f"{name}: found times {list(times_s)}; must ascend")
