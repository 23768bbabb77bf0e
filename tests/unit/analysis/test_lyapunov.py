"""Lyapunov equations against what is known of scalar recurrences, and against sums term by term."""

from __future__ import annotations

import numpy as np
import pytest

from aimc_sim.analysis.lyapunov import (
    covariance,
    element_energies,
    energy,
    noisy_covariance,
    sensitivities,
)
from aimc_sim.model.signal import Floats

RNG = np.random.default_rng(3)


def rotations(n: int) -> Floats:
    """Blocks with poles inside the unit circle."""
    radius, angle = RNG.uniform(0.2, 0.97, n), RNG.uniform(0.0, np.pi, n)
    c, s = radius * np.cos(angle), radius * np.sin(angle)
    return np.stack([np.stack([c, s], -1), np.stack([-s, c], -1)], 1)


def kernel(A: Floats, B: Floats, C: Floats, n: int = 3000) -> Floats:
    """The impulse response of one mode, step by step."""
    out, x = np.empty(n), B
    for step in range(n):
        out[step] = x @ C
        x = x @ A
    return out


@pytest.mark.parametrize("a", [0.0, 0.5, -0.9, 0.999])
def test_a_scalar_recurrence_has_variance_q_over_one_less_a_squared(a: float) -> None:
    P = covariance(np.array([[a]]), np.array([[2.0]]))
    assert P[0, 0] == pytest.approx(2.0 / (1.0 - a * a))


def test_outside_the_unit_circle_there_is_no_variance() -> None:
    A, Q = np.array([[[1.0]], [[1.1]], [[0.5]]]), np.ones((3, 1, 1))
    assert np.isinf(covariance(A, Q)[:2]).all()
    assert np.isfinite(covariance(A, Q)[2]).all()


def test_energies_are_sums_of_squares() -> None:
    A, B, C = rotations(20), RNG.normal(size=(20, 2)), RNG.normal(size=(20, 2))
    found = energy(A, B, C)
    summed = [np.square(kernel(*mode)).sum() for mode in zip(A, B, C, strict=True)]
    np.testing.assert_allclose(found, summed, rtol=1e-9)


def test_element_energies_are_sums_of_squares_of_powers() -> None:
    A = rotations(5)
    found = element_energies(A)
    for i, one in enumerate(A):
        summed, power = np.zeros((2, 2)), np.eye(2)
        for _ in range(3000):
            summed, power = summed + power**2, power @ one
        np.testing.assert_allclose(found[i], summed, rtol=1e-9)


@pytest.mark.parametrize(("a", "s"), [(0.6, 0.2), (0.0, 0.9), (0.95, 0.1)])
def test_noise_of_a_pole_adds_its_variance_to_the_denominator(a: float, s: float) -> None:
    one = np.ones((1, 1, 1))
    P, radius = noisy_covariance(a * one, s * s * one, 3.0 * one)
    assert P[0, 0, 0] == pytest.approx(3.0 / (1.0 - a * a - s * s))
    assert radius[0] == pytest.approx(a * a + s * s)


def test_the_mean_square_is_unstable_where_pole_and_noise_reach_one() -> None:
    one = np.ones((1, 1, 1))
    P, radius = noisy_covariance(0.9 * one, 0.2 * one, one)
    assert np.isinf(P).all()
    assert radius[0] > 1.0


def test_without_noise_of_A_the_generalised_equation_is_the_plain_one() -> None:
    A, Q = rotations(10), np.eye(2) * np.ones((10, 1, 1))
    P, radius = noisy_covariance(A, np.zeros_like(A), Q)
    np.testing.assert_allclose(P, covariance(A, Q), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(radius, np.abs(np.linalg.eigvals(A)).max(axis=1) ** 2, rtol=1e-9)


def test_sensitivities_are_those_of_small_changes() -> None:
    A, B, C = rotations(6), RNG.normal(size=(6, 2)), RNG.normal(size=(6, 2))
    of_A, of_B, of_C = sensitivities(A, B, C)
    h = 1.0e-6
    for m in range(6):
        base = kernel(A[m], B[m], C[m])
        for i in range(2):
            e = np.zeros(2)
            e[i] = h
            changed = kernel(A[m], B[m] + e, C[m]) - base
            assert np.square(changed / h).sum() == pytest.approx(of_B[m, i], rel=1e-4)
            changed = kernel(A[m], B[m], C[m] + e) - base
            assert np.square(changed / h).sum() == pytest.approx(of_C[m, i], rel=1e-4)
            for j in range(2):
                moved = A[m].copy()
                moved[i, j] += h
                changed = kernel(moved, B[m], C[m]) - base
                assert np.square(changed / h).sum() == pytest.approx(of_A[m, i, j], rel=1e-3)
