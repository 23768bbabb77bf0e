"""Input slices: they recompose to the code, fit the converter, and only the top one has a sign."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from aimc_sim.converters import Dac, IdealDac, Slice, UniformDac
from tests.unit.converters.drawn import draw_of


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


def stepped(kind="uniform", bits=8, **options):
    """Return a DAC of a width."""
    needed = {"lsb_time_s": 1.0e-9} if kind == "pulse_width" else {}
    tree = {"kind": kind, "bits": bits, "v_read_V": 0.2, **needed, **options}
    return TypeAdapter(Dac).validate_python(tree)


@given(
    st.integers(1, 24),
    st.booleans(),
    st.sampled_from(["bipolar", "unipolar"]),
    st.sampled_from(["uniform", "pulse_width"]),
    st.lists(st.integers(1, 16), min_size=1, max_size=5),
    st.data(),
)
def test_signed_sums_over_slices_of_any_width_are_the_code(
    bits, signed, polarity, kind, widths, data
):
    low, high = ends(bits, signed)
    codes = np.array(
        [low, high, 0, *data.draw(st.lists(st.integers(low, high), max_size=20))], dtype=np.int64
    )
    dac = stepped(kind, 16, polarity=polarity, slice_bits=widths)
    slices = dac.slices(bits, signed)
    total = sum(part.sign * (part.of(codes) << part.shift) for part in slices)
    assert total.tolist() == codes.tolist()
    order = [(part.negative, part.shift) for part in slices]
    assert order == sorted(order)
    assert any(part.negative for part in slices) == (signed and polarity == "unipolar")
    assert any(part.signed for part in slices) == (signed and polarity == "bipolar")
    for negative in (False, True):
        of_sign = [part for part in slices if part.negative == negative]
        for i, part in enumerate(of_sign):
            width = widths[min(i, len(widths) - 1)]
            assert part.bits <= width
            assert part.bits == width or part is of_sign[-1]
            found = part.of(codes)
            assert np.abs(found).max() <= part.magnitude
            assert polarity == "bipolar" or found.min() >= 0
    for part in slices:  # and the magnitude is reached
        every = np.arange(low, high + 1) if bits <= 10 else codes
        assert bits > 10 or np.abs(part.of(every)).max() == part.magnitude


def test_slices_of_a_bipolar_converter_are_what_they_were():
    assert stepped().slices(16, True) == (Slice(0, 8, False), Slice(8, 8, True))
    assert stepped(polarity="unipolar").slices(16, False) == stepped().slices(16, False)
    assert stepped(bits=1).slices(3, True) == (
        Slice(0, 1, False), Slice(1, 1, False), Slice(2, 1, True),
    )  # fmt: skip


FAULTY = {"inl_sigma_lsb": 1.0, "dnl_sigma_lsb": 0.5, "gain_sigma": 0.05}


@pytest.mark.parametrize("kind", ["uniform", "pulse_width"])
@pytest.mark.parametrize("bits", [1, 2, 8, 12])
def test_levels_rise_from_code_to_code_through_zero(kind, bits):
    for polarity, n_codes in (("bipolar", 2 ** (bits + 1) - 1), ("unipolar", 2**bits)):
        dac = stepped(kind, bits, polarity=polarity, **FAULTY)
        found = dac.levels(draw_of(1), 6)
        assert found.shape == (6, n_codes)
        assert (found[:, dac.zero_index] == 0.0).all()
        assert (np.diff(found, axis=1) >= 0.0).all()
        assert len(set(found[:, -1])) == 6
        assert (found[:2] == dac.levels(draw_of(1), 2)).all()
        ideal = dac.model_copy(update=dict.fromkeys(FAULTY, 1e-300)).levels(draw_of(1), 6)
        assert (ideal == np.arange(n_codes) - dac.zero_index).all()
    above = stepped(kind, bits, **FAULTY).levels(draw_of(1), 6)[:, 2**bits - 1 :]
    assert (above == found).all()  # the positive side draws the same with one polarity


def test_each_fault_of_a_dac_alone():
    for signed_polarity in ("bipolar", "unipolar"):
        for name, sigma in FAULTY.items():
            dac = stepped(bits=6, polarity=signed_polarity, **{name: sigma})
            found = dac.levels(draw_of(2), 3)
            ideal = np.arange(found.shape[1]) - dac.zero_index
            assert (found[0] != found[1]).any()
            ends_are_exact = np.allclose(found[:, [0, -1]], ideal[[0, -1]], rtol=1e-14)
            assert ends_are_exact == (name != "gain_sigma")
    bowed = stepped(bits=6, inl_sigma_lsb=2.0).levels(lambda _, n: np.ones(n), 1)[0]
    x = np.arange(64) / 63
    np.testing.assert_allclose(bowed[63:], 63 * x + 2.0 * 4 * x * (1 - x))
    np.testing.assert_allclose(bowed[63::-1], -bowed[63:])


def test_exact_converters_have_no_levels():
    def none(name, n):
        raise AssertionError(name)

    assert stepped().levels(none, 3) is None
    assert stepped("pulse_width", jitter_sigma_s=1e-10).levels(none, 3) is None
    assert IdealDac(kind="ideal").levels(none, 3) is None


@pytest.mark.parametrize(
    "change",
    [
        {"slice_bits": []},
        {"slice_bits": [0]},
        {"slice_bits": [4, 9]},
        {"polarity": "both"},
        {"gain_sigma": -0.1},
        {"bits": 13, "gain_sigma": 0.1},
        {"bits": 13, "dnl_sigma_lsb": 0.1},
        {"kind": "pulse_width", "lsb_time_s": 0.0},
        {"kind": "pulse_width", "jitter_sigma_s": -1e-12},
    ],
)
def test_wrong_options_are_refused(change):
    with pytest.raises(ValidationError):
        stepped(**change)


@pytest.mark.parametrize(
    "change", [{"bits": 0}, {"bits": 17}, {"v_read_V": 0.0}, {"v_read_V": 6.0}, {"colour": "red"}]
)
def test_wrong_values_are_refused(change):
    with pytest.raises(ValidationError):
        UniformDac.model_validate({"kind": "uniform", "bits": 8, "v_read_V": 0.2} | change)
