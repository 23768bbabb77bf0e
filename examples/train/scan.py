"""The diagonal recurrence x[k] = a x[k-1] + b u[k], y[k] = 2 Re(sum_n c_n x_n[k]), compiled.

Arrays are real: a complex array is passed as its two halves. Shapes: u, y [sequence, step,
channel]; a, b, c [mode, channel], so that the innermost loop runs over channels and vectorises.
The backward pass recomputes the states of one sequence at a time instead of keeping them all.
No fastmath: with it the same run gave other bits when the kernels came out of Numba's cache.
"""

from __future__ import annotations

import numba
import numpy as np
import torch


@numba.njit(cache=True)
def _forward(u, ar, ai, b, cr, ci):
    n_sequences, n_steps, n_channels = u.shape
    n_modes = ar.shape[0]
    y = np.zeros_like(u)
    for s in range(n_sequences):
        xr, xi = np.zeros_like(ar), np.zeros_like(ar)
        for k in range(n_steps):
            for n in range(n_modes):
                for h in range(n_channels):
                    re = ar[n, h] * xr[n, h] - ai[n, h] * xi[n, h] + b[n, h] * u[s, k, h]
                    im = ar[n, h] * xi[n, h] + ai[n, h] * xr[n, h]
                    xr[n, h], xi[n, h] = re, im
                    y[s, k, h] += 2 * (cr[n, h] * re - ci[n, h] * im)
    return y


@numba.njit(cache=True)
def _states(u, ar, ai, b, xr, xi):
    """States of one sequence: xr, xi [step + 1, mode, channel], row 0 is the zero start."""
    for k in range(u.shape[0]):
        for n in range(ar.shape[0]):
            for h in range(ar.shape[1]):
                xr[k + 1, n, h] = (
                    ar[n, h] * xr[k, n, h] - ai[n, h] * xi[k, n, h] + b[n, h] * u[k, h]
                )
                xi[k + 1, n, h] = ar[n, h] * xi[k, n, h] + ai[n, h] * xr[k, n, h]


@numba.njit(cache=True)
def _backward(u, ar, ai, b, cr, ci, gy):
    """Gradients of u and, summed over sequences, [ar, ai, b, cr, ci]."""
    n_sequences, n_steps, n_channels = u.shape
    n_modes = ar.shape[0]
    gu = np.zeros_like(u)
    total = np.zeros((5, n_modes, n_channels), np.float64)
    xr = np.zeros((n_steps + 1, n_modes, n_channels), u.dtype)
    xi = np.zeros_like(xr)
    for s in range(n_sequences):
        _states(u[s], ar, ai, b, xr, xi)
        g = np.zeros((5, n_modes, n_channels), u.dtype)
        gr, gi = np.zeros_like(ar), np.zeros_like(ar)
        for k in range(n_steps - 1, -1, -1):
            for n in range(n_modes):
                for h in range(n_channels):
                    v = 2 * gy[s, k, h]
                    re = ar[n, h] * gr[n, h] + ai[n, h] * gi[n, h] + v * cr[n, h]
                    im = ar[n, h] * gi[n, h] - ai[n, h] * gr[n, h] - v * ci[n, h]
                    gr[n, h], gi[n, h] = re, im
                    g[0, n, h] += re * xr[k, n, h] + im * xi[k, n, h]
                    g[1, n, h] += im * xr[k, n, h] - re * xi[k, n, h]
                    g[2, n, h] += re * u[s, k, h]
                    g[3, n, h] += v * xr[k + 1, n, h]
                    g[4, n, h] -= v * xi[k + 1, n, h]
                    gu[s, k, h] += re * b[n, h]
        for i in range(5):
            for n in range(n_modes):
                for h in range(n_channels):
                    total[i, n, h] += g[i, n, h]
    return gu, total


class DiagonalScan(torch.autograd.Function):
    """y = scan(u, a_re, a_im, b, c_re, c_im) with its exact gradient."""

    @staticmethod
    def forward(ctx, *tensors):
        """Run the recurrence; tensors are real, contiguous and of one dtype."""
        tensors = tuple(t.detach().contiguous() for t in tensors)
        ctx.save_for_backward(*tensors)
        return torch.from_numpy(_forward(*(t.numpy() for t in tensors)))

    @staticmethod
    def backward(ctx, gy):
        """Run the adjoint recurrence backwards in time."""
        tensors = [t.numpy() for t in ctx.saved_tensors]
        gu, total = _backward(*tensors, gy.contiguous().numpy())
        parameters = (torch.from_numpy(g.astype(gu.dtype)) for g in total)
        return torch.from_numpy(gu), *parameters
