"""The compiled kernels equal their plain doubles (tests/oracles/tile.py), bit for bit."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimc_sim.crossbar import kernels
from aimc_sim.rng import stream_key
from tests.oracles import tile


def random_read(rng: np.random.Generator) -> tuple[tile.Read, int]:
    """Return a random read with conductances on a grid, and its number of outputs."""
    n, n_inputs, n_rows, n_currents = (int(v) for v in rng.integers(1, 12, 4))
    g = rng.normal(0.0, 40.0, (n_rows, n_currents))
    top = int(rng.choice([3, 127, 1 << 20]))
    n_outputs = int(rng.integers(1, n_currents + 1))
    return tile.Read(
        rng.integers(-128, 128, (n, n_inputs)),
        rng.integers(0, n_inputs, n_rows),
        np.round(g * 2**20) / 2**20,
        rng.normal(0.0, 5.0, (n, n_currents)),
        rng.choice([1.0, 0.3, 17.7], n_currents),
        rng.choice([1.0, 0.3, 18.2], n_currents),
        rng.choice([0.0, -2.6, 11.1], n_currents),
        -top - 1 if rng.random() < 0.7 else 0,
        top,
        rng.integers(0, n_outputs, n_currents),
        rng.choice([-4, -1, 1, 8], n_currents),
        int(rng.integers(0, 9)),
    ), n_outputs


def compiled(kernel, read: tile.Read, n_outputs: int, *noise, exact=True, n_together=2):
    """Return what a sum, a conversion and an accumulation add to zeros."""
    acc = np.zeros((len(read.x), n_outputs), dtype=np.int64)
    saturated = np.zeros(len(read.x), dtype=np.int64)
    i = np.zeros((len(read.x), read.g.shape[1]))
    drive = np.ascontiguousarray(read.x[:, read.gather], dtype=np.float64)
    kernel(drive, read.g, read.extra, i, exact, n_together, *noise)
    codes = np.empty(i.shape, dtype=np.int64)
    kernels.convert_uniform(i, read.lsb, read.code_min, read.code_max, codes, saturated)
    kernels.accumulate(codes, read.scale, read.offset, read.out, read.sign, read.shift, acc)
    return acc, saturated


def half_of(x, code_min: int, code_max: int, shift: int) -> tile.Read:
    """Return a read of one cell of conductance 1/2 by a converter of step 1."""
    one, zero = np.ones(1), np.array([0])
    return tile.Read(
        x, zero, np.array([[0.5]]), np.zeros((len(x), 1)), one, one, np.zeros(1),
        code_min, code_max, zero, np.array([1]), shift,
    )  # fmt: skip


def assert_equal(found, expected) -> None:
    for one, two in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one, two)


def check(seed: int) -> int:
    """Compare the three kernels on one random read; return how many conversions saturated."""
    rng = np.random.default_rng(seed)
    read, n_outputs = random_read(rng)
    n, n_currents = len(read.x), read.g.shape[1]
    quiet = tile.read_quiet(read, n_outputs)
    for exact, n_together in ((True, 1), (True, 3), (False, 2), (True, 64)):
        how = {"exact": exact, "n_together": n_together}
        assert_equal(compiled(kernels.sum_quiet, read, n_outputs, **how), quiet)
    key, sequence = stream_key(seed, "read"), rng.integers(0, 2**32, n)
    step, n_devices = int(rng.choice([0, 5, 2**40 + 3])), int(rng.integers(1, 3))
    lane = rng.permutation(2 * n_currents)[:n_currents]
    variance = np.round(rng.uniform(0, 4, read.g.shape) * 2**20) / 2**20
    noise = (variance, lane, 2 * n_currents, key, sequence, step)
    noisy = tile.read_bitline(read, n_outputs, *noise)
    for exact, n_together in ((True, 1), (True, 3), (False, 2), (True, 64)):
        how = {"exact": exact, "n_together": n_together}
        assert_equal(compiled(kernels.sum_bitline, read, n_outputs, *noise, **how), noisy)
    sigma = rng.uniform(0, 2, (*read.g.shape, n_devices))
    device_of = rng.permutation(2 * sigma.size)[: sigma.size].reshape(sigma.shape)
    n_draws, at = int(device_of.max()) + 1, (key, sequence, step)
    assert_equal(
        compiled(kernels.sum_cell, read, n_outputs, sigma, device_of, n_draws, *at),
        tile.read_cell(read, n_outputs, sigma, device_of, *at),
    )
    return int(quiet[1].sum())


@given(st.integers(0, 2**32 - 1))
def test_kernels_equal_their_doubles(seed):
    check(seed)


def test_the_cases_saturate_and_are_noisy():
    assert sum(check(seed) for seed in range(10)) > 10
    rng = np.random.default_rng(3)
    read, n_outputs = random_read(rng)
    noise = (
        np.full(read.g.shape, 9.0),
        np.arange(read.g.shape[1]),
        read.g.shape[1],
        stream_key(1, "read"),
        np.arange(len(read.x)),
        0,
    )
    quiet = compiled(kernels.sum_quiet, read, n_outputs)[0]
    assert (compiled(kernels.sum_bitline, read, n_outputs, *noise)[0] != quiet).any()


def test_kernels_equal_their_doubles_uncompiled():
    code = (
        "import tests.unit.crossbar.test_kernels as t, numba\n"
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


def test_ties_round_up_and_ends_do_not_count():
    x = np.array([[1], [-1], [3], [-3]])
    read = half_of(x, -1, 1, 2)
    acc, saturated = compiled(kernels.sum_quiet, read, 1)
    assert acc[:, 0].tolist() == [4, 0, 4, -4]  # 0.5 -> 1, -0.5 -> 0, 1.5 -> 2 cut to 1, -1.5 -> -1
    assert saturated.tolist() == [0, 0, 1, 0]


def test_sums_do_not_depend_on_the_order_of_wordlines():
    rng = np.random.default_rng(8)
    for _ in range(20):
        read, n_outputs = random_read(rng)
        order = rng.permutation(len(read.gather))
        turned = replace(read, gather=read.gather[order], g=read.g[order])
        assert_equal(
            compiled(kernels.sum_quiet, turned, n_outputs),
            compiled(kernels.sum_quiet, read, n_outputs),
        )


@pytest.mark.parametrize("bits", [2, 5, 8])
@pytest.mark.parametrize("signed", [False, True])
def test_a_converter_has_two_to_the_bits_codes(bits, signed):
    top = 2 ** (bits - signed) - 1
    low = -top - 1 if signed else 0
    x = np.arange(4 * low - 9, 4 * top + 10)[:, None]
    read = half_of(x, low, top, 0)
    acc, saturated = compiled(kernels.sum_quiet, read, 1)
    assert np.unique(acc).tolist() == list(range(low, top + 1))
    assert len(np.unique(acc)) == 2**bits
    exact = np.floor(0.5 * x[:, 0] + 0.5)
    assert saturated.tolist() == ((exact < low) | (exact > top)).astype(int).tolist()
