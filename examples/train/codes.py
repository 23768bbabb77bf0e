"""Codes: integers on latents of real value, and requantisation to the codes of a signal."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from straight_through import requantised, rounded
from torch import Tensor, nn

from aimc_sim.model.signal import Signal

LARGEST_BIAS = 2.0**52


def real(values: Any) -> Tensor:
    """Return numbers as float64."""
    if isinstance(values, Tensor):
        return values.detach().to(torch.float64)
    return torch.from_numpy(np.array(values, dtype=np.float64))


class Codes(nn.Module):
    """Integer codes that are trained: ``clip(round(latent / unit))``.

    Parameters
    ----------
    codes
        Where they start.
    unit
        Real value of one code.
    high
        Largest code; the smallest is its negative.
    """

    def __init__(self, codes: Any, unit: Any, high: float) -> None:
        super().__init__()
        self.register_buffer("unit", real(unit))
        self.high = high
        self.latent = nn.Parameter(real(codes) * self.unit)

    def forward(self) -> Tensor:
        """Return the codes; the gradient stops where one is clipped."""
        return torch.clamp(rounded(self.latent / self.unit), -self.high, self.high)

    def array(self) -> np.ndarray:
        """Return the codes as int64."""
        return self().detach().numpy().astype(np.int64)


def clipped(x: Tensor, signal: Signal, k: Any) -> Tensor:
    """Requantise to the codes of a signal."""
    return requantised(x, real(k), signal.code_min, signal.code_max)
