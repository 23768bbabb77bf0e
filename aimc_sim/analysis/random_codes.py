"""Random codes of stated statistics, where no data are given."""

from __future__ import annotations

from typing import Literal

import numpy as np

from aimc_sim.model.signal import Ints
from aimc_sim.rng import stream

Statistics = Literal["uniform", "normal", "zero"]
CLIP_SIGMA = 3.0
"""Normal codes end here, in standard deviations: the largest code."""


def random_codes(
    seed: int, name: str, n_rows: int, n_cols: int, bits: int, kind: Statistics
) -> Ints:
    """Return random signed codes.

    Parameters
    ----------
    seed : int
        With `name` it names the draws.
    name : str
        What they are for.
    n_rows, n_cols : int
        How many; a row more moves no other.
    bits : int
        Width.
    kind : {"uniform", "normal", "zero"}
        ``uniform``: each bit of a code's magnitude is set with probability 1/2, the sign random;
        ``normal``: standard normal, `CLIP_SIGMA` at the largest code.

    Returns
    -------
    int array, shape (n_rows, n_cols)
        Between ``-(2^(bits-1) - 1)`` and ``2^(bits-1) - 1``.
    """
    named, top = stream(seed, "busy", name), (1 << (bits - 1)) - 1
    if kind == "zero":
        return np.zeros((n_rows, n_cols), dtype=np.int64)
    if kind == "normal":
        z = np.stack([named.normal(n_cols, sequence=i) for i in range(n_rows)]).astype(np.float64)
        return np.rint(np.clip(z / CLIP_SIGMA, -1.0, 1.0) * top).astype(np.int64)
    u = np.stack([named.uniform(n_cols, sequence=i) for i in range(n_rows)])
    drawn = np.floor(u * 2 * (top + 1)).astype(np.int64)  # magnitude, and the sign as its top bit
    return np.where(drawn > top, -(drawn & top), drawn & top)
