"""Digital baselines by hand: logic, memory, what grows with what, and broken files."""

from __future__ import annotations

import numpy as np
import pytest
import yaml

from aimc_sim.analysis.random_codes import one_layer
from aimc_sim.cost.baseline_file import Baselines, load_baselines
from aimc_sim.cost.baseline_machine import narrow_macs
from aimc_sim.cost.baseline_sram import SIZES_KB, TABLE, sram
from aimc_sim.cost.complexity import complexity_of
from aimc_sim.cost.scaling import energy_factor
from aimc_sim.model.npz import load_model
from aimc_sim.spec import InputError, validate

MODEL = one_layer(np.ones((64, 32), dtype=np.int64), 8, 8)


def machine(name, **changes):
    found = next(m for m in load_baselines() if m.name == name)
    return type(found).model_validate(found.model_dump() | changes)


@pytest.mark.parametrize("multiplier", [2, 3])
def test_an_accelerator_by_hand(multiplier):
    model = one_layer(MODEL.layers[0].weight, 8, 8, multiplier=multiplier)
    bill = machine("accelerator_22nm").bill(model, 10)
    logic = energy_factor(45, 22, 0.9, 0.8)
    product_J = 16 * 32 * 3.027e-15 if multiplier == 3 else 0.0
    macs = 64 * 32
    parts = {
        "multipliers": 10 * macs * 64 * 3.027e-15 * logic,
        "adders": 10 * macs * 32 * 3.125e-15 * logic,
        "requantisation": 10 * 32 * (product_J + 32 * 3.125e-15) * logic,
        "weight SRAM": 10 * (macs * 8 + 32 * 32) * sram(macs * 8 + 32 * 32, 22).read_bit_J,
        "state SRAM": 0.0,
    }
    for name, energy_J in parts.items():
        assert bill.by_component[name] == pytest.approx(energy_J), name
    assert bill.latency_per_step_s == pytest.approx(macs / 64 / 1e9)
    assert bill.latency_per_inference_s == pytest.approx(10 * bill.latency_per_step_s)
    assert bill.energy_per_inference_J == pytest.approx(sum(bill.by_component.values()))
    assert bill.area_m2 > 64 * 64 * 6.201e-12 * 0.1


def test_horowitz_32_bit_product_at_45_nm():
    found = machine("accelerator_22nm")
    assert 1024 * found.bit_product_energy_J == pytest.approx(3.1e-12, rel=1e-3)
    assert 32 * found.add_bit_energy_J == pytest.approx(0.1e-12)


def test_a_microcontroller_by_hand():
    bill = machine("cortex_m4").bill(MODEL, 10)
    macs = 64 * 32
    assert bill.energy_per_step_J == pytest.approx(macs * 67e-12)
    assert bill.interval_J == pytest.approx((10 * macs * 30e-12, 10 * macs * 150e-12))
    assert bill.latency_per_step_s == pytest.approx(macs / 0.7 / 64e6)
    assert bill.area_m2 is None


def test_a_board_by_its_peak():
    bill = machine("jetson_agx_orin").bill(MODEL, 1)
    assert bill.energy_per_step_J / (64 * 32) == pytest.approx(0.87e-12, rel=5e-3)
    assert "peak" in bill.leaves_out


@pytest.mark.parametrize("name", [m.name for m in load_baselines()])
def test_each_step_takes_the_same(name):
    none, one, two = (machine(name).bill(MODEL, n) for n in (0, 100, 200))
    for value in (lambda b: b.energy_per_inference_J, lambda b: b.latency_per_inference_s):
        assert value(two) - value(one) == pytest.approx(value(one) - value(none))
    step_J = one.energy_per_inference_J - none.energy_per_inference_J
    assert step_J == pytest.approx(100 * one.energy_per_step_J)


@pytest.mark.parametrize("name", [m.name for m in load_baselines()])
def test_wider_weights_take_more(name):
    narrow, wide = (
        machine(name).bill(one_layer(MODEL.layers[0].weight, bits, 16), 1).energy_per_step_J
        for bits in (8, 16)
    )
    assert wide > narrow or name == "cortex_m4"  # 16-bit operands are one MAC there
    assert all(m.leaves_out and m.source.note for m in load_baselines())


def test_narrow_operands_take_several_macs():
    work = complexity_of(load_model("examples/models/digits.npz"))
    n = {bits: narrow_macs(work, True, bits) for bits in (4, 8, 16, 64)}
    assert n[64] == work.macs_per_step
    assert n[4] > n[8] > n[16] >= n[64]


@pytest.mark.parametrize("node", TABLE)
def test_sram_meets_its_table_and_grows(node):
    rows = zip(SIZES_KB, TABLE[node], strict=True)
    for size_KB, (read_pJ, write_pJ, area_mm2, leakage_mW) in rows:
        found, word = sram(size_KB * 8192, node), 32 if size_KB <= 2 else 64
        assert found.read_bit_J * word == pytest.approx(read_pJ * 1e-12)
        assert found.write_bit_J * word == pytest.approx(write_pJ * 1e-12)
        assert found.area_m2 == pytest.approx(area_mm2 * 1e-6)
        assert found.leakage_W == pytest.approx(leakage_mW * 1e-3)
    areas = [sram(n, node).area_m2 for n in (8192, 20000, 10**5, 10**6, 10**7, 10**8)]
    assert areas == sorted(areas)
    largest = sram(1024 * 8192, node)
    assert sram(4 * 1024 * 8192, node).area_m2 == pytest.approx(4 * largest.area_m2)
    assert sram(0, node) == sram(8192, node)


def test_a_node_without_sram_is_refused():
    with pytest.raises(InputError, match="node_nm: found 28; SRAM is known at 65, 45, 32, 22 nm"):
        machine("accelerator_22nm", node_nm=28).bill(MODEL, 1)


def test_a_file_of_ones_own(tmp_path):
    path = tmp_path / "mine.yaml"
    tree = {"format": "aimc-baselines", "version": "1.0",
            "baselines": [machine("cortex_m4").model_dump(mode="json")]}  # fmt: skip
    path.write_text(yaml.safe_dump(tree), encoding="utf-8")
    assert load_baselines(path) == (machine("cortex_m4"),)
    tree["baselines"][0]["f_hz"] = 1.0
    path.write_text(yaml.safe_dump(tree), encoding="utf-8")
    with pytest.raises(InputError, match=r"mine\.yaml: baselines\.0\.f_hz: unknown key; did you"):
        load_baselines(path)
    with pytest.raises(InputError, match="version"):
        validate(Baselines, {"format": "aimc-baselines", "baselines": []}, "x")
    with pytest.raises(InputError, match="cannot be read"):
        load_baselines(tmp_path / "none.yaml")


@pytest.mark.parametrize("ends", [(1.5e-10, 3.0e-11), (0.0, 1.0e-10), (7.0e-11, 1.0e-10)])
def test_an_interval_that_does_not_hold_its_value_is_refused(ends):
    tree = machine("cortex_m4").model_dump(mode="json") | {"mac_energy_interval_J": ends}
    with pytest.raises(InputError, match=r"mine: baselines\.0.*expected positive ends around"):
        validate(
            Baselines,
            {"format": "aimc-baselines", "version": "1.0", "baselines": [tree]},
            "mine",
        )
