"""Bit pulses: slices of magnitudes, what each takes, and the energy that goes with bits set."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from aimc_sim.converters import BitPulseDac, UniformAdc
from aimc_sim.converters.slices import cut
from tests.laws.build import hardware_of


def dac(**options):
    stated = {"kind": "bit_pulse", "bits": 4, "v_read_V": 0.5, "polarity": "sign_magnitude",
              "t_pulse_s": 2.0e-9, "t_integrate_s": 0.27e-6, "halve_above": 3}  # fmt: skip
    return BitPulseDac(**stated | options)


def widths(bits, **options):
    return [part.bits for part in dac(**options).slices(bits, True)]


@pytest.mark.parametrize(
    ("bits", "found"),
    [(2, [1]), (3, [2]), (4, [3]), (5, [2, 2]), (6, [2, 3]), (7, [3, 3]), (8, [3, 4]),
     (9, [4, 4]), (10, [3, 3, 3]), (12, [3, 4, 4])],
)  # fmt: skip
def test_wide_magnitudes_are_read_in_halves_the_higher_one_wider(bits, found):
    assert widths(bits) == found


def test_unsigned_codes_have_all_their_bits():
    assert [part.bits for part in dac().slices(8, False)] == [4, 4]
    assert [part.bits for part in dac().slices(3, False)] == [3]


@pytest.mark.parametrize("bits", range(1, 17))
def test_slices_of_magnitudes_add_up_to_the_code(bits):
    codes = np.arange(-(1 << (bits - 1)), 1 << (bits - 1))
    for cut_at in ((1,), (3,), (2, 5), (16,)):
        parts = cut(bits, True, cut_at, "sign_magnitude")
        total = sum(part.of(codes) << part.shift for part in parts)
        np.testing.assert_array_equal(total, codes)
        for part in parts:
            assert np.abs(part.of(codes)).max() <= part.magnitude
            assert (np.sign(part.of(codes)) * np.sign(codes) >= 0).all()
    halves = dac(bits=8).slices(bits, True)
    np.testing.assert_array_equal(sum(p.of(codes) << p.shift for p in halves), codes)


def test_the_topmost_slice_reaches_the_lowest_code():
    low, high = cut(8, True, (3, 4), "sign_magnitude")
    assert (low.magnitude, high.magnitude) == (7, 16)
    assert int(high.of(np.array([-128]))[0]) == -16


def test_what_a_slice_takes():
    assert [dac().n_pulses(p) for p in (1, 3, 4)] == [1, 3, 4]
    assert [dac().n_integrations(p) for p in (1, 3, 4)] == [1, 7, 15]
    assert dac().t_slice_s == pytest.approx(15 * 0.27e-6)


def test_the_read_time_holds_the_widest_slice():
    with pytest.raises(ValidationError, match=r"longest slice of the DAC takes 4\.05e-06 s"):
        hardware_of(dac=dac().model_dump(), timing={"t_read_s": 1.0e-6})


def test_two_rules_of_slicing_are_one_too_many():
    with pytest.raises(ValidationError, match="halve_above: slice_bits is given too"):
        dac(slice_bits=(2,))


@pytest.mark.parametrize("polarity", ["bipolar", "unipolar", "sign_magnitude"])
def test_levels_with_faults_hold_every_code_of_a_slice(polarity):
    faulty = dac(polarity=polarity, dnl_sigma_lsb=0.1, halve_above=None)
    rng = np.random.default_rng(1)
    levels = faulty.levels(lambda name, n: rng.standard_normal(n), 3)
    for part in faulty.slices(9, True):
        reach = part.magnitude
        assert faulty.zero_index + reach < levels.shape[1]
        assert part.negative or not part.signed or faulty.zero_index - reach >= 0
    np.testing.assert_array_equal(levels[:, faulty.zero_index], 0.0)
    assert (np.diff(levels, axis=1) >= 0.0).all()


def test_a_converter_that_resolves_what_remains_keeps_the_step():
    adc = UniformAdc(kind="uniform", bits=10, range="worst_case", resolves="remaining")
    high = adc.range_for(15.0 * 100, 1.0, True, 1.0)
    low = adc.range_for(7.0 * 100, 1.0, True, 1.0, bits_above=4)
    assert high.code_max == 511
    assert low.code_max == 31
    assert low.lsb / (high.lsb * 8) == pytest.approx(1.0, rel=0.1)  # at the weight of each slice
    assert (adc.n_steps_of(0), adc.n_steps_of(4)) == (10, 6)
    assert adc.resolved_bits(40) == 2
    whole = UniformAdc(kind="uniform", bits=10)
    assert (whole.resolved_bits(4), whole.n_steps_of(4)) == (10, 0)
