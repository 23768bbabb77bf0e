"""Input slices: they recompose to the code, fit the converter, and only the top one has a sign."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from aimc_sim.converters import IdealDac, UniformDac


def ends(bits: int, signed: bool) -> tuple[int, int]:
    return (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)


def dac_of(width: int | None):
    """Return a uniform DAC of that width, or the ideal one."""
    if width is None:
        return IdealDac(kind="ideal")
    return UniformDac(kind="uniform", bits=width, v_read_V=0.2)


@given(st.integers(2, 24), st.booleans(), st.one_of(st.none(), st.integers(1, 16)), st.data())
def test_slices_recompose(bits, signed, width, data):
    low, high = ends(bits, signed)
    codes = np.array(
        [low, high, 0, *data.draw(st.lists(st.integers(low, high), max_size=20))], dtype=np.int64
    )
    slices = dac_of(width).slices(bits, signed)
    assert sum(part.of(codes) << part.shift for part in slices).tolist() == codes.tolist()
    assert sum(part.bits for part in slices) == bits
    assert [part.signed for part in slices] == [False] * (len(slices) - 1) + [signed]
    for part in slices:
        found = part.of(codes)
        assert np.abs(found).max() <= part.magnitude
        least, most = ends(part.bits, part.signed)
        assert found.min() >= least
        assert found.max() <= most
        assert part.bits <= (width or bits)


@pytest.mark.parametrize(
    ("bits", "signed", "width", "expected"),
    [(8, True, 8, 1), (9, True, 8, 2), (16, False, 1, 16), (24, True, 7, 4), (24, True, None, 1)],
)
def test_number_of_slices(bits, signed, width, expected):
    assert len(dac_of(width).slices(bits, signed)) == expected


def test_magnitude_of_a_signed_slice_is_its_lowest_code():
    low, high = dac_of(4).slices(8, True)
    assert (low.magnitude, high.magnitude) == (15, 8)


@pytest.mark.parametrize(
    "change", [{"bits": 0}, {"bits": 17}, {"v_read_V": 0.0}, {"v_read_V": 6.0}, {"colour": "red"}]
)
def test_wrong_values_are_refused(change):
    with pytest.raises(ValidationError):
        UniformDac.model_validate({"kind": "uniform", "bits": 8, "v_read_V": 0.2} | change)
