"""Exponential pulse response, with the spread of a step growing with weight and step."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from aimc_sim.devices.pulsed_response import Flags, PulsedCells, PulseResponse
from aimc_sim.devices.state import Array


class ExpStep(PulseResponse):
    r"""Steps that change exponentially with the weight, as in CMOS-like and phase-change devices.

    Parameters
    ----------
    A_up, A_down : float
        Factors of the exponential.
    gamma_up, gamma_down : float
        Its exponents.
    a, b : float
        Slope and offset of its argument.
    dw_min_std_add, dw_min_std_slope : float
        Spread of a step that does not depend on its size, and that grows with the weight, in
        units of `dw_min_std`.

    Notes
    -----
    .. math::
        z &= \frac{2 a w}{b^{max} - b^{min}} + b,\qquad
        y^\pm = \max\left(1 - A^\pm e^{\pm\gamma^\pm z},\ 0\right) \\
        w &\leftarrow w \pm y^\pm\,\Delta w^\pm + \sigma_{ctoc}\left(y^\pm\,\Delta w^\pm
        + \sigma_{add} + \sigma_{slope} |w|\right)\xi

    A device whose bounds coincide does not move.

    References
    ----------
    aihwkit's ``ExpStepDevice``; T. Gong et al., Nat. Commun. 2018 (ReRAM); S. Nandakumar et al.,
    Front. Neurosci. 2020 (PCM).
    """

    kind: Literal["exp_step"]
    A_up: float
    A_down: float
    gamma_up: float = Field(ge=0.0)
    gamma_down: float = Field(ge=0.0)
    a: float
    b: float
    dw_min_std_add: float = Field(default=0.0, ge=0.0)
    dw_min_std_slope: float = Field(default=0.0, ge=0.0)

    def step(self, cells: PulsedCells, w: Array, up: Flags, z: Array) -> Array:
        """Return the weights after one pulse, before the bounds."""
        width = cells.w_max - cells.w_min
        moves = width > 0.0
        argument = 2.0 * self.a * w / np.where(moves, width, 1.0) + self.b
        exponent = np.where(up, self.gamma_up, -self.gamma_down) * argument
        y = np.maximum(1.0 - np.where(up, self.A_up, self.A_down) * np.exp(exponent), 0.0)
        size = y * np.where(up, cells.dw_up, cells.dw_down)
        spread = size + self.dw_min_std_add + self.dw_min_std_slope * np.abs(w)
        change = np.where(up, size, -size) + self.dw_min_std * spread * z
        return np.asarray(np.where(moves, w + change, w))
