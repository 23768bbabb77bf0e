"""Codes: integers on latents of real value, and requantisation to the codes of a signal."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from straight_through import limited, requantised, rounded
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

    The unit makes the root mean square of what is trained together 1, so that a learning rate is a
    relative change: tensors of one network differ by orders of magnitude (C goes with dt, which
    spans two decades), and an optimiser that normalises gradients would turn the small ones over.

    Parameters
    ----------
    codes
        Where they start.
    high
        Largest code; the smallest is its negative.
    axis
        Over which axes codes have one unit; None: all.
    least
        Codes that a latent of 1 stands for at least: a bias starts at 0, and has to move.
    """

    def __init__(
        self, codes: Any, high: float, axis: tuple[int, ...] | None = None, least: Any = 1.0
    ) -> None:
        super().__init__()
        start = real(codes)
        square = torch.mean(start * start, dim=axis, keepdim=True)
        unit = 1.0 / torch.maximum(torch.sqrt(square), real(least))
        self.register_buffer("unit", unit)
        self.high = high
        self.latent = nn.Parameter(start * unit)

    def forward(self) -> Tensor:
        """Return the codes; the gradient stops where one is clipped."""
        return limited(rounded(self.latent / self.unit), -self.high, self.high)

    def array(self) -> np.ndarray:
        """Return the codes as int64."""
        return self().detach().numpy().astype(np.int64)


def clipped(x: Tensor, signal: Signal, k: Any) -> Tensor:
    """Requantise to the codes of a signal."""
    return requantised(x, real(k), signal.code_min, signal.code_max)
