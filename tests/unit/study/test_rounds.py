"""Adaptive repeats: which round is the last."""

from __future__ import annotations

import numpy as np
import pytest

from aimc_sim.study.rounds import Rounds

ROUNDS = Rounds(first=8, more=4, most=64, width=0.01)


def played(rounds, values):
    """The number of repeats that a point ends with, a round at a time."""
    n = rounds.wanted([])
    while (more := rounds.wanted(values[:n])) > n:
        n = more
    return n


def values_of(seed, std=0.01):
    return np.random.default_rng(seed).normal(0.95, std, 200).tolist()


def test_rounds_are_fixed():
    assert ROUNDS.wanted([]) == ROUNDS.wanted(values_of(1)[:7]) == 8
    ends = {played(ROUNDS, values_of(seed, std)) for seed in range(50) for std in (0.001, 0.01, 1)}
    assert ends <= {8, *range(12, 64, 4), 64}
    assert {8, 64} < ends


@pytest.mark.parametrize("seed", range(20))
def test_the_answer_is_the_same_however_many_values_there_are(seed):
    """Values of a round that was broken off, or that another study asked for, change nothing."""
    values = values_of(seed)
    n = played(ROUNDS, values)
    assert [ROUNDS.wanted(values[:k]) for k in range(n, 200)] == [n] * (200 - n)
    assert all(ROUNDS.wanted(values[:k]) <= n for k in range(n))


@pytest.mark.parametrize("seed", range(20))
def test_the_last_round_is_the_first_that_is_narrow(seed):
    values = values_of(seed)
    n = played(ROUNDS, values)
    widths = {k: np.diff(ROUNDS.interval(values[:k])).item() for k in (*range(8, n, 4), n)}
    assert all(width > 0.01 for k, width in widths.items() if k < n)
    assert widths[n] <= 0.01 or n == 64


def test_the_interval_is_students_and_an_eighth_wider():
    values = values_of(3)[:8]
    plain = Rounds(first=8, more=4, most=8, width=0.01)
    low, high = plain.interval(values)
    assert (high - low) / 2.0 == pytest.approx(2.364624 * np.std(values, ddof=1) / np.sqrt(8))
    assert np.diff(ROUNDS.interval(values)) == pytest.approx(1.125 * (high - low))
    assert plain.interval(values[:1]) is None


def test_most_ends_it_though_rounds_do_not_divide_it():
    assert played(Rounds(8, 7, 20, 1e-9), values_of(1)) == 20
    assert played(Rounds(8, 7, 8, 1e-9), values_of(1)) == 8


def test_equal_values_are_enough_unless_the_step_could_hide_a_spread():
    """All chips right is a result; of 100 sequences, eight chips that are equal say less."""
    assert played(Rounds(8, 4, 64, 0.005), [1.0] * 64) == 8
    careful = Rounds(8, 4, 64, 0.005, step=0.01)
    assert played(careful, [1.0] * 64) == 24
    assert 0.002 < careful.interval([1.0] * 24)[1] - 1.0 <= 0.0025
