"""S4D layers of real modes, trained as complex ones whose imaginary parts are and stay 0.

A complex layer puts out 2 (C x) m_C / 2^k_C, a real one (C x) m_C / 2^k_C; so the complex twin of
a real layer has k_C + 1. All gradients of imaginary parts are exactly 0; a pole's angle, 0 or pi,
is not trained.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np
import torch
from recurrence import S4DLayer
from torch import Tensor

from aimc_sim.model.layers import S4D
from aimc_sim.model.signal import Requant, Signal

PARTS = {"A": 4, "B": 2, "C": 2, "state": 2}


def padded(name: str, found: Tensor) -> Tensor:
    """Return what belongs to the real part of a tensor, with zeros for the rest."""
    nothing = torch.zeros(PARTS.get(name, 1) - 1, *found.shape[1:], dtype=found.dtype)
    return torch.cat([found, nothing])


def s4d_layer(layer: S4D, source: Signal) -> S4DLayer:
    """Return the module of an S4D layer, its modes complex or real."""
    return S4DLayer(layer, source) if layer.is_complex else RealS4DLayer(layer, source)


class RealS4DLayer(S4DLayer):
    """The recurrence of real modes."""

    def __init__(self, layer: S4D, source: Signal) -> None:
        zero = np.zeros(layer.n_modes, dtype=np.int64)
        requant_C = Requant(layer.requant_C.m, layer.requant_C.k + 1)
        twin = dataclasses.replace(layer, A_im=zero, B_im=zero, C_im=zero, requant_C=requant_C)
        super().__init__(twin, source)
        self.A.angle.requires_grad_(False)
        self.given = layer

    @property
    def errors(self) -> Mapping[str, Tensor]:
        """Errors in codes of each tensor, as the complex layer has them."""
        return self._errors

    @errors.setter
    def errors(self, errors: Mapping[str, Tensor]) -> None:
        self._errors = {name: padded(name, found) for name, found in errors.items()}

    @property
    def variances(self) -> Mapping[str, Tensor]:
        """Variances of reads, as the complex layer has them."""
        return self._variances

    @variances.setter
    def variances(self, variances: Mapping[str, Tensor]) -> None:
        self._variances = {name: padded(name, found) for name, found in variances.items()}

    def layer_now(self) -> S4D:
        """Return the layer with its codes of now, without imaginary parts."""
        return dataclasses.replace(
            super().layer_now(), A_im=None, B_im=None, C_im=None, requant_C=self.given.requant_C
        )
