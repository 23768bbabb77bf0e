"""Complexity of a model whatever it runs on: parameters, memory, MACs, bit operations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aimc_sim.cost.products import FLOAT_BITS, Product, products_of
from aimc_sim.model.layers import S4D, Layer
from aimc_sim.model.network import Model


@dataclass(frozen=True)
class LayerComplexity:
    """Complexity of one layer.

    Parameters
    ----------
    layer, kind : str
        Name and kind.
    per_step : bool
        Whether it runs every step, or once a sequence.
    parameters : int
        Real numbers that training sets; entries of activation tables are none.
    weight_bits : int
        Memory of them, and of tables [bit].
    state_values, state_bits : int
        Real numbers kept from step to step, and their memory [bit].
    products : tuple of Product
        Of one execution.
    """

    layer: str
    kind: str
    per_step: bool
    parameters: int
    weight_bits: int
    state_values: int
    state_bits: int
    products: tuple[Product, ...]

    @property
    def macs(self) -> int:
        """Multiply-accumulates of one execution."""
        return sum(product.n for product in self.products)

    @property
    def bit_operations(self) -> int:
        """Bit operations of one execution."""
        return sum(product.bit_operations for product in self.products)


@dataclass(frozen=True)
class Complexity:
    """Complexity of a model: integers as they are, and the float model that they stand for.

    Parameters
    ----------
    layers : tuple of LayerComplexity
        In order of execution.

    Notes
    -----
    A MAC of a and b bits is a*b bit operations, one of floats 32x32 (QS4D, arXiv:2507.06079). A
    product of complex numbers is four real MACs, of a complex and a real number two, the real part
    of a product of complex numbers two. Requantisation, additions, tables and pooling are no MACs;
    a LayerNorm counts as two MACs a channel in float.
    """

    layers: tuple[LayerComplexity, ...]

    def _sum(self, value: Callable[[LayerComplexity], int], per_step: bool | None = None) -> int:
        chosen = [item for item in self.layers if per_step is None or item.per_step == per_step]
        return sum(map(value, chosen))

    @property
    def parameters(self) -> int:
        """Real numbers that training sets."""
        return self._sum(lambda item: item.parameters)

    @property
    def weight_bits(self) -> int:
        """Memory of parameters and tables [bit]."""
        return self._sum(lambda item: item.weight_bits)

    @property
    def state_bits(self) -> int:
        """Memory of the state [bit]."""
        return self._sum(lambda item: item.state_bits)

    @property
    def macs_per_step(self) -> int:
        """MACs of the layers that run every step."""
        return self._sum(lambda item: item.macs, per_step=True)

    @property
    def macs_once(self) -> int:
        """MACs of the layers that run once a sequence."""
        return self._sum(lambda item: item.macs, per_step=False)

    @property
    def bit_operations_per_step(self) -> int:
        """Bit operations of the layers that run every step."""
        return self._sum(lambda item: item.bit_operations, per_step=True)

    def to_json(self) -> dict[str, Any]:
        """Return integer and float model side by side, and the ratios."""
        integer = {
            "parameters": self.parameters,
            "weight_bits": self.weight_bits,
            "state_bits": self.state_bits,
            "macs_per_step": self.macs_per_step,
            "macs_once": self.macs_once,
            "bit_operations_per_step": self.bit_operations_per_step,
        }
        floating = integer | {
            "weight_bits": FLOAT_BITS * self.parameters,
            "state_bits": FLOAT_BITS * self._sum(lambda item: item.state_values),
            "bit_operations_per_step": FLOAT_BITS**2 * self.macs_per_step,
        }
        return {
            "integer": integer,
            "float": floating,
            "ratio": {
                name: floating[name] / integer[name] if integer[name] else None
                for name in ("weight_bits", "state_bits", "bit_operations_per_step")
            },
            "by_layer": {
                item.layer: {
                    "kind": item.kind, "per_step": item.per_step, "parameters": item.parameters,
                    "weight_bits": item.weight_bits, "state_bits": item.state_bits,
                    "macs": item.macs, "bit_operations": item.bit_operations,
                }
                for item in self.layers
            },
        }  # fmt: skip


def complexity_of(model: Model) -> Complexity:
    """Return the complexity of a model.

    Parameters
    ----------
    model : Model
        Integers.

    Returns
    -------
    Complexity
        By layer and in all.

    Examples
    --------
    >>> from aimc_sim.model.npz import load_model
    >>> found = complexity_of(load_model("examples/models/digits.npz"))
    >>> found.to_json()["ratio"]["bit_operations_per_step"] > 10
    True
    """
    return Complexity(
        tuple(
            _layer(layer, model, index < model.pool_index)
            for index, layer in enumerate(model.layers)
        )
    )


def _layer(layer: Layer, model: Model, per_step: bool) -> LayerComplexity:
    products, parameters, memory = products_of(layer, model)
    values = state = 0
    if isinstance(layer, S4D):
        values = (2 if layer.is_complex else 1) * layer.n_modes
        state = values * layer.state.bits
    return LayerComplexity(
        layer.name, layer.kind, per_step, parameters, memory, values, state, products
    )


__all__ = ["FLOAT_BITS", "Complexity", "LayerComplexity", "Product", "complexity_of"]
