"""Steps and ends of converters: 2^bits codes, full scale at the last one, whatever the range."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from aimc_sim.converters import IdealAdc, UniformAdc


def adc(bits=8, **options) -> UniformAdc:
    return UniformAdc.model_validate({"kind": "uniform", "bits": bits, **options})


@given(
    st.integers(2, 24),
    st.booleans(),
    st.sampled_from(["worst_case", "two_norm", "unit"]),
    st.floats(1.0, 1e9),
    st.floats(0.1, 1.0),
)
def test_two_to_the_bits_codes(bits, signed, kind, worst, share):
    found = adc(bits, range=kind).range_for(worst, share * worst, signed, 1e-9)
    assert found.code_max - found.code_min + 1 == 2**bits
    assert found.code_min == (-(2 ** (bits - 1)) if signed else 0)
    assert found.lsb > 0.0


def test_full_scale_of_each_range():
    worst, norm, unit_A, top = 5000.0, 900.0, 2.0e-9, 127
    for options, full in (
        ({"range": "worst_case"}, 5000.0),
        ({"range": "two_norm"}, 900.0),
        ({"range": "two_norm", "range_factor": 3.0}, 2700.0),
        ({"range": "two_norm", "range_factor": 30.0}, 5000.0),
        ({"range": "given", "full_scale_A": 4.0e-6}, 2000.0),
        ({"range": "unit"}, 127.0),
    ):
        found = adc(**options).range_for(worst, norm, True, unit_A)
        assert found.lsb * found.code_max == pytest.approx(full)
        assert found.code_max == top
        both = adc(**options).range_for(worst, norm, False, unit_A)
        assert both.lsb * both.code_max == pytest.approx(
            255.0 if options["range"] == "unit" else full
        )


def test_worst_case_never_saturates():
    found = adc(6, range="worst_case").range_for(1000.0, 10.0, True, 1.0)
    assert 1000.0 / found.lsb + 0.5 < found.code_max + 1
    assert -1000.0 / found.lsb + 0.5 >= found.code_min


def test_ideal_has_unit_steps_and_no_end():
    found = IdealAdc(kind="ideal").range_for(1e12, 1e9, True, 1e-9)
    assert (found.lsb, found.code_max > 1e18, found.code_min < -1e18) == (1.0, True, True)
    assert IdealAdc(kind="ideal").width is None
    assert adc(11).width == 11


@pytest.mark.parametrize(
    "change",
    [
        {"bits": 1},
        {"bits": 25},
        {"range": "given"},
        {"full_scale_A": 1e-6},
        {"range_factor": 0.0},
        {"range": "guess"},
        {"range": "given", "full_scale_A": -1e-6},
    ],
)
def test_wrong_values_are_refused(change):
    with pytest.raises(ValidationError):
        adc(**change)
