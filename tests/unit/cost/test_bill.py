"""Bills of hand-made events: energies, what stands apart, and what is refused."""

from __future__ import annotations

import json
import random

import pytest

from aimc_sim.cost import cost_of
from aimc_sim.cost.adc_sar import sar_energy_J
from aimc_sim.cost.crossbar import array_energy_J
from aimc_sim.events import ArrayReads, Events
from aimc_sim.spec import InputError
from tests.unit.cost.plans import COUNTED, NAMES, chip, plan_of, reads, steps


def bill_of(c, counts=None, arrays=None):
    return cost_of(Events(counts or {}, arrays or {}), c.costs, plan_of(c.hardware))


def test_array_energy_is_v2_g_t():
    """0.01 V steps, codes 2 and 3, 10 and 20 uS, 100 ns: (4*10 + 9*20) uS * 1e-4 V2 * 1e-7 s."""
    (entry,) = reads().arrays.values()
    assert array_energy_J(entry, 1e-7) == pytest.approx(220e-6 * 1e-4 * 1e-7, rel=1e-12)
    c = chip()
    found = cost_of(reads(), c.costs, plan_of(c.hardware)).energy_J
    assert found.total == found.by_component["crossbar"] == array_energy_J(entry, 1e-7)
    assert found.by_layer["encoder"] == found.total


def test_zero_input_takes_no_array_energy():
    c = chip()
    found = cost_of(reads(x2=(0, 0)), c.costs, plan_of(c.hardware))
    assert found.energy_J.total == 0


def test_array_energy_follows_the_read_time_and_the_drive():
    plain = cost_of(reads(), chip().costs, plan_of(chip().hardware)).energy_J.total
    slow, lossy = chip(hardware__timing__t_read_s=3e-7), chip(costs__crossbar__drive_factor=2.0)
    for c, factor in ((slow, 3), (lossy, 2)):
        found = cost_of(reads(), c.costs, plan_of(c.hardware)).energy_J.total
        assert found == pytest.approx(factor * plain, rel=1e-12)


def test_array_energy_does_not_depend_on_the_order_of_wordlines():
    rng = random.Random(5)
    rows = [
        (rng.randrange(10**9), rng.random() * 10.0 ** -rng.randrange(3, 12)) for _ in range(500)
    ]
    found = set()
    for _ in range(20):
        rng.shuffle(rows)
        x2, g_row_S = zip(*rows, strict=True)
        found.add(array_energy_J(ArrayReads(x2, g_row_S, 1e-3), 1e-7))
    assert len(found) == 1


@pytest.mark.parametrize("action", COUNTED)
@pytest.mark.parametrize("name", NAMES)
def test_each_action_is_charged_to_its_component(name, action):
    c = chip(name)
    price = c.costs.prices(c.hardware)[action]
    found = bill_of(c, {("act", -1, action): 7}).energy_J
    amount_J = 7 * price.cost.energy_J
    if price.component == "programming" or action == "calibrate.read":
        assert (found.total, found.programming) == (0, amount_J)
        assert not any(found.by_component.values())
        assert not any(found.by_layer.values())
    else:
        assert (found.total, found.programming) == (amount_J, 0)
        assert found.by_component[price.component] == found.by_layer["act"] == amount_J


def test_conversions_by_hand():
    found = bill_of(
        chip(), {("encoder", 0, "adc.convert"): 10**6, ("encoder", 0, "dac.convert"): 1000}
    ).energy_J
    assert found.by_component["adc"] == pytest.approx(1e6 * sar_energy_J(8, 32, 1.28e9))
    assert found.by_component["dac"] == pytest.approx(1000 * 0.291e-12)


def test_programming_stands_apart():
    """A million SET pulses, 256 slots at once: 27 uJ and 586 us; none of it in the total."""
    counts = {
        ("encoder", 0, "program.set_pulse"): 10**6,
        ("encoder", 0, "program.set_slot"): 10**6,
        ("encoder", 0, "program.failure"): 1000,
        **steps(1, 4),
    }
    bill = bill_of(chip(), counts)
    assert bill.energy_J.programming == pytest.approx(27e-6)
    assert bill.latency_s.programming == pytest.approx(1e6 * 150e-9 / 256)
    plain = bill_of(chip(), steps(1, 4))
    assert bill.energy_J.total == plain.energy_J.total
    assert bill.latency_s.per_inference == plain.latency_s.per_inference
    assert "programming" not in bill.energy_J.by_component


def test_per_inference_is_the_mean_over_finished_sequences():
    found = bill_of(chip(), {**steps(5, 40), ("encoder", 0, "adc.convert"): 999}).energy_J
    assert found.per_inference == found.total / 5
    assert bill_of(chip(), steps(0, 40)).energy_J.per_inference is None


def test_parts_sum_to_the_total():
    counts = {
        (layer, 0, action): 3**i
        for i, action in enumerate(COUNTED)
        for layer in ("encoder", "act", "decoder")
    }
    found = bill_of(chip(), counts).energy_J
    assert sum(found.by_component.values()) == pytest.approx(found.total, rel=1e-12)
    assert sum(found.by_layer.values()) == pytest.approx(found.total, rel=1e-12)


def test_json_is_plain_and_complete():
    tree = bill_of(chip(), steps(1, 4), reads().arrays).to_json()
    assert json.loads(json.dumps(tree, allow_nan=False)) == tree
    assert set(tree) == {
        "energy_J", "latency_s", "area_m2", "time_on_s", "power_W", "scaled", "cost_notes",
    }  # fmt: skip
    assert {"total", "per_inference", "by_component", "programming"} <= set(tree["energy_J"])
    assert {"per_step", "per_inference"} <= set(tree["latency_s"])
    assert {"total", "by_component"} <= set(tree["area_m2"])


def test_events_of_another_plan_are_refused():
    with pytest.raises(InputError, match="layer 'enc' is not in the plan; its layers: act, decod"):
        bill_of(chip(), {("enc", 0, "adc.convert"): 1})
    with pytest.raises(InputError, match="layer 'enc' is not in the plan"):
        bill_of(chip(), arrays={("enc", 0, 0, "0"): ArrayReads((1,), (1e-6,), 0.1)})
