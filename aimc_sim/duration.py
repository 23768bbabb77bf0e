"""Times as people type them: 30s, 5min, 1h, 1d."""

from __future__ import annotations

import re

from aimc_sim.spec import InputError

_UNITS_s = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_LONGEST_s = 1.0e12  # longer than any device will be read
_TIME = re.compile(r"(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)\s*(s|min|h|d)")


def parse_time_s(text: str, option: str = "--after") -> float:
    """Return a time [s] from ``30s``, ``5min``, ``1h`` or ``1d``.

    Raises
    ------
    InputError
        Anything else.

    Examples
    --------
    >>> parse_time_s("30s"), parse_time_s("1.5h"), parse_time_s("1d")
    (30.0, 5400.0, 86400.0)
    """
    found = _TIME.fullmatch(text.strip())
    if found is None:
        raise InputError(f"{option}: found {text!r}; expected a time such as 30s, 5min, 1h or 1d")
    time_s = float(found.group(1)) * _UNITS_s[found.group(2)]
    if time_s > _LONGEST_s:
        raise InputError(f"{option}: found {text!r}; expected at most {_LONGEST_s:g} s")
    return time_s
