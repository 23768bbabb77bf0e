"""Complexity of models by hand, and of the bundled ones."""

from __future__ import annotations

import numpy as np
import pytest

from aimc_sim.analysis.random_codes import one_layer
from aimc_sim.cost.complexity import FLOAT_BITS, Complexity, complexity_of
from aimc_sim.model.layers import S4D
from aimc_sim.model.npz import load_model
from tests.generate import KERNEL_ONLY, random_model


def test_a_linear_layer_by_hand():
    found = complexity_of(one_layer(np.ones((7, 5), dtype=np.int64), 4, 8))
    tree = found.to_json()
    assert tree["integer"] == {
        "parameters": 35 + 5, "weight_bits": 35 * 4 + 5 * 32, "state_bits": 0,
        "macs_per_step": 35, "macs_once": 0, "bit_operations_per_step": 35 * 4 * 8,
    }  # fmt: skip
    assert tree["float"]["bit_operations_per_step"] == 35 * 32 * 32
    assert tree["float"]["weight_bits"] == 40 * 32
    assert tree["ratio"]["bit_operations_per_step"] == pytest.approx(32.0)
    assert tree["ratio"]["state_bits"] is None


@pytest.mark.parametrize("complex_", [True, False])
def test_a_kernel_by_hand(complex_):
    rng = np.random.default_rng(5)
    model = random_model(rng, **KERNEL_ONLY, complex=complex_)
    layer = next(item for item in model.layers if isinstance(item, S4D))
    n, h, b = layer.n_modes, layer.n_out, layer.bits
    u, x = model.signal(layer.input).bits, layer.state.bits
    a, c = (4, 2) if complex_ else (1, 1)
    found = next(item for item in complexity_of(model).layers if item.kind == "s4d")
    assert found.macs == n * (a + 2 * c) + h
    assert found.bit_operations == n * (a * b["A"] * x + c * b["B"] * u + c * b["C"] * x) + (
        h * b["D"] * u
    )
    assert found.state_bits == c * n * x
    assert found.parameters == 3 * c * n + h
    assert found.weight_bits == c * n * (b["A"] + b["B"] + b["C"]) + h * b["D"]


@pytest.mark.parametrize("name", ["digits", "digits01", "smnist196", "smnist784", "vowels"])
def test_bundled_models(name):
    model = load_model(f"examples/models/{name}.npz")
    found = complexity_of(model)
    kernels = [item for item in model.layers if isinstance(item, S4D)]
    assert found.state_bits == sum(2 * k.n_modes * k.state.bits for k in kernels)
    assert found.macs_per_step > sum(8 * k.n_modes for k in kernels)
    assert found.macs_once == 32 * model.n_classes
    tree = found.to_json()
    assert 5 < tree["ratio"]["bit_operations_per_step"] < 50
    assert sum(layer["macs"] for layer in tree["by_layer"].values()) == (
        found.macs_per_step + found.macs_once
    )
    assert tree["float"]["bit_operations_per_step"] == FLOAT_BITS**2 * found.macs_per_step


def test_parts_add():
    found = complexity_of(load_model("examples/models/digits.npz"))
    first, rest = Complexity(found.layers[:4]), Complexity(found.layers[4:])
    for name in ("parameters", "weight_bits", "state_bits", "macs_per_step"):
        assert getattr(first, name) + getattr(rest, name) == getattr(found, name)
