"""Digital work of one execution of each layer, written down by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from aimc_sim.data import Data
from aimc_sim.model.layers import GLU, S4D, Affine, LayerNorm, Linear, Pool, Residual, Table
from aimc_sim.model.network import Model
from aimc_sim.model.requantisations import requantisations
from aimc_sim.model.signal import Requant, Signal
from aimc_sim.runner.counts import digital_work, pooling_counts
from aimc_sim.runner.run import run
from tests.laws.build import hardware_of, linear_model, program_model, requant_by

IN, OUT = Signal(6, True, 1.0), Signal(8, True, 1.0)
ONES = np.ones(4, dtype=np.int64)
BEFORE = Linear("enc", "input", np.ones((3, 4), np.int64), 4, ONES, requant_by(1, 1), IN)


def behind(layer):
    """Return a layer behind a linear of 4 channels and 6-bit codes."""
    return Model(3, IN, (BEFORE, layer, Pool("pool", layer.name, "mean", 1, 0, OUT)))


def linear(m):
    return Linear("one", "enc", np.ones((4, 5), np.int64), 4, np.zeros(5, np.int64),
                  Requant(np.array(m), ONES[0]), OUT)  # fmt: skip


def glu(m):
    return GLU("one", "enc", np.arange(64), Signal(7, False, 1.0), requant_by(m, 1), OUT)


def residual(m, m_skip):
    return Residual("one", "enc", "enc", np.array(m), np.array(m_skip), ONES[0], OUT)


def kernel(m_A, m_B, m_C, m_D):
    """Two real modes in channel 0, one in channel 2, none in the others."""
    requants = {f"requant_{x}": Requant(np.array(m), ONES) for x, m in zip(
        "ABCD", (m_A, m_B, m_C, m_D), strict=True)}  # fmt: skip
    three = np.ones(3, np.int64)
    return S4D("one", "enc", np.array([2, 0, 1, 0]), three, None, three, None, three, None, ONES,
               bits=dict.fromkeys("ABCD", 8), state=OUT, output=OUT, **requants)  # fmt: skip


LAYERNORM = LayerNorm("one", "enc", np.ones(4), np.zeros(4), 1.0, OUT)
TABLE = Table("one", "enc", np.arange(64), OUT)


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        (linear(3), {"adder.add": 5}),
        (Affine("one", "enc", 3 * ONES, ONES, ONES, OUT), {"adder.add": 4}),
        (TABLE, {"lut.read": 4}),
        (glu(3), {"lut.read": 2, "multiplier.bit_product": 2 * 6 * 7}),
        (residual(3, 3), {"adder.add": 4, "buffer.read_bit": 4 * 6}),
        (LAYERNORM, {"adder.add": 16, "multiplier.bit_product": 16 * 24**2}),
        (Pool("one", "enc", "mean", 1, 0, OUT), {}),
    ],
    ids=lambda value: getattr(value, "kind", ""),
)
def test_digital_work(layer, expected):
    assert digital_work(layer, behind(layer), set()) == expected


@pytest.mark.parametrize(
    ("layer", "products", "shifts"),
    [
        (linear(3), 5, 0),
        (linear(1), 0, 5),
        (linear([1, 3, 4, 6, 12]), 3, 2),
        (Affine("one", "enc", np.array([-4, 3, 0, -5]), ONES, ONES, OUT), 2, 2),
        (TABLE, 0, 0),
        (glu(5), 2, 0),
        (glu(8), 0, 2),
        (residual(3, 3), 8, 0),
        (residual([1, 2, 3, 4], 8), 1, 7),
        (kernel(1, 2, [3, 1, 1, 1], 4), 1, 3 + 3),
        (kernel([3, 1, 1, 1], 2, 1, 1), 2, 1 + 4),
        (kernel(1, [1, 1, 3, 1], 1, 5), 1 + 4, 2),
        (LAYERNORM, 4, 0),
        (Pool("one", "enc", "mean", 1, 0, OUT), 4, 0),
        (Pool("one", "enc", "sum", 1, 0, OUT), 0, 0),
    ],
)
def test_a_multiplier_that_is_a_power_of_two_is_a_shift(layer, products, shifts):
    assert requantisations(layer, behind(layer)) == (products, shifts)


@pytest.mark.parametrize(("m", "operations", "additions"), [(3, 3, 3), (4, 0, 6)])
def test_a_run_counts_a_shift_as_an_addition(m, operations, additions):
    plain = linear_model(np.arange(6).reshape(2, 3))
    layer = replace(plain.layers[0], requant=requant_by(m, 4))
    model = replace(plain, layers=(layer, plain.layers[1]))
    data = Data(np.full((1, 1, 2), 5), np.array([1]))
    events = run(model, program_model(model, hardware_of()), data, seed=0).events
    assert events.total("requant.op") == operations
    assert events.total("adder.add") == additions


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("mean", {(-1, "adder.add"): 4}),
        ("sum", {(-1, "adder.add"): 4}),
        ("last", {(-1, "buffer.write_bit"): 4 * 8}),
    ],
)
def test_pooling(rule, expected):
    pool = Pool("pool", "enc", rule, 1, 0, OUT)
    assert pooling_counts(pool, Model(3, IN, (BEFORE, pool))) == expected
