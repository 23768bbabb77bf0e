"""Powers of linear recurrences driven by white noise: Lyapunov equations, many at once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from aimc_sim.model.signal import Floats

_DOUBLINGS = 40  # 2^40 steps: beyond any pole that is not on the unit circle
_SMALL = 1.0e-16


def covariance(A: Floats, Q: Floats) -> Floats:
    r"""Return the covariance of ``x' = x A + w`` with white w of covariance Q.

    Parameters
    ----------
    A : float array, shape (..., n, n)
        [from, to].
    Q : float array, shape (..., n, n)
        Covariance of what is added at every step.

    Returns
    -------
    float array, shape (..., n, n)
        Infinite where a pole lies on or outside the unit circle and is driven.

    Notes
    -----
    .. math:: P = A^T P A + Q = \sum_k (A^T)^k Q A^k

    by doubling the number of terms until nothing is added (Smith, SIAM J. Appl. Math. 16, 198
    (1968)).

    Examples
    --------
    >>> covariance(np.array([[0.6]]), np.array([[1.0]])).round(6)
    array([[1.5625]])
    """
    power, found = np.array(A, dtype=np.float64), np.array(Q, dtype=np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(_DOUBLINGS):
            step = np.swapaxes(power, -1, -2) @ found @ power
            found = found + step
            power = power @ power
            if not (np.abs(step) > _SMALL * np.abs(found)).any():
                break
    bad = ~np.isfinite(found).all(axis=(-1, -2)) | (np.abs(power).max(axis=(-1, -2)) > 0.5)
    return np.where(bad[..., None, None], np.inf, found)


def energy(A: Floats, B: Floats, C: Floats) -> Floats:
    """Return the energy of ``K[l] = B A^l C^T``, the output's power for white input of power 1.

    Parameters
    ----------
    A : float array, shape (..., n, n)
        [from, to].
    B, C : float array, shape (..., n)
        Input and readout.

    Examples
    --------
    >>> one = np.ones((1, 1))
    >>> round(float(energy(np.array([[[0.5]]]), one, one)[0]), 6)
    1.333333
    """
    driven = B[..., :, None] * B[..., None, :]
    return quadratic(covariance(A, driven), C)


def element_energies(A: Floats) -> Floats:
    r"""Return the energy of each element of the powers of A, :math:`\sum_l (A^l)_{ij}^2`.

    Parameters
    ----------
    A : float array, shape (m, n, n)
        [from, to].

    Examples
    --------
    >>> element_energies(np.array([[[0.5]]])).round(6)
    array([[[1.333333]]])
    """
    m, n = A.shape[:2]
    unit = np.eye(n)
    rows = [covariance(A, np.broadcast_to(np.outer(e, e), (m, n, n))) for e in unit]
    return np.stack([np.einsum("mjj->mj", row) for row in rows], axis=1)


def quadratic(P: Floats, C: Floats) -> Floats:
    """Return ``C P C^T``; infinite where P is."""
    wrong = np.isinf(P).any(axis=(-1, -2))
    found = np.einsum("...i,...ij,...j->...", C, np.where(np.isinf(P), 0.0, P), C)
    return np.where(wrong, np.inf, found)


def noisy_covariance(A: Floats, V: Floats, Q: Floats) -> tuple[Floats, Floats]:
    r"""Return the covariance of ``x' = x (A + E) + w`` with E drawn anew at every step.

    Parameters
    ----------
    A : float array, shape (m, n, n)
        [from, to].
    V : float array, shape (m, n, n)
        Variance of each element of E; all independent.
    Q : float array, shape (m, n, n)
        Covariance of w.

    Returns
    -------
    tuple of float arrays, shapes (m, n, n) and (m,)
        The covariance, infinite where there is none, and the spectral radius of the step of
        covariances: below 1 the recurrence is stable in the mean square.

    Notes
    -----
    The generalised Lyapunov equation

    .. math:: P = A^T P A + \sum_{ij} V_{ij} P_{ii} e_j e_j^T + Q

    is linear in P, and solved as such (Damm, Rational Matrix Equations in Stochastic Control,
    Springer 2004, ch. 1.5).

    Examples
    --------
    >>> P, radius = noisy_covariance(*(np.full((1, 1, 1), v) for v in (0.6, 0.04, 1.0)))
    >>> round(float(P[0, 0, 0]), 6), round(float(radius[0]), 6)
    (1.666667, 0.4)
    """
    m, n = A.shape[:2]
    step = np.einsum("mki,mlj->mijkl", A, A)
    for i in range(n):
        for j in range(n):
            step[:, j, j, i, i] += V[:, i, j]
    matrix = step.reshape(m, n * n, n * n)
    radius = np.abs(np.linalg.eigvals(matrix)).max(axis=-1)
    stable = radius < 1.0
    safe = np.where(stable[:, None, None], matrix, 0.0)
    solved = np.linalg.solve(np.eye(n * n) - safe, Q.reshape(m, n * n, 1)).reshape(m, n, n)
    return np.where(stable[:, None, None], solved, np.inf), radius


def sensitivities(A: Floats, B: Floats, C: Floats) -> tuple[Floats, Floats, Floats]:
    r"""Return the energy of a kernel's change per unit of change of each element.

    Parameters
    ----------
    A : float array, shape (m, n, n)
        [from, to].
    B, C : float array, shape (m, n)
        Input and readout.

    Returns
    -------
    tuple of float arrays, shapes (m, n, n), (m, n), (m, n)
        Of A, B and C, to first order.

    Notes
    -----
    .. math:: \frac{\partial K[l]}{\partial A_{ij}} =
              \sum_{k<l} (B A^k)_i \, (A^{l-1-k} C^T)_j

    is the impulse response of two copies in a row, the second driven by element i of the first at
    element j; with :math:`\partial K[l]/\partial B_i = (A^l C^T)_i` and
    :math:`\partial K[l]/\partial C_j = (B A^l)_j`.
    """
    m, n = B.shape
    zero = np.zeros((m, n))
    of_A = np.empty((m, n, n))
    for i in range(n):
        for j in range(n):
            both = np.zeros((m, 2 * n, 2 * n))
            both[:, :n, :n] = both[:, n:, n:] = A
            both[:, i, n + j] = 1.0
            of_A[:, i, j] = energy(both, np.hstack([B, zero]), np.hstack([zero, C]))
    unit: npt.NDArray[np.float64] = np.eye(n)
    of_B = np.stack([energy(A, np.broadcast_to(e, (m, n)), C) for e in unit], axis=-1)
    of_C = np.stack([energy(A, B, np.broadcast_to(e, (m, n))) for e in unit], axis=-1)
    return of_A, of_B, of_C
