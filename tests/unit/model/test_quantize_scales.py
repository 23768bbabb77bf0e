"""Pole grids and multipliers: bounds that hold whatever the numbers are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimc_sim.model.grids import GRIDS, nearest_level, on_grid, quantise_poles
from aimc_sim.model.scales import (
    common_multipliers,
    exact_requants,
    multiplier,
    signal_for,
    weight_scale,
)


def random_poles(seed: int, slowest: float) -> np.ndarray:
    rng = np.random.default_rng(seed)
    decay = np.exp(rng.uniform(np.log(slowest), np.log(3.0), (3, 5)))
    return np.exp(-decay + 1j * rng.uniform(0.0, np.pi, (3, 5)))


@pytest.mark.parametrize("grid", GRIDS)
@given(seed=st.integers(0, 2**32 - 1), bits=st.integers(2, 16), per_channel=st.booleans(),
       slowest=st.sampled_from([1e-9, 1e-4, 1e-2]))  # fmt: skip
def test_no_pole_leaves_the_unit_circle(grid, seed, bits, per_channel, slowest):
    poles = random_poles(seed, slowest)
    run_bits = bits if grid == "cartesian" else 16
    codes = quantise_poles(poles, bits, run_bits, grid, per_channel=per_channel)
    size = codes.re.astype(object) ** 2 + codes.im.astype(object) ** 2
    assert (size < 4**codes.shift).all()
    high = (1 << (run_bits - 1)) - 1
    assert max(np.abs(codes.re).max(), np.abs(codes.im).max()) <= high


@given(seed=st.integers(0, 2**32 - 1), bits=st.integers(3, 16))
def test_a_pole_moves_by_a_code_step_at_most(seed, bits):
    poles = random_poles(seed, 1e-3)
    codes = quantise_poles(poles, bits, bits, "cartesian")
    moved = np.abs(codes.poles - poles) * 2.0**codes.shift
    assert moved.max() <= 2.3
    away = np.abs(poles) < 1 - 2.0 ** (1 - codes.shift)
    assert (moved[away] <= np.sqrt(0.5) + 1e-9).all()


def test_poles_pulled_in_are_counted():
    poles = 0.9999 * np.exp(1j * np.linspace(0.3, 1.2, 50))[None]
    codes = quantise_poles(poles, 6, 6, "cartesian")
    rounded = np.floor(poles.real * 32 + 0.5) ** 2 + np.floor(poles.imag * 32 + 0.5) ** 2
    assert codes.n_outside == (rounded >= 32**2).sum() > 0
    assert quantise_poles(0.5 * poles, 8, 8, "cartesian").n_outside == 0


@pytest.mark.parametrize("grid", ["polar", "log-polar"])
def test_a_polar_grid_has_so_many_magnitudes_and_phases(grid):
    rng = np.random.default_rng(0)
    poles = np.exp(-rng.uniform(0.01, 1.0, (4, 500)) + 1j * rng.uniform(0, 3, (4, 500)))
    for per_channel, rows in ((False, [slice(None)]), (True, range(4))):
        placed = on_grid(poles, 4, grid, per_channel=per_channel)
        for row in rows:
            assert len(np.unique(np.abs(placed[row]).round(9))) == 16
            assert len(np.unique(np.angle(placed[row]).round(9))) == 16


def test_log_polar_magnitudes_are_geometric():
    poles = np.exp(-np.linspace(0.01, 2.0, 400))[None] + 0j
    levels = np.unique(np.abs(on_grid(poles, 3, "log-polar")).round(12))
    np.testing.assert_allclose(levels[1:] / levels[:-1], np.exp(1.99 / 7), rtol=1e-6)
    levels = np.unique(np.abs(on_grid(poles, 3, "polar")).round(12))
    np.testing.assert_allclose(np.diff(levels), (np.exp(-0.01) - np.exp(-2.0)) / 7, rtol=1e-6)


def test_equal_values_stay():
    assert nearest_level(np.full(3, 0.7), 2).tolist() == [0.7] * 3


def test_small_poles_use_the_width():
    codes = quantise_poles(np.array([[0.1 + 0.05j]]), 8, 8, "cartesian")
    assert codes.shift == 10
    assert abs(codes.poles[0, 0] - (0.1 + 0.05j)) < 2.0**-10


@given(ratio=st.floats(1e-12, 1e6), bits=st.integers(8, 31))
def test_a_multiplier_is_as_exact_as_its_bits(ratio, bits):
    m, k = multiplier(ratio, bits)
    assert 1 <= k <= 61
    assert m >= 1
    if m < 1 << bits and k < 61:
        assert abs(m / 2**k / ratio - 1) <= 2.0**-bits


@given(st.integers(-40, 20))
def test_a_power_of_two_is_exact(exponent):
    m, k = multiplier(2.0**exponent, 8)
    assert m * 2.0**-k == 2.0**exponent
    assert m & (m - 1) == 0


@given(st.lists(st.floats(-100.0, 100.0), min_size=1, max_size=6))
def test_common_multipliers_share_a_shift(ratios):
    m, k = common_multipliers(np.array(ratios))
    largest = max(map(abs, ratios))
    assert np.abs(m * 2.0**-k - ratios).max() <= max(largest * 2.0**-19, 2.0**-61)


def test_the_largest_weight_becomes_the_largest_code():
    weight = np.array([[1.0, 0.0], [-2.0, 0.0]])
    assert weight_scale(weight, 4, per_channel=True).tolist() == [2 / 7, 1.0]
    assert weight_scale(weight, 4, per_channel=False).tolist() == [2 / 7, 2 / 7]


@given(st.floats(1e-9, 1.0), st.floats(1.0, 1e15))
def test_a_free_scale_makes_its_multiplier_exact(ratio, peak):
    requant, exact = exact_requants(np.array([ratio]), np.array([peak]))
    assert requant.m[0] * 2.0 ** -float(requant.k[0]) == exact[0]
    assert ratio <= exact[0] <= ratio * (1 + 2.0**-7)
    assert peak * int(requant.m[0]) < max(2**52, peak * 2**8 * 1.01)


def test_a_power_of_two_scale_holds_the_peak():
    for peak in (0.3, 1.0, 100.0):
        signal = signal_for(peak, 12, signed=True, power_of_two=True)
        assert peak / 2 <= signal.code_max * signal.scale + signal.scale
        assert peak <= signal.code_max * signal.scale
        assert np.log2(signal.scale) == round(np.log2(signal.scale))
