"""The classifier: three residual S4D blocks between a linear encoder and a linear decoder.

A block is BatchNorm -> S4D -> ReLU -> Linear; the decoder sees the mean over the valid steps.

Parameter names are those of the reference code (state-spaces/s4, `s4d.py`, and its example
model), plus a real trained `kernel.B`, whose phase the complex C absorbs. Signals are
[sequence, step, channel]; padded steps count neither in the BatchNorm nor in the mean.
"""

from __future__ import annotations

import math

import torch
from scan import DiagonalScan
from tasks import Task
from torch import Tensor, nn


class Kernel(nn.Module):
    """A, B, C and dt of one S4D layer: `n_modes` complex modes in each channel.

    Notes
    -----
    A = -exp(log_A_real) + i A_imag, dt = exp(log_dt); zero-order hold:
    Abar = exp(dt A), C' = C (exp(dt A) - 1)/A. Start: S4D-Lin (Gu et al. 2022, eq. 9).
    """

    def __init__(self, task: Task) -> None:
        super().__init__()
        shape = (task.n_hidden, task.n_modes)
        span = math.log(task.dt_max) - math.log(task.dt_min)
        self.C = nn.Parameter(torch.randn(*shape, 2) * math.sqrt(0.5))
        self.B = nn.Parameter(torch.ones(shape))
        self.log_dt = nn.Parameter(torch.rand(task.n_hidden) * span + math.log(task.dt_min))
        self.log_A_real = nn.Parameter(torch.full(shape, math.log(0.5)))
        self.A_imag = nn.Parameter(math.pi * torch.arange(task.n_modes).float().repeat(shape[0], 1))

    def discretise(self) -> tuple[Tensor, Tensor]:
        """Return Abar and C', complex [channel, mode]."""
        a = torch.complex(-torch.exp(self.log_A_real), self.A_imag)
        dt_a = a * torch.exp(self.log_dt)[:, None]
        return torch.exp(dt_a), torch.view_as_complex(self.C) * torch.expm1(dt_a) / a


class S4D(nn.Module):
    """y = S4D(u) + D u, then ReLU and a linear map across channels."""

    def __init__(self, task: Task) -> None:
        super().__init__()
        self.D = nn.Parameter(torch.randn(task.n_hidden))
        self.kernel = Kernel(task)
        self.output_linear = nn.Sequential(nn.Conv1d(task.n_hidden, task.n_hidden, 1))

    def forward(self, u: Tensor) -> Tensor:
        """Map [sequence, step, channel] to the same shape."""
        abar, c = self.kernel.discretise()
        parts = (abar.real.T, abar.imag.T, self.kernel.B.T, c.real.T, c.imag.T)
        y = torch.relu(DiagonalScan.apply(u, *parts) + self.D * u)
        mix = self.output_linear[0]
        return nn.functional.linear(y, mix.weight[:, :, 0], mix.bias)


class MaskedBatchNorm(nn.Module):
    """BatchNorm over the valid steps of all sequences; running statistics at evaluation."""

    def __init__(self, n_channels: int, eps: float = 1e-5, momentum: float = 0.1) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(n_channels))
        self.bias = nn.Parameter(torch.zeros(n_channels))
        self.register_buffer("running_mean", torch.zeros(n_channels))
        self.register_buffer("running_var", torch.ones(n_channels))
        self.eps, self.momentum = eps, momentum

    def forward(self, u: Tensor, valid: Tensor) -> Tensor:
        """Normalise u; `valid` is [sequence, step, 1], 1 where the step counts."""
        if self.training:
            count = valid.sum()
            mean = (u * valid).sum(dim=(0, 1)) / count
            var = ((u - mean) ** 2 * valid).sum(dim=(0, 1)) / count
            with torch.no_grad():
                self.running_mean.lerp_(mean, self.momentum)
                self.running_var.lerp_(var * count / (count - 1), self.momentum)
        else:
            mean, var = self.running_mean, self.running_var
        gain = self.weight / torch.sqrt(var + self.eps)
        return u * gain + (self.bias - mean * gain)


class Classifier(nn.Module):
    """The whole network of one task."""

    def __init__(self, task: Task) -> None:
        super().__init__()
        self.encoder = nn.Linear(task.n_channels, task.n_hidden)
        self.s4_layers = nn.ModuleList(S4D(task) for _ in range(task.n_layers))
        self.norms = nn.ModuleList(MaskedBatchNorm(task.n_hidden) for _ in range(task.n_layers))
        self.decoder = nn.Linear(task.n_hidden, task.n_classes)

    def forward(self, inputs: Tensor, lengths: Tensor) -> Tensor:
        """Return logits [sequence, class] of inputs [sequence, step, channel]."""
        steps = torch.arange(inputs.shape[1])
        valid = (steps < lengths[:, None]).to(inputs.dtype)[:, :, None]
        x = self.encoder(inputs)
        for layer, norm in zip(self.s4_layers, self.norms, strict=True):
            x = x + layer(norm(x, valid))
        mean = (x * valid).sum(dim=1) / lengths[:, None].to(x.dtype)
        return self.decoder(mean)
