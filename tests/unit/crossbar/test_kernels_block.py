"""Dense blocks against NumPy; the digits depend on no thread, no batch and no neighbour."""

from __future__ import annotations

import numba
import numpy as np
import pytest

from aimc_sim.crossbar.kernels_block import factor_block, product, solve_alone, solve_block
from aimc_sim.crossbar.wires import effective_matrix
from aimc_sim.hardware import Wires


def positive(rng, n):
    """Return a symmetric positive matrix."""
    a = rng.standard_normal((n, n))
    return a @ a.T + n * np.eye(n)


@pytest.mark.parametrize("n", [1, 2, 7, 8, 40, 65])
def test_it_solves(n):
    rng = np.random.default_rng(61)
    a, right = positive(rng, n), rng.standard_normal((n, 3 * n))
    upper, lower, found = a.copy(), np.empty_like(a), right.copy()
    assert factor_block(upper, lower) == 0
    solve_block(upper, lower, found)
    np.testing.assert_allclose(found, np.linalg.solve(a, right), rtol=1e-10, atol=1e-12)


def test_all_threads_give_the_digits_of_one():
    rng = np.random.default_rng(62)
    a, right = positive(rng, 90), rng.standard_normal((90, 700))
    upper, lower, alone = a.copy(), np.empty_like(a), right.copy()
    factor_block(upper, lower)
    solve_alone(upper, lower, alone)
    few = right[:, 5:9].copy()
    solve_block(upper, lower, right)
    np.testing.assert_array_equal(right, alone)
    solve_block(upper, lower, few)
    np.testing.assert_array_equal(few, alone[:, 5:9])


def test_a_product_does_not_depend_on_its_neighbours():
    rng = np.random.default_rng(63)
    a, b = rng.standard_normal((9, 31)), rng.standard_normal((31, 80))
    whole = product(a, b)
    np.testing.assert_allclose(whole, a @ b, rtol=1e-12, atol=1e-13)
    np.testing.assert_array_equal(product(a[3:4], b), whole[3:4])


def test_a_matrix_that_is_not_positive_names_its_pivot():
    a = np.diag([1.0, -1.0])
    assert factor_block(a, np.empty_like(a)) == 2


def test_the_effective_matrix_has_the_same_digits_on_one_thread():
    g_S = np.random.default_rng(64).uniform(0.0, 1.0e-4, (70, 90))
    wires = Wires(wordline_ohm=2.0, bitline_ohm=1.0, driver_ohm=9.0, driven="both_ends")
    both, before = effective_matrix(g_S, wires), numba.get_num_threads()
    numba.set_num_threads(1)
    try:
        np.testing.assert_array_equal(effective_matrix(g_S, wires), both)
    finally:
        numba.set_num_threads(before)
