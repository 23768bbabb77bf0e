"""The recurrence of the integer model, compiled, with its straight-through gradient.

Arrays: u, seen [sequence, step, channel]; codes of A [4, mode, channel] and of B, C [2, mode,
channel], a channel with fewer modes filled up with zeros, so that the innermost loop runs over
channels and vectorises. A is a real block a mode, from (re, im) to (re, im), row by row: re, im,
-im, re where it is exact; four devices of their own where it is analog. All are float64 holding
integers; errors on A, B and C make them fractions, and the rounding of the state stays. The
backward pass recomputes the states of one sequence at a time; a state at its limit counts as
clipped, and no gradient passes it.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import torch
from torch import Tensor


@numba.njit(cache=True)
def _step(u, a, b, scale, low, high, xr, xi, out_r, out_i):
    """One step of all modes: out = clip(floor((A x) g_A + (B u) g_B + 1/2))."""
    for n in range(a.shape[1]):
        for h in range(a.shape[2]):
            re = a[0, n, h] * xr[n, h] + a[2, n, h] * xi[n, h]
            im = a[1, n, h] * xr[n, h] + a[3, n, h] * xi[n, h]
            re = np.floor(re * scale[0, h] + b[0, n, h] * u[h] * scale[1, h] + 0.5)
            im = np.floor(im * scale[0, h] + b[1, n, h] * u[h] * scale[1, h] + 0.5)
            out_r[n, h] = min(max(re, low), high)
            out_i[n, h] = min(max(im, low), high)


@numba.njit(cache=True)
def _forward(u, a, b, c, scale, low, high, reads_new):
    n_sequences, n_steps, n_channels = u.shape
    shape = (n_steps + 1, a.shape[1], n_channels)
    xr, xi = np.zeros(shape), np.zeros(shape)
    seen = np.zeros_like(u)
    for s in range(n_sequences):
        for k in range(n_steps):
            _step(u[s, k], a, b, scale, low, high, xr[k], xi[k], xr[k + 1], xi[k + 1])
            at = k + 1 if reads_new else k
            for n in range(a.shape[1]):
                for h in range(n_channels):
                    seen[s, k, h] += c[0, n, h] * xr[at, n, h] + c[1, n, h] * xi[at, n, h]
    return seen


@numba.njit(cache=True)
def _backward(u, a, b, c, scale, low, high, reads_new, gy):
    """Gradients of u and, summed over sequences, of the codes of A, B and C."""
    n_sequences, n_steps, n_channels = u.shape
    n_modes = a.shape[1]
    gu = np.zeros_like(u)
    ga, gb, gc = np.zeros_like(a), np.zeros_like(b), np.zeros_like(c)
    xr, xi = (
        np.zeros((n_steps + 1, n_modes, n_channels)),
        np.zeros((n_steps + 1, n_modes, n_channels)),
    )
    for s in range(n_sequences):
        for k in range(n_steps):
            _step(u[s, k], a, b, scale, low, high, xr[k], xi[k], xr[k + 1], xi[k + 1])
        gr, gi = np.zeros((n_modes, n_channels)), np.zeros((n_modes, n_channels))
        for k in range(n_steps - 1, -1, -1):
            at = k + 1 if reads_new else k
            for n in range(n_modes):
                for h in range(n_channels):
                    v = gy[s, k, h]
                    gc[0, n, h] += v * xr[at, n, h]
                    gc[1, n, h] += v * xi[at, n, h]
                    re, im = gr[n, h], gi[n, h]
                    if reads_new:
                        re += v * c[0, n, h]
                        im += v * c[1, n, h]
                    if xr[k + 1, n, h] <= low or xr[k + 1, n, h] >= high:
                        re = 0.0
                    if xi[k + 1, n, h] <= low or xi[k + 1, n, h] >= high:
                        im = 0.0
                    re_a, im_a = re * scale[0, h], im * scale[0, h]
                    re_b, im_b = re * scale[1, h], im * scale[1, h]
                    ga[0, n, h] += re_a * xr[k, n, h]
                    ga[1, n, h] += im_a * xr[k, n, h]
                    ga[2, n, h] += re_a * xi[k, n, h]
                    ga[3, n, h] += im_a * xi[k, n, h]
                    gb[0, n, h] += re_b * u[s, k, h]
                    gb[1, n, h] += im_b * u[s, k, h]
                    gu[s, k, h] += re_b * b[0, n, h] + im_b * b[1, n, h]
                    new_r = re_a * a[0, n, h] + im_a * a[1, n, h]
                    new_i = re_a * a[2, n, h] + im_a * a[3, n, h]
                    if not reads_new:
                        new_r += v * c[0, n, h]
                        new_i += v * c[1, n, h]
                    gr[n, h], gi[n, h] = new_r, new_i
    return gu, ga, gb, gc


class IntegerScan(torch.autograd.Function):
    """seen = scan(u, A, B, C, scale, low, high, reads_new), the gradient straight through.

    Parameters
    ----------
    u : [sequence, step, channel]
        Input codes.
    A : [4, mode, channel]
        Codes of each mode's block, from (re, im) to (re, im), row by row.
    B, C : [2, mode, channel]
        Codes to and from the parts of the state; for C = c_re + i c_im these are c_re and -c_im.
    scale : [2, channel]
        m_A/2^k_A and m_B/2^k_B of each channel.
    low, high : float
        Codes of the state.
    reads_new : bool
        Whether the readout sees the new state or the one before.

    Returns
    -------
    Tensor
        C x summed over parts and modes, [sequence, step, channel]; no gradient goes into scales.
    """

    @staticmethod
    def forward(ctx: Any, u: Tensor, *rest: Any) -> Tensor:
        """Run the recurrence; tensors are float64."""
        a, b, c, scale, low, high, reads_new = rest
        arrays = [t.detach().contiguous() for t in (u, a, b, c, scale)]
        ctx.save_for_backward(*arrays)
        ctx.settings = (low, high, reads_new)
        return torch.from_numpy(_forward(*(t.numpy() for t in arrays), low, high, reads_new))

    @staticmethod
    def backward(ctx: Any, gy: Tensor) -> tuple[Any, ...]:
        """Run the adjoint recurrence backwards in time."""
        arrays = [t.numpy() for t in ctx.saved_tensors]
        found = _backward(*arrays, *ctx.settings, gy.contiguous().numpy())
        return (*(torch.from_numpy(g) for g in found), None, None, None, None)
