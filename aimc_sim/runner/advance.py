"""One step of one layer on a chip: analog reads where it has tiles, exact equations elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from functools import singledispatch

import numpy as np

from aimc_sim.crossbar.setting import Address
from aimc_sim.crossbar.tally import Tally
from aimc_sim.model.equations import (
    apply_layer,
    next_state,
    output_code,
    requant,
    round_sum,
    state_product,
)
from aimc_sim.model.layers import S4D, Layer, Linear, Residual
from aimc_sim.model.network import Model
from aimc_sim.model.signal import Ints, spread
from aimc_sim.runner.bound import BoundLayer


def advance(
    bound: BoundLayer,
    values: Mapping[str, Ints],
    model: Model,
    lengths: Ints,
    at: Address,
    tally: Tally,
) -> Ints:
    """Return the output codes of a layer without state.

    Parameters
    ----------
    bound : BoundLayer
        The layer on its tiles.
    values : mapping
        Codes of the layers before it, each (n_sequences, n).
    model : Model
        For the signals.
    lengths : int array
        Valid steps of each sequence.
    at : Address
        Sequences and step.
    tally : Tally
        Added to.
    """
    return _advance(bound.layer, bound, values, model, lengths, at, tally)


@singledispatch
def _advance(
    layer: Layer,
    bound: BoundLayer,
    values: Mapping[str, Ints],
    model: Model,
    lengths: Ints,
    at: Address,
    tally: Tally,
) -> Ints:
    skip = values[layer.skip] if isinstance(layer, Residual) else None
    return apply_layer(layer, values[layer.input], model, lengths, skip)


@_advance.register
def _(
    layer: Linear,
    bound: BoundLayer,
    values: Mapping[str, Ints],
    model: Model,
    lengths: Ints,
    at: Address,
    tally: Tally,
) -> Ints:
    acc = bound.read("y", (values[layer.input],), at, tally)["y"]
    bias = layer.bias * lengths[:, None] if layer.bias_times_length else layer.bias
    return requant(acc + bias, layer.requant.m, layer.requant.k, layer.output)


def advance_state(
    bound: BoundLayer, u: Ints, x: Ints, at: Address, tally: Tally
) -> tuple[Ints, Ints]:
    """Advance an S4D layer by one step.

    Parameters
    ----------
    bound : BoundLayer
        The layer on its tiles; which of A, B, C are analog follows from its phases.
    u : int array, shape (n_sequences, H)
        Input codes.
    x : int array, shape (n_sequences, parts, n_modes)
        State codes.
    at : Address
        Sequences and step.
    tally : Tally
        Added to.

    Returns
    -------
    tuple of int arrays
        Output codes and new state codes.
    """
    layer = bound.layer
    assert isinstance(layer, S4D)
    if bound.unit is not None:
        return _shared_step(bound, layer, bound.unit, u, x, at, tally)
    if "B" not in bound.phases:
        return _phased_step(bound, layer, u, x, at, tally)
    if "A" in bound.phases:
        Ax = bound.next_state(bound.read("A", (x,), at, tally)["x"], x)
    else:
        Ax = state_product(layer, x)
    Bu = bound.read("B", (u,), at, tally)["x"].reshape(x.shape)
    x_new = next_state(layer, Ax, Bu)
    Cx = bound.read("C", (x_new if layer.readout == "new" else x,), at, tally)["y"]
    return output_code(layer, Cx, layer.D * u), x_new


def _phased_step(
    bound: BoundLayer, layer: S4D, u: Ints, x: Ints, at: Address, tally: Tally
) -> tuple[Ints, Ints]:
    """Fused kernels with free multipliers: x and u are read apart, their sum is digital."""
    first = bound.read("x", (x,), at, tally)
    Bu = bound.read("u", (u,), at, tally)["x"]
    x_new = next_state(layer, bound.next_state(first["x"], x), Bu.reshape(x.shape))
    Cx = first["y"] if layer.readout == "old" else bound.read("C", (x_new,), at, tally)["y"]
    return output_code(layer, Cx, layer.D * u), x_new


def _shared_step(
    bound: BoundLayer, layer: S4D, unit: Ints, u: Ints, x: Ints, at: Address, tally: Tally
) -> tuple[Ints, Ints]:
    """Fused kernels with tied multipliers: one read sums A x and B u on the state's bitlines."""
    unit_x = spread(unit, layer.channel_of_mode)
    K = spread(np.maximum(layer.requant_A.k, layer.requant_B.k), layer.channel_of_mode)
    acc = bound.read("all" if layer.readout == "old" else "state", (x, u), at, tally)
    x_new = round_sum(bound.next_state(acc["x"], x) * unit_x, K, layer.state)
    Cx = acc["y"] if layer.readout == "old" else bound.read("C", (x_new,), at, tally)["y"]
    return output_code(layer, Cx, layer.D * u), x_new
