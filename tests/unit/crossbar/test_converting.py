"""Converters with faults inside reads: who shares them, what they do to codes, what is counted."""

from __future__ import annotations

import numpy as np
import pytest

from aimc_sim.cost.crossbar import array_energy_J
from aimc_sim.crossbar.bind import bind_phase
from aimc_sim.crossbar.read import bitline_currents, read_phase
from aimc_sim.crossbar.setting import Address, ReadSetting
from aimc_sim.crossbar.tally import Tally
from aimc_sim.data import Data
from aimc_sim.runner.run import run
from aimc_sim.spec import InputError
from tests.laws.build import device_of, hardware_of, kernel_model, linear_model, program_model
from tests.laws.exact import assert_exact

RNG = np.random.default_rng(3)
WEIGHT = RNG.integers(-127, 128, (6, 8))
MODEL = linear_model(WEIGHT)
X = RNG.integers(-128, 128, (40, 6))
SAR = {"kind": "sar", "bits": 8, "range": "worst_case"}
FAULTY = SAR | {"capacitor_sigma": 0.05, "gain_sigma": 0.03}


def reads(hardware, seed=3, chip=0, x=X, model=MODEL):
    """Return accumulators of every input, and the bound read of the first tile."""
    tiles = program_model(model, hardware, seed=seed, n_chips=chip + 1)
    (m, *_) = tiles.plan.matrices
    bound = bind_phase(ReadSetting(tiles, chip, 0.0, 1), m, m.matrix.phases[0])
    at = Address(np.arange(len(x)), 0)
    return read_phase(bound, (x,), at, "bitline", Tally({})), bound.reads[0]


@pytest.mark.parametrize("kind", ["sar", "ramp", "integrating"])
@pytest.mark.parametrize("subtraction", ["before_adc", "after_adc"])
def test_without_faults_each_family_is_the_ideal_quantiser(kind, subtraction):
    counts = {"t_integration_s": 1.0e-6, "lsb_time_s": 1.0e-9} if kind == "integrating" else {}
    adc = {"kind": kind, "bits": 7, "range": "two_norm", **counts}
    uniform = {"kind": "uniform", "bits": 7, "range": "two_norm"}
    found, ideal = (reads(hardware_of(adc=a, subtraction=subtraction))[0] for a in (adc, uniform))
    np.testing.assert_array_equal(found, ideal)


def test_bitlines_that_share_a_converter_share_its_faults():
    same = np.repeat(WEIGHT[:, :1], 8, axis=1)  # all columns alike: what differs is the converter
    model = linear_model(same)
    for per_adc, n_different in ((1, 8), (4, 4), (16, 1)):
        hardware = hardware_of(adc=FAULTY, bitlines_per_adc=per_adc, tile=(8, 16))
        acc, read = reads(hardware, model=model)
        assert len(np.unique(acc, axis=1).T) == n_different
        assert (read.slices[0].adc.adc_of == 2 * np.arange(8) // per_adc).all()


def test_faults_belong_to_the_chip_and_the_tile_not_to_the_read():
    hardware = hardware_of(adc=FAULTY)
    one, again = reads(hardware)[0], reads(hardware)[0]
    np.testing.assert_array_equal(one, again)
    assert (reads(hardware, chip=1)[0] != one).any()
    assert (reads(hardware, seed=4)[0] != one).any()
    off = hardware_of(adc=FAULTY, effects={"converter_faults": False})
    np.testing.assert_array_equal(reads(off)[0], reads(hardware_of(adc=SAR))[0])


def test_shared_tiles_share_converters():
    model = kernel_model(is_complex=True)
    adc = {"kind": "sar", "bits": 14, "range": "worst_case", "gain_sigma": 0.1}
    found = {}
    for share in (False, True):
        hardware = hardware_of(
            adc=adc, s4d="split", share_tiles=share, tile=(64, 128), bitlines_per_adc=128
        )
        tiles = program_model(model, hardware)
        gains = []
        for m in tiles.plan.matrices:
            bound = bind_phase(ReadSetting(tiles, 0, 0.0, 1), m, m.matrix.phases[0])
            gains.append(np.diff(bound.reads[0].slices[0].adc.transfer.thresholds).mean())
        found[share] = gains
        assert tiles.plan.n_sites == (1 if share else 3)
    assert len(set(found[True])) == 1
    assert len(set(found[False])) == 3


def test_thermal_noise_is_drawn_for_each_conversion():
    ramp = {"kind": "ramp", "bits": 8, "range": "worst_case", "noise_sigma_lsb": 0.7}
    x = np.repeat(X[:1], 4000, axis=0)
    acc, read = reads(hardware_of(adc=ramp), x=x)
    lsb = read.slices[0].lsb[0]
    codes = acc / lsb
    spread = codes.std(axis=0)
    assert np.abs(spread - np.hypot(0.7, np.sqrt(1 / 12))).max() < 0.06
    correlation = np.corrcoef(codes.T) - np.eye(8)
    assert np.abs(correlation).max() < 0.09  # 5.7 standard errors


def test_levels_of_a_dac_drive_the_wordline_of_every_bitline():
    dac = {"kind": "uniform", "bits": 8, "v_read_V": 0.2, "inl_sigma_lsb": 4.0, "gain_sigma": 0.05}
    hardware = hardware_of(dac=dac)
    tiles = program_model(MODEL, hardware)
    (m,) = tiles.plan.matrices
    read = bind_phase(ReadSetting(tiles, 0, 0.0, 1), m, m.matrix.phases[0]).reads[0]
    i = bitline_currents(read, 0, X, Address(np.arange(40), 0), "bitline")
    levels = read.dac.levels
    assert levels.shape == (6, 511)
    drive = levels[np.arange(6), X + 255]
    np.testing.assert_allclose(i, drive @ WEIGHT, atol=1e-6)
    assert np.abs(drive - X).max() > 2.0
    assert (levels[0] != levels[1]).any()


def test_jitter_of_a_pulse_is_common_to_all_bitlines():
    dac = {"kind": "pulse_width", "bits": 8, "v_read_V": 0.2, "lsb_time_s": 1e-10,
           "jitter_sigma_s": 5e-11}  # fmt: skip
    model = linear_model(np.diag([100, 50, 20, 120, 60, 90])[:, [0, 0, 1, 2, 3, 4, 5, 5]])
    x = np.repeat(np.array([[90, 0, -70, 127, 1, -128]]), 2000, axis=0)
    tiles = program_model(model, hardware_of(dac=dac))
    (m,) = tiles.plan.matrices
    read = bind_phase(ReadSetting(tiles, 0, 0.0, 1), m, m.matrix.phases[0]).reads[0]
    i = bitline_currents(read, 0, x, Address(np.arange(2000), 0), "bitline")
    np.testing.assert_allclose(i[:, 0], i[:, 1])  # one wordline drives both
    spread = i.std(axis=0) / np.abs(np.array([100, 100, 50, 20, 120, 60, 90, 90]))
    assert spread[2] == 0.0  # code 0 has no pulse
    assert np.abs(np.delete(spread, 2) / 0.5 - 1.0).max() < 0.1


def test_energy_of_pulses_goes_with_their_length():
    data = Data(X[:5, None, :], np.full(5, 1))
    pulse = {"kind": "pulse_width", "bits": 8, "v_read_V": 0.2, "lsb_time_s": 1e-10}
    results = {}
    for dac in ({"kind": "uniform", "bits": 8, "v_read_V": 0.2}, pulse):
        hardware = hardware_of(device_of("ideal", g_min_S=1e-6), dac=dac)
        result = run(MODEL, program_model(MODEL, hardware), data, seed=1)
        (entry,) = result.events.arrays.values()
        results[dac["kind"]] = entry, array_energy_J(entry, hardware.timing.t_read_s)
    entry, energy_J = results["pulse_width"]
    assert entry.x2 == tuple(int(v) for v in np.abs(X[:5]).sum(axis=0))
    expected_J = 0.2**2 * 1e-10 * float(np.dot(entry.x2, entry.g_row_S))
    assert energy_J == pytest.approx(expected_J, rel=1e-12)
    assert results["uniform"][0].x2 == tuple(int(v) for v in np.square(X[:5]).sum(axis=0))


def test_an_integrating_converter_counts_its_steps():
    adc = {"kind": "integrating", "bits": 6, "t_integration_s": 1e-7, "lsb_time_s": 1e-9}
    data = Data(X[:5, None, :], np.full(5, 1))
    events = run(MODEL, program_model(MODEL, hardware_of(adc=adc)), data, seed=1).events
    assert events.total("adc.step") == 100 * events.total("adc.convert") == 100 * 5 * 8


def test_a_pulse_longer_than_the_read_is_refused():
    dac = {"kind": "pulse_width", "bits": 8, "v_read_V": 0.2, "lsb_time_s": 1e-9}
    with pytest.raises(ValueError, match=r"t_read_s: found 1e-07 s; the longest slice.*2.55e-07"):
        hardware_of(dac=dac)


def test_unipolar_inputs_are_read_in_two_parts():
    model = kernel_model(is_complex=True)
    data = Data(RNG.integers(-120, 120, (3, 5, 2)), np.full(3, 5))
    one = {"kind": "uniform", "bits": 8, "v_read_V": 0.2}
    found = {}
    for polarity in ("bipolar", "unipolar"):
        hardware = hardware_of(dac=one | {"polarity": polarity}, s4d="fused")
        assert_exact(model, hardware, data)
        events = run(model, program_model(model, hardware), data, seed=0).events
        found[polarity] = events.total("crossbar.mvm")
    assert found["unipolar"] > 1.9 * found["bipolar"]


def test_calibrated_ranges_without_a_plan_that_has_them_are_refused():
    adc = {"kind": "uniform", "bits": 8, "range": "calibrated"}
    with pytest.raises(InputError, match=r"hardware.adc.range.*aimc calibrate"):
        reads(hardware_of(adc=adc))
