"""The float model without rounding beside an integer model: what its gradients are tested by."""

from __future__ import annotations

import torch
from integer_model import IntegerModel
from recurrence import S4DLayer


def twin_s4d(part: S4DLayer, u: torch.Tensor) -> torch.Tensor:
    """Return the output of the recurrence in real values."""
    size = torch.exp(-torch.exp(part.A.decay))
    a = torch.polar(size, part.A.angle) * part.filled
    b, c = (torch.complex(x.latent[0], x.latent[1]) for x in (part.B, part.C))
    x, out = torch.zeros_like(a), []
    for k in range(u.shape[1]):
        x = a * x + b * u[:, k, None, :]
        out.append(2.0 * (c * x).real.sum(dim=1))
    return torch.stack(out, dim=1) + part.D.latent * u


def twin(net: IntegerModel, codes: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """Return logits of the float model that has the parameters of the module and no rounding."""
    model = net.model
    values = {"input": codes * model.input.scale}
    for layer in model.layers:
        x, kind, part = values[layer.input], layer.kind, dict(net.parts.items()).get(layer.name)
        if kind == "linear":
            y = x @ part.weight.latent + part.bias.latent
        elif kind == "affine":
            y = x * part.gain.latent + part.bias.latent
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
