"""Battery of the generator's kernels: ten million draws, a thousand million in `make draws`.

Moments, distribution, tails, and correlations across lanes, counters, steps, sequences and keys;
each with a false-alarm rate of 1e-5. DRAWS in the environment says how many draws.
"""

from __future__ import annotations

import math
import os

import numba
import numpy as np
import pytest
from scipy import stats

from aimc_sim.rng import stream_key
from aimc_sim.rng_kernels import fill_gaussians
from tests.statistical.bounds import ALARM, z_limit

pytestmark = pytest.mark.statistical
N = 1 << 14  # draws of one address
N_DRAWS = int(float(os.environ.get("DRAWS", "1e7")))
STEPS = 64
LAGS = (1, 2, 3, 4, 5, 8, 64, 4096)
EDGE, WIDTH = 8.0, 1.0 / 256.0
POWERS = {1: (0.0, 1.0), 2: (1.0, 2.0), 3: (0.0, 15.0), 4: (3.0, 96.0), 6: (15.0, 10170.0)}
"""Mean and variance of powers of a standard normal."""
PAIRS = ("next step", "next sequence", "next key")


@numba.njit(parallel=True)
def collect(keys, n_sequences, lags, powers, lagged, pairs, bins):
    """Sum powers, lagged products and products with neighbours; count bins, a row a sequence."""
    for s in numba.prange(n_sequences):
        now = np.empty(N, dtype=np.float32)
        beside = np.empty((3, N), dtype=np.float32)
        for t in range(STEPS):
            fill_gaussians(keys[0], s, t, now)
            fill_gaussians(keys[0], s, t + 1, beside[0])
            fill_gaussians(keys[0], s + 1, t, beside[1])
            fill_gaussians(keys[1], s, t, beside[2])
            for i in range(N):
                z = np.float64(now[i])
                square = z * z
                powers[s, 0] += z
                powers[s, 1] += square
                powers[s, 2] += square * z
                powers[s, 3] += square * square
                powers[s, 4] += square * square * square
                bins[s, int((z + EDGE) / WIDTH)] += 1
                for k in range(3):
                    other = np.float64(beside[k, i])
                    pairs[s, 0, k] += z * other
                    pairs[s, 1, k] += (square - 1.0) * (other * other - 1.0)
            for k in range(lags.shape[0]):
                total = 0.0
                for i in range(N - lags[k]):
                    total += np.float64(now[i]) * np.float64(now[i + lags[k]])
                lagged[s, k] += total


@pytest.fixture(scope="module")
def found():
    """What all draws sum to."""
    n_sequences = max(N_DRAWS // (N * STEPS), 1)
    keys = np.stack([stream_key(24, "battery", i) for i in range(2)])
    sums = {
        "powers": np.zeros((n_sequences, len(POWERS))),
        "lagged": np.zeros((n_sequences, len(LAGS))),
        "pairs": np.zeros((n_sequences, 2, len(PAIRS))),
        "bins": np.zeros((n_sequences, int(2 * EDGE / WIDTH)), dtype=np.int64),
    }
    collect(keys, n_sequences, np.array(LAGS), *sums.values())
    total = {name: values.sum(axis=0) for name, values in sums.items()}
    total["n"] = n_sequences * STEPS * N
    return total


def _power_z(total, power):
    mean, variance = POWERS[power]
    place = list(POWERS).index(power)
    return (total["powers"][place] / total["n"] - mean) / math.sqrt(variance / total["n"])


def _lag_z(total, k):
    n = total["n"] // N * (N - LAGS[k])
    return total["lagged"][k] / math.sqrt(n)


@pytest.mark.parametrize("power", POWERS)
def test_moments(found, power):
    assert abs(_power_z(found, power)) < z_limit()


@pytest.mark.parametrize("k", range(len(LAGS)), ids=[f"lag {lag}" for lag in LAGS])
def test_draws_of_one_address_are_uncorrelated(found, k):
    assert abs(_lag_z(found, k)) < z_limit()


@pytest.mark.parametrize("k", range(len(PAIRS)), ids=PAIRS)
def test_neighbours_are_uncorrelated_in_value_and_square(found, k):
    value, square = found["pairs"][:, k] / math.sqrt(found["n"])
    assert abs(value) < z_limit()
    assert abs(square / 2.0) < z_limit()  # the variance of z^2 - 1 is 2


def test_distribution_function(found):
    """Kolmogorov and Smirnov's distance at the edges of all bins."""
    below = np.cumsum(found["bins"])[:-1] / found["n"]
    edges = np.arange(1, len(found["bins"])) * WIDTH - EDGE
    distance = np.abs(below - stats.norm.cdf(edges)).max()
    assert stats.kstwobign.sf(distance * math.sqrt(found["n"])) > ALARM


def test_every_bin_holds_its_share(found):
    """Chi-square over bins; those of the tails are joined until they expect 20 draws or more."""
    edges = np.arange(len(found["bins"]) + 1) * WIDTH - EDGE
    expected = found["n"] * np.diff(stats.norm.cdf(edges))
    full = np.flatnonzero(expected >= 20.0)
    first, last = full[0], full[-1]
    counts, shares = found["bins"][first : last + 1].copy(), expected[first : last + 1].copy()
    counts[0] += found["bins"][:first].sum()
    counts[-1] += found["bins"][last + 1 :].sum()
    shares[0] = found["n"] * stats.norm.cdf(edges[first + 1])
    shares[-1] = found["n"] * stats.norm.sf(edges[last])
    assert stats.chisquare(counts, shares * counts.sum() / shares.sum()).pvalue > ALARM
