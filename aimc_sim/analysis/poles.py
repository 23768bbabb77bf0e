"""Poles of S4D layers: as trained, as codes, as programmed, as drifted; how many are outside."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from aimc_sim.model.float_model import FloatModel, discretise
from aimc_sim.model.layers import S4D
from aimc_sim.model.network import Model
from aimc_sim.model.signal import Floats
from aimc_sim.spec import InputError

Complexes = npt.NDArray[np.complex128]


def block_poles(A: Floats, sign: Floats) -> Complexes:
    r"""Return the eigenvalues of the real block of each mode.

    Parameters
    ----------
    A : float array, shape (..., n_modes, parts, parts)
        Blocks of 1x1 or 2x2.
    sign : float array, shape (n_modes,)
        Sign of the imaginary part of the pole that was meant; it says which of a pair comes first.

    Returns
    -------
    complex array, shape (..., n_modes, parts)
        A conjugate pair, or two real poles where the errors of the block have parted it.

    Notes
    -----
    .. math:: \lambda = \frac{a + d}{2} \pm \sqrt{\left(\frac{a - d}{2}\right)^2 + b c}

    Examples
    --------
    >>> block_poles(np.array([[[0.6, 0.3], [-0.3, 0.6]]]), np.array([1.0]))
    array([[0.6+0.3j, 0.6-0.3j]])
    """
    if A.shape[-1] == 1:
        return A[..., 0].astype(np.complex128)
    a, b, c, d = A[..., 0, 0], A[..., 0, 1], A[..., 1, 0], A[..., 1, 1]
    root = np.sqrt((((a - d) / 2.0) ** 2 + b * c).astype(np.complex128))
    root = np.where(sign < 0.0, -root, root)
    middle = (a + d) / 2.0
    return np.stack([middle + root, middle - root], axis=-1)


def n_outside(poles: Complexes) -> npt.NDArray[np.int64]:
    """Return the modes with a pole on or outside the unit circle.

    Parameters
    ----------
    poles : complex array, shape (..., n_modes, parts)
        From `block_poles`.

    Examples
    --------
    >>> int(n_outside(np.array([[0.9 + 0j], [1.0 + 0j]])))
    1
    """
    return np.asarray((np.abs(poles).max(axis=-1) >= 1.0).sum(axis=-1), dtype=np.int64)


def trained_poles(model: Model, checkpoint: FloatModel) -> dict[str, Complexes]:
    """Return the poles of a float checkpoint by layer of the integer model.

    Parameters
    ----------
    model : Model
        The integer model.
    checkpoint : FloatModel
        What it was quantised from; its blocks are taken in the order of the S4D layers.

    Returns
    -------
    dict
        ``layer -> complex array (n_modes,)``.

    Raises
    ------
    InputError
        Another number of S4D layers, channels or modes.
    """
    layers = [layer for layer in model.layers if isinstance(layer, S4D)]
    if len(layers) != len(checkpoint.blocks):
        raise InputError(
            f"checkpoint: found {len(checkpoint.blocks)} S4D layers; the model has {len(layers)}"
        )
    found = {}
    for layer, block in zip(layers, checkpoint.blocks, strict=True):
        poles = discretise(block.ssm).poles
        expected = (layer.n_out, *np.unique(layer.n_states).tolist())
        if poles.shape != expected:
            raise InputError(
                f"checkpoint: layer {layer.name!r} has poles of shape {poles.shape}; those of the "
                f"model are {expected} (channels, modes)"
            )
        found[layer.name] = poles.ravel()
    return found
