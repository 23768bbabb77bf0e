"""Sobol indices: the design that they take."""

from __future__ import annotations

from aimc_sim.model.signal import Floats
from aimc_sim.study.frame import needs_extra


def saltelli_points(n_factors: int, n_base: int, seed: int, second: bool = False) -> Floats:
    """Return the design of Saltelli in the unit cube, n_base (n_factors + 2) points.

    Parameters
    ----------
    n_factors, n_base : int
        Factors, and points of the underlying Sobol sequence, a power of two.
    seed : int
        Of the scrambling.
    second : bool
        Whether indices of second order are wanted too: n_base (2 n_factors + 2) points.
    """
    import numpy as np

    try:
        from SALib.sample import sobol
    except ImportError:
        raise needs_extra("SALib", "study") from None
    names = [f"x{i}" for i in range(n_factors)]
    problem = {"num_vars": n_factors, "names": names, "bounds": [[0.0, 1.0]] * n_factors}
    return np.asarray(sobol.sample(problem, n_base, calc_second_order=second, seed=seed))
