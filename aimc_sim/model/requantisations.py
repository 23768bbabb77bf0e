"""How many requantisations a layer takes, by multiplication and by a shift alone."""

from __future__ import annotations

from functools import singledispatch

import numpy as np

from aimc_sim.model.layers import GLU, S4D, Affine, Layer, LayerNorm, Linear, Pool, Residual, Table
from aimc_sim.model.network import Model
from aimc_sim.model.signal import Bools, Ints, is_power_of_two


def requantisations(layer: Layer, model: Model) -> tuple[int, int]:
    """Return the requantisations of one execution: with a multiplication, and with a shift alone.

    Parameters
    ----------
    layer : Layer
        Of the model.
    model : Model
        For the number of its channels.

    Notes
    -----
    A multiplier that is a power of two, of either sign, is a shift: what is left to do is to add
    half. A sum of two products (a state, the output of an S4D) is rounded once, and takes a shift
    alone where both multipliers are powers of two; a residual counts twice. LayerNorms and means
    divide, and are never shifts.

    Examples
    --------
    >>> from aimc_sim.model.npz import load_model
    >>> model = load_model("examples/models/digits.npz")
    >>> requantisations(model.by_name["s4d0"], model)
    (32, 512)
    """
    shifts = _shifts(layer, model.widths[layer.name])
    by_shift = int(shifts.sum())
    return shifts.size - by_shift, by_shift


@singledispatch
def _shifts(layer: Layer, n: int) -> Bools:
    """Return for each requantisation of a layer of n outputs whether it is a shift alone."""
    raise TypeError(f"no requantisations for {type(layer).__name__}")


def _each(m: Ints, n: int) -> Bools:
    return np.broadcast_to(is_power_of_two(m), (n,))


@_shifts.register
def _(layer: Linear | GLU, n: int) -> Bools:
    return _each(layer.requant.m, n)


@_shifts.register
def _(layer: S4D, n: int) -> Bools:
    state = _each(layer.requant_A.m, n) & _each(layer.requant_B.m, n)
    output = _each(layer.requant_C.m, n) & _each(layer.requant_D.m, n)
    parts = 2 if layer.is_complex else 1
    return np.concatenate([np.repeat(state, parts * layer.n_states), output])


@_shifts.register
def _(layer: Affine, n: int) -> Bools:
    return _each(layer.m, n)


@_shifts.register
def _(layer: Residual, n: int) -> Bools:
    return np.concatenate([_each(layer.m, n), _each(layer.m_skip, n)])


@_shifts.register
def _(layer: Table, n: int) -> Bools:
    return np.zeros(0, dtype=bool)


@_shifts.register
def _(layer: LayerNorm, n: int) -> Bools:
    return np.zeros(n, dtype=bool)


@_shifts.register
def _(layer: Pool, n: int) -> Bools:
    return np.zeros(n if layer.rule == "mean" else 0, dtype=bool)
