"""Converters as built: monotonic, exactly 2^bits codes, ideal without faults, each its own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from aimc_sim.converters import IdealAdc, UniformAdc, dnl_lsb, inl_lsb
from aimc_sim.converters.transfer import ideal_thresholds
from aimc_sim.spec import InputError
from tests.oracles.converter import by_threshold
from tests.unit.converters.drawn import FAULTS, adc_of, draw_of, faulty

KINDS = sorted(FAULTS)


@given(st.sampled_from(KINDS), st.integers(2, 10), st.booleans(), st.integers(0, 2**32 - 1))
def test_thresholds_rise_and_are_one_less_than_the_codes(kind, bits, signed, seed):
    found = faulty(kind, bits).transfer(draw_of(seed), 5, signed)
    assert found.thresholds.shape == (5, 2**bits - 1)
    assert np.isfinite(found.thresholds).all()
    assert (np.diff(found.thresholds, axis=1) >= 0.0).all()
    assert found.code_min == (-(2 ** (bits - 1)) if signed else 0)
    assert found.noise_lsb > 0.0
    assert found.form == ("successive" if kind == "sar" else "threshold")
    assert found.n_draws == (bits if kind == "sar" else 1)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("signed", [False, True])
def test_without_faults_there_is_nothing_to_draw(kind, signed):
    def none(name, n):
        raise AssertionError(name)

    assert adc_of(kind).transfer(none, 4, signed) is None
    assert IdealAdc(kind="ideal").transfer(none, 4, signed) is None
    assert UniformAdc(kind="uniform", bits=8).transfer(none, 4, signed) is None


@pytest.mark.parametrize(
    ("kind", "fault"), [(kind, fault) for kind in KINDS for fault in FAULTS[kind]]
)
@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("bits", [2, 7, 14])
def test_a_fault_that_happens_to_be_zero_leaves_the_ideal_quantiser(kind, fault, signed, bits):
    adc = adc_of(kind, bits, **{fault: FAULTS[kind][fault]})
    found = adc.transfer(lambda name, n: np.zeros(n), 3, signed)
    assert (found.thresholds == ideal_thresholds(bits, signed)).all()
    if found.weights is not None:
        assert (found.weights == 2.0 ** np.arange(bits)).all()
        assert (found.origin == found.code_min).all()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("signed", [False, True])
def test_each_fault_alone_moves_codes_and_two_converters_differ(kind, signed):
    v = np.linspace(-150.0, 300.0, 4001)
    for fault, sigma in FAULTS[kind].items():
        found = adc_of(kind, 8, **{fault: sigma}).transfer(draw_of(3), 2, signed)
        first, second = (by_threshold(v, t, found.code_min) for t in found.thresholds)
        ideal = by_threshold(v, ideal_thresholds(8, signed), found.code_min)
        is_noise = "noise" in fault
        assert (first == ideal).all() == is_noise, fault
        shared = is_noise or (kind == "ramp" and fault != "comparator_offset_sigma_lsb")
        assert (first == second).all() == shared, fault
    other = faulty(kind).transfer(draw_of(4), 2, signed).thresholds
    assert (other != faulty(kind).transfer(draw_of(3), 2, signed).thresholds).any()


@pytest.mark.parametrize("kind", KINDS)
def test_one_more_converter_or_fault_moves_no_other_draw(kind):
    few, many = (faulty(kind).transfer(draw_of(5), n, True).thresholds for n in (2, 7))
    np.testing.assert_array_equal(few, many[:2])


def test_offset_and_gain_are_referred_to_the_input():
    one = {"adc/offset": 1.0, "adc/gain": 1.0}
    for kind, name in (
        ("sar", "comparator_offset_sigma_lsb"),
        ("ramp", "comparator_offset_sigma_lsb"),
        ("integrating", "offset_sigma_lsb"),
    ):
        for signed in (False, True):
            found = adc_of(kind, 6, **{name: 3.0, "gain_sigma": 0.25}).transfer(
                lambda source, n: np.full(n, one[source.removesuffix("_negative")]), 1, signed
            )
            expected = ideal_thresholds(6, signed) / 1.25 - 3.0
            np.testing.assert_allclose(found.thresholds[0], expected, rtol=0, atol=1e-12)


def test_a_gain_ends_at_a_tenth():
    found = adc_of("ramp", 4, gain_sigma=0.3).transfer(lambda _, n: np.full(n, -9.0), 1, False)
    np.testing.assert_allclose(found.thresholds[0], 10.0 * ideal_thresholds(4, False))


def test_inl_and_dnl_by_hand():
    t = np.array([1.0, 2.0, 5.0, 7.0])  # gain 1/2: 0, 1/2, 2, 3
    np.testing.assert_allclose(inl_lsb(t), [0.0, 0.5, 0.0, 0.0])
    np.testing.assert_allclose(dnl_lsb(t), [-0.5, 0.5, 0.0])
    np.testing.assert_allclose(dnl_lsb(t), -np.diff(inl_lsb(t)))
    assert dnl_lsb(np.array([0.0, 0.0, 2.0]))[0] == -1.0
    np.testing.assert_array_equal(inl_lsb(np.stack([t, t + 3]))[0], inl_lsb(t))
    for bad in ([1.0, 1.0, 1.0], [1.0]):
        with pytest.raises(ValueError, match="two different ends"):
            inl_lsb(np.array(bad))


@pytest.mark.parametrize("kind", ["uniform", *KINDS])
def test_a_calibrated_range_comes_from_the_plan(kind):
    adc = adc_of(kind, range="calibrated", range_per="bitline")
    found = adc.range_for(1e6, 1e5, True, 2.0e-9, calibrated_A=4.0e-6)
    assert found.lsb * found.code_max == pytest.approx(2000.0)
    with pytest.raises(InputError, match="aimc calibrate"):
        adc.range_for(1e6, 1e5, True, 2.0e-9)
    same = adc_of(kind).range_for(1e6, 1e5, True, 2.0e-9)
    assert same == adc_of("uniform").range_for(1e6, 1e5, True, 2.0e-9, calibrated_A=1.0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "change", [{"bits": 1}, {"bits": 15}, {"gain_sigma": -0.1}, {"range_per": "chip"}]
)
def test_wrong_values_are_refused(kind, change):
    with pytest.raises(ValidationError):
        adc_of(kind, **({"bits": 8} | change))
