"""The float model without rounding beside an integer model: what its gradients are tested by."""

from __future__ import annotations

import torch
from codes import Codes, real
from integer_model import IntegerModel
from recurrence import S4DLayer


def valued(codes: Codes, one: torch.Tensor | float) -> torch.Tensor:
    """Return the unrounded codes in real values; `one` is that of a code."""
    return codes.latent / codes.unit * one


def twin_s4d(part: S4DLayer, u: torch.Tensor) -> torch.Tensor:
    """Return the output of the recurrence in real values."""
    layer, source = part.layer, part.source
    size = torch.exp(-torch.exp(part.A.decay))
    a = torch.polar(size, part.A.angle * part.A.bandwidth) * part.filled
    one_b = part.ratio["B"] * layer.state.scale / source.scale
    one_c = part.ratio["C"] * layer.output.scale / layer.state.scale
    one_d = part.ratio["D"] * layer.output.scale / source.scale
    b, c = (torch.complex(*valued(x, one)) for x, one in ((part.B, one_b), (part.C, one_c)))
    x, out = torch.zeros_like(a), []
    for k in range(u.shape[1]):
        x = a * x + b * u[:, k, None, :]
        out.append(2.0 * (c * x).real.sum(dim=1))
    return torch.stack(out, dim=1) + valued(part.D, one_d) * u


def twin(net: IntegerModel, codes: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """Return logits of the float model that has the parameters of the module and no rounding."""
    model = net.model
    values = {"input": codes * model.input.scale}
    for layer in model.layers:
        x, kind, part = values[layer.input], layer.kind, dict(net.parts.items()).get(layer.name)
        if kind == "linear":
            one = real(layer.requant.m) * 2.0 ** -real(layer.requant.k) * layer.output.scale
            y = x @ valued(part.weight, one / model.signal(layer.input).scale)
            y = y + valued(part.bias, one)
        elif kind == "affine":
            one = 2.0 ** -real(layer.k) * layer.output.scale
            y = x * valued(part.gain, one / model.signal(layer.input).scale)
            y = y + valued(part.bias, one)
        elif kind == "s4d":
            y = twin_s4d(part, x)
        elif kind == "table":
            y = torch.nn.functional.gelu(x)
        elif kind == "glu":
            y = torch.nn.functional.glu(x, dim=-1)
        elif kind == "layernorm":
            epsilon = layer.epsilon * model.signal(layer.input).scale ** 2
            gain, offset = (value * layer.output.scale for value in part.now())
            y = torch.nn.functional.layer_norm(x, x.shape[-1:], gain, offset, epsilon)
        elif kind == "residual":
            y = x + values[layer.skip]
        else:
            valid = torch.arange(x.shape[1]) < lengths[:, None]
            y = (x * valid[:, :, None]).sum(dim=1) / lengths[:, None]
        values[layer.name] = y
    return y
