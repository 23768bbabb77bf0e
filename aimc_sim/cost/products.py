"""Products of each layer: MACs by tensor, the parameters behind them, and their memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import singledispatch

import numpy as np

from aimc_sim.model.layers import GLU, S4D, Affine, Layer, LayerNorm, Linear, Table
from aimc_sim.model.network import Model

FLOAT_BITS = 32
"""Width of every number of the float model."""
BIAS_BITS = 32
"""Width at which biases are kept: that of an accumulator."""


@dataclass(frozen=True)
class Product:
    """Multiply-accumulates of one tensor in one execution of a layer.

    Parameters
    ----------
    tensor : str
        Name of the tensor.
    n : int
        Real multiply-accumulates.
    weight_bits, input_bits : int
        Widths of the operands.
    """

    tensor: str
    n: int
    weight_bits: int
    input_bits: int

    @property
    def bit_operations(self) -> int:
        """One for each pair of bits of the operands."""
        return self.n * self.weight_bits * self.input_bits


Parts = tuple[tuple[Product, ...], int, int]


@singledispatch
def products_of(layer: Layer, model: Model) -> Parts:
    """Return products, parameters and memory [bit] of a layer."""
    return (), 0, 0


@products_of.register
def _(layer: Linear, model: Model) -> Parts:
    n, bits = layer.weight.size, layer.weight_bits
    product = Product("weight", n, bits, model.signal(layer.input).bits)
    return (product,), n + layer.n_out, n * bits + layer.n_out * BIAS_BITS


@products_of.register
def _(layer: S4D, model: Model) -> Parts:
    u_bits, x_bits, bits = model.signal(layer.input).bits, layer.state.bits, layer.bits
    parts = 2 if layer.is_complex else 1
    n = layer.n_modes
    products = (
        Product("A", parts**2 * n, bits["A"], x_bits),
        Product("B", parts * n, bits["B"], u_bits),
        Product("C", parts * n, bits["C"], x_bits),
        Product("D", layer.n_out, bits["D"], u_bits),
    )
    sizes: Mapping[str, int] = {"A": parts * n, "B": parts * n, "C": parts * n, "D": layer.n_out}
    memory = sum(size * bits[name] for name, size in sizes.items())
    return products, sum(sizes.values()), memory


@products_of.register
def _(layer: Affine, model: Model) -> Parts:
    n, bits = layer.n_out, 1 + int(np.abs(layer.m).max(initial=1)).bit_length()
    product = Product("gain", n, bits, model.signal(layer.input).bits)
    return (product,), 2 * n, n * (bits + BIAS_BITS)


@products_of.register
def _(layer: Table, model: Model) -> Parts:
    return (), 0, layer.table.size * layer.output.bits


@products_of.register
def _(layer: GLU, model: Model) -> Parts:
    product = Product("gate", model.widths[layer.name], layer.gate.bits,
                      model.signal(layer.input).bits)  # fmt: skip
    return (product,), 0, layer.table.size * layer.gate.bits


@products_of.register
def _(layer: LayerNorm, model: Model) -> Parts:
    product = Product("normalisation", 2 * layer.n_out, FLOAT_BITS, FLOAT_BITS)
    return (product,), 2 * layer.n_out, 2 * layer.n_out * FLOAT_BITS
