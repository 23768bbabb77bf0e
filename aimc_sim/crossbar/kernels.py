"""Compiled reads of one tile: exact sums, one noise draw a bitline or a cell, conversion, sums."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from aimc_sim.jit import njit, pnjit, prange
from aimc_sim.rng_kernels import Key, fill_gaussians

Ints = npt.NDArray[np.int64]
Indices = npt.NDArray[np.intp]
Floats = npt.NDArray[np.float64]


@njit(inline="always")
def _currents(x: Ints, gather: Indices, g: Floats, i: Floats) -> None:
    """Sum codes times conductances over wordlines, in order; exact on the grid."""
    for r in range(gather.shape[0]):
        code = x[gather[r]]
        if code != 0:
            drive = np.float64(code)
            for j in range(i.shape[0]):
                i[j] += drive * g[r, j]


@njit(inline="always")
def _squares(x: Ints, gather: Indices, variance: Floats, v: Floats) -> None:
    """Sum squared codes times cell variances over wordlines, in order; exact on the grid."""
    for r in range(gather.shape[0]):
        code = x[gather[r]]
        if code != 0:
            drive = np.float64(code)
            square = drive * drive
            for j in range(v.shape[0]):
                v[j] += square * variance[r, j]


@njit(inline="always")
def _convert(
    i: Floats,
    lsb: Floats,
    scale: Floats,
    offset: Floats,
    code_min: int,
    code_max: int,
    out: Indices,
    sign: Ints,
    shift: int,
    acc: Ints,
) -> int:
    """Convert currents to codes, scale to accumulator units, add; return how many saturated."""
    saturated = 0
    for j in range(i.shape[0]):
        code = np.floor(i[j] / lsb[j] + 0.5)
        if code > code_max:
            code = np.float64(code_max)
            saturated += 1
        elif code < code_min:
            code = np.float64(code_min)
            saturated += 1
        units = np.int64(np.floor(code * scale[j] + offset[j] + 0.5))
        acc[out[j]] += sign[j] * (units << shift)
    return saturated


@pnjit
def read_quiet(
    x: Ints,
    gather: Indices,
    g: Floats,
    extra: Floats,
    lsb: Floats,
    scale: Floats,
    offset: Floats,
    code_min: int,
    code_max: int,
    out: Indices,
    sign: Ints,
    shift: int,
    acc: Ints,
    saturated: Ints,
) -> None:
    """Read a tile without noise.

    Parameters
    ----------
    x : int64 array, shape (n_sequences, n_inputs)
        Slice codes of the inputs of a phase.
    gather : int array, shape (n_wordlines,)
        Input of each driven wordline.
    g : float array, shape (n_wordlines, n_currents)
        Conductances in units of a weight code, on the grid.
    extra : float array, shape (n_sequences, n_currents)
        Added to the currents [accumulator units].
    lsb : float array, shape (n_currents,)
        Converter step of each current [accumulator units].
    scale, offset : float array, shape (n_currents,)
        Accumulator units of a converter code, and of code 0.
    code_min, code_max : int
        Ends of the converter.
    out, sign : int array, shape (n_currents,)
        Accumulator that each code is added to, and its sign.
    shift : int
        Weight 2^shift of the slice.
    acc : int64 array, shape (n_sequences, n_outputs)
        Added to.
    saturated : int64 array, shape (n_sequences,)
        Added to.
    """
    for b in prange(x.shape[0]):
        i = np.zeros(g.shape[1])
        _currents(x[b], gather, g, i)
        i += extra[b]
        saturated[b] += _convert(
            i, lsb, scale, offset, code_min, code_max, out, sign, shift, acc[b]
        )


@pnjit
def read_bitline(
    x: Ints,
    gather: Indices,
    g: Floats,
    extra: Floats,
    lsb: Floats,
    scale: Floats,
    offset: Floats,
    code_min: int,
    code_max: int,
    out: Indices,
    sign: Ints,
    shift: int,
    acc: Ints,
    saturated: Ints,
    variance: Floats,
    lane: Indices,
    n_lanes: int,
    key: Key,
    sequence: Ints,
    step: int,
) -> None:
    """Read a tile with one Gaussian a bitline of the exact variance ``sum x^2 sigma^2``.

    Parameters
    ----------
    variance : float array, shape (n_wordlines, n_currents)
        Variance of each current's cells [squared units of a weight code], on a grid.
    lane : int array, shape (n_currents,)
        Number of the draw of each current, below `n_lanes`.
    key : uint32 array, shape (4,)
        Stream.
    sequence : int64 array, shape (n_sequences,)
        Index of each sequence in its file.
    step : int
        Time step.

    Notes
    -----
    The other parameters are those of `read_quiet`.
    """
    for b in prange(x.shape[0]):
        i = np.zeros(g.shape[1])
        v = np.zeros(g.shape[1])
        _currents(x[b], gather, g, i)
        i += extra[b]
        _squares(x[b], gather, variance, v)
        z = np.empty(n_lanes, dtype=np.float32)
        fill_gaussians(key, sequence[b], step, z)
        for j in range(i.shape[0]):
            i[j] += np.sqrt(v[j]) * np.float64(z[lane[j]])
        saturated[b] += _convert(
            i, lsb, scale, offset, code_min, code_max, out, sign, shift, acc[b]
        )


@pnjit
def read_cell(
    x: Ints,
    gather: Indices,
    g: Floats,
    extra: Floats,
    lsb: Floats,
    scale: Floats,
    offset: Floats,
    code_min: int,
    code_max: int,
    out: Indices,
    sign: Ints,
    shift: int,
    acc: Ints,
    saturated: Ints,
    sigma: Floats,
    device_of: Indices,
    key: Key,
    sequence: Ints,
    step: int,
) -> None:
    """Read a tile with one Gaussian a device, added in order of wordlines.

    Parameters
    ----------
    sigma : float array, shape (n_wordlines, n_currents, n_devices)
        Spread of each device that adds to a current [units of a weight code].
    device_of : int array, shape (n_wordlines, n_currents, n_devices)
        Number of the device, which is the number of its draw.

    Notes
    -----
    The other parameters are those of `read_bitline`.
    """
    n_draws = device_of.max() + 1
    for b in prange(x.shape[0]):
        i = np.zeros(g.shape[1])
        _currents(x[b], gather, g, i)
        i += extra[b]
        z = np.empty(n_draws, dtype=np.float32)
        fill_gaussians(key, sequence[b], step, z)
        for r in range(gather.shape[0]):
            drive = np.float64(x[b, gather[r]])
            for j in range(i.shape[0]):
                for d in range(sigma.shape[2]):
                    i[j] += drive * sigma[r, j, d] * np.float64(z[device_of[r, j, d]])
        saturated[b] += _convert(
            i, lsb, scale, offset, code_min, code_max, out, sign, shift, acc[b]
        )
