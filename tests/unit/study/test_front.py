"""The search for a front: known fronts are found, and stops, workers and repeats change nothing."""

from __future__ import annotations

import itertools
import logging

import numpy as np
import pytest

from aimc_sim.spec import InputError
from aimc_sim.study.front import Front, is_on_front
from aimc_sim.study.space import Between, Choice

UP_DOWN = ["maximize", "minimize"]
AXES = {"bits": range(8), "tile": range(6), "slices": range(4), "mapping": range(3)}
SPACE = {name: Choice(tuple(values)) for name, values in AXES.items()}


def accuracy_and_energy(place):
    """Every setting costs energy; accuracy saturates, and falls again for tiles too large."""
    bits, tile, slices, mapping = (place[name] for name in AXES)
    lost = 0.6 * 2.0**-bits + 0.015 * abs(tile - 3) + 0.08 * 3.0**-slices + 0.01 * abs(mapping - 1)
    return 1.0 - lost, 0.1 * 2.0**bits + 0.4 * tile + 0.7 * slices + 0.2 * mapping


def searched(front, n, value=accuracy_and_energy):
    while len(front.tried) < n and (batch := front.ask()):
        front.tell([value(place) for place in batch])
    return front


def everything():
    return [dict(zip(AXES, place, strict=True)) for place in itertools.product(*AXES.values())]


def test_dominance_against_its_definition():
    values = np.random.default_rng(1).integers(0, 6, (200, 3)).astype(float)
    losses = [(-a, b, -c) for a, b, c in values]
    expected = [
        not any(all(np.less_equal(b, a)) and any(np.less(b, a)) for b in losses) for a in losses
    ]
    found = is_on_front(values, ["maximize", "minimize", "maximize"])
    assert found.tolist() == expected
    assert 1 < found.sum() < 100


def test_ties_are_on_the_front_together():
    assert is_on_front([[1, 1], [1, 1], [0, 2]], UP_DOWN).tolist() == [True, True, False]
    assert is_on_front([], UP_DOWN).tolist() == []


def test_a_small_space_is_searched_wholly_and_then_ends():
    small = {name: SPACE[name] for name in ("tile", "slices", "mapping")}
    front = searched(
        Front(small, UP_DOWN, 1, batch=7), 1000, lambda p: accuracy_and_energy({"bits": 4, **p})
    )
    assert len({str(one.coordinates) for one in front.tried}) == len(front.tried) == 6 * 4 * 3
    assert front.ask() == []
    places = [{"bits": 4, **one.coordinates} for one in front.tried]
    expected = is_on_front([accuracy_and_energy(place) for place in places], UP_DOWN)
    assert front.is_on_front() == expected.tolist()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_known_front_is_found(seed):
    """30 of 576 choices are the front; even draws would have half of them in 300 trials."""
    places = everything()
    is_best = is_on_front([accuracy_and_energy(p) for p in places], UP_DOWN)
    known = {tuple(p.values()) for p, best in zip(places, is_best, strict=True) if best}
    front = searched(Front(SPACE, UP_DOWN, seed=seed, batch=8), 300)
    tried = {tuple(one.coordinates[name] for name in AXES) for one in front.tried}
    assert len(known & tried) >= 0.85 * len(known)


def test_stopped_and_told_again_it_goes_on_the_same():
    whole = searched(Front(SPACE, UP_DOWN, seed=4, batch=7), 140)
    known = {str(one.coordinates): one.values for one in whole.tried[:70]}
    again = Front(SPACE, UP_DOWN, seed=4, batch=7)
    while len(again.tried) < 70:
        assert again.ask() == again.ask()
        again.tell([known[str(place)] for place in again.ask()])
    assert searched(again, 140).tried == whole.tried
    assert searched(Front(SPACE, UP_DOWN, seed=5, batch=7), 140).tried != whole.tried


def test_batches_have_the_size_asked_and_nothing_is_asked_twice():
    front, keys = Front(SPACE, UP_DOWN, seed=4, batch=16), []
    for _ in range(12):
        batch = front.ask()
        assert len(batch) == 16
        keys += [str(place) for place in batch]
        front.tell([accuracy_and_energy(place) for place in batch])
    assert len(set(keys)) == len(keys)


def test_refused_choices_are_kept_off_the_front():
    def value(place):
        return None if place["tile"] == 3 else accuracy_and_energy(place)

    front = searched(Front(SPACE, UP_DOWN, seed=1, batch=8), 200, value)
    refused = [one.values is None for one in front.tried]
    assert 0 < sum(refused) < 200
    flags = front.is_on_front()
    assert not any(a and b for a, b in zip(refused, flags, strict=True))
    kept = [one.values for one in front.tried if one.values]
    assert sum(flags) == is_on_front(kept, UP_DOWN).sum()


def test_all_refused_ends():
    small = {"bits": Choice((4, 6, 8)), "how": Choice(("a", True, None))}
    front = searched(Front(small, UP_DOWN, seed=1, batch=4), 100, lambda place: None)
    assert len(front.tried) == 9
    assert front.is_on_front() == [False] * 9


def test_numbers_between():
    space = {"x": Between(0.0, 1.0), "sigma": Between(1e-3, 1.0, is_log=True)}
    front = searched(Front(space, UP_DOWN, seed=1, batch=10), 100, lambda p: (p["x"], p["sigma"]))
    sigma = np.array([one.coordinates["sigma"] for one in front.tried])
    assert 1e-3 <= sigma.min() < 3e-3
    assert (sigma < 0.0316).mean() > 0.2
    assert all(float(f"{s:.9g}") == s for s in sigma)


def test_no_global_state(capfd):
    import optuna

    np.random.seed(1)  # noqa: NPY002
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    level = optuna.logging.get_verbosity()
    searched(Front(SPACE, UP_DOWN, seed=1, batch=8), 60)
    assert (np.random.get_state()[1] == before).all()  # noqa: NPY002
    assert optuna.logging.get_verbosity() == level == logging.INFO
    assert capfd.readouterr() == ("", "")


def test_what_cannot_be_told():
    front = Front(SPACE, UP_DOWN, seed=1, batch=2)
    front.ask()
    with pytest.raises(ValueError, match="told 1 choices; asked 2"):
        front.tell([None])
    for wrong in ((1.0,), (1.0, float("nan"))):
        with pytest.raises(ValueError, match="expected 2 finite numbers"):
            front.tell([(1.0, 2.0), wrong])
    front.tell([(1.0, 2.0), (1.0, 1.0)])
    assert len(front.tried) == 2


def test_even_draws_are_even():
    rng = np.random.default_rng(1)
    evenly = [Between(1.0, 3.0).drawn(rng) for _ in range(2000)]
    logs = np.log10([Between(1e-4, 1.0, is_log=True).drawn(rng) for _ in range(2000)])
    assert np.histogram(evenly, 4, (1.0, 3.0))[0] == pytest.approx(500, abs=90)
    assert np.histogram(logs, 4, (-4.0, 0.0))[0] == pytest.approx(500, abs=90)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Choice(()),
        lambda: Choice((4, 6, 4)),
        lambda: Between(1.0, 1.0),
        lambda: Between(0.0, 1.0, is_log=True),
    ],
)
def test_what_is_no_choice(make):
    with pytest.raises(InputError, match=r"values|range"):
        make()
