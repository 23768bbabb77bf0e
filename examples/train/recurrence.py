"""The S4D layer: rounded states, poles that stay stable, trained A, B, C and D."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import torch
from codes import Codes, clipped, real
from integer_scan import IntegerScan
from straight_through import EXACT, stands_for
from torch import Tensor, nn

from aimc_sim.model.grids import nearest_stable, on_grid
from aimc_sim.model.layers import S4D
from aimc_sim.model.signal import Signal

N_GAUSSIANS = 1 << 16
"""Drawn for each batch and layer; every step of a sequence takes a run of them."""


class Poles(nn.Module):
    """Codes of A: nearest stable pair to ``exp(-exp(p) + i theta)``, on the grid of the layer.

    Angles are trained in units of their mode's bandwidth -log|a|: over 784 steps a phase of a
    hundredth of a radian a step is everything to a slow mode, and nothing to a fast one. As long
    as nothing has moved the codes are those that were read.

    Parameters
    ----------
    layer
        Grid and width of the integers that run.
    codes : [2, mode, channel]
        Codes that were read.
    filled : [mode, channel]
        1 where a channel has this mode.
    shift
        One code is 2^-shift.
    """

    def __init__(self, layer: S4D, codes: np.ndarray, filled: Tensor, shift: int) -> None:
        super().__init__()
        self.grid, self.run_bits, self.shift = layer.grid, layer.bits["A"], shift
        self.bits, self.per_channel = self.run_bits, False
        self.filled, self.read = filled, real(codes)
        poles = np.where(filled.numpy() > 0.0, (codes[0] + 1j * codes[1]) * 2.0**-shift, 0.5)
        bandwidth = -np.log(np.clip(np.abs(poles), 1e-9, 1 - 1e-9))
        self.register_buffer("bandwidth", real(bandwidth))
        self.decay = nn.Parameter(real(np.log(bandwidth)))
        self.angle = nn.Parameter(real(np.angle(poles) / bandwidth))
        self.register_buffer("start", self.wanted().detach())

    def stand_on(self, bits: int, *, per_channel: bool) -> None:
        """Set the width of a polar grid, and whether each channel has levels of its own."""
        self.bits, self.per_channel = bits, per_channel

    def wanted(self) -> Tensor:
        """Return the poles before rounding, [2, mode, channel]."""
        size = torch.exp(-torch.exp(self.decay))
        angle = self.angle * self.bandwidth
        return torch.stack([size * torch.cos(angle), size * torch.sin(angle)])

    def forward(self) -> Tensor:
        """Return codes, [2, mode, channel]."""
        wanted = self.wanted()
        scaled = wanted * 2.0**self.shift * self.filled
        if torch.equal(wanted, self.start):
            return stands_for(self.read, scaled)
        value = wanted.detach().numpy()
        poles = np.where(self.filled.numpy() > 0.0, value[0] + 1j * value[1], 0.5)
        present = np.where(self.filled.numpy() > 0.0, poles, poles[0])  # no level of its own
        levels = on_grid(present.T, self.bits, self.grid, per_channel=self.per_channel).T
        re, im = nearest_stable(levels * 2.0**self.shift, self.run_bits, self.shift)
        return stands_for(real(np.stack([re, im])) * self.filled, scaled)


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
        self.A = Poles(layer, self._spread(layer.A_re, layer.A_im), filled, shift)
        high = {name: 2.0 ** (layer.bits[name] - 1) - 1.0 for name in "BCD"}
        self.B = Codes(self._spread(layer.B_re, layer.B_im), high["B"], (0, 1))
        self.C = Codes(self._spread(layer.C_re, layer.C_im), high["C"], (0, 1))
        self.D = Codes(layer.D, high["D"])
        self.register_buffer("filled", filled)
        self.register_buffer("sign", real([1.0, -1.0])[:, None, None])
        self.errors: dict[str, Tensor] = {}
        self.variances: dict[str, Tensor] = {}

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
        noise = self._noise()
        is_new = layer.readout == "new"
        seen, spread = IntegerScan.apply(u, A, B, C, scale, noise, low, high, is_new)
        k = np.maximum(layer.requant_C.k, layer.requant_D.k)
        c, d = (real(r.m) * 2.0 ** real(k - r.k) for r in (layer.requant_C, layer.requant_D))
        y = 2.0 * seen * c + self.D() * u * d
        if noise is not None:
            sigma = torch.sqrt(spread + self.variances["output"])
            y = y + sigma * 2.0 ** real(k) * torch.randn_like(sigma)
        return clipped(y, layer.output, k)

    def _noise(self) -> tuple[Tensor, Tensor] | None:
        """Return variances of a step and Gaussians to draw from; None where reads are exact."""
        if not self.variances:
            return None
        parts = [self.variances[name] for name in ("A", "B", "state", "C")]
        return torch.cat(parts), torch.randn(N_GAUSSIANS, dtype=torch.float64)

    def placed(self, values: np.ndarray) -> Tensor:
        """Return values of modes, [mode, ...], as [element, mode, channel]; 0 where none is."""
        flat = values.reshape(len(values), -1)
        flat = np.vstack([flat, np.zeros((1, flat.shape[1]))])
        return torch.from_numpy(np.ascontiguousarray(np.moveaxis(flat[self.place], -1, 0)))

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
