"""Digital work of one execution of each layer, written down by hand."""

from __future__ import annotations

import numpy as np
import pytest

from aimc_sim.model.layers import GLU, Affine, LayerNorm, Linear, Pool, Residual, Table
from aimc_sim.model.network import Model
from aimc_sim.model.signal import Signal
from aimc_sim.runner.counts import digital_work, pooling_counts
from tests.laws.build import requant_by

IN, OUT = Signal(6, True, 1.0), Signal(8, True, 1.0)
ONES = np.ones(4, dtype=np.int64)
BEFORE = Linear("enc", "input", np.ones((3, 4), np.int64), 4, ONES, requant_by(1, 1), IN)


def work(layer):
    """Return the digital work of a layer behind a linear of 4 channels and 6-bit codes."""
    pool = Pool("pool", layer.name, "mean", 1, 0, OUT)
    return digital_work(layer, Model(3, IN, (BEFORE, layer, pool)), set())


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        (
            Linear(
                "one",
                "enc",
                np.ones((4, 5), np.int64),
                4,
                np.zeros(5, np.int64),
                requant_by(1, 1),
                OUT,
            ),
            {"adder.add": 5, "requant.op": 5},
        ),
        (Affine("one", "enc", ONES, ONES, ONES, OUT), {"adder.add": 4, "requant.op": 4}),
        (Table("one", "enc", np.arange(64), OUT), {"lut.read": 4}),
        (
            GLU("one", "enc", np.arange(64), Signal(7, False, 1.0), requant_by(1, 1), OUT),
            {"lut.read": 2, "multiplier.bit_product": 2 * 6 * 7, "requant.op": 2},
        ),
        (
            Residual("one", "enc", "enc", ONES[0], ONES[0], ONES[0], OUT),
            {"adder.add": 4, "requant.op": 8, "buffer.read_bit": 4 * 6},
        ),
        (
            LayerNorm("one", "enc", np.ones(4), np.zeros(4), 1.0, OUT),
            {"adder.add": 16, "multiplier.bit_product": 16 * 24**2, "requant.op": 4},
        ),
        (Pool("one", "enc", "mean", 1, 0, OUT), {"requant.op": 4}),
        (Pool("one", "enc", "sum", 1, 0, OUT), {"requant.op": 0}),
    ],
    ids=lambda value: getattr(value, "kind", ""),
)
def test_digital_work(layer, expected):
    assert work(layer) == expected


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
