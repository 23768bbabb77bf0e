"""Calibrated ranges: full scales by hand, the best of their neighbours, the same for any batch."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from aimc_sim import calibrate_ranges, load_chip, map_model, program, run
from aimc_sim.analysis import range_record
from aimc_sim.analysis import ranges as ranges_module
from aimc_sim.analysis.ranges import calibrated_hardware, find_ranges
from aimc_sim.crossbar.converting import transfer_of
from aimc_sim.crossbar.setting import ReadSetting
from aimc_sim.data import Data
from aimc_sim.hardware import Hardware
from aimc_sim.mapping.io import read_plan, write_plan
from aimc_sim.runner.job import Job
from aimc_sim.spec import InputError
from tests.laws.build import (
    assert_same,
    device_of,
    hardware_of,
    kernel_model,
    linear_model,
    random_data,
)

RNG = np.random.default_rng(23)
WEIGHT = RNG.integers(-100, 101, (12, 5))
X = RNG.integers(-128, 128, (300, 12))
V_READ_V, G_MAX_S = 0.2, 25.0e-6
PEDESTAL = device_of("ideal", g_min_S=1.0e-6)
KERNELS = kernel_model(is_complex=True, n_states=(2, 1, 2))
DAC4 = {"kind": "uniform", "bits": 4, "v_read_V": V_READ_V}


def adc_of(bits: int = 6, **changes):
    return {"kind": "uniform", "bits": bits, **changes}


def linear_data(x=X) -> Data:
    return Data(x[:, None, :], np.ones(len(x), dtype=np.int64))


def ranges_of(hardware: Hardware, weight=WEIGHT, **options):
    return calibrate_ranges(linear_model(weight), hardware, linear_data(), seed=3, **options).ranges


def unit_A(g_min_S: float = 0.0, weight=WEIGHT, largest_x: int = 128) -> float:
    """Current of one input code times one weight code."""
    return V_READ_V / largest_x * (G_MAX_S - g_min_S) / np.abs(weight).max()


@pytest.mark.parametrize("percentile", [50.0, 97.0, 100.0])
def test_a_percentile_by_hand(percentile):
    size = np.abs(X @ WEIGHT)
    (full,) = ranges_of(hardware_of(adc=adc_of()), percentile=percentile)[0, "y", 0]
    assert full == pytest.approx(np.percentile(size, percentile) * unit_A(), rel=1e-9)
    each = ranges_of(hardware_of(adc=adc_of(range_per="bitline")), percentile=percentile)
    wanted = np.percentile(size, percentile, axis=0) * unit_A()
    np.testing.assert_allclose(each[0, "y", 0], wanted, rtol=1e-9)


def test_each_tile_has_a_range_of_its_own():
    ranges = ranges_of(hardware_of(tile=(8, 64), adc=adc_of()), percentile=90.0)
    for tile_id, rows in ((0, slice(0, 8)), (1, slice(8, 12))):
        wanted = np.percentile(np.abs(X[:, rows] @ WEIGHT[rows]), 90.0) * unit_A()
        assert ranges[tile_id, "y", 0] == pytest.approx((wanted,), rel=1e-9)


def test_the_plan_is_for_a_calibrated_chip():
    given = hardware_of(adc=adc_of(range="given", full_scale_A=1.0e-6))
    plan = calibrate_ranges(linear_model(WEIGHT), given, linear_data(), seed=3)
    assert plan.hardware.adc.range == "calibrated"
    assert plan.hardware.adc.full_scale_A is None
    assert plan.hardware == calibrated_hardware(given)
    assert plan.digest != replace(plan, ranges={}).digest


def test_slices_and_sides_after_the_adc():
    """Low slices have no sign; both sides of a pair, pedestal included, share a range."""
    hardware = hardware_of(
        PEDESTAL, adc=adc_of(), dac=DAC4, subtraction="after_adc", unused="programmed"
    )
    ranges = ranges_of(hardware, percentile=99.0)
    pedestal = 1.0e-6 / ((G_MAX_S - 1.0e-6) / np.abs(WEIGHT).max())
    sides = np.concatenate([np.maximum(WEIGHT, 0), np.maximum(-WEIGHT, 0)], axis=1) + pedestal
    for read, x, largest in ((0, X & 15, 15), (1, X >> 4, 8)):
        wanted = np.percentile(np.abs(x @ sides), 99.0) * unit_A(1.0e-6, largest_x=largest)
        assert ranges[0, "y", read] == pytest.approx((wanted,), rel=1e-6)
    found = find_ranges(linear_model(WEIGHT), hardware, linear_data(), seed=3, percentile=100.0)
    assert sum(r.n_clipped for r in found.ranges) == 0


def test_slices_of_weights_have_ranges_of_their_own():
    hardware = hardware_of(adc=adc_of(), weights={"cell_bits": 4})
    ranges = ranges_of(hardware, percentile=100.0)
    size, sign = np.abs(WEIGHT), np.sign(WEIGHT)
    parts = [sign * (size & 15), sign * (size >> 4)]
    wanted = [np.abs(X @ part).max() * unit_A(weight=part) for part in parts]
    np.testing.assert_allclose(ranges[0, "y", 0], wanted, rtol=1e-9)


def test_a_sensed_voltage_has_its_full_scale_in_volt():
    hardware = hardware_of(
        PEDESTAL, (12, 8), adc=adc_of(range_per="bitline"), pair="unit_cell", sensing="voltage",
        noise_form="cell", unused="programmed",
    )  # fmt: skip
    step_S = (G_MAX_S - 1.0e-6) / np.abs(WEIGHT).max()
    sums_S = (np.abs(WEIGHT) * step_S + 2.0e-6).sum(axis=0)
    v_V = V_READ_V / 128 * (X @ WEIGHT) * step_S / sums_S
    ranges = ranges_of(hardware, percentile=95.0)
    np.testing.assert_allclose(
        ranges[0, "y", 0], np.percentile(np.abs(v_V), 95.0, axis=0), rtol=1e-6
    )


def test_nothing_flows_and_nothing_is_read():
    weight = WEIGHT.copy()
    weight[:, 2] = 0
    hardware = hardware_of(adc=adc_of(range_per="bitline"))
    for method in ("percentile", "least_error"):
        full = ranges_of(hardware, weight, method=method)[0, "y", 0]
        assert full[2] == pytest.approx(unit_A())
        assert min(full) == full[2]
    nobody = Data(X[:0, None, :], np.ones(0, dtype=np.int64))
    found = find_ranges(linear_model(WEIGHT), hardware, nobody, seed=3)
    assert all(r.full == r.worst for r in found.ranges)


NOISY = {
    "device": device_of("pcm_joshi2020"), "tile": (16, 16), "adc": adc_of(5), "dac": DAC4,
    "pair": "unit_cell", "noise_form": "cell", "allow_narrow_state": True,
    "timing": {"t_step_s": 1.0e-3},
}  # fmt: skip


@pytest.mark.parametrize("mapping", ["hybrid", "split", "fused"])
@pytest.mark.parametrize("method", ["percentile", "least_error"])
def test_no_range_depends_on_the_batch_size(mapping, method, monkeypatch):
    monkeypatch.setattr(range_record, "N_KEPT", 64)
    data = random_data(np.random.default_rng(3), KERNELS, 9, 14)
    one, two = (
        find_ranges(
            KERNELS, hardware_of(**NOISY, s4d=mapping), data, seed=5, n_chips=2, age_s=60.0,
            method=method, percentile=98.0, batch_size=n,
        )
        for n in (1, 128)
    )  # fmt: skip
    assert one.ranges == two.ranges
    assert one.plan.digest == two.plan.digest
    by_read = {}
    for r in one.ranges:
        by_read[r.key] = by_read.get(r.key, 0) + r.n_values
    assert max(by_read.values()) <= 2 * 64
    assert min(by_read.values()) >= 8


def test_recording_changes_no_result(monkeypatch):
    kept = []

    class Kept(Job):
        def run(self, batch_size, seed):
            kept.append(super().run(batch_size, seed))
            return kept[-1]

    monkeypatch.setattr(ranges_module, "Job", Kept)
    data = random_data(np.random.default_rng(3), KERNELS, 5, 12)
    hardware = hardware_of(**NOISY)
    calibrate_ranges(KERNELS, hardware, data, seed=5, age_s=60.0)
    ideal = hardware.model_copy(update={"adc": hardware_of().adc})
    tiles = program(map_model(KERNELS, ideal), ideal, seed=5)
    assert_same(kept[0], run(KERNELS, tiles, data, seed=5, age_s=60.0))


def test_a_run_takes_its_ranges_from_the_plan_alone(tmp_path):
    batch, other = (random_data(np.random.default_rng(s), KERNELS, 6, 12) for s in (3, 4))
    hardware = hardware_of(**NOISY)
    plan = calibrate_ranges(KERNELS, hardware, batch, seed=5)
    write_plan(tmp_path / "plan.json", plan)
    again = read_plan(tmp_path / "plan.json", KERNELS, calibrated_hardware(hardware))
    assert again.ranges == plan.ranges
    assert again.digest == plan.digest
    one, two = (run(KERNELS, program(p, p.hardware, seed=5), other, seed=5) for p in (plan, again))
    assert_same(one, two)
    assert sum(one.saturated.values()) < 0.01 * sum(one.converted.values())


def test_a_placed_plan_keeps_its_places():
    hardware = hardware_of(tile=(8, 16), adc=adc_of())
    plan = map_model(linear_model(WEIGHT), hardware)
    moved = replace(plan.matrices[0].tiles[0], wordline_at=np.arange(8)[::-1].copy())
    matrix = replace(plan.matrices[0], tiles=(moved, *plan.matrices[0].tiles[1:]))
    placed = replace(plan, layers=(replace(plan.layers[0], matrices=(matrix,)), *plan.layers[1:]))
    found = calibrate_ranges(linear_model(WEIGHT), placed, linear_data(), seed=3)
    assert [t.geometry for t in found.tiles] == [t.geometry for t in placed.tiles]
    assert found.ranges.keys() == {(0, "y", 0), (1, "y", 0)}


def test_what_is_refused():
    model, data = linear_model(WEIGHT), linear_data()
    with pytest.raises(InputError, match="nothing to calibrate"):
        calibrate_ranges(model, hardware_of(), data, seed=1)
    hardware = hardware_of(adc=adc_of())
    with pytest.raises(InputError, match="method: found 'best'; allowed: percentile, least_error"):
        calibrate_ranges(model, hardware, data, seed=1, method="best")
    for percentile in (0.0, 100.1, float("nan")):
        with pytest.raises(InputError, match="percentile: found"):
            calibrate_ranges(model, hardware, data, seed=1, percentile=percentile)
    calibrated = calibrated_hardware(hardware)
    tiles = program(map_model(model, calibrated), calibrated, seed=1)
    with pytest.raises(InputError, match="aimc calibrate MODEL --chip CHIP"):
        run(model, tiles, data, seed=1)
    plan = calibrate_ranges(model, hardware, data, seed=1)
    for ranges, says in (
        ({(0, "y", 0): (1.0, 2.0)}, "holds 2 full scales of read 0; expected 1"),
        ({(1, "y", 0): (1.0,)}, "layer 'enc', tile 0, phase 'y'.*aimc calibrate"),
    ):
        wrong = program(replace(plan, ranges=ranges), calibrated, seed=1)
        with pytest.raises(InputError, match=says):
            run(model, wrong, data, seed=1)


def test_a_chip_file_may_ask_for_calibrated_ranges():
    chip = load_chip("examples/chips/pcm_256.yaml", {"hardware.adc.range": "calibrated"})
    given = load_chip("examples/chips/pcm_256.yaml")
    assert calibrated_hardware(given.hardware).digest() == chip.hardware.digest()


@pytest.mark.parametrize("faults", [{}, {"gain_sigma": 0.2, "comparator_offset_sigma_lsb": 3.0}])
def test_saturation_is_counted_by_layer_with_drawn_converters(faults):
    """Against the outer thresholds of each bitline's own converter, a whole LSB beyond them."""
    adc = {"kind": "sar", "bits": 6, **faults}
    plan = calibrate_ranges(
        linear_model(WEIGHT), hardware_of(adc=adc), linear_data(), seed=3, percentile=90.0
    )
    tiles = program(plan, plan.hardware, seed=3)
    result = run(linear_model(WEIGHT), tiles, linear_data(), seed=3)
    lsb = plan.ranges[0, "y", 0][0] / unit_A() / 31
    ends = np.tile([-32.5, 31.5], (64, 1))
    if faults:
        drawn = transfer_of(ReadSetting(tiles, 0, 0.0, 3), plan.tiles[0], True)
        ends = drawn.thresholds[:, [0, -1]] + [-1.0, 1.0]
    line = 2 * np.arange(WEIGHT.shape[1])  # pairs on neighbouring bitlines
    v = X @ WEIGHT / lsb
    wanted = int(((v < ends[line, 0]) | (v >= ends[line, 1])).sum())
    assert result.saturated == {"enc": wanted}
    assert wanted > 50
