"""Scaling between nodes: published check values, each node's own supply, what is refused."""

from __future__ import annotations

import pytest

from aimc_sim.cost.scaling import NODES_nm, area_factor, energy_factor, nominal_vdd_V
from aimc_sim.spec import InputError
from tests.unit.cost.plans import chip, plan_of


@pytest.mark.parametrize(
    ("from_nm", "to_nm", "energy", "area"),
    [(32, 22, 0.446, 0.55), (65, 22, 0.237, 0.168), (45, 40, 0.869, 0.792), (45, 14, 0.139, 0.17)],
)  # as hwcomponents has them, both at 0.8 V
def test_check_values(from_nm, to_nm, energy, area):
    assert energy_factor(from_nm, to_nm, 0.8, 0.8) == pytest.approx(energy, rel=5e-3)
    assert area_factor(from_nm, to_nm) == pytest.approx(area, rel=5e-3)


def test_one_supply_for_both_nodes_is_wrong_by_more_than_two():
    own = energy_factor(130, 14, 1.3, 0.8)
    assert energy_factor(130, 14, 0.8, 0.8) / own == pytest.approx(2.9, rel=0.05)


@pytest.mark.parametrize("node", NODES_nm)
def test_a_node_to_itself_is_one(node):
    assert energy_factor(node, node, 0.8, 0.8) == area_factor(node, node) == 1.0


def test_smaller_nodes_are_smaller_between_those_of_the_table_too():
    nodes = [130, 100, 90, 70, 65, 50, 45, 40, 32, 28, 22, 20, 16, 14, 12, 10, 8, 7]
    areas = [area_factor(45, node) for node in nodes]
    assert areas == sorted(areas, reverse=True)
    assert len(set(areas)) == len(areas)
    back = [area_factor(node, 45) for node in nodes]
    assert back == sorted(back)


@pytest.mark.parametrize("node", [6, 180])
def test_nodes_outside_are_refused(node):
    for call in (
        lambda: energy_factor(node, 32, 1.0, 1.0),
        lambda: energy_factor(32, node, 1.0, 1.0),
        lambda: area_factor(node, 32),
        lambda: nominal_vdd_V(node),
    ):
        with pytest.raises(InputError, match=rf"found {node}; scaling is known from 7 to 130 nm"):
            call()


def test_logic_of_a_chip_moves_to_its_node_and_nothing_else_does():
    here, there = chip(), chip(costs__technology={"node_nm": 14, "vdd_V": 0.8})
    before, after = (c.costs.prices(c.hardware) for c in (here, there))
    factor = energy_factor(32, 14, 0.9, 0.8)
    logic = {"adder", "multiplier", "requant", "lut", "control", "state", "buffer", "bus"}
    logic |= {"mux", "shift_add", "router"}
    for action, price in before.items():
        moved = factor if price.component in logic else 1.0
        assert after[action].cost.energy_J == pytest.approx(moved * price.cost.energy_J)
        slower = 14 / 32 if price.component in logic else 1.0
        assert after[action].cost.latency_s == pytest.approx(slower * price.cost.latency_s)
    plan = plan_of(here.hardware)
    assert there.costs.area_m2("adder", plan) == pytest.approx(
        0.38 * here.costs.area_m2("adder", plan)
    )
    assert there.costs.area_m2("adc", plan) == here.costs.area_m2("adc", plan)
    assert set(there.costs.scalings) == logic
    assert not here.costs.scalings


def test_a_part_may_state_its_own_supply():
    plain = chip(costs__technology={"node_nm": 14}).costs
    own = chip(costs__technology={"node_nm": 14}, costs__adder__vdd_V=1.1).costs
    assert own.scalings["adder"].from_vdd_V == 1.1
    assert own.scalings["adder"].energy < plain.scalings["adder"].energy
    assert plain.scalings["adder"].from_vdd_V == nominal_vdd_V(32)
