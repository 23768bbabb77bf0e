"""Read noise through wires: the first order and its bound against full solves; correlations."""

from __future__ import annotations

import numpy as np
import pytest

from aimc_sim.crossbar import wires_noise
from aimc_sim.crossbar.stale import largest_change, stale_bound
from aimc_sim.crossbar.wires import effective_matrix
from aimc_sim.crossbar.wires_noise import first_order
from aimc_sim.hardware import Wires
from aimc_sim.spec import InputError
from tests.oracles.wire_cases import CASES, random_conductances, random_wires

CROSSED = [case for case in CASES if case[0] == "crossed"]


def change(g_S, dg_S, wires, v_V):
    """Return the change of the currents by two full solves."""
    return v_V @ (effective_matrix(g_S + dg_S, wires) - effective_matrix(g_S, wires))


@pytest.mark.parametrize("case", CROSSED)
@pytest.mark.parametrize("ideal", [0.0, 0.5])
def test_it_is_the_derivative(case, ideal):
    """A step of 1e-6 of a cell, one at a time: differences of full solves, to the second order."""
    rng = np.random.default_rng(21)
    for _ in range(3):
        wires = random_wires(rng, *case, ideal=ideal)
        g_S = random_conductances(rng, *rng.integers(1, 7, 2)) + 1.0e-4
        noise, v_V = first_order(g_S, wires), rng.uniform(-0.2, 0.2, len(g_S))
        for cell in np.ndindex(g_S.shape):
            dg_S = np.zeros_like(g_S)
            dg_S[cell] = 1.0e-6 * g_S[cell]
            exact = change(g_S, dg_S, wires, v_V)
            scale = 0.2 * dg_S[cell]
            assert np.abs(noise.currents(v_V, dg_S) - exact).max() <= 2e-5 * scale, wires


@pytest.mark.parametrize("case", CROSSED)
@pytest.mark.parametrize("size", [0.001, 0.02, 0.3])
def test_what_is_left_out_is_within_the_bound(case, size):
    rng = np.random.default_rng(22)
    for _ in range(5):
        wires = random_wires(rng, *case, ideal=0.2)
        g_S = random_conductances(rng, *rng.integers(2, 20, 2)) * 0.1
        noise, v_V = first_order(g_S, wires), rng.uniform(-0.2, 0.2, len(g_S))
        dg_S = np.maximum(size * 5.0e-5 * rng.standard_normal(g_S.shape), -g_S)
        left_out = np.abs(change(g_S, dg_S, wires, v_V) - noise.currents(v_V, dg_S))
        rounding = 1e-14 * np.abs(v_V) @ g_S + 1e-18
        assert (left_out <= noise.bound(v_V, dg_S) + rounding * 100).all(), wires


def test_the_bound_is_of_the_second_order_and_finite():
    rng = np.random.default_rng(23)
    wires = Wires(wordline_ohm=2.0, bitline_ohm=2.0, driver_ohm=10.0, sense_ohm=10.0)
    g_S = rng.uniform(1.0e-6, 25.0e-6, (32, 32))
    noise, v_V = first_order(g_S, wires), np.full(32, 0.2)
    dg_S = 0.01 * g_S * rng.standard_normal(g_S.shape)
    bound = noise.bound(v_V, dg_S)
    np.testing.assert_allclose(noise.bound(v_V, dg_S / 10.0), bound / 100.0, rtol=1e-2)
    assert bound.max() < 0.05 * np.abs(noise.currents(v_V, dg_S)).max()
    assert np.isinf(noise.bound(v_V, 1.0e6 * g_S)).all()


def test_without_resistance_each_device_moves_its_bitline_alone():
    rng = np.random.default_rng(24)
    g_S, dg_S = rng.random((5, 4)), rng.standard_normal((3, 5, 4))
    noise, v_V = first_order(g_S, Wires()), rng.standard_normal((3, 5))
    np.testing.assert_allclose(noise.currents(v_V, dg_S), np.einsum("bi,bij->bj", v_V, dg_S))
    assert (noise.bound(v_V, dg_S) == 0.0).all()
    expected = np.square(v_V[0]) @ np.square(dg_S[0])
    np.testing.assert_allclose(noise.covariance(v_V[0], dg_S[0]), np.diag(expected), atol=1e-15)


@pytest.mark.statistical
def test_bitlines_are_correlated_as_full_solves_say():
    """Sample covariance of 4000 full solves; entries within 6 standard errors (1e-7 in all)."""
    rng = np.random.default_rng(25)
    wires = Wires(wordline_ohm=30.0, bitline_ohm=30.0, driver_ohm=2.0e3, sense_ohm=10.0)
    g_S = rng.uniform(1.0e-5, 1.0e-4, (6, 4))
    sigma_S, v_V, n = 0.01 * g_S, rng.uniform(0.05, 0.2, 6), 4000
    base = effective_matrix(g_S, wires)
    seen = np.stack([
        v_V @ (effective_matrix(g_S + sigma_S * rng.standard_normal(g_S.shape), wires) - base)
        for _ in range(n)
    ])  # fmt: skip
    expected = first_order(g_S, wires).covariance(v_V, sigma_S)
    own = np.diag(expected)
    error = np.sqrt((np.square(expected) + np.outer(own, own)) / n)
    assert (np.abs(np.cov(seen.T) - expected) <= 6.0 * error).all()
    correlation = expected / np.sqrt(np.outer(own, own))
    assert correlation[~np.eye(4, dtype=bool)].min() < -0.05


def test_tables_too_large_are_refused(monkeypatch):
    monkeypatch.setattr(wires_noise, "MOST_ENTRIES", 100)
    with pytest.raises(InputError, match="read noise of a tile of 5 wordlines and 5 bitlines"):
        first_order(np.ones((5, 5)), Wires())


@pytest.mark.parametrize("case", CROSSED)
@pytest.mark.parametrize("size", [1.0e-3, 0.1, 0.7])
def test_an_old_matrix_errs_within_its_bound(case, size):
    rng = np.random.default_rng(26)
    for _ in range(8):
        wires = random_wires(rng, *case, ideal=0.3)
        g_S = random_conductances(rng, *rng.integers(1, 16, 2))
        new_S = g_S * (1.0 + size * rng.choice([-1.0, 1.0, 0.3], g_S.shape))
        v_V = rng.uniform(-0.2, 0.2, len(g_S))
        error = change(g_S, new_S - g_S, wires, v_V)
        each, together = stale_bound(g_S, new_S, v_V)
        assert (np.abs(error) <= each * (1.0 + 1e-9) + 1e-18).all(), wires
        assert np.linalg.norm(error) <= together * (1.0 + 1e-9) + 1e-18, wires


def test_a_cell_that_was_open_has_no_bound():
    assert largest_change(np.array([0.0, 1.0]), np.array([0.0, 1.5])) == 0.5
    assert np.isinf(largest_change(np.array([0.0]), np.array([1.0e-9])))
    each, together = stale_bound(np.ones((2, 2)), np.ones((2, 2)), [1.0, 1.0])
    assert not each.any()
    assert together == 0.0
