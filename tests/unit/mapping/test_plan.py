"""Plans: every weight on a tile exactly once, lines and utilisation, digests, conversions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aimc_sim.mapping.layout import Layout
from aimc_sim.mapping.mapper import map_model
from aimc_sim.mapping.partition import Piece
from aimc_sim.mapping.plan import Plan
from aimc_sim.mapping.reads import conversions_per_adc, converted_lines, reads_of
from aimc_sim.mapping.tile_plan import TilePlan
from tests.generate import models, random_model
from tests.laws.build import hardware_of, kernel_model, linear_model
from tests.unit.mapping.test_matrices import dense

MAPPINGS = st.sampled_from(["hybrid", "split", "fused"])


@given(
    models(max_channels=12, max_modes=9),
    MAPPINGS,
    st.integers(8, 80),
    st.integers(8, 80),
    st.sampled_from(["bitlines", "unit_cell"]),
)
@settings(max_examples=60)
def test_every_weight_lies_on_one_tile_and_fits(model, s4d, wl, bl, pair):
    plan = map_model(model, hardware_of(tile=(wl, bl), s4d=s4d, pair=pair))
    shape = plan.hardware.tile
    for m in plan.matrices:
        found = np.zeros((m.matrix.n_rows, m.matrix.n_cols), dtype=np.int64)
        n_weights = 0
        for tile in m.tiles:
            assert tile.n_wordlines <= wl
            assert tile.n_columns <= m.layout.columns_that_fit(shape)
            found[np.ix_(tile.rows, tile.cols)] += tile.codes(m.matrix)
            n_weights += int(tile.used(m.matrix).sum())
        np.testing.assert_array_equal(found, dense(m.matrix))
        assert n_weights == m.matrix.n_weights
    assert [t.tile_id for t in plan.tiles] == list(range(len(plan.tiles)))
    assert len({(t.layer, t.name) for t in plan.tiles}) == len(plan.tiles)
    lines = 2 if pair == "bitlines" else 1
    cells = plan.n_sites * wl * bl / lines
    expected = sum(m.matrix.n_weights for m in plan.matrices) / cells if cells else 0.0
    assert plan.utilisation == pytest.approx(expected)


def test_a_large_matrix_is_cut_and_a_small_one_shares():
    plan = map_model(linear_model(np.ones((70, 50))), hardware_of(tile=(32, 40)))
    assert [len(m.tiles) for m in plan.matrices] == [
        3 * 3
    ]  # 32 + 32 + 6 rows, 20 + 20 + 10 columns
    kernels = map_model(kernel_model(n_states=(1,) * 20), hardware_of(tile=(8, 16), s4d="fused"))
    assert [t.n_wordlines for t in kernels.tiles] == [8] * 5  # four kernels of 2 x 2 on each
    assert kernels.utilisation == pytest.approx(20 * 3 / (5 * 8 * 8))


def test_lines_of_name_elements_of_the_vectors():
    plan = map_model(kernel_model(), hardware_of(tile=(8, 16), s4d="fused"))
    (m,) = plan.matrices
    lines, element = m.lines_of(m.tiles[0], ("x", "u"), "inputs")
    assert lines.tolist() == [0, 1, 2, 3, 4]
    assert element.tolist() == [0, 1, 3, 2, 4]  # x0 x1 u0 x2 u1
    lines, element = m.lines_of(m.tiles[0], ("y",), "outputs")
    assert (lines.tolist(), element.tolist()) == ([2, 4], [0, 1])


def test_a_leading_input_is_driven_with_later_slices():
    hardware = hardware_of(s4d="fused", dac={"kind": "uniform", "bits": 4, "v_read_V": 0.2})
    (m,) = map_model(kernel_model(), hardware).matrices
    (phase,) = m.matrix.phases
    assert phase.lead("u") == 4
    reads = reads_of(m.matrix, phase, hardware)
    assert [read.shift for read in reads] == [0, 4, 8]
    assert [sorted(read.slices) for read in reads] == [["x"], ["u", "x"], ["u", "x"]]
    assert [read.slices["x"].shift for read in reads] == [0, 4, 8]
    assert [read.slices["u"].shift for read in reads[1:]] == [0, 4]


def test_digest_tells_model_hardware_and_geometry_apart():
    rng = np.random.default_rng(3)
    one, two = random_model(rng), random_model(rng)
    digests = [
        plan.digest
        for plan in (
            map_model(one, hardware_of()),
            map_model(two, hardware_of()),
            map_model(one, hardware_of(tile=(64, 62))),
            map_model(one, hardware_of(s4d="fused")),
        )
    ]
    assert len(set(digests)) == 4
    assert map_model(one, hardware_of()).digest == digests[0]


@pytest.mark.parametrize(
    ("pair", "subtraction", "per_adc", "columns", "expected"),
    [
        ("bitlines", "before_adc", 1, [0, 1, 2], 1),
        ("bitlines", "before_adc", 8, [0, 1, 2], 3),
        ("bitlines", "before_adc", 4, [0, 1, 2], 2),
        ("bitlines", "after_adc", 8, [0, 1, 2], 6),
        ("bitlines", "after_adc", 1, [0, 1, 2], 1),
        ("unit_cell", "before_adc", 8, [0, 1, 9], 2),
        ("unit_cell", "after_adc", 8, [0, 1, 9], 4),
        ("bitlines", "before_adc", 8, [], 0),
    ],
)
def test_conversions_of_the_busiest_adc(pair, subtraction, per_adc, columns, expected):
    hardware = hardware_of(pair=pair, subtraction=subtraction, bitlines_per_adc=per_adc)
    tile = TilePlan(0, "a", "w", 0, (Piece(0, 0, 0, 1, 32, 0, 0),))
    lines = converted_lines(Layout(), tile, np.array(columns, dtype=np.intp), hardware)
    assert conversions_per_adc(lines, hardware) == expected


def test_digital_layers_take_no_tile():
    model = random_model(
        np.random.default_rng(0), n_blocks=1, encoder=True, mixing=True, affine=True
    )
    plan: Plan = map_model(model, hardware_of())
    kinds = {layer.kind for layer in plan.layers if layer.matrices}
    assert kinds == {"linear", "s4d"}
    assert [layer.per_step for layer in plan.layers] == [
        i < model.pool_index for i in range(len(model.layers))
    ]
    assert {layer.mapping for layer in plan.layers} == {"digital", "analog", "hybrid"}
