"""Layers without a state: linear maps and folded BatchNorms, trained as integers."""

from __future__ import annotations

import dataclasses

import torch
from codes import LARGEST_BIAS, Codes, clipped, real
from torch import Tensor, nn

from aimc_sim.model.layers import Affine, Linear
from aimc_sim.model.signal import Signal


class LinearLayer(nn.Module):
    """``requant(x @ weight + bias)``."""

    def __init__(self, layer: Linear, source: Signal) -> None:
        super().__init__()
        self.layer = layer
        m, k = real(layer.requant.m), real(layer.requant.k)
        unit = m * 2.0**-k * layer.output.scale / source.scale
        n_out = layer.n_out
        high = 2.0 ** (layer.weight_bits - 1) - 1.0
        self.weight = Codes(layer.weight, unit.expand(n_out).contiguous(), high)
        self.bias = Codes(
            layer.bias, (unit * source.scale).expand(n_out).contiguous(), LARGEST_BIAS
        )
        self.errors: dict[str, Tensor] = {}
        self.variances: dict[str, Tensor] = {}
        self.full_scale: Tensor | None = None

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Map codes [..., n_in] to codes [..., n_out]."""
        bias = self.bias()
        if self.layer.bias_times_length:
            bias = bias * lengths[:, None]
        total = self.converted(x, x @ (self.weight() + self.errors.get("weight", 0.0)))
        return clipped(
            (total + bias) * real(self.layer.requant.m), self.layer.output, self.layer.requant.k
        )

    def converted(self, x: Tensor, total: Tensor) -> Tensor:
        """Return what converters give for sums: read noise, rounding and their range."""
        if self.variances:
            variance = (x * x).detach() @ self.variances["weight"] + self.variances["output"]
            total = total + torch.sqrt(variance) * torch.randn_like(total)
        if self.full_scale is not None:
            total = torch.clamp(total, -self.full_scale, self.full_scale)
        return total

    def layer_now(self) -> Linear:
        """Return the layer with its codes of now."""
        return dataclasses.replace(self.layer, weight=self.weight.array(), bias=self.bias.array())


class AffineLayer(nn.Module):
    """A folded BatchNorm: ``(x m + bias) >> k``."""

    def __init__(self, layer: Affine, source: Signal) -> None:
        super().__init__()
        self.layer = layer
        one = 2.0 ** -real(layer.k) * layer.output.scale
        self.gain = Codes(layer.m, one / source.scale, 2.0**31 - 1.0)
        self.bias = Codes(layer.bias, one, LARGEST_BIAS)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Map codes to codes of the same shape."""
        return clipped(x * self.gain() + self.bias(), self.layer.output, self.layer.k)

    def layer_now(self) -> Affine:
        """Return the layer with its codes of now."""
        return dataclasses.replace(self.layer, m=self.gain.array(), bias=self.bias.array())
