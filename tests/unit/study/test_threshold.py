"""The search for a threshold: where it looks, what it claims, when it stops."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from aimc_sim.spec import InputError
from aimc_sim.study.scale import integer_scale, list_scale, log_scale
from aimc_sim.study.threshold import Search

LIMIT = 0.9


def chips(mean, std=0.004, seed=3):
    return (mean + std * np.random.default_rng(seed).standard_normal(64)).tolist()


def searched(search, curve, log=None):
    while batch := search.ask():
        for value, n in batch:
            search.tell(value, chips(curve(value))[:n])
        if log is not None:
            log.append(batch)
    return search.result()


@pytest.mark.parametrize("edge", range(2, 64))
def test_a_step_is_found_wherever_it_is(edge):
    search = Search(integer_scale(1, 64, "up"), LIMIT)
    found = searched(search, lambda v: 0.95 if v < edge else 0.5)
    assert (found.holds, found.fails) == (edge - 1, edge)
    assert found.is_complete
    assert found.is_monotone
    assert len(found.probes) <= 3 + math.ceil(math.log2(32))
    assert found.n_tasks == 4 * len(found.probes)


@pytest.mark.parametrize("at_once", [1, 2, 3, 7, 100])
@pytest.mark.parametrize("n", [2, 3, 4, 5, 17, 100])
def test_probes_stay_within_what_the_error_is_shared_over(n, at_once):
    """The worst: from the middle on, everything is undecided but the ends."""
    for lowest in range(1, n, 3):
        search = Search(integer_scale(0, n - 1, "up"), LIMIT, first=4, most=8, at_once=at_once)
        curve = {0: 0.99, n - 1: 0.1}
        found = searched(search, lambda v, c=curve, k=lowest: c.get(v, 0.9 if v > k else 0.99))
        assert found.is_complete
        assert len(found.probes) <= search.n_probes <= n


def test_looser_may_be_down():
    found = searched(Search(integer_scale(2, 12, "down"), LIMIT), lambda b: 0.95 if b > 5 else 0.4)
    assert (found.holds, found.fails) == (6, 5)
    assert found.probes[0].value == 12


def test_nothing_fails_and_nothing_holds():
    scale = log_scale(1.0, 100.0, 1.1, "up")
    good = searched(Search(scale, LIMIT), lambda v: 0.95)
    bad = searched(Search(scale, LIMIT), lambda v: 0.5)
    assert (good.holds, good.fails, len(good.probes)) == (100.0, None, 3)
    assert (bad.holds, bad.fails, len(bad.probes)) == (None, 1.0, 3)
    assert good.is_complete
    assert bad.is_complete


def test_all_undecided():
    found = searched(Search(integer_scale(1, 9, "up"), LIMIT), lambda v: 0.9)
    assert (found.holds, found.fails, found.is_complete) == (None, None, True)
    assert {probe.verdict for probe in found.probes} == {"undecided"}
    assert {probe.n_chips for probe in found.probes} == {64}


def test_both_sides_of_an_undecided_zone_are_narrowed():
    search = Search(integer_scale(1, 64, "up"), LIMIT)
    found = searched(search, lambda v: 0.95 if v < 20 else 0.9 if v < 41 else 0.7)
    assert (found.holds, found.fails) == (19, 41)
    undecided = [probe.value for probe in found.probes if probe.verdict == "undecided"]
    assert (min(undecided), max(undecided)) == (20, 40)


def test_a_score_at_the_limit_holds_exactly():
    search = Search(list_scale(["a", "b"], "up"), LIMIT)
    for value, n in search.ask():
        search.tell(value, [0.9 if value == "a" else 0.8999] * n)
    assert (search.result().holds, search.result().fails) == ("a", "b")


def test_the_step_keeps_equal_scores_from_deciding_at_once():
    plain, careful = (Search(integer_scale(0, 1, "up"), LIMIT, step=step) for step in (0.0, 0.01))
    for search in (plain, careful):
        for value, n in search.ask():
            search.tell(value, [0.91] * n)
    assert not plain.ask()
    assert careful.ask() == [(0, 8), (1, 8)]


def test_told_the_same_it_asks_the_same_in_any_order():
    def curve(v):
        return 0.97 / (1.0 + (v / 40.0) ** 4)

    batches: list[list] = []
    first = searched(Search(integer_scale(1, 64, "up"), LIMIT, at_once=3), curve, batches)
    again = Search(integer_scale(1, 64, "up"), LIMIT, at_once=3)
    for batch in batches:
        assert again.ask() == batch
        for k, (value, n) in enumerate(reversed(batch)):
            assert again.ask() == batch[: len(batch) - k]
            again.tell(value, chips(curve(value))[:n])
    assert again.ask() == []
    assert again.result() == first


def test_the_interval_of_a_probe_is_students():
    found = searched(Search(integer_scale(0, 1, "up"), LIMIT), lambda v: 0.95 - 0.3 * v)
    for probe in found.probes:
        scores = chips(0.95 - 0.3 * probe.value)[: probe.n_chips]
        expected = stats.ttest_1samp(scores, 0.0).confidence_interval(0.95)
        assert probe.ci95 == pytest.approx((expected.low, expected.high))
        assert probe.mean == pytest.approx(np.mean(scores))


def test_chips_are_doubled():
    batches: list[list] = []
    searched(Search(integer_scale(0, 1, "up"), LIMIT, first=6, most=40), lambda v: 0.9, batches)
    assert [batch[0][1] for batch in batches] == [6, 12, 24, 40]


def test_the_budget_ends_it():
    def curve(v):
        return 0.97 / (1.0 + (v / 40.0) ** 4)

    whole = searched(Search(integer_scale(1, 64, "up"), LIMIT), curve)
    part = searched(Search(integer_scale(1, 64, "up"), LIMIT, most_tasks=40), curve)
    assert part.n_tasks <= 40 < whole.n_tasks
    assert (part.is_complete, whole.is_complete) == (False, True)
    assert part.holds <= whole.holds < whole.fails <= part.fails
    exact = Search(integer_scale(1, 64, "up"), LIMIT, most_tasks=whole.n_tasks)
    assert searched(exact, curve) == whole


def test_a_curve_that_rises_again_is_told():
    found = searched(Search(integer_scale(1, 9, "up"), LIMIT), lambda v: 0.95 if v != 5 else 0.4)
    assert not found.is_monotone
    assert (found.holds, found.fails) == (4, 5)
    assert searched(Search(integer_scale(1, 9, "up"), LIMIT), lambda v: 0.95).is_monotone


def test_what_cannot_be_told():
    search = Search(integer_scale(1, 9, "up"), LIMIT)
    with pytest.raises(ValueError, match="told 3 scores; asked 4"):
        search.tell(1, [0.9] * 3)
    with pytest.raises(ValueError, match="asked None"):
        search.tell(2, [0.9] * 4)
    with pytest.raises(ValueError, match="not finite"):
        search.tell(1, [0.9, 0.9, 0.9, math.nan])


@pytest.mark.parametrize(
    "wrong", [{"first": 1}, {"first": 8, "most": 4}, {"confidence": 1.0}, {"confidence": -20.0}]
)
def test_what_cannot_be_asked(wrong):
    with pytest.raises(InputError, match=r"first|confidence"):
        Search(integer_scale(1, 9, "up"), LIMIT, **wrong)
