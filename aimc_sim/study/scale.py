"""Scale: the values that a parameter may be searched over, from the tightest to the loosest."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from aimc_sim.spec import InputError

Looser = Literal["up", "down"]
MOST = 10_000


@dataclass(frozen=True)
class Scale:
    """Values of a parameter, one a resolution; made by one of the functions below.

    Parameters
    ----------
    values : tuple
        From the tightest to the loosest; at least two.
    kind : {"linear", "log", "integer", "list"}
        How they are spaced.
    looser : {"up", "down"}
        Which way the values go.
    """

    values: tuple[Any, ...]
    kind: Literal["linear", "log", "integer", "list"]
    looser: Looser

    def __post_init__(self) -> None:
        if len(self.values) < 2:
            raise InputError(f"values: found {list(self.values)}; expected at least two")
        if len(set(self.values)) < len(self.values):
            raise InputError(f"values: found {list(self.values)}; one is given twice")


def linear_scale(low: float, high: float, resolution: float, looser: Looser) -> Scale:
    """Return evenly spaced values, both ends included, at most `resolution` apart.

    Raises
    ------
    InputError
        Ends in the wrong order, or a resolution that is not above 0 or too fine.

    Examples
    --------
    >>> linear_scale(0.0, 1.0, 0.25, "up").values
    (0.0, 0.25, 0.5, 0.75, 1.0)
    """
    _check(low, high, resolution > 0.0, resolution)
    n = _steps((high - low) / resolution, resolution)
    inner = [float(f"{low + (high - low) * i / n:.12g}") for i in range(1, n)]
    return _turned([float(low), *inner, float(high)], "linear", looser)


def log_scale(low: float, high: float, ratio: float, looser: Looser) -> Scale:
    """Return values evenly spaced on a logarithmic scale, neighbours within `ratio`.

    Values between the ends have six significant digits.

    Raises
    ------
    InputError
        Ends in the wrong order or not above 0, or a ratio that is not above 1 or too fine.

    Examples
    --------
    >>> log_scale(0.01, 1.0, 10.0, "down").values
    (1.0, 0.1, 0.01)
    """
    _check(low, high, ratio > 1.0 and low > 0.0, ratio)
    n = _steps(math.log(high / low) / math.log(ratio), ratio)
    inner = [float(f"{low * (high / low) ** (i / n):.6g}") for i in range(1, n)]
    return _turned([float(low), *inner, float(high)], "log", looser)


def integer_scale(low: int, high: int, looser: Looser) -> Scale:
    """Return all integers from `low` to `high`.

    Raises
    ------
    InputError
        Ends in the wrong order, or too many of them.

    Examples
    --------
    >>> integer_scale(4, 8, "down").values
    (8, 7, 6, 5, 4)
    """
    _check(low, high, True, 1)
    _steps(high - low, 1)
    return _turned(list(range(low, high + 1)), "integer", looser)


def list_scale(values: list[Any] | tuple[Any, ...], looser: Looser) -> Scale:
    """Return values that are given in order: from the tightest on (up) or from the loosest (down).

    Raises
    ------
    InputError
        Fewer than two, or one given twice.

    Examples
    --------
    >>> list_scale(["1s", "1h", "1d"], "up").values
    ('1s', '1h', '1d')
    """
    return _turned(list(values), "list", looser)


def _check(low: float, high: float, is_possible: bool, resolution: float) -> None:
    if not low < high or not math.isfinite(high - low):
        raise InputError(f"range: found {low} to {high}; the first must be below the last")
    if not is_possible:
        raise InputError(
            f"resolution: found {resolution:g} from {low:g} to {high:g}; "
            "expected a step above 0, or a ratio above 1 of values above 0"
        )


def _steps(n: float, resolution: float) -> int:
    if n > MOST:
        raise InputError(f"resolution: found {resolution:g}; expected at most {MOST} values")
    return max(math.ceil(n - 1.0e-9), 1)


def _turned(
    values: list[Any], kind: Literal["linear", "log", "integer", "list"], looser: Looser
) -> Scale:
    return Scale(tuple(values if looser == "up" else values[::-1]), kind, looser)
