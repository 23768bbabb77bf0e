"""The closed forms that the statistical tests lean on, against numerical integration."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy import integrate, stats

from tests.statistical.bounds import (
    clipped_normal_moments,
    folded_normal_moments,
    variance_is_within_chi_square,
    z_limit,
)


def integrated_moments(transform, mean, std, kinks):
    def expect(function):
        edges = sorted({-12.0, 12.0, *[float(np.clip((k - mean) / std, -12, 12)) for k in kinks]})
        parts = [
            integrate.quad(
                lambda z: function(transform(mean + std * z)) * stats.norm.pdf(z),
                low,
                high,
                epsabs=1e-13,
            )[0]
            for low, high in itertools.pairwise(edges)
        ]
        return sum(parts)

    first = expect(lambda g: g)
    return first, expect(lambda g: (g - first) ** 2), expect(lambda g: (g - first) ** 4)


@pytest.mark.parametrize(
    ("mean", "std", "low", "high"),
    [
        (0.0, 0.263, 0.0, math.inf),
        (0.5, 0.3, 0.0, math.inf),
        (9.0, 1.0, 0.0, math.inf),
        (1.0, 5.0, 0.01, 1200.0),
        (2.0, 1.0, 0.5, 2.5),
    ],
)
def test_clipped_moments(mean, std, low, high):
    kinks = [low, min(high, 1e9)]
    expected = integrated_moments(lambda g: min(max(g, low), high), mean, std, kinks)
    assert clipped_normal_moments(mean, std, low, high) == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize(("mean", "std"), [(0.1, 0.045), (0.049, 0.008), (0.05, 0.08), (0.0, 1.0)])
def test_folded_moments(mean, std):
    expected = integrated_moments(abs, mean, std, [0.0])
    assert folded_normal_moments(mean, std) == pytest.approx(expected, rel=1e-8)


def test_moments_at_zero_target_are_those_of_the_physics_notes():
    mean, variance, _ = clipped_normal_moments(0.0, 0.26348)
    assert (round(mean, 3), round(math.sqrt(variance), 3)) == (0.105, 0.154)


def test_limits():
    assert z_limit() == pytest.approx(4.4172, abs=1e-4)
    z = np.random.default_rng(1).standard_normal(10_000)
    assert variance_is_within_chi_square(z, 0.0, 1.0)
    assert not variance_is_within_chi_square(1.1 * z, 0.0, 1.0)
    assert not variance_is_within_chi_square(0.9 * z, 0.0, 1.0)
