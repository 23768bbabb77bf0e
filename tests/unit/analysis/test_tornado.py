"""Tornado: each constant moves the energy by its own share, and nothing else does."""

from __future__ import annotations

import pytest

from aimc_sim.analysis.tornado import tornado
from aimc_sim.cost import cost_of
from aimc_sim.events import Events
from tests.unit.cost.plans import chip, plan_of, reads, steps

COUNTS = {**steps(1, 4), ("encoder", 0, "adc.convert"): 800, ("encoder", -1, "adder.add"): 400,
          ("encoder", 0, "dac.convert"): 900,
          ("encoder", 0, "program.set_pulse"): 10**6}  # fmt: skip
EVENTS = Events(COUNTS, reads().arrays)


def swings(c, n=None):
    plan = plan_of(c.hardware)
    on_s = cost_of(EVENTS, c.costs, plan).time_on_s
    return {s.path: s for s in tornado(EVENTS, c.costs, plan, time_on_s=on_s, n=n)}


def test_each_end_is_a_bill_with_that_constant():
    c = chip()
    total = cost_of(EVENTS, c.costs, plan_of(c.hardware)).energy_J.total
    found = swings(c)
    assert {"costs.adc.energy_factor", "costs.adder.energy_J"} <= found.keys()
    for path, swing in found.items():
        for factor, energy_J in zip(swing.factors, swing.energy_J, strict=True):
            changed = chip(**{path.replace(".", "__"): factor * swing.value})
            bill = cost_of(EVENTS, changed.costs, plan_of(changed.hardware))
            assert energy_J == pytest.approx(bill.energy_J.total), path
        assert swing.energy_J[0] <= total < swing.energy_J[1]


def test_the_interval_of_the_regression_is_that_of_silicon():
    swing = swings(chip())["costs.adc.energy_factor"]
    assert (swing.factors, swing.is_stated) == ((0.87, 12.1), True)
    assert next(iter(swings(chip()))) == "costs.adc.energy_factor"


def test_grades_and_stated_intervals():
    found = swings(chip(costs__adder__intervals={"energy_J": [0.9, 3.0]}))
    assert found["costs.adder.energy_J"].factors == (0.9, 3.0)
    assert found["costs.adder.energy_J"].is_stated
    dac = found["costs.dac.bit_energy_J"]
    assert (dac.factors, dac.grade, dac.is_stated) == ((0.5, 2.0), "assumed", False)


def test_a_table_moves_as_a_whole_and_programming_is_left_out():
    found = swings(chip("rram_64"))
    table = found["costs.adc.energy_J"]
    assert isinstance(table.value, tuple)
    assert table.factors == (0.7, 1.5)
    assert "costs.adc.energy_factor" not in found
    assert not any("programming" in path or "area" in path for path in found)


def test_the_widest_come_first_and_only_those_asked_for():
    found = list(swings(chip()).values())
    assert [s.span_J for s in found] == sorted((s.span_J for s in found), reverse=True)
    assert len(swings(chip(), n=2)) == 2


def test_static_power_is_a_constant_too():
    static = {"node_nm": 32, "blocks": [{"name": "link", "power_W": 1.0}],
              "source": {"cite": "a test", "grade": "measured"}}  # fmt: skip
    swing = swings(chip(costs__static=static))["costs.static.power_factor"]
    assert swing.factors == (0.9, 1.1)


@pytest.mark.parametrize(
    ("intervals", "message"),
    [
        ({"energy": [0.5, 2.0]}, "intervals: found 'energy'; this component has energy_J"),
        ({"energy_J": [2.0, 0.5]}, "the lower one first"),
        ({"energy_J": [0.0, 0.5]}, "greater than 0"),
    ],
)
def test_broken_intervals_are_refused(intervals, message):
    with pytest.raises(ValueError, match=message):
        chip(costs__adder__intervals=intervals)
