"""Area: worked out by hand for one tile, and growing by that for one tile more."""

from __future__ import annotations

from itertools import pairwise

import pytest

from aimc_sim.cost import cost_of
from aimc_sim.cost.adc_sar import sar_area_m2
from aimc_sim.events import Events
from tests.unit.cost.plans import GENERIC, NAMES, chip, plan_of


def area(c, **plan):
    bill = cost_of(Events(), c.costs, plan_of(c.hardware, **plan))
    return bill.area_m2


def by_hand_m2(c):
    """One tile of the example chips, from the constants of their files."""
    tile, costs = c.hardware.tile, c.costs
    n_adcs = -(-tile.n_bitlines // tile.bitlines_per_adc)
    n_cells = tile.n_wordlines * tile.n_bitlines * (2 if tile.pair == "unit_cell" else 1)
    adc = sar_area_m2(8, 32, 1.28e9) if costs.adc.kind == "accelergy_sar" else 1200e-12
    return {
        "adc": n_adcs * adc,
        "dac": tile.n_wordlines * 438e-12,
        "sample_hold": tile.n_bitlines * 0.0391e-12,
        "mux": tile.n_bitlines * 0.4823e-12 * (tile.bitlines_per_adc > 1),
        "shift_add": n_adcs * 60e-12,
        "bus": 90000e-12 / 96,
        "crossbar": n_cells * costs.crossbar.cell_F2 * (costs.crossbar.node_nm * 1e-9) ** 2,
    }


@pytest.mark.parametrize("name", GENERIC)
def test_two_tiles_by_hand(name):
    c = chip(name)
    found = area(c).by_component
    for part, one_m2 in by_hand_m2(c).items():
        assert found[part] == pytest.approx(2 * one_m2, rel=1e-9), part


@pytest.mark.parametrize("name", GENERIC)
def test_one_more_tile_adds_the_area_of_a_tile(name):
    c = chip(name)
    n = c.hardware.tile.n_wordlines
    small, large = area(c, n_in=n), area(c, n_in=n + 1)
    assert large.total - small.total == pytest.approx(sum(by_hand_m2(c).values()), rel=1e-9)
    for part, value in small.by_component.items():
        assert (large.by_component[part] > value) == (by_hand_m2(c).get(part, 0.0) > 0.0)


@pytest.mark.parametrize("name", NAMES)
def test_each_tile_adds_the_same_and_a_group_its_own(name):
    c = chip(name)
    n, static = c.hardware.tile.n_wordlines, c.costs.static
    totals = [area(c, n_in=k * n - 1).total for k in (1, 2, 3, 4)]
    steps = [b - a for a, b in pairwise(totals)]
    assert min(steps) > 0.0
    assert steps == pytest.approx([steps[0]] * 3, rel=1e-9)
    group = static.n_tiles_of_group
    n_sites = plan_of(c.hardware, n_in=n).n_sites  # of the decoder, too
    before, after = (area(c, n_in=(group - n_sites + 1 + k) * n) for k in (0, 1))
    blocks = sum(b.area_m2 for b in static.blocks if b.per == "group")
    expected = steps[0] + (blocks if group > 1 else 0.0)
    assert after.total - before.total == pytest.approx(expected, rel=1e-9)


def test_the_parts_sum_to_the_total():
    bill = area(chip())
    assert sum(bill.by_component.values()) == pytest.approx(bill.total, rel=1e-12)


def test_the_state_takes_its_bits():
    c = chip()
    assert area(c).by_component["state"] == 0
    found = area(c, state=(40, 16)).by_component["state"]
    assert found == pytest.approx(40 * 16 * c.costs.state.bit_area_m2)


def test_buffers_take_two_values_a_channel():
    c = chip()
    values = 2 * (6 + 6 + 6 + 2)
    expected = values * 16 * c.costs.buffer.bit_area_m2
    assert area(c).by_component["buffer"] == pytest.approx(expected)


def test_wider_converters_are_larger():
    found = [area(chip("rram_64", hardware__adc__bits=b)).by_component["adc"] for b in (4, 8, 10)]
    assert found == sorted(set(found))
    found = [area(chip(hardware__dac__bits=b)).by_component["dac"] for b in (1, 8)]
    assert found[1] == pytest.approx(8 * found[0])


def test_fewer_bitlines_an_adc_take_more_adcs_and_no_mux_at_one():
    shared, own = (area(chip(hardware__tile__bitlines_per_adc=n)) for n in (32, 1))
    assert own.by_component["adc"] == pytest.approx(32 * shared.by_component["adc"])
    assert own.by_component["mux"] == 0 < shared.by_component["mux"]
    odd = area(chip(hardware__tile__bitlines_per_adc=100))
    assert odd.by_component["adc"] == pytest.approx(3 / 8 * shared.by_component["adc"])


def test_lanes_take_area():
    one, two = (area(chip(costs__requant__n_lanes=n)).by_component["requant"] for n in (1, 2))
    assert two == 2 * one == pytest.approx(2 * 1618e-12)
