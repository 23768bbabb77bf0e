"""Random codes of stated statistics where no data are given, and a layer that reads them."""

from __future__ import annotations

from typing import Literal

import numpy as np

from aimc_sim.model.layers import Linear, Pool
from aimc_sim.model.network import Model
from aimc_sim.model.signal import Ints, Requant, Signal
from aimc_sim.rng import Stream, stream

Statistics = Literal["uniform", "normal", "zero"]
CLIP_SIGMA = 3.0
"""Normal codes end here, in standard deviations: the largest code."""


def random_codes(
    seed: int, name: str, n_rows: int, n_cols: int, bits: int, kind: Statistics
) -> Ints:
    """Return random signed codes.

    Parameters
    ----------
    seed : int
        With `name` it names the draws.
    name : str
        What they are for.
    n_rows, n_cols : int
        How many; a row more moves no other.
    bits : int
        Width.
    kind : {"uniform", "normal", "zero"}
        ``uniform``: each bit of a code's magnitude is set with probability 1/2, the sign random;
        ``normal``: standard normal, `CLIP_SIGMA` at the largest code.

    Returns
    -------
    int array, shape (n_rows, n_cols)
        Between ``-(2^(bits-1) - 1)`` and ``2^(bits-1) - 1``.
    """
    named, top = stream(seed, "busy", name), (1 << (bits - 1)) - 1
    if kind == "zero":
        return np.zeros((n_rows, n_cols), dtype=np.int64)
    if kind == "normal":
        return normal_codes(named, n_rows, n_cols, bits)
    u = np.stack([named.uniform(n_cols, sequence=i) for i in range(n_rows)])
    drawn = np.floor(u * 2 * (top + 1)).astype(np.int64)  # magnitude, and the sign as its top bit
    return np.where(drawn > top, -(drawn & top), drawn & top)


def normal_codes(named: Stream, n_rows: int, n_cols: int, bits: int) -> Ints:
    """Return codes that are standard normal, `CLIP_SIGMA` at the largest one.

    Parameters
    ----------
    named : Stream
        Of the draws, a row as one of its sequences: a row more moves no other.
    n_rows, n_cols : int
        How many.
    bits : int
        Width of the signed codes.
    """
    top = (1 << (bits - 1)) - 1
    z = np.stack([named.normal(n_cols, sequence=i) for i in range(n_rows)]).astype(np.float64)
    return np.floor(np.clip(z / CLIP_SIGMA, -1.0, 1.0) * top + 0.5).astype(np.int64)


def one_layer(
    weight: Ints,
    weight_bits: int,
    input_bits: int,
    *,
    output_bits: int | None = None,
    multiplier: int = 1,
    name: str = "busy",
) -> Model:
    """Return a model of one linear layer that runs every step.

    Parameters
    ----------
    weight : int array, shape (n_inputs, n_outputs)
        Weight codes.
    weight_bits, input_bits : int
        Widths of the signed codes.
    output_bits : int, optional
        Width of the output; by default that of the input.
    multiplier : int
        Of the requantisation, whose shift is 1.
    name : str
        Of the layer.
    """
    m, k = (np.array(value, dtype=np.int64) for value in (multiplier, 1))
    y = Signal(output_bits or input_bits, True, 1.0)
    bias = np.zeros(weight.shape[1], dtype=np.int64)
    layer = Linear(name, "input", weight, weight_bits, bias, Requant(m, k), y)
    source = Signal(input_bits, True, 1.0)
    return Model(len(weight), source, (layer, Pool("pool", name, "last", 1, 0, y)))
