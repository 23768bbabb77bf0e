"""Voltage sensing: a bitline left open settles at the mean of its wordlines' voltages."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aimc_sim.model.signal import Floats


@dataclass(frozen=True)
class BoundVoltage:
    r"""Sums of conductances of the bitlines read, and their noise.

    Parameters
    ----------
    asked_S : float array, shape (n_currents,)
        Sum of the conductances that were asked for [S]: the digital factor of the codes.
    actual_S : float array, shape (n_currents,)
        Sum of the conductances that are there [S].
    sigma_S : float array or None, shape (n_wordlines, n_currents, n_devices)
        Spread of each device [S].

    Notes
    -----
    :math:`V_j = \sum_i V_i G_{ij} / \sum_i G_{ij}` over all cells of a bitline, those of wordlines
    at 0 V included. In units of the accumulator the code stands for
    :math:`(\sum_i x_i g_{ij}) \, \Sigma^{asked}_j / \Sigma^{actual}_j`.

    References
    ----------
    W. Wan et al., Nature 608, 504 (2022), Methods (voltage-mode sensing).
    """

    asked_S: Floats
    actual_S: Floats
    sigma_S: Floats | None

    def factor(self, noise_S: Floats | None) -> Floats:
        """Return what the currents are to be multiplied by, given deviations of the sums [S]."""
        actual_S = self.actual_S if noise_S is None else self.actual_S + noise_S
        conducts = actual_S > 0.0  # a bitline that nothing pulls at is taken to stay at 0 V
        return np.where(conducts, self.asked_S / np.where(conducts, actual_S, 1.0), 0.0)
