"""The price list: closed over all actions, each constant with a source, constants as published."""

from __future__ import annotations

import pytest

from aimc_sim.cost.component import ActionCost
from aimc_sim.cost.costs import price_list
from aimc_sim.cost.crossbar import LineCost
from aimc_sim.cost.sram import NO_ROUTER
from aimc_sim.events import ACTIONS
from aimc_sim.spec import InputError
from tests.unit.cost.plans import CHIPS, GENERIC, NAMES, chip

SOURCE = {"cite": "a test", "grade": "assumed"}


ABSENT = {
    "hermes_core": {"sample_hold.hold", "mux.switch"},
    "isaac_ce": {"mux.switch", "line.switch"},
    "neurram": {"adc.convert", "mux.switch", "shift_add.op"},
}
"""What a chip has not, or prices with something else, as its file says."""


def test_every_example_chip_is_tested():
    assert {path.stem for path in CHIPS.glob("*.yaml")} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_action_is_priced_exactly_once(name):
    c = chip(name)
    owners = {
        action: [
            part
            for part, component in c.costs.components().items()
            if action in component.actions(c.hardware)
        ]
        for action in ACTIONS
    }
    assert {action: len(parts) for action, parts in owners.items()} == dict.fromkeys(ACTIONS, 1)
    prices = c.costs.prices(c.hardware)
    assert list(prices) == list(ACTIONS)
    assert all(prices[action].component == parts[0] for action, parts in owners.items())


@pytest.mark.parametrize("name", NAMES)
def test_what_a_run_emits_is_not_free(name):
    c = chip(name)
    free = {
        action for action, price in c.costs.prices(c.hardware).items() if price.cost.energy_J == 0
    }
    slots = {"program.set_slot", "program.reset_slot", "program.verify_slot"}
    none = {"crossbar.mvm", "program.failure"} | slots
    none |= set() if c.costs.adc.step_energy_J else {"adc.step"}
    none |= set() if c.costs.adc.integration_energy_J else {"integrator.step"}
    none |= ABSENT.get(name, set())
    none |= {"router.bit"} if c.costs.router == NO_ROUTER else set()
    assert free == none


@pytest.mark.parametrize("name", NAMES)
def test_writing_takes_time_by_slots_and_energy_by_pulses_and_reads(name):
    c = chip(name)
    part, prices = c.costs.programming, c.costs.prices(c.hardware)
    for action, counted in (("set", "pulse"), ("reset", "pulse"), ("verify", "read")):
        each, slot = (prices[f"program.{action}_{what}"].cost for what in (counted, "slot"))
        assert (each.energy_J, each.latency_s) == (getattr(part, f"{action}_energy_J"), 0.0)
        assert slot == ActionCost(0.0, getattr(part, f"{action}_latency_s"), part.n_parallel)
        assert each.energy_J > 0.0
        assert slot.latency_s > 0.0
    assert prices["program.failure"].cost == ActionCost(0.0)


class Twice(LineCost):
    """Prices what another component prices."""

    def actions(self, hardware):
        return {"line.switch": ActionCost(1.0), "adder.add": ActionCost(1.0)}


class Odd(LineCost):
    """Prices what is not an action."""

    def actions(self, hardware):
        return {"line.switch": ActionCost(1.0), "line.swich": ActionCost(1.0)}


@pytest.mark.parametrize(
    ("part", "message"),
    [(Twice, "'adder.add' is priced twice"), (Odd, r"without a price: line\.swich")],
)
def test_a_list_that_does_not_close_is_an_error(part, message):
    c = chip()
    line = part(
        node_nm=32, device_capacitance_F=0, driver_capacitance_F=0, swing_V=0, source=SOURCE
    )
    with pytest.raises(ValueError, match=message):
        price_list({**c.costs.components(), "line": line}, c.hardware)


def test_an_action_without_a_component_is_an_error():
    c = chip()
    parts = c.costs.components()
    del parts["bus"]
    with pytest.raises(ValueError, match=r"without a price: bus\.bit"):
        price_list(parts, c.hardware)


@pytest.mark.parametrize("name", NAMES)
def test_every_constant_has_a_source_and_what_is_assumed_says_why(name):
    for part in chip(name).costs.components().values():
        assert part.source.grade != "assumed" or part.source.note
        assert part.source.grade == "assumed" or part.source.doi
        assert part.node_nm >= 1


@pytest.mark.parametrize(
    ("part", "field", "value"),
    [  # ISAAC, Table I, per instance
        ("shift_add", "area_m2", 60e-12),
        ("shift_add", "energy_J", 0.021e-12),
        ("sample_hold", "area_m2", 0.0391e-12),
        ("sample_hold", "energy_J", 0.977e-15),
        ("bus", "width_bits", 384),
        ("bus", "tile_area_m2", 90000e-12 / 96),
        ("bus", "bit_energy_J", 0.684e-12 / 8),
    ],
)
@pytest.mark.parametrize("name", GENERIC)
def test_constants_of_isaac(name, part, field, value):
    assert getattr(getattr(chip(name).costs, part), field) == pytest.approx(value, rel=1e-12)


def test_the_adc_of_isaac():
    adc = chip("rram_64").costs.adc
    assert adc.conversion(8).energy_J == pytest.approx(2.0e-3 / 1.2e9, rel=5e-3)
    assert adc.conversion(8).latency_s == pytest.approx(1 / 1.2e9, rel=1e-3)
    assert adc.one_area_m2(8) == 1200e-12


def test_derived_constants_follow_from_what_they_cite():
    pcm, rram = chip("pcm_256").costs, chip("rram_64").costs
    assert pcm.dac.bit_energy_J * 8 == pytest.approx(0.291e-12)
    assert pcm.dac.bit_area_m2 * 8 == pytest.approx(438e-12)
    assert pcm.programming.reset_energy_J == pytest.approx(300e-6 * 1.6 * 40e-9)
    assert pcm.programming.set_energy_J == pytest.approx(150e-6 * 1.2 * 150e-9)
    assert rram.programming.set_energy_J == pytest.approx(1.6**2 * 150e-6 * 50e-9)
    e45 = 1.103 * 0.9**2 - 0.362 * 0.9 + 0.2767
    e32 = 0.9559 * 0.9**2 - 0.7823 * 0.9 + 0.471
    horowitz_J = 3.1e-12 / 32**2 * e32 / e45
    assert pcm.multiplier.bit_product_energy_J == pytest.approx(horowitz_J, rel=1e-3)
    requant_J = 24 * 16 * pcm.multiplier.bit_product_energy_J + pcm.adder.energy_J
    assert pcm.requant.energy_J == pytest.approx(requant_J, rel=1e-2)
    assert pcm.state.read_bit_energy_J * 64 == pytest.approx(3.443e-12, rel=1e-3)
    assert pcm.state.bit_area_m2 * 8 * 8192 == pytest.approx(0.01329e-6, rel=1e-3)


def test_line_energy_of_neurram():
    """(2.1 fF x 256 + 48 fF) (1.8 V)^2 x 256 lines x 7 pulses = 3.40 nJ, published 3.31."""
    line = LineCost(
        node_nm=130,
        device_capacitance_F=2.1e-15,
        driver_capacitance_F=48e-15,
        swing_V=1.8,
        source=SOURCE,
    )
    hardware = chip("pcm_256", hardware__tile__pair="bitlines").hardware
    energy_J = line.actions(hardware)["line.switch"].energy_J * 256 * 7
    assert energy_J == pytest.approx(3.40e-9, rel=3e-3)
    assert energy_J == pytest.approx(3.31e-9, rel=0.05)
    pairs = line.actions(chip("pcm_256").hardware)["line.switch"].energy_J
    assert pairs == pytest.approx((2.1e-15 * 512 + 48e-15) * 1.8**2)


def test_costs_are_closed():
    with pytest.raises(
        InputError,
        match=r"costs\.bus\.bit_energy: unknown key; did you mean "
        r"'bit_energy_J'",
    ):
        chip(costs__bus__bit_energy=1.0e-12)
    with pytest.raises(InputError, match=r"costs\.adder\.energy_J: found -1"):
        chip(costs__adder__energy_J=-1)
