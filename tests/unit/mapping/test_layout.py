"""Layouts: codes become sides, slices and conductances of every encoding, and come back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimc_sim.hardware import Mapping, TileShape
from aimc_sim.mapping.layout import Layout, layout_of
from aimc_sim.spec import InputError

ENCODINGS = ("one_sided", "two_sided", "offset_column")
BITS = st.integers(1, 8)
CELL_BITS = st.one_of(st.none(), BITS, st.lists(BITS, min_size=1, max_size=4).map(tuple))
WIDE = TileShape(n_wordlines=8, n_bitlines=4096)


def layout(encoding: str, cell_bits: Any = None, redundancy: int = 1, peak: int = 127) -> Layout:
    """Return the layout of a matrix with that largest code."""
    weights = {"encoding": encoding, "cell_bits": cell_bits, "redundancy": redundancy}
    return layout_of(peak, Mapping.model_validate({"weights": weights}), WIDE, "m")


def decoded(found: Layout, g_S: Any, full: Any, window_S: float) -> Any:
    """Return codes from conductances: differences in steps, slices shifted and added."""
    split = found.split(g_S).mean(axis=-1)
    if found.has_reference:
        plus, minus = split[:, :-1, :, 0], split[:, -1:, :, 0]
    else:
        plus, minus = split[..., 0], split[..., 1]
    return ((plus - minus) / found.steps_S(full, window_S)) @ (1 << np.array(found.shifts))


@given(
    st.sampled_from(ENCODINGS), CELL_BITS, st.integers(1, 3), st.integers(1, 2**15 - 1),
    st.sampled_from([0.0, 1.0e-6]), st.lists(st.floats(-1, 1), min_size=1, max_size=12),
)  # fmt: skip
def test_targets_stand_for_the_code(encoding, cell_bits, copies, peak, g_min_S, shares):
    found = layout(encoding, cell_bits, copies, peak)
    codes = np.array([[round(peak * share) for share in shares] + [peak, -peak, 0]])
    full = np.full(codes.shape, peak)
    g_max_S = g_min_S + 25.0e-6
    g_S = found.targets_S(codes, full, g_min_S, g_max_S)
    assert g_S.shape == (1, codes.shape[1] + found.has_reference, found.n_devices)
    assert g_S.min() >= g_min_S
    assert g_S.max() <= g_max_S
    back = decoded(found, g_S, full, g_max_S - g_min_S)
    np.testing.assert_allclose(back, codes, atol=1e-9 * peak)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("copies", [1, 3])
def test_levels_are_the_targets(encoding, copies):
    """One level a code says the same, bit for bit, where a tile has one window and enough cells."""
    found = layout(encoding, 3, copies, 127)
    codes = np.random.default_rng(2).integers(-127, 128, (40, 50))
    args = codes, np.full(codes.shape, 127), 1.0e-6, 26.0e-6
    levels = found.levels_S(*args)
    if found.has_reference:
        assert levels is None
        return
    g_S = found.targets_S(*args)
    assert levels.shape == g_S.shape
    np.testing.assert_array_equal(np.asarray(levels), g_S)
    other = args[1].copy()
    other[0, 0] = 126
    assert found.levels_S(codes, other, 1.0e-6, 26.0e-6) is None
    assert found.levels_S(codes[:2, :2], args[1][:2, :2], 1.0e-6, 26.0e-6) is None


@given(st.sampled_from(ENCODINGS), CELL_BITS, st.integers(1, 2**15 - 1))
def test_slices_hold_every_code_and_no_more_than_needed(encoding, cell_bits, peak):
    found = layout(encoding, cell_bits, peak=peak)
    needed = peak.bit_length() + found.has_reference
    if cell_bits is None:
        assert (found.widths, found.shifts, found.n_slices) == ((), (0,), 1)
        return
    assert sum(found.widths) >= needed > sum(found.widths[:-1])
    assert found.shifts == tuple(sum(found.widths[:i]) for i in range(found.n_slices))


@pytest.mark.parametrize(
    ("cell_bits", "peak", "widths"),
    [(2, 127, (2, 2, 2, 2)), (8, 127, (8,)), ((3, 2), 127, (3, 2, 2)), ((4, 1), 31, (4, 1)),
     ((1, 6, 8), 127, (1, 6))],
)  # fmt: skip
def test_the_last_width_repeats(cell_bits, peak, widths):
    assert layout("one_sided", cell_bits, peak=peak).widths == widths


def test_one_sided_leaves_one_device_at_the_bottom_and_two_sided_none():
    codes, full = np.array([[3, -3, 0]]), np.full((1, 3), 4)
    one = layout("one_sided").targets_S(codes, full, 1.0, 5.0)
    two = layout("two_sided").targets_S(codes, full, 1.0, 5.0)
    assert one.tolist() == [[[4.0, 1.0], [1.0, 4.0], [1.0, 1.0]]]
    assert two.tolist() == [[[4.5, 1.5], [1.5, 4.5], [3.0, 3.0]]]


def test_a_reference_column_holds_what_code_0_does():
    for cell_bits in (None, 3):
        found = layout("offset_column", cell_bits)
        g_S = found.targets_S(np.array([[0, 5, -127]]), np.full((1, 3), 127), 1.0, 5.0)
        np.testing.assert_allclose(g_S[:, -1], g_S[:, 0])
        assert (g_S[:, 2] <= g_S[:, 0]).all() or cell_bits


@pytest.mark.parametrize(
    ("encoding", "pair", "devices", "lines", "fit"),
    [("one_sided", "bitlines", 24, 24, 4), ("one_sided", "unit_cell", 24, 4, 25),
     ("offset_column", "bitlines", 12, 12, 7), ("offset_column", "unit_cell", 12, 4, 24)],
)  # fmt: skip
def test_lines_of_a_weight(encoding, pair, devices, lines, fit):
    shape = TileShape(n_wordlines=8, n_bitlines=100, pair=pair)
    found = layout(encoding, 2, 3)
    assert (found.n_devices, found.lines_per_column(shape)) == (devices, lines)
    assert found.columns_that_fit(shape) == fit
    places = [found.line_of(np.arange(fit), shape, side) for side in range(found.n_sides)]
    every = np.concatenate([p.ravel() for p in places])
    assert len(set(every.tolist())) == (
        len(every) if pair == "bitlines" else len(places[0].ravel())
    )
    assert every.max() < 100


def test_a_tile_too_narrow_for_a_weight_is_refused():
    shape = TileShape(n_wordlines=8, n_bitlines=7)
    mapping = Mapping.model_validate({"weights": {"cell_bits": 2}})
    with pytest.raises(InputError, match=r"m: one weight takes 8 bitlines; .* n_bitlines 7"):
        layout_of(127, mapping, shape, "m")
