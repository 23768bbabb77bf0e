"""Compiled conversions of the bitlines of a tile, by converters as they were built."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from aimc_sim.crossbar.kernels_code import code_by_threshold, code_successive, is_saturated
from aimc_sim.jit import njit, pnjit, prange
from aimc_sim.rng_kernels import Key, fill_gaussians

Ints = npt.NDArray[np.int64]
Indices = npt.NDArray[np.intp]
Floats = npt.NDArray[np.float64]
Normals = npt.NDArray[np.float32]


@njit(forceinline=True)
def convert_row(
    i: Floats,
    lsb: Floats,
    adc_of: Indices,
    thresholds: Floats,
    code_min: int,
    noise: float,
    lane: Indices,
    z: Normals,
    codes: Ints,
) -> int:
    """Convert one read by thresholds; return how many conversions saturated.

    Parameters
    ----------
    z : float32 array, shape (n_lanes,)
        Standard normals of this read; zeros where there is no noise.
    codes : int64 array, shape (n_currents,)
        Written.

    Notes
    -----
    The other parameters are those of `convert_batch`.
    """
    saturated = 0
    for j in range(i.shape[0]):
        v = i[j] / lsb[j] + noise * np.float64(z[lane[j]])
        row = thresholds[adc_of[j]]
        codes[j] = code_by_threshold(v, row, code_min)
        saturated += is_saturated(v, row)
    return saturated


@njit(forceinline=True)
def convert_row_successive(
    i: Floats,
    lsb: Floats,
    adc_of: Indices,
    thresholds: Floats,
    code_min: int,
    noise: float,
    lane: Indices,
    z: Normals,
    codes: Ints,
    weights: Floats,
    origin: Floats,
) -> int:
    """Convert one read bit after bit; return how many conversions saturated.

    Parameters
    ----------
    z : float32 array, shape (n_lanes * bits,)
        Standard normals of this read, those of a lane side by side.
    weights, origin : float arrays, shapes (n_adcs, bits) and (n_adcs,)
        Of `aimc_sim.converters.Transfer`.

    Notes
    -----
    The other parameters are those of `convert_row`; thresholds only tell saturation.
    """
    saturated = 0
    bits = weights.shape[1]
    for j in range(i.shape[0]):
        v = i[j] / lsb[j]
        adc = adc_of[j]
        own = z[lane[j] * bits : (lane[j] + 1) * bits]
        codes[j] = code_successive(v, weights[adc], origin[adc], noise, own, code_min)
        saturated += is_saturated(v, thresholds[adc])
    return saturated


@pnjit
def convert_batch(
    i: Floats,
    lsb: Floats,
    adc_of: Indices,
    thresholds: Floats,
    code_min: int,
    noise: float,
    lane: Indices,
    n_lanes: int,
    key: Key,
    sequence: Ints,
    step: int,
    codes: Ints,
    saturated: Ints,
) -> None:
    """Convert currents by the thresholds of the converter that serves each bitline.

    Parameters
    ----------
    i : float array, shape (n_sequences, n_currents)
        Currents [accumulator units].
    lsb : float array, shape (n_currents,)
        Nominal step of each [accumulator units].
    adc_of : int array, shape (n_currents,)
        Converter of each current.
    thresholds : float array, shape (n_adcs, 2^bits - 1)
        Of `aimc_sim.converters.Transfer` [LSB].
    code_min : int
        Lowest code.
    noise : float
        Spread of the noise of a conversion [LSB]; where it is 0, nothing is drawn.
    lane : int array, shape (n_currents,)
        Number of the draw of each current, below `n_lanes`.
    n_lanes : int
        Draws of a read.
    key : uint32 array, shape (4,)
        Stream.
    sequence : int64 array, shape (n_sequences,)
        Index of each sequence in its file.
    step : int
        Time step.
    codes : int64 array, shape (n_sequences, n_currents)
        Written.
    saturated : int64 array, shape (n_sequences,)
        Added to.
    """
    for b in prange(i.shape[0]):
        z = np.zeros(n_lanes, dtype=np.float32)
        if noise > 0.0:
            fill_gaussians(key, sequence[b], step, z)
        saturated[b] += convert_row(
            i[b], lsb, adc_of, thresholds, code_min, noise, lane, z, codes[b]
        )


@pnjit
def convert_batch_successive(
    i: Floats,
    lsb: Floats,
    adc_of: Indices,
    thresholds: Floats,
    code_min: int,
    noise: float,
    lane: Indices,
    n_lanes: int,
    key: Key,
    sequence: Ints,
    step: int,
    codes: Ints,
    saturated: Ints,
    weights: Floats,
    origin: Floats,
) -> None:
    """Convert currents bit after bit, with one draw a decision.

    Notes
    -----
    Parameters are those of `convert_batch` and `convert_row_successive`.
    """
    for b in prange(i.shape[0]):
        z = np.zeros(n_lanes * weights.shape[1], dtype=np.float32)
        if noise > 0.0:
            fill_gaussians(key, sequence[b], step, z)
        saturated[b] += convert_row_successive(
            i[b], lsb, adc_of, thresholds, code_min, noise, lane, z, codes[b], weights, origin
        )
