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

import torch
from codes import clipped, real
from real_modes import s4d_layer
from recurrence import S4DLayer
from stateless import AffineLayer, GLULayer, LayerNormLayer, LinearLayer, TableLayer
from straight_through import limited, stands_for
from torch import Tensor, nn

from aimc_sim import load_model
from aimc_sim.model.layers import (
    GLU,
    S4D,
    Affine,
    Layer,
    LayerNorm,
    Linear,
    Pool,
    Residual,
    Table,
)
from aimc_sim.model.network import Model
from aimc_sim.model.npz_write import write_model

MODULES: dict[type, Any] = {
    Linear: LinearLayer,
    Affine: AffineLayer,
    S4D: s4d_layer,
    Table: TableLayer,
    GLU: GLULayer,
    LayerNorm: LayerNormLayer,
}
"""What trains a layer; residual and pool have nothing to train."""


class IntegerModel(nn.Module):
    """An integer model that learns.

    Parameters
    ----------
    model
        From `aimc_sim.load_model`, with layers of any kind. Poles of a polar grid stay on it, where
        `meta` says how wide it is (as of all models from `aimc quantize`).

    Raises
    ------
    ValueError
        Sums that float64 does not hold exactly.
    """

    def __init__(self, model: Model) -> None:
        super().__init__()
        self.model = model
        self.parts = nn.ModuleDict(
            {
                layer.name: MODULES[type(layer)](layer, model.signal(layer.input))
                for layer in model.layers
                if not isinstance(layer, (Residual, Pool))
            }
        )
        made = model.meta.get("quantised")
        for part in self.parts.values():
            if isinstance(part, S4DLayer) and made and part.layer.grid != "cartesian":
                part.A.stand_on(made["bits"]["a"], per_channel=made["per_channel"])
            if isinstance(part, AffineLayer) and made and made.get("multipliers") == "power_of_two":
                part.gain.latent.requires_grad_(False)  # a shift stays a shift

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
        return limited(total, layer.output.code_min, layer.output.code_max)
    mean = total * layer.m * 2.0**-layer.k / n
    code = torch.floor(
        (2 * total.detach() * layer.m + n * 2.0**layer.k) / (n * 2.0 ** (layer.k + 1))
    )
    return limited(stands_for(code, mean), layer.output.code_min, layer.output.code_max)


def load_trainable(path: pathlib.Path) -> IntegerModel:
    """Return a model file as a module."""
    return IntegerModel(load_model(path))
