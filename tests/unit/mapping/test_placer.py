"""Placer: tiles on sites along their diagonal, and lines in the order asked for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aimc_sim.mapping.floor import FREE, floors_of, places
from aimc_sim.mapping.mapper import map_model
from tests.generate import models
from tests.laws.build import hardware_of, kernel_model

ORDERS = ("as_mapped", "reversed", "heavy_first")
MAPPINGS = st.sampled_from(["hybrid", "split", "fused"])
ENCODINGS = st.sampled_from(["one_sided", "offset_column"])


def options_of(encoding: str, **more):
    """Return options of a mapping with that encoding."""
    unused = "programmed" if encoding == "offset_column" else "stated"
    return {"weights": {"encoding": encoding}, "unused": unused, **more}


def physical(m, tile, shape):
    """Return the wordlines and bitlines that a tile takes of its site."""
    rows, columns = places(m, tile)
    per_column = m.layout.lines_per_column(shape)
    lines = tile.origin[1] + columns[:, None] * per_column + np.arange(per_column)
    return rows.tolist(), lines.ravel().tolist()


@given(models(max_channels=6, max_modes=5), MAPPINGS, ENCODINGS, st.sampled_from(ORDERS),
       st.integers(8, 60), st.integers(20, 80))  # fmt: skip
@settings(max_examples=30)
def test_no_two_tiles_share_a_line_of_a_site(model, s4d, encoding, order, wl, bl):
    options = options_of(encoding, s4d=s4d, wordline_order=order, column_order=order)
    plan = map_model(model, hardware_of(tile=(wl, bl), share_tiles=True, **options))
    alone = map_model(model, hardware_of(tile=(wl, bl), **options))
    taken: set[tuple[object, ...]] = set()
    for m in plan.matrices:
        for tile in m.tiles:
            rows, lines = physical(m, tile, plan.hardware.tile)
            assert max(rows, default=0) < wl
            assert max(lines, default=0) < bl
            own = {(tile.site, "wl", r) for r in rows} | {(tile.site, "bl", b) for b in lines}
            assert len(own) == len(rows) + len(lines)
            assert not own & taken
            taken |= own
    assert plan.n_sites <= alone.n_sites == len(alone.tiles)
    assert plan.utilisation * plan.n_sites == pytest.approx(alone.utilisation * alone.n_sites)


def test_sharing_fills_a_site_before_the_next():
    model = kernel_model(n_states=(2, 1))
    plan = map_model(model, hardware_of(tile=(64, 64), s4d="split", share_tiles=True))
    assert [(t.matrix, t.site, t.origin) for t in plan.tiles] == [
        ("A", 0, (0, 0)), ("B", 0, (3, 6)), ("C", 0, (5, 12)),
    ]  # fmt: skip
    assert plan.n_sites == 1
    tight = map_model(model, hardware_of(tile=(8, 12), s4d="split", share_tiles=True))
    assert [(t.site, t.origin) for t in tight.tiles] == [(0, (0, 0)), (0, (3, 6)), (1, (0, 0))]


@pytest.mark.parametrize("s4d", ["hybrid", "split", "fused"])
@pytest.mark.parametrize("order", ORDERS)
def test_orders_are_permutations_and_heavy_lines_come_first(s4d, order):
    plan = map_model(
        kernel_model(n_states=(3, 2, 4), is_complex=True),
        hardware_of(tile=(24, 60), s4d=s4d, wordline_order=order, column_order=order),
    )
    for m in plan.matrices:
        for tile in m.tiles:
            size = np.abs(tile.codes(m.matrix))
            for at, weight in ((tile.wordline_at, size.sum(1)), (tile.column_at, size.sum(0))):
                if order == "as_mapped":
                    assert at is None
                    continue
                assert sorted(at.tolist()) == list(range(len(weight)))
                placed = np.empty_like(weight)
                placed[at] = weight
                if order == "reversed":
                    assert placed.tolist() == weight[::-1].tolist()
                else:
                    assert (np.diff(placed) <= 0).all()


def test_a_floor_holds_every_weight_where_its_lines_cross():
    for order in ORDERS:
        plan = map_model(
            kernel_model(n_states=(2, 1), is_complex=True),
            hardware_of(tile=(16, 40), s4d="fused", column_order=order, wordline_order=order),
        )
        (floor,) = floors_of(plan)
        (m,) = plan.matrices
        codes, used = np.zeros((16, 20), dtype=np.int64), m.tiles[0].used(m.matrix)
        rows, columns = places(m, m.tiles[0])
        codes[np.ix_(rows, columns)] = used
        np.testing.assert_array_equal(floor.holds, codes.repeat(2, axis=1).astype(bool))
        assert {r.tensor: r.n_weights for r in floor.regions} == {
            "A": 12, "B": 6, "C": 6, "none": 0,
        }  # fmt: skip
        n_free = int((floor.region == FREE).sum())
        assert n_free + sum(r.n_used + r.n_unused for r in floor.regions) == 16 * 40
        assert floor.share_used == pytest.approx(plan.utilisation)


def test_a_floor_shows_slices_and_the_reference_column():
    plan = map_model(
        kernel_model(n_states=(1,)),
        hardware_of(tile=(8, 40), s4d="split", share_tiles=True,
                    **options_of("offset_column") | {
                        "weights": {"encoding": "offset_column", "cell_bits": 3}}),
    )  # fmt: skip
    (floor,) = floors_of(plan)
    assert [(p.layer, p.matrix) for p in floor.plans] == [("ssm", "A"), ("ssm", "B"), ("ssm", "C")]
    assert [r.tensor for r in floor.regions][:2] == ["A", "reference"]
    assert floor.part[0, :6].tolist() == [0, 1, 2, 0, 1, 2]
    assert [len(r.bitlines) for r in floor.regions[:2]] == [3, 3]
