"""The compiled conversions equal their plain doubles (tests/oracles/converter.py), bit for bit."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimc_sim.converters import Transfer
from aimc_sim.converters.transfer import ideal_thresholds
from aimc_sim.crossbar import kernels_convert
from aimc_sim.jit import njit
from aimc_sim.rng import stream_key
from tests.oracles import converter
from tests.unit.converters.drawn import FAULTS, draw_of, faulty


@njit
def code_of(v, thresholds, code_min):
    return kernels_convert.code_by_threshold(v, thresholds, code_min)


def compiled(transfer: Transfer, i, lsb, adc_of, lane, n_lanes, key, sequence, step):
    """Return codes and saturated conversions by the kernel of that form."""
    codes = np.full(i.shape, 99, dtype=np.int64)
    saturated = np.zeros(len(i), dtype=np.int64)
    args = (
        i, lsb, adc_of, transfer.thresholds, transfer.code_min, transfer.noise_lsb, lane, n_lanes,
        key, sequence, step, codes, saturated,
    )  # fmt: skip
    if transfer.form == "successive":
        kernels_convert.convert_batch_successive(*args, transfer.weights, transfer.origin)
    else:
        kernels_convert.convert_batch(*args)
    return codes, saturated


def random_call(rng: np.random.Generator, transfer: Transfer, bits: int):
    """Return random currents of a tile, shared converters, and an address."""
    n, n_currents = (int(x) for x in rng.integers(1, 9, 2))
    lsb = rng.choice([1.0, 0.3, 17.7], n_currents)
    return (
        rng.uniform(-1.3, 1.3, (n, n_currents)) * 2**bits * lsb,
        lsb,
        rng.integers(0, len(transfer.thresholds), n_currents),
        rng.permutation(2 * n_currents)[:n_currents],
        2 * n_currents,
        stream_key(int(rng.integers(0, 2**32)), "read"),
        rng.integers(0, 2**32, n),
        int(rng.choice([0, 5, 2**40 + 3])),
    )


def check(seed: int) -> int:
    """Compare kernels and doubles for every family; return how many conversions saturated."""
    rng = np.random.default_rng(seed)
    bits, signed, noise = int(rng.integers(2, 9)), bool(rng.integers(2)), bool(rng.integers(2))
    total = 0
    for kind in FAULTS:
        transfer = faulty(kind, bits, noise=noise).transfer(draw_of(seed, kind), 3, signed)
        call = random_call(rng, transfer, bits)
        found = compiled(transfer, *call)
        i, lsb, adc_of, *rest = call
        expected = converter.convert(i, lsb, adc_of, transfer, *rest)
        for one, two in zip(found, expected, strict=True):
            np.testing.assert_array_equal(one, two)
        lowest = -(2 ** (bits - 1)) if signed else 0
        assert found[0].min() >= lowest
        assert found[0].max() <= lowest + 2**bits - 1
        total += int(found[1].sum())
    return total


@given(st.integers(0, 2**32 - 1))
def test_kernels_equal_their_doubles(seed):
    check(seed)


def test_the_cases_saturate():
    assert sum(check(seed) for seed in range(10)) > 10


def test_kernels_equal_their_doubles_uncompiled():
    code = (
        "import tests.unit.crossbar.test_kernels_convert as t, numba\n"
        "assert numba.config.DISABLE_JIT\n"
        "for seed in range(4): t.check(seed)\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        env=os.environ | {"NUMBA_DISABLE_JIT": "1"},
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr


def quiet(i, lsb, transfer):
    """Return codes and saturated conversions of single currents by the first converter."""
    i = i.reshape(-1, 1)
    one, zero = np.array([lsb]), np.zeros(1, dtype=np.intp)
    key, sequence = stream_key(1, "read"), np.arange(len(i))
    codes, saturated = compiled(transfer, i, one, zero, zero, 1, key, sequence, 0)
    return codes[:, 0], saturated


@pytest.mark.parametrize("form", ["threshold", "successive"])
@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("bits", [2, 5, 8, 14])
@pytest.mark.parametrize("lsb", [1.0, 0.3, 17.7])
def test_without_faults_a_table_is_floor_to_the_bit(form, signed, bits, lsb):
    low = -(2 ** (bits - 1)) if signed else 0
    ideal = Transfer(
        ideal_thresholds(bits, signed)[None], low, 0.0, form,
        2.0 ** np.arange(bits)[None], np.array([float(low)]),
    )  # fmt: skip
    ties = np.arange(2.0 * low - 9, 4.0 * 2**bits + 9) / 2.0
    v = np.concatenate([ties, np.nextafter(ties, -np.inf), np.nextafter(ties, np.inf)])
    wide = np.random.default_rng(bits).uniform(-4.0, 4.0, 4000) * 2**bits
    i = np.concatenate([v, wide, [1e300, -1e300, np.inf, -np.inf, 0.0, -0.0]]) * lsb
    codes, saturated = quiet(i, lsb, ideal)
    raw = np.floor(i / lsb + 0.5)
    top = low + 2**bits - 1
    np.testing.assert_array_equal(codes, np.clip(raw, low, top).astype(np.int64))
    np.testing.assert_array_equal(saturated, (raw < low) | (raw > top))
    assert len(np.unique(codes)) == 2**bits


@pytest.mark.parametrize("form", ["threshold", "successive"])
def test_not_a_number_is_the_lowest_code_and_saturated(form):
    ideal = Transfer(
        ideal_thresholds(4, True)[None], -8, 0.0, form, 2.0 ** np.arange(4)[None], np.array([-8.0])
    )
    codes, saturated = quiet(np.array([np.nan]), 1.0, ideal)
    assert (codes.tolist(), saturated.tolist()) == ([-8], [1])


@given(st.lists(st.floats(-40, 40), min_size=3, max_size=63), st.floats(-60, 60), st.booleans())
def test_any_rising_table_is_searched_right(table, v, on_threshold):
    thresholds = np.sort(np.array(table))
    v = float(thresholds[len(thresholds) // 2]) if on_threshold else v
    expected = int(converter.by_threshold(np.array(v), thresholds, -5))
    assert code_of(v, thresholds, -5) == expected


def test_codes_do_not_depend_on_the_rest_of_the_batch():
    rng = np.random.default_rng(4)
    for kind in FAULTS:
        transfer = faulty(kind).transfer(draw_of(1), 3, True)
        i, *rest, sequence, step = random_call(rng, transfer, 8)
        whole = compiled(transfer, i, *rest, sequence, step)[0]
        for b in range(len(i)):
            alone = compiled(transfer, i[b : b + 1], *rest, sequence[b : b + 1], step)[0]
            np.testing.assert_array_equal(alone[0], whole[b])
