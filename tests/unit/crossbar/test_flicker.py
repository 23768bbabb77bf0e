"""Correlated 1/f noise: its address, its holds, and how the band is shared."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from aimc_sim.crossbar.flicker import SHORTEST, Entries, Holds, bind_flicker
from aimc_sim.crossbar.held import HeldNoise, add_flicker, held_noise
from aimc_sim.crossbar.setting import Address
from aimc_sim.devices.noise import Flicker
from aimc_sim.rng import stream_key
from tests.unit.rng_oracle import gaussians


def entries_of(n, sigma=1.0):
    """Return n devices, each on a current of its own, all driven by input 0."""
    index = np.arange(n)
    return Entries(index, np.zeros(n, np.intp), index, np.full(n, sigma), np.full(n, sigma))


def bound_of(n, ratio, base_steps=1.0, *, sigma=1.0, seed=5):
    """Return n bound devices whose holds span a ratio of lengths, all of it filled."""
    band = math.log(ratio)
    return bind_flicker(
        entries_of(n, sigma), band, Holds(band, base_steps), seed, ("read", 0, "enc", "t")
    )


def noise_of(bound, n_sequences, steps, n_currents):
    """Return what reads of code 1 add, shape (steps, n_sequences, n_currents)."""
    out = []
    for step in steps:
        extra = np.zeros((n_sequences, n_currents))
        x = np.ones((n_sequences, 1))
        at = Address(np.arange(n_sequences), step)
        add_flicker(bound, x, bound.entries.amount, at, extra)
        out.append(extra)
    return np.stack(out)


def test_kernel_equals_the_sum_of_addressed_draws():
    bound = bind_flicker(
        entries_of(7, 2.0), math.log(64.0), Holds(math.log(64.0), 1.0), 5, ("read", 0, "enc", "t")
    )
    found = noise_of(bound, 2, [37], 7)[0]
    held = np.floor(37 / bound.period + bound.phase)
    for sequence in range(2):
        for cell in range(7):
            total = 0.0
            for k in range(6):
                key = stream_key(5, "read", 0, "enc", "t", f"flicker_correlated/{k}")
                z = gaussians(key, sequence, int(held[k, cell // 4]), 8)
                total += float(z[cell])
            expected = 2.0 * total / math.sqrt(6.0)
            assert found[sequence, cell] == pytest.approx(expected, rel=1e-5, abs=1e-6)


def test_holds_cover_the_band():
    bound = bind_flicker(
        entries_of(4000), math.log(512.0), Holds(math.log(512.0), 2.5), 5, ("read", 0, "enc", "t")
    )
    assert bound.period.shape == (9, 1000)
    assert bound.period.min() >= SHORTEST * 2.5
    assert bound.period.max() <= SHORTEST * 2.5 * 512.0
    octave = np.log2(bound.period / (SHORTEST * 2.5))
    assert (np.floor(octave) == np.arange(9)[:, None]).all()


def test_a_value_stays_for_its_hold():
    bound = bind_flicker(
        entries_of(4), math.log(2.0), Holds(math.log(2.0), 64.0), 3, ("read", 0, "enc", "t")
    )
    z = noise_of(bound, 1, range(400), 4)[:, 0, 0]
    changes = np.flatnonzero(np.diff(z))
    period = float(bound.period[0, 0])
    assert 32.0 <= period < 64.0
    assert set(np.diff(changes)) <= {math.floor(period), math.ceil(period)}


@pytest.mark.parametrize(("t_step_s", "percent"), [(1.0e-6, (72, 23, 5)), (1.0e-2, (36, 23, 41))])
def test_published_shares_at_a_day_and_784_steps(t_step_s, percent):
    flicker = Flicker(np.ones(1), 86400.0, 250.0e-9)
    shares = flicker.shares(t_step_s, 784)
    parts = (shares.frozen, shares.correlated, shares.white)
    assert tuple(round(100.0 * part / flicker.band) for part in parts) == percent


@pytest.mark.parametrize("t_s", [0.0, 1e-7, 5e-7, 1e-3, 20.0, 3620.0, 86420.0, 1e9])
@pytest.mark.parametrize("t_step_s", [1e-9, 250e-9, 1e-6, 1e-2, 10.0, 1e6])
@pytest.mark.parametrize("n_steps", [2, 784, 1 << 30])
def test_shares_sum_to_the_published_variance(t_s, t_step_s, n_steps):
    flicker = Flicker(np.array([3.0e-6]), t_s, 250.0e-9)
    shares = flicker.shares(t_step_s, n_steps)
    parts = (shares.frozen, shares.correlated, shares.white)
    assert min(parts) >= 0.0
    assert sum(parts) == pytest.approx(flicker.band, rel=1e-12, abs=1e-12)
    published = max(math.log((t_s + 250e-9) / 500e-9), 0.0)
    assert flicker.sigma_S()[0] == pytest.approx(3.0e-6 * math.sqrt(published), rel=1e-12)


def test_ageing_draws_no_hold_anew():
    """A device a hundredth older: nearly the same noise, and more of the slow part."""
    holds, entries = Holds(math.log(512.0), 1.0), entries_of(2000)
    path = ("read", 0, "enc", "t")
    young, older, old = (
        noise_of(bind_flicker(entries, band, holds, 5, path), 1, [500], 2000)[0, 0]
        for band in (math.log(40.0), math.log(40.4), math.log(512.0))
    )
    assert np.corrcoef(young, older)[0, 1] > 0.998
    assert np.corrcoef(young, old)[0, 1] == pytest.approx(
        math.sqrt(math.log(40.0) / math.log(512.0)), abs=0.06
    )


@pytest.mark.parametrize("steps", [range(12), [0, 1, 5, 6, 40, 41, 700]])
def test_what_is_kept_is_what_would_be_drawn(steps):
    bound = bound_of(11, 256.0)
    kept: dict[str, object] = {}
    for i, step in enumerate(steps):
        n = 5 if i < 3 else 3  # sequences that ended leave
        anew = held_noise(bound, Address(np.arange(n) + 7, step))
        for _ in range(2):  # a second slice of the same step
            found = held_noise(bound, Address(np.arange(n) + 7, step, kept=kept))
            np.testing.assert_array_equal(found, anew)
    assert isinstance(kept[bound.place], HeldNoise)


def test_kept_draws_serve_other_weights_and_holds_and_no_other_devices():
    band, entries = math.log(64.0), entries_of(9)
    young, old = (
        bind_flicker(entries, b, Holds(band, 1.0), 5, ("read", 0, "enc", "t")) for b in (2.0, band)
    )
    other = bind_flicker(entries, band, Holds(band, 2.0), 5, ("read", 0, "enc", "t"))
    slower = replace(old, period=2.0 * old.period)
    elsewhere = replace(old, block=old.block + 1)
    kept: dict[str, object] = {}
    order = (old, old, young, old, other, other, old, slower, elsewhere, old, elsewhere)
    for step, bound in enumerate(order):
        found = held_noise(bound, Address(np.arange(3), step, kept=kept))
        np.testing.assert_array_equal(found, held_noise(bound, Address(np.arange(3), step)))


def test_kept_draws_of_one_step_take_the_weights_of_their_age():
    bound = bound_of(9, 64.0)
    older = replace(bound, weight=2.0 * bound.weight)
    kept: dict[str, object] = {}
    for each in (bound, older, bound):
        found = held_noise(each, Address(np.arange(3), 5, kept=kept)).copy()
        np.testing.assert_array_equal(found, held_noise(each, Address(np.arange(3), 5)))
    (anew, other) = (held_noise(each, Address(np.arange(3), 5)) for each in (bound, older))
    assert not np.array_equal(anew, other)
