"""How wrong an effective matrix is when conductances have moved since it was computed."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from aimc_sim.model.signal import Floats


def largest_change(g_S: Floats, g_new_S: Floats) -> float:
    """Return the largest relative change of a conductance; infinite where one was 0.

    Examples
    --------
    >>> round(largest_change(np.array([1.0, 2.0]), np.array([0.9, 2.1])), 6)
    0.1
    """
    moved = np.abs(g_new_S - g_S)
    if (moved[g_S == 0.0] > 0.0).any():
        return float("inf")
    return float(np.divide(moved, g_S, out=np.zeros_like(moved), where=g_S > 0.0).max(initial=0.0))


def stale_bound(g_S: Floats, g_new_S: Floats, v_V: npt.ArrayLike) -> tuple[Floats, float]:
    r"""Return bounds of the error of currents from an effective matrix of earlier conductances.

    Parameters
    ----------
    g_S, g_new_S : float array, shape (n_wordlines, n_bitlines)
        Conductances that the matrix was computed for, and those of the read [S].
    v_V : float array, shape (n_wordlines,)
        Wordline voltages [V].

    Returns
    -------
    float array, shape (n_bitlines,), and float
        Bound for each bitline, and for the root of the sum of squares over all of them [A].

    Notes
    -----
    The admittance Y of all ends of the lines grows with every conductance, and scaling all of them,
    wires included, scales it. So with :math:`\rho = \max |g'/g - 1|`, as quadratic forms,

    .. math::
        -\rho Y \le Y' - Y \le \rho Y , \qquad
        |\delta i_l| \le \rho \sqrt{P \, Y_{ll}} , \qquad
        \lVert \delta i \rVert \le \rho \sqrt{P \max_l Y_{ll}} .

    Power P and self-admittance are largest without wires: :math:`P \le \sum_{kl} g_{kl} v_k^2`,
    :math:`Y_{ll} \le \sum_k g_{kl}`. So the bounds hold for any wires. Where all cells are alike
    and all wordlines at one voltage, the second one is :math:`\rho \lVert i \rVert`.

    Examples
    --------
    >>> g_S = np.full((4, 3), 1.0e-5)
    >>> each, together = stale_bound(g_S, 0.99 * g_S, np.full(4, 0.2))
    >>> round(float(together / np.linalg.norm(np.full(4, 0.2) @ g_S)), 9)
    0.01
    """
    rho = max(largest_change(g_S, g_new_S), 0.0)
    power_W = float(np.square(np.asarray(v_V, dtype=np.float64)) @ g_S.sum(axis=1))
    own_S = g_S.sum(axis=0)
    if rho == 0.0:
        return np.zeros(len(own_S)), 0.0
    return rho * np.sqrt(power_W * own_S), rho * float(np.sqrt(power_W * own_S.max()))
