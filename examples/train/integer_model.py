"""The integer model as a PyTorch module: forward is the integer model, the gradient goes through.

Made from an integer model file, whose scales, multipliers and widths stay; weights, biases and
poles are trained. Each integer array stands on a latent of real value, ``code = round(latent /
unit)``, with the unit that the file's scales give it, so that learning rates mean what they mean in
float training. Poles stand on ``exp(-exp(p) + i theta)``, which cannot leave the unit circle, and
are rounded to the nearest stable pair of codes (`aimc_sim.model.grids`).
"""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from integer_scan import IntegerScan
from straight_through import EXACT, requantised, rounded
from torch import Tensor, nn

from aimc_sim import load_model
from aimc_sim.model.grids import nearest_stable, on_grid
from aimc_sim.model.layers import S4D, Affine, Layer, Linear, Pool, Residual
from aimc_sim.model.network import Model
from aimc_sim.model.npz_write import write_model
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

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Map codes [..., n_in] to codes [..., n_out]."""
        bias = self.bias()
        if self.layer.bias_times_length:
            bias = bias * lengths[:, None]
        weight = self.weight() + self.errors.get("weight", 0.0)
        total = (x @ weight + bias) * real(self.layer.requant.m)
        return clipped(total, self.layer.output, self.layer.requant.k)

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


class Poles(nn.Module):
    """Codes of A: nearest stable pair to ``exp(-exp(p) + i theta)``, on the grid of the layer."""

    def __init__(self, layer: S4D, poles: np.ndarray, bits: int, shift: int, filled: Any) -> None:
        super().__init__()
        self.grid, self.bits, self.run_bits, self.shift = layer.grid, bits, layer.bits["A"], shift
        self.filled = filled
        self.decay = nn.Parameter(real(np.log(-np.log(np.clip(np.abs(poles), 1e-9, 1 - 1e-9)))))
        self.angle = nn.Parameter(real(np.angle(poles)))

    def forward(self) -> Tensor:
        """Return codes, [2, mode, channel]."""
        size = torch.exp(-torch.exp(self.decay))
        wanted = torch.stack([size * torch.cos(self.angle), size * torch.sin(self.angle)])
        value = wanted.detach().numpy()
        poles = on_grid(value[0] + 1j * value[1], self.bits, self.grid, per_channel=False)
        re, im = nearest_stable(poles * 2.0**self.shift, self.run_bits, self.shift)
        codes = real(np.stack([re, im])) * self.filled
        scaled = wanted * 2.0**self.shift * self.filled
        return scaled + (codes - scaled).detach()


class S4DLayer(nn.Module):
    """The recurrence: rounded states, trained A, B, C and D."""

    def __init__(self, layer: S4D, source: Signal) -> None:
        super().__init__()
        self.layer, self.source = layer, source
        n_channels, n_modes = layer.n_out, int(layer.n_states.max())
        self.place = np.full((n_modes, n_channels), -1)
        start = 0
        for h, n in enumerate(layer.n_states):
            self.place[:n, h] = np.arange(start, start + n)
            start += int(n)
        filled = real(self.place >= 0)
        requants = (layer.requant_A, layer.requant_B, layer.requant_C, layer.requant_D)
        self.ratio = {
            name: (real(r.m) * 2.0 ** -real(r.k)).expand(n_channels).contiguous()
            for name, r in zip("ABCD", requants, strict=True)
        }
        shift = int(np.max(layer.requant_A.k)) - int(np.log2(int(np.max(layer.requant_A.m))))
        self._check()
        one = {
            "B": self.ratio["B"] * layer.state.scale / source.scale,
            "C": self.ratio["C"] * layer.output.scale / layer.state.scale,
            "D": self.ratio["D"] * layer.output.scale / source.scale,
        }
        poles = self._spread(layer.A_re, layer.A_im)
        poles_value = (poles[0] + 1j * poles[1]) * 2.0**-shift
        self.A = Poles(
            layer, np.where(self.place >= 0, poles_value, 0.5), layer.bits["A"], shift, filled
        )
        high = {name: 2.0 ** (layer.bits[name] - 1) - 1.0 for name in "BCD"}
        self.B = Codes(self._spread(layer.B_re, layer.B_im), one["B"], high["B"])
        self.C = Codes(self._spread(layer.C_re, layer.C_im), one["C"], high["C"])
        self.D = Codes(layer.D, one["D"], high["D"])
        self.register_buffer("filled", filled)
        self.register_buffer("sign", real([1.0, -1.0])[:, None, None])
        self.errors: dict[str, Tensor] = {}

    def _check(self) -> None:
        """Refuse what float64 does not hold exactly, and what the kit does not train."""
        layer = self.layer
        if not layer.is_complex:
            raise ValueError(f"{layer.name}: real modes are not trained by this kit")
        sizes = (layer.requant_A, layer.requant_B)
        K = max(int(np.max(r.k)) for r in sizes)
        a = 2.0 ** (layer.bits["A"] + layer.state.bits) * float(np.max(layer.requant_A.m))
        b = 2.0 ** (layer.bits["B"] + self.source.bits) * float(np.max(layer.requant_B.m))
        total = a * 2.0 ** (K - np.min(layer.requant_A.k)) + b * 2.0 ** (
            K - np.min(layer.requant_B.k)
        )
        if total + 2.0**K >= EXACT:
            raise ValueError(
                f"{layer.name}: the sum of a state leaves 2^53, where float64 is exact"
            )

    def _spread(self, re: Any, im: Any) -> np.ndarray:
        """Return modes as [2, mode, channel]; 0 where a channel has fewer."""
        parts = [np.append(part if part is not None else np.zeros_like(re), 0) for part in (re, im)]
        return np.stack([part[self.place] for part in parts]).astype(np.float64)

    def forward(self, u: Tensor, lengths: Tensor) -> Tensor:
        """Map codes [sequence, step, channel] to codes of the output."""
        layer = self.layer
        A, B, C = self.block(), self.B() * self.filled, self.C() * self.filled * self.sign
        A, B, C = (x + self.errors.get(name, 0.0) for name, x in zip("ABC", (A, B, C), strict=True))
        scale = torch.stack([self.ratio["A"], self.ratio["B"]])
        low, high = float(layer.state.code_min), float(layer.state.code_max)
        seen = IntegerScan.apply(u, A, B, C, scale, low, high, layer.readout == "new")
        k = np.maximum(layer.requant_C.k, layer.requant_D.k)
        c, d = (real(r.m) * 2.0 ** real(k - r.k) for r in (layer.requant_C, layer.requant_D))
        return clipped(2.0 * seen * c + self.D() * u * d, layer.output, k)

    def block(self) -> Tensor:
        """Return the block of each mode, [4, mode, channel]."""
        re, im = self.A()
        return torch.stack([re, im, -im, re])

    def layer_now(self) -> S4D:
        """Return the layer with its codes of now."""
        order = np.argsort(self.place[self.place >= 0], kind="stable")

        def flat(codes: Tensor) -> list[np.ndarray]:
            values = codes.detach().numpy().astype(np.int64)
            return [part[self.place >= 0][order] for part in values]

        (a_re, a_im), (b_re, b_im), (c_re, c_im) = (flat(x()) for x in (self.A, self.B, self.C))
        return dataclasses.replace(
            self.layer, A_re=a_re, A_im=a_im, B_re=b_re, B_im=b_im, C_re=c_re, C_im=c_im,
            D=self.D.array(),
        )  # fmt: skip


class IntegerModel(nn.Module):
    """An integer model that learns.

    Parameters
    ----------
    model
        From `aimc_sim.load_model`: linear, affine, s4d, residual and mean-pool layers.

    Raises
    ------
    ValueError
        A layer that the kit does not train, or sums that float64 does not hold exactly.
    """

    def __init__(self, model: Model) -> None:
        super().__init__()
        self.model = model
        kinds: dict[type, Any] = {Linear: LinearLayer, Affine: AffineLayer, S4D: S4DLayer}
        parts = {}
        for layer in model.layers:
            if type(layer) in kinds:
                parts[layer.name] = kinds[type(layer)](layer, model.signal(layer.input))
            elif not isinstance(layer, (Residual, Pool)):
                raise ValueError(f"{layer.name}: a layer {layer.kind} is not trained by this kit")
        self.parts = nn.ModuleDict(parts)

    def codes(self, x_code: Tensor, lengths: Tensor) -> Iterator[tuple[str, Tensor]]:
        """Yield the name and the output codes of each layer."""
        steps = torch.arange(x_code.shape[1])
        valid = (steps < lengths[:, None]).to(torch.float64)[:, :, None]
        values = {"input": x_code}
        for layer in self.model.layers:
            x = values[layer.input]
            if isinstance(layer, Residual):
                total = x * real(layer.m) + values[layer.skip] * real(layer.m_skip)
                found = clipped(total, layer.output, layer.k)
            elif isinstance(layer, Pool):
                found = pooled(layer, x, valid, lengths)
            else:
                found = self.parts[layer.name](x, lengths)
            values[layer.name] = found
            yield layer.name, found

    def forward(self, x_code: Tensor, lengths: Tensor) -> Tensor:
        """Return logits in real values, [sequence, class]."""
        *_, (_, logits) = self.codes(x_code, lengths)
        return logits * self.model.layers[-1].output.scale

    def model_now(self) -> Model:
        """Return the integer model with its codes of now."""
        layers: list[Layer] = [
            self.parts[layer.name].layer_now() if layer.name in self.parts else layer
            for layer in self.model.layers
        ]
        return dataclasses.replace(self.model, layers=tuple(layers))

    def write(self, path: pathlib.Path) -> None:
        """Write the integer model of now."""
        write_model(path, self.model_now())


def pooled(layer: Pool, x: Tensor, valid: Tensor, lengths: Tensor) -> Tensor:
    """Return the pool's codes; the gradient of a mean is that of the mean."""
    n = lengths[:, None].to(torch.float64)
    if layer.rule == "last":
        return x[torch.arange(len(x)), lengths - 1]
    total = (x * valid).sum(dim=1)
    if layer.rule == "sum":
        return torch.clamp(total, layer.output.code_min, layer.output.code_max)
    mean = total * layer.m * 2.0**-layer.k / n
    code = torch.floor(
        (2 * total.detach() * layer.m + n * 2.0**layer.k) / (n * 2.0 ** (layer.k + 1))
    )
    through = mean + (code - mean).detach()
    return torch.clamp(through, layer.output.code_min, layer.output.code_max)


def load_trainable(path: pathlib.Path) -> IntegerModel:
    """Return a model file as a module."""
    return IntegerModel(load_model(path))
