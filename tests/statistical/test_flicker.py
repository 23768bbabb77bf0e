"""Law 5 of 1/f noise: spectrum, variance, independence; false-alarm rate 1e-5 an assertion."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from aimc_sim.crossbar.flicker import Holds, bind_flicker
from tests.statistical.bounds import ALARM, correlation_z, mean_z, z_limit
from tests.unit.crossbar.test_flicker import entries_of, noise_of

pytestmark = pytest.mark.statistical
N_STEPS = 1 << 16
N_CELLS = 400


@pytest.fixture(scope="module")
def series():
    """Return correlated noise of unit strength, shape (step, cell); its band is wide."""
    band = math.log((1 << 21) / 2)
    bound = bind_flicker(entries_of(N_CELLS), band, Holds(band, 1.0), 11, ("read", 0, "enc", "t"))
    return noise_of(bound, 1, range(N_STEPS), N_CELLS)[:, 0] * math.sqrt(band)


def averaged(f, density, edges):
    """Return the mean of f * density in bins that are even in ln f, and the bins' middles."""
    which = np.digitize(f, edges) - 1
    inside = (which >= 0) & (which < len(edges) - 1)
    which, level = which[inside], (f * density)[inside]
    count = np.bincount(which)
    return np.bincount(which, level) / count, np.exp(np.bincount(which, np.log(f[inside])) / count)


@pytest.mark.slow
def test_spectrum_is_one_over_f_over_three_decades(series):
    """Below a fifth of the Nyquist frequency: slope -1 within 0.05, level within 5 %."""
    window = np.hanning(N_STEPS)
    spectrum = np.abs(np.fft.rfft(series * window[:, None], axis=0)) ** 2
    density = 2.0 * spectrum.mean(axis=1) / np.square(window).sum()
    f = np.fft.rfftfreq(N_STEPS)
    level, middle = averaged(f[1:], density[1:], np.geomspace(1.0e-4, 0.1, 16))
    slope = np.polyfit(np.log(middle), np.log(level), 1)[0] - 1.0
    assert slope == pytest.approx(-1.0, abs=0.05)
    assert level.mean() == pytest.approx(1.0, abs=0.05)
    assert np.abs(level - 1.0).max() < 0.12


def test_variance_of_the_ensemble_is_the_band():
    band = math.log(512.0)
    bound = bind_flicker(entries_of(40_000), band, Holds(band, 1.0), 12, ("read", 0, "enc", "t"))
    for step in (0, 1, 500, 1023):
        z = noise_of(bound, 1, [step], 40_000)[0, 0]
        assert abs(mean_z(z, 0.0, 1.0)) < z_limit()
        low, high = stats.chi2.ppf([ALARM / 2, 1 - ALARM / 2], df=z.size)
        assert low < float(z @ z) < high
        assert stats.kstest(z, "norm").pvalue > ALARM


def test_correlation_in_time_is_that_of_the_holds():
    """Two steps apart: mean over ln T of max(0, 1 - lag / T), cell by cell independent."""
    band, n = math.log(512.0), 40_000
    bound = bind_flicker(entries_of(n), band, Holds(band, 1.0), 13, ("read", 0, "enc", "t"))
    first = noise_of(bound, 1, [100], n)[0, 0]
    for lag in (1, 7, 60, 255):
        product = first * noise_of(bound, 1, [100 + lag], n)[0, 0]
        T = np.exp(np.linspace(math.log(0.5), math.log(256.0), 20001))
        expected = float(np.maximum(0.0, 1.0 - lag / T).mean())
        assert abs(mean_z(product, expected, float(product.std()))) < z_limit()


def test_independent_of_neighbours_sequences_tiles_layers_chips_and_seeds():
    n = 20_000
    paths = [("read", 0, "enc", "a"), ("read", 0, "enc", "b"), ("read", 0, "dec", "a"),
             ("read", 1, "enc", "a")]  # fmt: skip
    bound = [bind_flicker(entries_of(n), 6.0, Holds(6.0, 1.0), 14, path) for path in paths]
    bound.append(bind_flicker(entries_of(n), 6.0, Holds(6.0, 1.0), 15, paths[0]))
    z = [noise_of(b, 2, [33], n)[0] for b in bound]
    for other in z[1:]:
        assert abs(correlation_z(z[0][0], other[0])) < z_limit()
    assert abs(correlation_z(z[0][0], z[0][1])) < z_limit()
    for lag in (1, 2, 3, 4):
        assert abs(correlation_z(z[0][0, lag:], z[0][0, :-lag])) < z_limit()
        assert abs(correlation_z(z[0][0, lag:] ** 2, z[0][0, :-lag] ** 2)) < z_limit()
