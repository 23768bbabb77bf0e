"""Draws for device tests: named streams as the crossbar makes them, and draws given by hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from aimc_sim.rng import stream

Draw = Callable[[str], npt.NDArray[np.float32]]


def named(seed: int, shape: tuple[int, ...], *path: str | int) -> Draw:
    """Return draws of that shape from the streams of (seed, "program", *path, source)."""
    n = int(np.prod(shape))
    return lambda source: stream(seed, "program", *path, source).normal(n).reshape(shape)


def given(**draws: npt.ArrayLike) -> Draw:
    """Return the arrays handed over, by source name; an unknown name is an error."""
    return lambda source: np.asarray(draws[source], dtype=np.float32)
