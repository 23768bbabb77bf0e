"""Law 5 of the generator: normals are normal, and every address gives another draw (1e-5 each)."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from aimc_sim.rng import stream
from tests.statistical.bounds import (
    ALARM,
    correlation_z,
    mean_z,
    variance_is_within_chi_square,
    z_limit,
)

pytestmark = pytest.mark.statistical
N = 1_000_000


@pytest.fixture(scope="module")
def normals():
    return stream(20, "law5", 0, "moments").normal(N).astype(np.float64)


def test_mean_and_variance(normals):
    assert abs(mean_z(normals, 0.0, 1.0)) < z_limit()
    assert variance_is_within_chi_square(normals, 0.0, 1.0)


@pytest.mark.parametrize(
    ("power", "moment", "variance"), [(3, 0.0, 15.0), (4, 3.0, 96.0), (6, 15.0, 10170.0)]
)
def test_higher_moments(normals, power, moment, variance):
    assert abs(mean_z(normals**power, moment, math.sqrt(variance))) < z_limit()


def test_distribution_function(normals):
    assert stats.kstest(normals, "norm").pvalue > ALARM


@pytest.mark.parametrize("beyond", [2.0, 3.0, 4.0])
def test_share_of_both_tails(normals, beyond):
    expected = stats.norm.sf(beyond)
    for count in ((normals > beyond).sum(), (normals < -beyond).sum()):
        assert stats.binomtest(int(count), N, expected).pvalue > ALARM


def test_lanes_are_uncorrelated_in_value_and_square(normals):
    lanes = normals.reshape(-1, 4).T
    for one, two in itertools.combinations(lanes, 2):
        assert abs(correlation_z(one, two)) < z_limit()
        assert abs(correlation_z(one**2, two**2)) < z_limit()


@pytest.mark.parametrize("lag", [1, 2, 3, 4, 8, 256])
def test_cells_are_uncorrelated(normals, lag):
    assert abs(correlation_z(normals[:-lag], normals[lag:])) < z_limit()


@pytest.mark.parametrize(
    "moved",
    [
        {"seed": 6},
        {"purpose": "program"},
        {"chip": 1},
        {"layer": "s4d1"},
        {"tile": 1},
        {"source": "adc"},
        {"sequence": 1},
        {"step": 1},
        {"step": 2**32},
    ],
)
def test_neighbouring_addresses_are_independent(moved):
    base = {
        "seed": 5,
        "purpose": "read",
        "chip": 0,
        "layer": "s4d0",
        "tile": 0,
        "source": "cells",
        "sequence": 0,
        "step": 0,
    }
    one, two = (
        stream(a["seed"], a["purpose"], a["chip"], a["layer"], a["tile"], a["source"]).normal(
            100_000, a["sequence"], a["step"]
        )
        for a in (base, base | moved)
    )
    assert not (one == two).all()
    assert abs(correlation_z(one, two)) < z_limit()
    assert abs(correlation_z(one**2, two**2)) < z_limit()


def test_one_cell_over_steps_and_sequences_is_normal():
    source = stream(5, "read", 0, "s4d0", 0)
    over_steps = np.array([source.normal(4, 0, step) for step in range(20_000)])
    over_sequences = np.array([source.normal(4, sequence, 0) for sequence in range(20_000)])
    for draws in (over_steps, over_sequences):
        assert abs(mean_z(draws, 0.0, 1.0)) < z_limit()
        assert variance_is_within_chi_square(draws, 0.0, 1.0)
        assert abs(correlation_z(draws[:-1, 0], draws[1:, 0])) < z_limit()


def test_words_are_uniform_in_every_byte():
    words = stream(20, "law5", "words").words(250_000)
    for byte in words.view(np.uint8).reshape(-1, 16).T:
        assert stats.chisquare(np.bincount(byte, minlength=256)).pvalue > ALARM


def test_uniforms_fill_the_unit_interval():
    uniform = stream(20, "law5", "uniform").uniform(N)
    assert stats.kstest(uniform, "uniform").pvalue > ALARM
