"""Layers without a state, trained as integers: linear maps, norms, activations, gates."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import torch
from codes import LARGEST_BIAS, Codes, clipped, real
from straight_through import limited, looked_up, rounded, stands_for
from torch import Tensor, nn

from aimc_sim.model.layers import GLU, Affine, LayerNorm, Linear, Table
from aimc_sim.model.signal import Signal


def part_of_range(signal: Signal) -> float:
    """Return a sixteenth of a signal's largest code: what a bias is measured by."""
    return max(signal.code_max / 16.0, 1.0)


class LinearLayer(nn.Module):
    """``requant(x @ weight + bias)``."""

    def __init__(self, layer: Linear, source: Signal) -> None:
        super().__init__()
        self.layer = layer
        high = 2.0 ** (layer.weight_bits - 1) - 1.0
        self.weight = Codes(layer.weight, high, (0,))
        one = 2.0 ** real(layer.requant.k) / real(layer.requant.m)
        self.bias = Codes(layer.bias, LARGEST_BIAS, least=part_of_range(layer.output) * one)
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
            total = limited(total, -self.full_scale, self.full_scale)
        return total

    def layer_now(self) -> Linear:
        """Return the layer with its codes of now."""
        return dataclasses.replace(self.layer, weight=self.weight.array(), bias=self.bias.array())


class AffineLayer(nn.Module):
    """A folded BatchNorm: ``(x m + bias) >> k``."""

    def __init__(self, layer: Affine, source: Signal) -> None:
        super().__init__()
        self.layer = layer
        self.gain = Codes(layer.m, 2.0**31 - 1.0)
        least = part_of_range(layer.output) * 2.0 ** real(layer.k)
        self.bias = Codes(layer.bias, LARGEST_BIAS, least=least)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Map codes to codes of the same shape."""
        return clipped(x * self.gain() + self.bias(), self.layer.output, self.layer.k)

    def layer_now(self) -> Affine:
        """Return the layer with its codes of now."""
        return dataclasses.replace(self.layer, m=self.gain.array(), bias=self.bias.array())


class LayerNormLayer(nn.Module):
    """LayerNorm in float64, in the stated order; trained are changes of gain and offset.

    A change has the unit of the output's real value. It starts at 0, so that the gain and the
    offset of the file run to the last bit.
    """

    def __init__(self, layer: LayerNorm, source: Signal) -> None:
        super().__init__()
        self.layer = layer
        self.gain = nn.Parameter(torch.zeros(layer.n_out, dtype=torch.float64))
        self.offset = nn.Parameter(torch.zeros(layer.n_out, dtype=torch.float64))

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Map codes [..., channel] to codes of the same shape."""
        n, output = x.shape[-1], self.layer.output
        gamma, beta = self.now()
        deviation = n * x - x.sum(dim=-1, keepdim=True)
        whole = deviation.detach().to(torch.int64)
        exact = (whole * whole).sum(dim=-1, keepdim=True).to(torch.float64)  # may leave 2^53
        square = stands_for(exact, (deviation * deviation).sum(dim=-1, keepdim=True))
        variance = square / float(n**3) + self.layer.epsilon
        z = (deviation / float(n)) / root(variance)
        return limited(rounded(z * gamma + beta), output.code_min, output.code_max)

    def now(self) -> tuple[Tensor, Tensor]:
        """Return gain and offset of now, divided by the scale of the output."""
        layer, scale = self.layer, self.layer.output.scale
        return real(layer.gamma) + self.gain / scale, real(layer.beta) + self.offset / scale

    def layer_now(self) -> LayerNorm:
        """Return the layer with its gain and offset of now."""
        gamma, beta = (value.detach().numpy() for value in self.now())
        return dataclasses.replace(self.layer, gamma=gamma, beta=beta)


def root(x: Tensor) -> Tensor:
    """Return the square root as IEEE rounds it; that of PyTorch may be off in the last bit."""
    return stands_for(torch.from_numpy(np.sqrt(x.detach().numpy())), torch.sqrt(x))


class Lookup(nn.Module):
    """A table from codes to codes; its gradient is its own slope, a central difference."""

    def __init__(self, table: Any, source: Signal) -> None:
        super().__init__()
        self.first = float(source.code_min)
        self.register_buffer("table", real(table))
        self.register_buffer("slope", real(np.gradient(np.asarray(table, dtype=np.float64))))

    def forward(self, x: Tensor) -> Tensor:
        """Look codes up."""
        return looked_up(x - self.first, self.table, self.slope)


class TableLayer(nn.Module):
    """An activation; nothing in it is trained."""

    def __init__(self, layer: Table, source: Signal) -> None:
        super().__init__()
        self.layer, self.lookup = layer, Lookup(layer.table, source)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Map codes to codes of the same shape."""
        return self.lookup(x)

    def layer_now(self) -> Table:
        """Return the layer, which does not change."""
        return self.layer


class GLULayer(nn.Module):
    """``requant(a * table[b])``; nothing in it is trained."""

    def __init__(self, layer: GLU, source: Signal) -> None:
        super().__init__()
        self.layer, self.lookup = layer, Lookup(layer.table, source)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Map codes [..., 2 n] to codes [..., n]."""
        a, b = x.chunk(2, dim=-1)
        requant = self.layer.requant
        return clipped(a * self.lookup(b) * real(requant.m), self.layer.output, requant.k)

    def layer_now(self) -> GLU:
        """Return the layer, which does not change."""
        return self.layer
