"""Codes to conductances and back; the grid that makes sums exact."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimc_sim.mapping.encode import grid_bits, in_units, on_grid
from aimc_sim.mapping.layout import Layout


@given(
    st.integers(1, 2**15),
    st.sampled_from([0.0, 0.1, 0.5, 2.5]),
    st.lists(st.floats(-1, 1), min_size=1, max_size=20),
)
def test_a_pair_stands_for_its_code(full, ratio, shares):
    codes = np.array([[round(full * s) for s in shares] + [full, -full, 0]])
    fulls = np.full(codes.shape, full)
    step_S = 25.0e-6 / full
    g_min_S = ratio * step_S
    g_S = Layout().targets_S(codes, fulls, g_min_S, g_min_S + 25.0e-6)
    assert g_S.shape == (*codes.shape, 2)
    assert (g_S.min(axis=2) == g_min_S).all()
    assert g_S.max() <= g_min_S + 25.0e-6
    np.testing.assert_allclose((g_S[..., 0] - g_S[..., 1]) / step_S, codes, atol=1e-9 * full)
    assert (g_S[..., 0] >= g_S[..., 1])[codes > 0].all()
    units = in_units(g_S, g_min_S, np.full(g_S.shape, step_S), 20)
    assert (units[..., 0] - units[..., 1]).tolist() == codes.tolist()
    assert (units * 2.0**20 == np.rint(units * 2.0**20)).all()


def test_each_cell_has_its_own_window():
    found = Layout().targets_S(np.array([[2, 2]]), np.array([[2, 4]]), 0.0, 1.0)
    assert found[..., 0].tolist() == [[1.0, 0.5]]


@given(st.floats(1e-3, 2.0**48))
def test_sums_below_the_peak_are_exact_on_the_grid(peak):
    bits = grid_bits(peak)
    assert 2.0 ** (53 - bits) > peak  # multiples of 2^-bits below 2^(53-bits) are float64 numbers
    assert bits == 44 or 2.0 ** (53 - bits) <= 8 * peak


@given(st.lists(st.floats(-1e3, 1e3), min_size=1), st.integers(0, 40))
def test_on_grid_rounds_to_multiples(values, bits):
    found = on_grid(np.array(values), bits)
    assert np.abs(found - values).max() <= 2.0 ** -(bits + 1)
    scaled = found * 2.0**bits
    assert (scaled == np.floor(scaled)).all()


@pytest.mark.parametrize("pedestal", [0.1, 1 / 3, 2.5, 1e4 / 7])
def test_pedestals_cancel_to_the_bit(pedestal):
    rng = np.random.default_rng(1)
    g_S = pedestal + rng.uniform(0, 1, (30, 2, 2))
    step = np.ones((30, 2, 2))
    units, bare = in_units(g_S, pedestal, step, 30), in_units(g_S - pedestal, 0.0, step, 30)
    np.testing.assert_array_equal(units[..., 0] - units[..., 1], bare[..., 0] - bare[..., 1])
    assert math.isclose(units.mean() - bare.mean(), pedestal, rel_tol=1e-6)
