"""What is special to SAR, ramp and integrating converters."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from aimc_sim.converters import inl_lsb
from aimc_sim.converters.sar import successive_thresholds
from aimc_sim.converters.transfer import ideal_thresholds, tied_walk
from aimc_sim.spec import InputError
from tests.oracles.converter import by_threshold, successive
from tests.unit.converters.drawn import adc_of, draw_of, faulty


@given(st.integers(2, 9), st.booleans(), st.sampled_from([0.02, 0.3]), st.integers(0, 2**32 - 1))
def test_sar_thresholds_are_those_of_its_decisions(bits, signed, sigma, seed):
    adc = adc_of("sar", bits, capacitor_sigma=sigma, comparator_offset_sigma_lsb=1.5)
    found = adc.transfer(draw_of(seed), 2, signed)
    v = np.random.default_rng(seed).uniform(-1.2, 1.2, 300) * 2**bits
    for table, weights, origin in zip(found.thresholds, found.weights, found.origin, strict=True):
        inputs = np.concatenate([v, np.nextafter(table, np.inf) + 1e-9, table - 1e-9])
        bitwise = [
            successive(x, weights, origin, 0.0, np.zeros(bits), found.code_min) for x in inputs
        ]
        assert by_threshold(inputs, table, found.code_min).tolist() == bitwise


def test_a_heavy_bit_leaves_codes_out():
    found = successive_thresholds(np.array([[1.0, 2.0, 6.0]]), np.zeros(1))[0]
    assert found.tolist() == [0.5, 1.5, 2.5, 5.5, 6.5, 7.5, 8.5]
    light = successive_thresholds(np.array([[1.0, 2.0, 1.0]]), np.zeros(1))[0]
    assert light.tolist() == [0.5, 0.5, 0.5, 0.5, 1.5, 2.5, 3.5]  # codes 1 to 3 are missing


def test_weights_of_a_sar_share_the_full_scale():
    found = adc_of("sar", 6, capacitor_sigma=0.3).transfer(draw_of(2), 40, False)
    total = found.weights.sum(axis=1)
    assert (total < 64.0).all()  # the terminating unit has the rest
    assert (total > 64.0 - 3.0).all()
    assert (found.weights >= 0.0).all()


def test_a_sar_decides_by_table_where_decisions_are_quiet():
    assert faulty("sar", noise=False).transfer(draw_of(1), 2, True).form == "threshold"
    assert faulty("sar").transfer(draw_of(1), 2, True).form == "successive"


def test_ramp_is_one_for_all_comparators_of_a_tile():
    found = faulty("ramp").transfer(draw_of(6), 5, True).thresholds
    apart = found - found[0]
    np.testing.assert_allclose(apart, np.broadcast_to(apart[:, :1], apart.shape), atol=1e-12)
    assert len(set(apart[:, 0])) == 5


def test_ramp_inl_is_bow_and_walk():
    draws = draw_of(7)
    bow = adc_of("ramp", inl_sigma_lsb=1.5).transfer(draws, 1, True).thresholds[0]
    x = np.arange(255) / 254
    expected = 1.5 * draws("adc/ramp_bow", 1) * 4 * x * (1 - x)
    np.testing.assert_allclose(inl_lsb(bow), expected, atol=1e-12)
    steps = adc_of("ramp", dnl_sigma_lsb=0.3).transfer(draws, 1, True).thresholds[0]
    walk = tied_walk(1.0 + 0.3 * draws("adc/ramp_step", 254))
    np.testing.assert_allclose(inl_lsb(steps), np.arange(255) - walk, atol=1e-11)
    assert steps[-1] == pytest.approx(126.5)


def test_a_count_ends_at_the_first_passing_of_a_ramp_that_turns():
    adc = adc_of("ramp", 4, inl_sigma_lsb=20.0)
    found = adc.transfer(lambda _, n: np.ones(n), 1, False).thresholds[0]
    raw = ideal_thresholds(4, False) - 80.0 * (x := np.arange(15) / 14) * (1 - x)
    assert (np.diff(raw) < 0.0).any()
    np.testing.assert_allclose(found, np.maximum.accumulate(raw))


def test_two_counters_have_two_gains_and_mirror_their_bow():
    draws = draw_of(8)
    adc = adc_of("integrating", gain_sigma=0.1)
    found = adc.transfer(draws, 3, True).thresholds
    ideal = ideal_thresholds(8, True)
    for side, name in ((ideal > 0, "adc/gain"), (ideal < 0, "adc/gain_negative")):
        gain = 1.0 + 0.1 * draws(name, 3)
        np.testing.assert_allclose(found[:, side], ideal[side] / gain[:, None])
    bowed = adc_of("integrating", inl_sigma_lsb=3.0).transfer(lambda _, n: -np.ones(n), 1, True)
    t = bowed.thresholds[0]
    x = np.abs(ideal) / 128
    np.testing.assert_allclose(np.abs(t), np.abs(ideal) - 3.0 * 4 * x * (1 - x))


def test_one_counter_turns_about_the_lowest_code():
    adc = adc_of("integrating", gain_sigma=0.1, two_counters=False)
    found = adc.transfer(lambda _, n: np.ones(n), 1, True).thresholds[0]
    np.testing.assert_allclose(found, -128 + (ideal_thresholds(8, True) + 128) / 1.1)


def test_an_oscillator_never_speeds_up_and_never_turns():
    adc = adc_of("integrating", inl_sigma_lsb=1000.0)
    found = adc.transfer(draw_of(9), 50, False).thresholds
    assert (np.diff(found, axis=1) >= 0.0).all()
    mild = adc_of("integrating", inl_sigma_lsb=2.0).transfer(draw_of(9), 50, False).thresholds
    assert (inl_lsb(mild) >= -1e-9).all()


@pytest.mark.parametrize(
    ("counts", "two", "fits", "unsigned"),
    [(256, True, True, True), (255, False, True, True), (254, False, False, None),
     (128, True, True, False), (127, True, False, None)],
)  # fmt: skip
def test_codes_fit_the_counts(counts, two, fits, unsigned):
    options = {"t_integration_s": counts * 3.0e-10, "lsb_time_s": 3.0e-10, "two_counters": two}
    if not fits:
        with pytest.raises(ValidationError, match=f"holds {counts}"):
            adc_of("integrating", **options)
        return
    adc = adc_of("integrating", **options)
    assert adc.n_counts == counts
    assert adc.range_for(1e4, 1e3, True, 1.0).code_max == 127
    if unsigned:
        assert adc.range_for(1e4, 1e3, False, 1.0).code_max == 255
    else:
        with pytest.raises(InputError, match="unsigned codes need 255 counts"):
            adc.range_for(1e4, 1e3, False, 1.0)
