"""Pairs of devices as a physical array of single ones, and effective conductances back."""

from __future__ import annotations

from typing import Literal

import numpy as np

from aimc_sim.model.signal import Floats

Pair = Literal["bitlines", "unit_cell"]


def physical_array(pairs_S: Floats, pair: Pair) -> Floats:
    """Return the array that holds pairs, one device a crossing.

    Parameters
    ----------
    pairs_S : float array, shape (n_wordlines, n_columns, 2)
        Conductances of the two devices of each weight [S].
    pair : {"bitlines", "unit_cell"}
        Two neighbouring bitlines a column, subtracted after they are sensed; or two neighbouring
        wordlines a row, driven with +V and -V, so that the bitline subtracts.

    Returns
    -------
    float array, shape (n_wordlines, 2 * n_columns) or (2 * n_wordlines, n_columns)

    Examples
    --------
    >>> pairs_S = np.array([[[1.0, 2.0], [3.0, 4.0]]])
    >>> physical_array(pairs_S, "bitlines").tolist(), physical_array(pairs_S, "unit_cell").tolist()
    ([[1.0, 2.0, 3.0, 4.0]], [[1.0, 3.0], [2.0, 4.0]])
    """
    n, m, _ = pairs_S.shape
    if pair == "bitlines":
        return np.ascontiguousarray(pairs_S.reshape(n, 2 * m))
    return np.ascontiguousarray(pairs_S.transpose(0, 2, 1).reshape(2 * n, m))


def paired(effective_S: Floats, pair: Pair) -> Floats:
    """Return an effective matrix of the physical array as pairs, shape (n_wordlines, n_columns, 2).

    The current of a column is the sum of ``v (pairs[..., 0] - pairs[..., 1])`` over wordlines, in
    both layouts.
    """
    rows, columns = effective_S.shape
    if pair == "bitlines":
        return np.ascontiguousarray(effective_S.reshape(rows, columns // 2, 2))
    return np.ascontiguousarray(effective_S.reshape(rows // 2, 2, columns).transpose(0, 2, 1))


def physical_drive(v_V: Floats, pair: Pair) -> Floats:
    """Return the voltages of all physical wordlines, shape (..., n_wordlines) [V].

    Examples
    --------
    >>> physical_drive(np.array([0.1, 0.2]), "unit_cell").tolist()
    [0.1, -0.1, 0.2, -0.2]
    """
    if pair == "bitlines":
        return v_V
    return np.stack([v_V, -v_V], axis=-1).reshape(*v_V.shape[:-1], -1)
