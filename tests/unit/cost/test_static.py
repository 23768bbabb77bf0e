"""What is always on: blocks, leakage, and the time that it is charged for."""

from __future__ import annotations

import pytest

from aimc_sim.cost import cost_of
from aimc_sim.cost.terms import ALWAYS, STATIC, terms_of
from aimc_sim.events import Events
from tests.unit.cost.plans import chip, plan_of, steps

SOURCE = {"cite": "a test", "grade": "assumed"}
BLOCKS = {
    "node_nm": 32, "n_tiles_of_group": 2, "source": SOURCE,
    "blocks": [
        {"name": "link", "per": "chip", "power_W": 3.0, "area_m2": 5.0e-6},
        {"name": "buffer", "per": "group", "power_W": 0.5},
        {"name": "bias", "per": "tile", "power_W": 0.25, "area_m2": 1.0e-9},
    ],
}  # fmt: skip


def bill(c, n_inferences=2, n_steps=10, **plan):
    return cost_of(Events(steps(n_inferences, n_steps)), c.costs, plan_of(c.hardware, **plan))


def test_power_times_the_time_of_all_steps_and_inferences():
    c, bare = chip(costs__static=BLOCKS), chip()
    found, without = bill(c), bill(bare)
    power_W = 3.0 + 1 * 0.5 + 2 * 0.25  # two tiles, one group
    once_s = sum(t.total for t in found.latency_s.critical_path if not t.per_step)
    on_s = 10 * found.latency_s.per_step + 2 * once_s
    assert found.time_on_s == pytest.approx(on_s)
    assert found.energy_J.by_component["static"] == pytest.approx(power_W * on_s)
    assert found.energy_J.by_layer[ALWAYS] == pytest.approx(power_W * on_s)
    assert found.energy_J.total - without.energy_J.total == pytest.approx(power_W * on_s)
    assert found.power_W - without.power_W == pytest.approx(power_W)
    assert found.area_m2.by_component["static"] == pytest.approx(5.0e-6 + 2.0e-9)
    assert ALWAYS not in without.energy_J.by_layer


def test_idling_between_steps_is_charged():
    busy = bill(chip(costs__static=BLOCKS))
    slow = bill(chip(costs__static=BLOCKS, hardware__timing__t_step_s=1.0e-3))
    assert slow.time_on_s == pytest.approx(10 * 1.0e-3, rel=1e-3)
    assert slow.latency_s.per_step == busy.latency_s.per_step
    assert slow.energy_J.by_component["static"] == pytest.approx(4.0 * slow.time_on_s)


def test_bits_leak():
    c = chip(costs__state__bit_leakage_W=1.0e-9)
    found = bill(c, state=(40, 16))
    assert found.energy_J.by_component["state"] == pytest.approx(640e-9 * found.time_on_s)


def test_more_chips_where_one_has_too_few_tiles():
    static = BLOCKS | {"n_tiles_of_chip": 2}
    c = chip(costs__static=static)
    n = c.hardware.tile.n_wordlines
    small, large = (plan_of(c.hardware, n_in=k * n) for k in (1, 2))
    assert (small.n_sites, large.n_sites) == (2, 3)
    one, two = (c.costs.static_W("static", plan) for plan in (small, large))
    assert two - one == pytest.approx(3.0 + 0.5 + 0.25)


def test_it_is_linear_in_events_and_no_term_without_power():
    c = chip(costs__static=BLOCKS)
    once, twice = bill(c), bill(c, 4, 20)
    assert twice.energy_J.total == pytest.approx(2 * once.energy_J.total)
    events, plan = Events(steps(2, 10)), plan_of(c.hardware)
    found = [t for t in terms_of(events, c.costs, plan, 1.0) if t.action == STATIC]
    assert [(t.component, t.energy_J) for t in found] == [("static", 4.0)]
    assert not [t for t in terms_of(events, chip().costs, plan, 1.0) if t.action == STATIC]


def test_a_whole_is_the_sum_of_its_cells():
    c = chip(costs__static=BLOCKS)
    energy_J = bill(c).energy_J
    both = energy_J.by_layer_and_component
    assert energy_J.total == pytest.approx(sum(sum(parts.values()) for parts in both.values()))
    for name, whole in energy_J.by_component.items():
        assert whole == pytest.approx(sum(parts.get(name, 0.0) for parts in both.values()))
    for name, whole in energy_J.by_layer.items():
        assert whole == pytest.approx(sum(both[name].values()))
    assert energy_J.per_step * 10 < energy_J.total  # the decoder runs once
