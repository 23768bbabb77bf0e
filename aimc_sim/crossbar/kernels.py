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
def _add(extra: Floats, i: Floats) -> None:
    for j in range(i.shape[0]):
        i[j] += extra[j]


@njit(inline="always")
def _sums(drive: Floats, g: Floats, i: Floats) -> None:
    """Sum drives times conductances over wordlines, in order."""
    for r in range(drive.shape[0]):
        v = drive[r]
        if v != 0.0:
            for j in range(i.shape[0]):
                i[j] += v * g[r, j]


@njit
def _products(drive: Floats, g: Floats, exact: bool, i: Floats) -> None:
    """Sum the products of some sequences: by BLAS where no order of summation moves a bit."""
    if not exact:
        for b in range(drive.shape[0]):
            _sums(drive[b], g, i[b])
    elif drive.shape[0] == 1:
        np.dot(drive[0], g, i[0])
    else:
        np.dot(drive, g, i)


@njit
def _currents(drive: Floats, g: Floats, extra: Floats, exact: bool, i: Floats) -> None:
    """Sum the currents of some sequences, zeros on entry."""
    _products(drive, g, exact, i)
    for b in range(drive.shape[0]):
        _add(extra[b], i[b])


@pnjit
def sum_quiet(
    drive: Floats, g: Floats, extra: Floats, i: Floats, exact: bool, n_together: int
) -> None:
    """Sum the currents of a read without noise.

    Parameters
    ----------
    drive : float array, shape (n_sequences, n_wordlines)
        What drives each wordline, in input codes.
    g : float array, shape (n_wordlines, n_currents)
        Conductances in units of a weight code, on the grid.
    extra : float array, shape (n_sequences, n_currents)
        Added to the currents [accumulator units].
    i : float array, shape (n_sequences, n_currents)
        Zeros; becomes the currents [accumulator units].
    exact : bool
        Whether drives are integers, so that sums on the grid are exact in any order.
    n_together : int
        Sequences that one thread takes at a time; no bit depends on it.
    """
    n = drive.shape[0]
    for part in prange((n + n_together - 1) // n_together):
        start = part * n_together
        stop = min(start + n_together, n)
        _currents(drive[start:stop], g, extra[start:stop], exact, i[start:stop])


@pnjit
def sum_bitline(
    drive: Floats,
    g: Floats,
    extra: Floats,
    i: Floats,
    exact: bool,
    n_together: int,
    variance: Floats,
    lane: Indices,
    n_lanes: int,
    key: Key,
    sequence: Ints,
    step: int,
) -> None:
    """Sum the currents of a read, with one Gaussian a bitline of the variance ``sum x^2 sigma^2``.

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
    The other parameters are those of `sum_quiet`.
    """
    n = drive.shape[0]
    for part in prange((n + n_together - 1) // n_together):
        start = part * n_together
        stop = min(start + n_together, n)
        _currents(drive[start:stop], g, extra[start:stop], exact, i[start:stop])
        s = np.zeros((stop - start, g.shape[1]))
        squares = drive[start:stop] * drive[start:stop]
        _products(squares, variance, exact, s)
        z = np.empty(n_lanes, dtype=np.float32)
        for b in range(start, stop):
            fill_gaussians(key, sequence[b], step, z)
            for j in range(s.shape[1]):
                i[b, j] += np.sqrt(s[b - start, j]) * np.float64(z[lane[j]])


@pnjit
def sum_cell(
    drive: Floats,
    g: Floats,
    extra: Floats,
    i: Floats,
    exact: bool,
    n_together: int,
    sigma: Floats,
    device_of: Indices,
    n_draws: int,
    key: Key,
    sequence: Ints,
    step: int,
) -> None:
    """Sum the currents of a read, with one Gaussian a device, added in order of wordlines.

    Parameters
    ----------
    sigma : float array, shape (n_wordlines, n_currents, n_devices)
        Spread of each device that adds to a current [units of a weight code]; negative where a
        device that several currents share is subtracted.
    device_of : int array, shape (n_wordlines, n_currents, n_devices)
        Number of the device, which is the number of its draw, below `n_draws`.

    Notes
    -----
    The other parameters are those of `sum_bitline`.
    """
    n = drive.shape[0]
    for part in prange((n + n_together - 1) // n_together):
        start = part * n_together
        stop = min(start + n_together, n)
        _currents(drive[start:stop], g, extra[start:stop], exact, i[start:stop])
        z = np.empty(n_draws, dtype=np.float32)
        for b in range(start, stop):
            fill_gaussians(key, sequence[b], step, z)
            for r in range(drive.shape[1]):
                v = drive[b, r]
                for j in range(i.shape[1]):
                    for d in range(sigma.shape[2]):
                        i[b, j] += v * sigma[r, j, d] * np.float64(z[device_of[r, j, d]])


@pnjit
def convert_uniform(
    i: Floats,
    lsb: Floats,
    code_min: int,
    code_max: int,
    codes: Ints,
    saturated: Ints,
) -> None:
    """Convert currents by uniform steps, ``clip(floor(i / lsb + 1/2))``.

    Parameters
    ----------
    i : float array, shape (n_sequences, n_currents)
        Currents [accumulator units].
    lsb : float array, shape (n_currents,)
        Converter step of each current [accumulator units].
    code_min, code_max : int
        Ends of the converter.
    codes : int64 array, shape (n_sequences, n_currents)
        Written.
    saturated : int64 array, shape (n_sequences,)
        Added to.
    """
    for b in prange(i.shape[0]):
        for j in range(i.shape[1]):
            code = np.floor(i[b, j] / lsb[j] + 0.5)
            if code > code_max:
                code = np.float64(code_max)
                saturated[b] += 1
            elif code < code_min:
                code = np.float64(code_min)
                saturated[b] += 1
            codes[b, j] = np.int64(code)


@pnjit
def accumulate(
    codes: Ints,
    scale: Floats,
    offset: Floats,
    out: Indices,
    weight: Ints,
    shift: int,
    acc: Ints,
) -> None:
    """Scale codes to accumulator units, shift and add them.

    Parameters
    ----------
    codes : int64 array, shape (n_sequences, n_currents)
        Of the converters.
    scale, offset : float array, shape (n_currents,)
        Accumulator units of a converter code, and of code 0.
    out, weight : int array, shape (n_currents,)
        Accumulator that each code is added to, and its factor.
    shift : int
        Weight 2^shift of the input slice.
    acc : int64 array, shape (n_sequences, n_outputs)
        Added to.
    """
    for b in prange(codes.shape[0]):
        for j in range(codes.shape[1]):
            units = np.int64(np.floor(np.float64(codes[b, j]) * scale[j] + offset[j] + 0.5))
            acc[b, out[j]] += weight[j] * (units << shift)
