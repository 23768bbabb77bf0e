"""Law 5 of ADCs: what was asked for is what is found; false-alarm rate 1e-5 a test."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from aimc_sim.converters import dnl_lsb, inl_lsb
from aimc_sim.converters.transfer import ideal_thresholds
from aimc_sim.rng import stream, stream_key
from tests.oracles.converter import thresholds_by_density
from tests.statistical.bounds import (
    ALARM,
    correlation_z,
    mean_z,
    variance_is_within_chi_square,
    z_limit,
)
from tests.unit.converters.drawn import adc_of, draw_of, faulty
from tests.unit.crossbar.test_kernels_convert import compiled

pytestmark = pytest.mark.statistical
N = 4000


def is_normal(values, std: float, share: float = 1.0) -> bool:
    """Tell whether values are independent N(0, std): mean, variance and shape, a third each."""
    flat = np.asarray(values).reshape(-1)
    alarm = share * ALARM / 3.0
    return (
        abs(mean_z(flat, 0.0, std)) < z_limit(alarm)
        and variance_is_within_chi_square(flat, 0.0, std, alarm)
        and stats.kstest(flat / std, "norm").pvalue > alarm
    )


def codes_of(transfer, v, adc: int = 0, seed: int = 1):
    """Return codes of inputs [LSB], each a sequence of its own, by the compiled kernel."""
    i, one = np.asarray(v, dtype=np.float64).reshape(-1, 1), np.ones(1)
    which, lane = np.array([adc]), np.zeros(1, dtype=np.intp)
    key = stream_key(seed, "read", "adc_noise")
    return compiled(transfer, i, one, which, lane, 1, key, np.arange(len(i)), 0)[0][:, 0]


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("sar", "comparator_offset_sigma_lsb"),
        ("ramp", "comparator_offset_sigma_lsb"),
        ("integrating", "offset_sigma_lsb"),
    ],
)
def test_offset_of_each_converter(kind, name):
    found = adc_of(kind, 4, **{name: 1.7}).transfer(draw_of(1, kind), N, True).thresholds
    offset = ideal_thresholds(4, True) - found
    assert np.ptp(offset, axis=1).max() < 1e-9
    assert is_normal(offset[:, 0], 1.7, 1 / 2)
    other = adc_of(kind, 4, **{name: 1.7}).transfer(draw_of(1, "other"), N, True).thresholds
    assert abs(correlation_z(found[:, 0], other[:, 0])) < z_limit(ALARM / 4)
    assert abs(correlation_z(found[1:, 0], found[:-1, 0])) < z_limit(ALARM / 4)


def gain_of(thresholds):
    """Return the end-point gain of each converter."""
    return (thresholds.shape[-1] - 1) / (thresholds[:, -1] - thresholds[:, 0])


def test_gain_of_each_converter():
    """A gain ends at 0.1, which is six sigma away here."""
    sar = adc_of("sar", 4, gain_sigma=0.1).transfer(draw_of(2), N, True).thresholds
    assert is_normal(gain_of(sar) - 1.0, 0.1, 1 / 4)
    cco = adc_of("integrating", 4, gain_sigma=0.15).transfer(draw_of(3), N, True).thresholds
    above, below = gain_of(cco[:, 8:]), gain_of(cco[:, :7])
    assert is_normal(above - 1.0, 0.15, 1 / 4)
    assert is_normal(below - 1.0, 0.15, 1 / 4)
    assert abs(correlation_z(above, below)) < z_limit(ALARM / 4)


def test_gain_and_bow_of_the_ramp_are_those_of_a_tile():
    adc = adc_of("ramp", 4, gain_sigma=0.1, inl_sigma_lsb=0.5)
    found = [adc.transfer(draw_of(4, tile), 2, False).thresholds for tile in range(N)]
    assert all((t[0] == t[1]).all() for t in found)
    tiles = np.stack([t[0] for t in found])
    bow = inl_lsb(tiles)[:, 7]
    assert is_normal(gain_of(tiles) - 1.0, 0.1, 1 / 3)
    assert is_normal(bow, 0.5, 1 / 3)
    assert abs(correlation_z(bow, gain_of(tiles))) < z_limit(ALARM / 3)


def test_steps_of_the_ramp():
    """To first order DNL = sigma (z_k - mean z), of variance sigma^2 (1 - 1/n)."""
    sigma, n = 0.02, 254
    adc = adc_of("ramp", 8, dnl_sigma_lsb=sigma)
    dnl = np.stack(
        [dnl_lsb(adc.transfer(draw_of(5, tile), 1, True).thresholds)[0] for tile in range(200)]
    )
    total = np.square(dnl / sigma).sum()
    low, high = stats.chi2.ppf([ALARM / 4, 1 - ALARM / 4], df=200 * (n - 1))
    assert low * (1 - 2e-3) < total < high * (1 + 2e-3)  # second order: 3 sigma^2 = 1.2e-3
    assert abs(correlation_z(dnl[1:], dnl[:-1])) < z_limit(ALARM / 2)


def test_bow_of_an_oscillator_is_half_normal():
    adc = adc_of("integrating", 8, inl_sigma_lsb=1.5)
    found = adc.transfer(draw_of(6), N, False).thresholds
    x = ideal_thresholds(8, False) / 256
    size = (ideal_thresholds(8, False) - found)[:, 127] / (4 * x * (1 - x))[127]
    assert size.min() >= 0.0
    assert stats.kstest(size / 1.5, "halfnorm").pvalue > ALARM / 2
    low, high = stats.chi2.ppf([ALARM / 4, 1 - ALARM / 4], df=N)
    assert low < np.square(size / 1.5).sum() < high


def test_capacitors_spread_by_the_root_of_their_size():
    """w_b / 2^b - 1 = sigma (z_b / sqrt(2^b) - sum_c sqrt(2^c) z_c / 2^bits) to first order."""
    sigma, bits = 0.01, 6
    found = adc_of("sar", bits, capacitor_sigma=sigma).transfer(draw_of(7), N, False)
    size = 2.0 ** np.append(np.arange(bits), 0)
    for b in range(bits):
        share = -np.sqrt(size) / 2**bits
        share[b] += 1.0 / math.sqrt(size[b])
        std = sigma * float(np.sqrt(np.square(share).sum()))
        relative = found.weights[:, b] / 2.0**b - 1.0
        low, high = stats.chi2.ppf([ALARM / 4 / bits, 1 - ALARM / 4 / bits], df=N)
        assert low * (1 - 2e-3) < np.square(relative / std).sum() < high * (1 + 2e-3)
        assert stats.kstest(relative / std, "norm").pvalue > ALARM / 2 / bits


@pytest.mark.parametrize("kind", ["sar", "ramp", "integrating"])
@pytest.mark.parametrize("signed", [False, True])
def test_code_density_recovers_the_inl_and_dnl_that_were_drawn(kind, signed):
    """A slow ramp without noise: thresholds to half a step of it, INL and DNL to two steps."""
    n, bits = 200_000, 6
    transfer = faulty(kind, bits, noise=False).transfer(draw_of(8, kind), 2, signed)
    for adc, drawn in enumerate(transfer.thresholds):
        low, high = drawn[0] - 2.0, drawn[-1] + 2.0
        step = (high - low) / n
        codes = codes_of(transfer, low + step * (np.arange(n) + 0.5), adc)
        assert (np.diff(codes) >= 0).all()
        assert codes[0] == transfer.code_min
        assert codes[-1] == transfer.code_min + 2**bits - 1
        found = thresholds_by_density(codes - transfer.code_min, (low, high), 2**bits)
        assert np.abs(found - drawn).max() < 0.501 * step
        limit = 2.01 * step * (drawn.size - 1) / (drawn[-1] - drawn[0])
        assert np.abs(inl_lsb(found) - inl_lsb(drawn)).max() < limit
        assert np.abs(dnl_lsb(found) - dnl_lsb(drawn)).max() < limit
        assert np.abs(inl_lsb(drawn)).max() > 100.0 * limit  # the test could tell
    assert np.abs(transfer.thresholds[0] - transfer.thresholds[1]).max() > 0.1


@pytest.mark.parametrize("kind", ["ramp", "integrating"])
def test_code_density_with_noise_still_has_the_thresholds_in_the_mean(kind):
    """Inputs and noise are symmetric, so that the share below a threshold is that of no noise."""
    n, bits = 1_000_000, 6
    transfer = faulty(kind, bits).transfer(draw_of(9, kind), 1, True)
    (drawn,) = transfer.thresholds
    low, high = drawn[0] - 6.0, drawn[-1] + 6.0  # ten times the noise
    codes = codes_of(transfer, low + (high - low) * stream(9, "inputs", kind).uniform(n))
    found = thresholds_by_density(codes - transfer.code_min, (low, high), 2**bits)
    share = (drawn - low) / (high - low)
    std = (high - low) * np.sqrt(share * (1 - share) / n)
    assert (np.abs(found - drawn) < z_limit(ALARM / drawn.size) * std).all()


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("sar", "comparator_noise_sigma_lsb"),
        ("ramp", "noise_sigma_lsb"),
        ("integrating", "count_noise_sigma_lsb"),
    ],
)
def test_width_of_a_transition_is_the_noise(kind, name):
    """Probit of P(code > c) is linear in the distance from the threshold, of slope 1 / sigma.

    At the middle threshold, a converter of two bits and little noise: other decisions are sure.
    """
    sigma, n = 0.1, 200_000
    transfer = adc_of(kind, 2, **{name: sigma}).transfer(draw_of(10), 1, True)
    places = np.array([-0.15, -0.1, -0.05, 0.0, 0.05, 0.1, 0.15])
    for k, place in enumerate(places):
        codes = codes_of(transfer, np.full(n, -0.5 + place), seed=20 + k)
        p = float(stats.norm.cdf(place / sigma))
        error = ((codes >= 0).mean() - p) / math.sqrt(p * (1 - p) / n)
        assert abs(error) < z_limit(ALARM / len(places))
        assert set(np.unique(codes)) <= {-1, 0}


def test_every_decision_of_a_sar_draws_its_own_noise():
    """Probabilities of all codes are products over the decisions that lead to them."""
    sigma, n = 0.5, 400_000
    transfer = adc_of("sar", 3, comparator_noise_sigma_lsb=sigma).transfer(draw_of(11), 1, False)
    v = 3.5  # u = 4, the level of the highest bit
    codes = codes_of(transfer, np.full(n, v), seed=30)
    expected = {}
    for first in (0, 1):
        level = 4.0 * first
        for second in (0, 1):
            for third in (0, 1):
                code, p, at = 4 * first + 2 * second + third, 0.5, level
                for bit, taken in ((1, second), (0, third)):
                    up = float(stats.norm.cdf((v + 0.5 - at - 2.0**bit) / sigma))
                    p *= up if taken else 1.0 - up
                    at += taken * 2.0**bit
                expected[code] = p
    assert sum(expected.values()) == pytest.approx(1.0)
    for code, p in expected.items():
        error = abs((codes == code).mean() - p)
        assert error < z_limit(ALARM / 8) * math.sqrt(p * (1 - p) / n) + 5.0 / n


def test_noise_is_independent_between_sequences_and_bitlines():
    n = 20_000
    transfer = adc_of("ramp", 10, noise_sigma_lsb=20.0).transfer(draw_of(12), 1, True)
    i, zero = np.zeros((n, 2)), np.zeros(2, dtype=np.intp)
    key = stream_key(40, "read", "adc_noise")
    args = (transfer, i, np.ones(2), zero, np.array([3, 1]), 4, key, np.arange(n))
    now, later = (compiled(*args, step)[0].astype(float) for step in (0, 1))
    for one, two in (
        (now[:, 0], now[:, 1]), (now[1:, 0], now[:-1, 0]), (now[:, 0], later[:, 0]),
    ):  # fmt: skip
        assert abs(correlation_z(one, two)) < z_limit(ALARM / 5)
    both = np.concatenate([now, later]).reshape(-1)
    assert abs(mean_z(both, 0.0, 20.0)) < z_limit(ALARM / 5)
    low, high = stats.chi2.ppf([ALARM / 10, 1 - ALARM / 10], df=both.size)
    assert low < (np.square(both) - 1.0 / 12.0).sum() / 400.0 < high  # quantised: 1/12 more
