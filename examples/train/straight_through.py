"""Rounding and clipping whose gradient passes straight through: what quantisers are trained by.

Everything is float64 holding integers below 2^53, so that a forward pass computes exactly what the
integer model computes; the gradient takes rounding for the identity and is stopped where a code is
clipped (Bengio et al., arXiv:1308.3432; Hubara et al., JMLR 18, 2018).
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import torch
from torch import Tensor

EXACT = 2.0**53


class _Rounded(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        return torch.floor(x + 0.5)

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> Tensor:
        return g


def rounded(x: Tensor) -> Tensor:
    """Return floor(x + 0.5): ties go up, the one rule of the integer model.

    >>> rounded(torch.tensor([0.5, -0.5, 1.2], dtype=torch.float64)).tolist()
    [1.0, 0.0, 1.0]
    """
    result: Tensor = _Rounded.apply(x)
    return result


class _Limited(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, low: float | Tensor, high: float | Tensor) -> Tensor:
        ctx.save_for_backward((x >= low) & (x <= high))
        return torch.clamp(x, low, high)

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Any, ...]:
        (passes,) = ctx.saved_tensors
        return g * passes, None, None


def limited(x: Tensor, low: float | Tensor, high: float | Tensor) -> Tensor:
    """Clip; the gradient passes at a limit and is stopped beyond it.

    That of `torch.clamp` at a limit is no longer the same in every version, and the largest code of
    a tensor is at its limit from the start.

    >>> x = torch.tensor([-9.0, -8.0, 7.0, 8.0], requires_grad=True)
    >>> limited(x, -8.0, 7.0).sum().backward()
    >>> x.grad.tolist()
    [0.0, 1.0, 1.0, 0.0]
    """
    result: Tensor = _Limited.apply(x, low, high)
    return result


@numba.njit(cache=True)
def _requantise(numerator, scale, low, high, out, passes):
    """Round and clip rows of sums; return the largest of them in magnitude."""
    largest = 0.0
    for i in range(numerator.shape[0]):
        for j in range(numerator.shape[1]):
            largest = max(largest, abs(numerator[i, j]))
            x = np.floor(numerator[i, j] * scale[j] + 0.5)
            passes[i, j] = scale[j] if low <= x <= high else 0.0
            out[i, j] = min(max(x, low), high)
    return largest


class _Requantised(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, numerator: Tensor, k: Tensor, low: float, high: float) -> Tensor:
        rows = numerator.detach().contiguous().reshape(-1, numerator.shape[-1]).numpy()
        scale = np.broadcast_to(np.exp2(-k.numpy()), rows.shape[1:]).copy()
        out, passes = np.empty_like(rows), np.empty_like(rows)
        largest = _requantise(rows, scale, float(low), float(high), out, passes)
        if not largest + 2.0 ** float(k.max()) < EXACT:
            raise ValueError("an accumulator leaves 2^53: float64 is not exact for this model")
        ctx.save_for_backward(torch.from_numpy(passes))
        return torch.from_numpy(out).reshape(numerator.shape)

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Any, ...]:
        (passes,) = ctx.saved_tensors
        return g * passes.reshape(g.shape), None, None, None


class _Stands(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, smooth: Tensor, value: Tensor) -> Tensor:
        return value.clone()

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor, None]:
        return g, None


def stands_for(value: Tensor, smooth: Tensor) -> Tensor:
    """Return a value, to the last bit, with the gradient of the smooth one that it stands for.

    >>> x = torch.tensor(0.7, dtype=torch.float64, requires_grad=True)
    >>> y = stands_for(torch.tensor(1.0, dtype=torch.float64), 3.0 * x)
    >>> y.backward()
    >>> y.item(), x.grad.item()
    (1.0, 3.0)
    """
    result: Tensor = _Stands.apply(smooth, value)
    return result


class _LookedUp(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, place: Tensor, table: Tensor, slope: Tensor) -> Tensor:
        index = place.to(torch.int64)
        ctx.save_for_backward(slope[index])
        return table[index]

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor, None, None]:
        (slope,) = ctx.saved_tensors
        return g * slope, None, None


def looked_up(place: Tensor, table: Tensor, slope: Tensor) -> Tensor:
    """Return entries of a table; the gradient is the slope that stands beside each entry.

    Parameters
    ----------
    place
        Integers, 0 for the first entry.
    table, slope
        What stands there, and by how much it grows from one entry to the next.

    >>> x = torch.tensor([1.0], dtype=torch.float64, requires_grad=True)
    >>> y = looked_up(x, torch.tensor([0.0, 3.0, 8.0]), torch.tensor([3.0, 4.0, 5.0]))
    >>> y.sum().backward()
    >>> y.tolist(), x.grad.tolist()
    ([3.0], [4.0])
    """
    result: Tensor = _LookedUp.apply(place, table, slope)
    return result


def requantised(numerator: Tensor, k: Tensor, low: float, high: float) -> Tensor:
    """Return clip((numerator + 2^(k-1)) >> k) as the integer model does.

    Parameters
    ----------
    numerator
        Accumulator times its multiplier, integers; noise may have made them fractions.
    k
        Shift, a tensor that broadcasts.
    low, high
        Codes of the output.

    Raises
    ------
    ValueError
        A sum leaves 2^53, where float64 is exact.

    >>> three = torch.tensor(3.0, dtype=torch.float64)
    >>> requantised(torch.tensor([11.0, 12.0, 900.0], dtype=torch.float64), three, -8, 7).tolist()
    [1.0, 2.0, 7.0]
    """
    result: Tensor = _Requantised.apply(numerator, k, low, high)
    return result
