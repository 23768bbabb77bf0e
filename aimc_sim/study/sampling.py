"""Points of sampled designs in the unit cube."""

from __future__ import annotations

from typing import Literal

from aimc_sim.model.signal import Floats
from aimc_sim.spec import InputError


def unit_points(kind: Literal["lhs", "sobol"], n: int, n_axes: int, seed: int) -> Floats:
    """Return n points in [0, 1)^n_axes.

    Parameters
    ----------
    kind : {"lhs", "sobol"}
        Latin hypercube, or a scrambled Sobol sequence, whose first points stay when n doubles.
    n : int
        Points; a power of two for Sobol, without which the sequence loses its balance.
    n_axes : int
        Dimensions.
    seed : int
        Of the scrambling.

    Raises
    ------
    InputError
        Sobol with another number.
    """
    import numpy as np
    from scipy.stats import qmc

    rng = np.random.default_rng(seed)
    if kind == "lhs":
        return np.asarray(qmc.LatinHypercube(n_axes, rng=rng).random(n))
    if n & (n - 1):
        near = 1 << (n.bit_length() - 1)
        raise InputError(
            f"sampling.n: found {n}; a Sobol sequence takes a power of two, as {near} or {2 * near}"
        )
    return np.asarray(qmc.Sobol(n_axes, rng=rng).random(n))
