"""Points of sampled designs in the unit cube."""

from __future__ import annotations

from typing import Literal

from aimc_sim.model.signal import Floats
from aimc_sim.spec import InputError


def unit_points(kind: Literal["lhs", "sobol"], n: int, n_axes: int, seed: int) -> Floats:
    """Return n points in [0, 1)^n_axes, shape (n, n_axes).

    Parameters
    ----------
    kind : {"lhs", "sobol"}
        Latin hypercube, or a scrambled Sobol sequence.
    n : int
        Points; for Sobol a power of two.
    n_axes : int
        Dimensions.
    seed : int
        Of the permutations, or of the scrambling.

    Raises
    ------
    InputError
        Sobol with another number than a power of two.

    Notes
    -----
    Points depend on all four arguments, with one exception: the first n points of a Sobol sequence
    are those of any longer one, so that doubling n keeps what was computed. All points of a Latin
    hypercube move with n, as one of them stands in each n-th of every axis. All points of both
    move with `n_axes`.

    References
    ----------
    McKay, Beckman and Conover, Technometrics 21, 239 (1979); Sobol', USSR Comput. Math. Math. Phys.
    7, 86 (1967); scrambling: Matoušek, J. Complexity 14, 527 (1998). Balance at powers of two:
    Owen, "On dropping the first Sobol' point", arXiv:2008.08051.

    Examples
    --------
    >>> four, eight = unit_points("sobol", 4, 2, seed=1), unit_points("sobol", 8, 2, seed=1)
    >>> bool((four == eight[:4]).all())
    True
    >>> sorted((unit_points("lhs", 4, 2, seed=1)[:, 0] * 4).astype(int).tolist())
    [0, 1, 2, 3]
    """
    import numpy as np
    from scipy.stats import qmc

    rng = np.random.default_rng(seed)
    if kind == "lhs":
        return np.asarray(qmc.LatinHypercube(n_axes, rng=rng).random(n))
    check_power_of_two("sampling.n", n)
    return np.asarray(qmc.Sobol(n_axes, rng=rng).random(n))


def check_power_of_two(name: str, n: int) -> None:
    """Tell that a Sobol sequence is balanced only where its length is a power of two.

    Raises
    ------
    InputError
        It is not.

    Examples
    --------
    >>> check_power_of_two("sampling.n", 100)
    Traceback (most recent call last):
    aimc_sim.spec.InputError: sampling.n: found 100; a Sobol sequence takes a power of two, ...
    """
    if n < 1:
        raise InputError(f"{name}: found {n}; a Sobol sequence takes a power of two")
    if n & (n - 1):
        below = 1 << (n.bit_length() - 1)
        raise InputError(
            f"{name}: found {n}; a Sobol sequence takes a power of two, {below} or {2 * below}"
        )
