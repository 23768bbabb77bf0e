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
def _step(u, a, b, scale, low, high, more, xr, xi, out_r, out_i):
    """One step of all modes: out = clip(floor((A x) g_A + (B u) g_B + noise + 1/2))."""
    for n in range(a.shape[1]):
        for h in range(a.shape[2]):
            re = a[0, n, h] * xr[n, h] + a[2, n, h] * xi[n, h]
            im = a[1, n, h] * xr[n, h] + a[3, n, h] * xi[n, h]
            re = re * scale[0, h] + b[0, n, h] * u[h] * scale[1, h] + more[0, n, h]
            im = im * scale[0, h] + b[1, n, h] * u[h] * scale[1, h] + more[1, n, h]
            out_r[n, h] = min(max(np.floor(re + 0.5), low), high)
            out_i[n, h] = min(max(np.floor(im + 0.5), low), high)


@numba.njit(cache=True)
def _draw(u, xr, xi, variances, pool, at, more):
    """Noise of one step of all modes: variances of A, B and of what converters add."""
    for n in range(xr.shape[0]):
        z = pool[at + 2 * n * xr.shape[1] : at + 2 * (n + 1) * xr.shape[1]]
        for h in range(xr.shape[1]):
            xx, yy, uu = xr[n, h] * xr[n, h], xi[n, h] * xi[n, h], u[h] * u[h]
            re = variances[0, n, h] * xx + variances[2, n, h] * yy + variances[4, n, h] * uu
            im = variances[1, n, h] * xx + variances[3, n, h] * yy + variances[5, n, h] * uu
            more[0, n, h] = np.sqrt(re + variances[6, n, h]) * z[2 * h]
            more[1, n, h] = np.sqrt(im + variances[7, n, h]) * z[2 * h + 1]


@numba.njit(cache=True)
def _states(u, a, b, scale, low, high, variances, pool, s, xr, xi):
    """All states of sequence s; row 0 is the zero start."""
    more = np.zeros((2, *a.shape[1:]))
    n_places = pool.size - 2 * xr[0].size
    for k in range(u.shape[0]):
        if n_places > 0:
            at = ((s * u.shape[0] + k) * 40503) % n_places
            _draw(u[k], xr[k], xi[k], variances, pool, at, more)
        _step(u[k], a, b, scale, low, high, more, xr[k], xi[k], xr[k + 1], xi[k + 1])


@numba.njit(cache=True)
def _forward(u, a, b, c, scale, variances, pool, low, high, reads_new):
    n_sequences, n_steps, n_channels = u.shape
    shape = (n_steps + 1, a.shape[1], n_channels)
    xr, xi = np.zeros(shape), np.zeros(shape)
    seen, spread = np.zeros_like(u), np.zeros_like(u)
    for s in range(n_sequences):
        _states(u[s], a, b, scale, low, high, variances, pool, s, xr, xi)
        for k in range(n_steps):
            at = k + 1 if reads_new else k
            for n in range(a.shape[1]):
                for h in range(n_channels):
                    seen[s, k, h] += c[0, n, h] * xr[at, n, h] + c[1, n, h] * xi[at, n, h]
            if pool.size > 0:
                for n in range(a.shape[1]):
                    for h in range(n_channels):
                        re, im = xr[at, n, h] * xr[at, n, h], xi[at, n, h] * xi[at, n, h]
                        spread[s, k, h] += variances[8, n, h] * re + variances[9, n, h] * im
    return seen, spread


@numba.njit(cache=True)
def _adjoint(v, c, xr, xi, low, high, gr, gi):
    """Add what the readout asks of the new state; nothing passes a state at its limit."""
    for j in range(gr.size):
        gr[j] += v[j] * c[0, j]
        gi[j] += v[j] * c[1, j]
    for j in range(gr.size):
        gr[j] = gr[j] if low < xr[j] < high else 0.0
        gi[j] = gi[j] if low < xi[j] < high else 0.0


@numba.njit(cache=True)
def _gather(gr, gi, u, xr, xi, ga, gb):
    """Add one step to the gradients of A and B, still without their multipliers."""
    for j in range(gr.size):
        ga[0, j] += gr[j] * xr[j]
        ga[1, j] += gi[j] * xr[j]
        ga[2, j] += gr[j] * xi[j]
        ga[3, j] += gi[j] * xi[j]
    for j in range(gr.size):
        gb[0, j] += gr[j] * u[j]
        gb[1, j] += gi[j] * u[j]


@numba.njit(cache=True)
def _back(a, gr, gi):
    """Carry the adjoint of the state one step back in time."""
    for j in range(gr.size):
        re = gr[j] * a[0, j] + gi[j] * a[1, j]
        im = gr[j] * a[2, j] + gi[j] * a[3, j]
        gr[j], gi[j] = re, im


@numba.njit(cache=True)
def _backward(u, a, b, c, scale, variances, pool, low, high, reads_new, gy):
    """Gradients of u and, summed over sequences, of the codes of A, B and C."""
    n_sequences, n_steps, n_channels = u.shape
    n_modes = a.shape[1]
    n = n_modes * n_channels
    gu = np.zeros_like(u)
    ga, gb, gc = np.zeros((4, n)), np.zeros((2, n)), np.zeros((2, n))
    by_a = (a * scale[0]).reshape(4, n)
    by_b = (b * scale[1]).reshape(2, n)
    by_c = c.reshape(2, n)
    still = np.zeros((2, n))
    xr, xi = (
        np.zeros((n_steps + 1, n_modes, n_channels)),
        np.zeros((n_steps + 1, n_modes, n_channels)),
    )
    flat_r, flat_i = xr.reshape(n_steps + 1, n), xi.reshape(n_steps + 1, n)
    v, u_now, back = np.zeros(n), np.zeros(n), np.zeros(n)
    for s in range(n_sequences):
        _states(u[s], a, b, scale, low, high, variances, pool, s, xr, xi)
        gr, gi = np.zeros(n), np.zeros(n)
        for k in range(n_steps - 1, -1, -1):
            at = k + 1 if reads_new else k
            for i in range(n_modes):
                v[i * n_channels : (i + 1) * n_channels] = gy[s, k]
                u_now[i * n_channels : (i + 1) * n_channels] = u[s, k]
            for j in range(n):
                gc[0, j] += v[j] * flat_r[at, j]
                gc[1, j] += v[j] * flat_i[at, j]
            read = by_c if reads_new else still
            _adjoint(v, read, flat_r[k + 1], flat_i[k + 1], low, high, gr, gi)
            _gather(gr, gi, u_now, flat_r[k], flat_i[k], ga, gb)
            for j in range(n):
                back[j] = gr[j] * by_b[0, j] + gi[j] * by_b[1, j]
            for i in range(n_modes):
                for h in range(n_channels):
                    gu[s, k, h] += back[i * n_channels + h]
            _back(by_a, gr, gi)
            if not reads_new:
                for j in range(n):
                    gr[j] += v[j] * by_c[0, j]
                    gi[j] += v[j] * by_c[1, j]
    ga, gb, gc = ga.reshape(a.shape), gb.reshape(b.shape), gc.reshape(c.shape)
    return gu, ga * scale[0], gb * scale[1], gc


class IntegerScan(torch.autograd.Function):
    """seen, spread = scan(u, A, B, C, scale, noise, low, high, reads_new), straight through.

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
    noise : None, or (variances, pool)
        Variances [10, mode, channel] of A (4), B (2), both times their multipliers, of what is
        added to the state (2), and of C (2); and Gaussians, of which each step takes others.
    low, high : float
        Codes of the state.
    reads_new : bool
        Whether the readout sees the new state or the one before.

    Returns
    -------
    tuple of Tensor
        C x summed over parts and modes, and the variance of its reads; [sequence, step, channel].
        No gradient goes into scales and noise.
    """

    @staticmethod
    def forward(ctx: Any, u: Tensor, *rest: Any) -> tuple[Tensor, Tensor]:
        """Run the recurrence; tensors are float64."""
        a, b, c, scale, noise, low, high, reads_new = rest
        variances, pool = noise or (torch.zeros((10, 1, 1)).double(), torch.zeros(0).double())
        arrays = [t.detach().contiguous() for t in (u, a, b, c, scale, variances, pool)]
        ctx.save_for_backward(*arrays)
        ctx.settings = (low, high, reads_new)
        seen, spread = _forward(*(t.numpy() for t in arrays), low, high, reads_new)
        found = torch.from_numpy(seen), torch.from_numpy(spread)
        ctx.mark_non_differentiable(found[1])
        return found

    @staticmethod
    def backward(ctx: Any, gy: Tensor, _: Tensor) -> tuple[Any, ...]:
        """Run the adjoint recurrence backwards in time."""
        arrays = [t.numpy() for t in ctx.saved_tensors]
        found = _backward(*arrays, *ctx.settings, gy.contiguous().numpy())
        return (*(torch.from_numpy(g) for g in found), *(None,) * 5)
