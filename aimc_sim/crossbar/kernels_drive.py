"""Compiled drives of wordlines: the level that a DAC has for a code, and the jitter of a pulse."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from aimc_sim.jit import njit, pnjit, prange
from aimc_sim.rng_kernels import Key, fill_gaussians

Ints = npt.NDArray[np.int64]
Indices = npt.NDArray[np.intp]
Floats = npt.NDArray[np.float64]
Normals = npt.NDArray[np.float32]


@njit(forceinline=True)
def drive_row(
    x: Ints,
    gather: Indices,
    dac_of: Indices,
    levels: Floats,
    zero: int,
    jitter: float,
    z: Normals,
    drive: Floats,
) -> None:
    """Write what each wordline is driven with in one read.

    Parameters
    ----------
    x : int64 array, shape (n_inputs,)
        Slice codes.
    z : float32 array, shape (n_dacs,)
        Standard normals of this read, one a converter; zeros where there is no jitter.
    drive : float array, shape (n_wordlines,)
        Written [units of a code].

    Notes
    -----
    The other parameters are those of `drive_batch`.
    """
    for r in range(gather.shape[0]):
        code = x[gather[r]]
        dac = dac_of[r]
        drive[r] = levels[dac, code + zero]
        if code != 0:
            drive[r] += jitter * np.float64(z[dac])


@pnjit
def drive_batch(
    x: Ints,
    gather: Indices,
    dac_of: Indices,
    levels: Floats,
    zero: int,
    jitter: float,
    key: Key,
    sequence: Ints,
    step: int,
    drive: Floats,
) -> None:
    """Write what each wordline is driven with.

    Parameters
    ----------
    x : int64 array, shape (n_sequences, n_inputs)
        Slice codes.
    gather, dac_of : int array, shape (n_wordlines,)
        Input and converter of each driven wordline.
    levels : float array, shape (n_dacs, n_codes)
        From ``dac.levels``: what each converter drives [units of a code].
    zero : int
        ``dac.zero_index``: where code 0 stands in `levels`.
    jitter : float
        Spread of a pulse [units of a code]; code 0 has none. Where it is 0, nothing is drawn.
    key : uint32 array, shape (4,)
        Stream.
    sequence : int64 array, shape (n_sequences,)
        Index of each sequence in its file.
    step : int
        Time step.
    drive : float array, shape (n_sequences, n_wordlines)
        Written [units of a code].
    """
    for b in prange(x.shape[0]):
        z = np.zeros(levels.shape[0], dtype=np.float32)
        if jitter > 0.0:
            fill_gaussians(key, sequence[b], step, z)
        drive_row(x[b], gather, dac_of, levels, zero, jitter, z, drive[b])
