"""Law 3: events add, and cost is linear in them; n then m steps cost what n + m steps cost."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimc_sim.cost import cost_of
from aimc_sim.crossbar.tile import program
from aimc_sim.data import Data
from aimc_sim.events import ArrayReads, Events, sum_events
from aimc_sim.mapping.mapper import map_model
from aimc_sim.runner.run import run
from tests.generate import random_batch, random_model
from tests.unit.cost.plans import COUNTED, NAMES, chip, plan_of

CHIP = chip()
PLAN = plan_of(CHIP.hardware)
G_ROW_S = {
    (tile, number): tuple(1.0e-6 * (1 + (7 * i + 3 * tile + number) % 23) for i in range(4))
    for tile in range(2)
    for number in range(2)
}
AMOUNTS = st.integers(0, 10**15)


@st.composite
def some_events(draw):
    """Counts of any action on any layer, array reads of two tiles of two chips."""
    layers = st.sampled_from([layer.layer for layer in PLAN.layers])
    keys = st.tuples(layers, st.integers(-1, 3), st.sampled_from(COUNTED))
    counts = draw(st.dictionaries(keys, AMOUNTS, max_size=12))
    arrays = {}
    for tile, number in draw(st.sets(st.sampled_from(sorted(G_ROW_S)))):
        x2 = tuple(draw(st.lists(AMOUNTS, min_size=4, max_size=4)))
        arrays["encoder", tile, number, "0"] = ArrayReads(x2, G_ROW_S[tile, number], 1.0e-3)
    return Events(counts, arrays)


def energies(events):
    """Every energy of a bill, flat."""
    found = cost_of(events, CHIP.costs, PLAN).energy_J
    return np.array(
        [found.total, found.programming, *found.by_component.values(), *found.by_layer.values()]
    )


@given(some_events(), some_events())
def test_cost_of_a_sum_is_the_sum_of_costs(a, b):
    np.testing.assert_allclose(energies(a + b), energies(a) + energies(b), rtol=1e-12, atol=0)


@given(some_events(), st.integers(0, 9))
def test_cost_of_a_multiple_is_the_multiple_of_the_cost(a, n):
    many = sum_events([a] * n)
    np.testing.assert_allclose(energies(many), n * energies(a), rtol=1e-12, atol=0)


@given(some_events(), some_events(), some_events())
def test_events_add_in_any_order_and_grouping(a, b, c):
    assert a + b == b + a
    assert (a + b) + c == a + (b + c)
    assert a + Events() == a


@given(some_events(), st.randoms(use_true_random=False))
def test_cost_does_not_depend_on_the_order_of_events(a, shuffle):
    def mixed(mapping):
        items = list(mapping.items())
        shuffle.shuffle(items)
        return dict(items)

    again = Events(mixed(a.counts), mixed(a.arrays))
    assert cost_of(again, CHIP.costs, PLAN) == cost_of(a, CHIP.costs, PLAN)


@pytest.mark.parametrize("name", NAMES)
def test_n_then_m_steps_cost_what_all_steps_cost(name):
    """A run cut after 3 of 8 steps, ragged lengths, two chips: the same bill, to the bit."""
    rng = np.random.default_rng(21)
    model = random_model(
        rng,
        encoder=True,
        decoder=True,
        glu=True,
        residual=True,
        pool="mean",
        state_bits=(6, 12),
        weight_bits=(4, 8),
        activation_bits=(4, 8),
    )
    data = Data(*random_batch(rng, model, 5, 8))
    c = chip(name)
    plan = map_model(model, c.hardware)
    tiles = program(plan, c.hardware, seed=1, n_chips=2)
    whole = run(model, tiles, data, seed=2)
    first = run(model, tiles, data.steps(0, 3), seed=2)
    rest = run(model, tiles, data.steps(3, 8), seed=2, state=first.state)
    assert first.events + rest.events == whole.events
    bill = cost_of(whole.events, c.costs, plan)
    assert cost_of(first.events + rest.events, c.costs, plan) == bill
    assert bill.energy_J.total > 0
    assert bill.energy_J.per_inference == bill.energy_J.total / 10


def test_every_action_of_a_run_is_priced():
    """The actions that runs of the three mappings emit all reach a component."""
    rng = np.random.default_rng(4)
    model = random_model(
        rng,
        encoder=True,
        decoder=True,
        glu=True,
        layernorm=True,
        tied=False,
        state_bits=(4, 8),
        weight_bits=(4, 8),
        activation_bits=(4, 8),
    )
    data = Data(*random_batch(rng, model, 2, 4))
    for mapping in ("hybrid", "split", "fused"):
        c = chip(hardware__mapping__s4d=mapping)
        plan = map_model(model, c.hardware)
        tiles = program(plan, c.hardware, seed=1)
        events = tiles.events + run(model, tiles, data, seed=2).events
        bill = cost_of(events, c.costs, plan).energy_J
        prices = c.costs.prices(c.hardware)
        emitted = {prices[action].component for action, n in events.by_action().items() if n}
        charged = {part for part, energy_J in bill.by_component.items() if energy_J}
        assert charged == emitted - {"programming", "router"}  # this chip has no router
        assert bill.programming > 0
