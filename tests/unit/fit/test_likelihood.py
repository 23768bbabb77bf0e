"""The likelihood against integrals, its maximum against scipy's."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, optimize, stats

from aimc_sim.fit.likelihood import Written, log_likelihood, maximise, scores

RNG = np.random.default_rng(3)


def written(y, noise, censored=None, floor=0.0, noisy=False):
    y = np.asarray(y, dtype=float)
    censored = np.zeros(y.shape, bool) if censored is None else np.asarray(censored)
    floor = np.full(y.shape, floor)
    return Written(y, np.broadcast_to(np.asarray(noise, float), y.shape), censored, floor, noisy)


@pytest.mark.parametrize(("mean", "sigma", "noise"), [(0.0, 1.0, 0.3), (1.5, 0.8, 1.2), (5, 1, 1)])
def test_density_of_a_clipped_normal_under_noise(mean, sigma, noise):
    """Against the integral over what was written: a lump at 0 and the normal above."""
    for y in (-1.0, 0.0, 0.2, 1.7, 4.0):
        lump = stats.norm.cdf(-mean / sigma) * stats.norm.pdf(y, 0.0, noise)
        above, _ = integrate.quad(
            lambda g, y=y: stats.norm.pdf(g, mean, sigma) * stats.norm.pdf(y, g, noise), 0.0, 20.0
        )
        one = written([y], noise, noisy=True)
        found = log_likelihood(one, np.array([mean]), np.array([sigma]))[0]
        assert found == pytest.approx(np.log(lump + above), rel=1e-6, abs=1e-7)


def test_tobit():
    one = written([0.5, 2.0], [0.3, 0.4], [True, False], floor=0.5)
    found = log_likelihood(one, np.array([1.0, 1.0]), np.array([0.4, 0.3]))
    assert found[0] == pytest.approx(stats.norm.logcdf((0.5 - 1.0) / 0.5))
    assert found[1] == pytest.approx(stats.norm.logpdf(2.0, 1.0, 0.5))


@pytest.mark.parametrize("noisy", [False, True])
def test_scores_are_slopes(noisy):
    y = np.array([0.1, 1.0, 3.0, 8.0])
    of = written(y, 0.4, None if noisy else y < 0.5, floor=0.0 if noisy else 0.5, noisy=noisy)
    mean, sigma, h = np.full(4, 1.2), np.full(4, 0.9), 1e-5
    near = np.array([True, True, True, False])
    by_mean, by_sigma = scores(of, near, mean, sigma, known_mean=False)
    slope_m = (log_likelihood(of, mean + h, sigma) - log_likelihood(of, mean - h, sigma)) / (2 * h)
    slope_s = (log_likelihood(of, mean, sigma + h) - log_likelihood(of, mean, sigma - h)) / (2 * h)
    assert by_mean[:3] == pytest.approx(slope_m[:3], rel=1e-4)
    assert by_sigma[:3] == pytest.approx(slope_s[:3], rel=1e-4, abs=1e-6)
    plain = written(y[3:], 0.4)
    plain_slope = (
        log_likelihood(plain, mean[3:], sigma[3:] + h)
        - log_likelihood(plain, mean[3:], sigma[3:] - h)
    ) / (2 * h)
    assert by_sigma[3:] == pytest.approx(plain_slope, rel=1e-4)


@pytest.mark.parametrize("case", ["plain", "floor", "noisy"])
def test_maximum_is_that_of_scipy(case):
    n = 300
    gr = np.repeat([0.0, 0.3, 0.6, 1.0], n)
    target = 10.0 * gr
    g = np.maximum(target + (0.5 + 1.5 * gr) * RNG.normal(size=4 * n), 0.0)
    y = g + (0.3 if case == "noisy" else 0.0) * RNG.normal(size=4 * n)
    floor = 0.4 if case == "floor" else 0.0
    censored = (y <= floor) & (case != "noisy")
    if case == "plain":
        keep = gr > 0.0
        y, gr, target, censored = y[keep], gr[keep], target[keep], censored[keep]
    of = written(y, 0.3 if case == "noisy" else 0.0, censored, floor, case == "noisy")
    design = gr[:, None] ** np.arange(2)
    ones = np.ones((1, len(y)))
    nothing = np.zeros((len(y), 0))
    found = maximise(of, ones, target, nothing, design, np.array([1.0, 1.0]))[0]

    def loss(c):
        sigma = design @ c
        return 1e9 if sigma.min() <= 0 else -log_likelihood(of, target, sigma).sum()

    best = optimize.minimize(loss, [1.0, 1.0], method="Nelder-Mead", options={"xatol": 1e-7})
    assert found == pytest.approx(best.x, rel=2e-4)


def test_a_weight_is_a_repetition():
    """Counting a device twice is having it twice; weightings do not see each other."""
    y = RNG.normal(5.0, 1.0, 40)
    w = RNG.integers(0, 3, (3, 40)).astype(float)
    hot = np.ones((40, 1))
    start = np.array([5.0, 1.0])
    together = maximise(written(y, 0.1), w, np.zeros(40), hot, hot, start)
    for row, found in zip(w, together, strict=True):
        twice = np.repeat(y, row.astype(int))
        one = np.ones((len(twice), 1))
        alone = maximise(written(twice, 0.1), one.T, np.zeros(len(twice)), one, one, start)[0]
        assert found == pytest.approx(alone, rel=1e-3)
        assert alone[0] == pytest.approx(twice.mean(), rel=1e-5)
        assert alone[1] ** 2 + 0.01 == pytest.approx(twice.var(), rel=1e-4)
