"""Sums in integers of 16 bits: what they move is bounded, and refused where it could be seen."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from aimc_sim.crossbar.fixed import TOP, fixed_bits
from aimc_sim.crossbar.read import bitline_currents
from aimc_sim.crossbar.setting import Address
from aimc_sim.runner.run import run
from aimc_sim.runner.schedule_bench import Bench
from aimc_sim.runner.schedule_fixed import fixed_sums
from aimc_sim.spec import InputError
from tests.laws.build import device_of, hardware_of, linear_model, program_model, random_data
from tests.unit.crossbar.test_read import QUIET, X, bound_of

DAC = {"kind": "uniform", "bits": 8, "v_read_V": 0.2}
RNG = np.random.default_rng(5)
WEIGHT = RNG.integers(-127, 128, (64, 9))


def hardware(bits: int, device=QUIET, **mapping):
    return hardware_of(device, (64, 64), dac=DAC, adc={"kind": "uniform", "bits": bits}, **mapping)


@pytest.mark.parametrize("subtraction", ["before_adc", "after_adc"])
def test_no_current_moves_by_more_than_is_said(subtraction):
    exact, fixed = (
        bound_of(hardware(8, subtraction=subtraction, sums=sums))[0]
        for sums in ("float64", "fixed16")
    )
    at, moved = Address(np.arange(len(X)), 0), 0.0
    for one, two in zip(exact.reads, fixed.reads, strict=True):
        assert (one.places, one.rounding_lsb) == (None, 0.0)
        assert np.abs(np.ldexp(two.g, two.places)).max() < 1 << 15
        assert (np.ldexp(two.g, two.places) % 1.0 == 0.0).all()
        x = np.ascontiguousarray(X[:, two.gather])
        found = [bitline_currents(read, 0, x, at, "bitline") for read in (one, two)]
        lsb = two.slices[0].lsb
        moved = max(moved, float((np.abs(found[1] - found[0]) / lsb).max()))
        assert 0.0 < two.rounding_lsb < 0.1
        assert moved <= two.rounding_lsb
    assert moved > 0.02 * max(read.rounding_lsb for read in fixed.reads)  # the bound is of a size


def test_what_a_fine_converter_would_see_is_refused():
    with pytest.raises(InputError, match=r"sums: found 'fixed16'; layer 'enc', tile 0: .* 0\.5"):
        bound_of(hardware(16, sums="fixed16"))


def test_places_fill_sixteen_bits():
    total = np.array([[3.0, 100.0]])
    lines = SimpleNamespace(hardware=hardware(8))
    places = fixed_bits(lines, total)
    assert TOP / 2 < 100.0 * 2.0**places <= TOP


def test_wires_are_refused():
    wires = {"wordline_ohm": 1.0, "bitline_ohm": 1.0}
    asked = hardware_of(
        QUIET, (64, 64), dac=DAC, adc={"kind": "uniform", "bits": 8}, wires=wires, sums="fixed16",
        timing={"t_step_s": 1.0e-6},
    )  # fmt: skip
    with pytest.raises(InputError, match=r"sums: found 'fixed16'; with hardware\.wires"):
        bound_of(asked)


def test_sums_beyond_32_bits_are_left_to_float64():
    values, rows = np.full((64, 4), 32767.0), np.arange(64)
    assert fixed_sums(Bench(), values, 0, rows, 1023, 0)
    assert not fixed_sums(Bench(), values, 0, rows, 1025, 0)
    assert not fixed_sums(Bench(), values[:1], 0, rows[:1], 1 << 15, 0)
    assert not fixed_sums(Bench(), values[:1] + 1.0, 0, rows[:1], 1, 0)


def test_a_run_says_the_bound_and_its_chip_is_another():
    model = linear_model(WEIGHT)
    data = random_data(RNG, model, 5, 40)
    found = []
    for sums in ("float64", "fixed16"):
        asked = hardware(8, device_of("pcm_joshi2020"), sums=sums)
        found.append(run(model, program_model(model, asked), data, seed=3))
    assert found[0].rounding_lsb is None
    assert 0.0 < found[1].rounding_lsb < 0.5
    assert found[0].digests["chip"] != found[1].digests["chip"]
    assert (found[0].y_code == found[1].y_code).mean() > 0.8
