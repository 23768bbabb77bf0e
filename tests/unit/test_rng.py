"""Named streams: published vectors, an independent oracle bit for bit, and distinct addresses."""

from __future__ import annotations

import hashlib
import itertools
import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aimc_sim.rng import Stream, stream, stream_key
from aimc_sim.rng_kernels import threefry4x32
from tests.unit import rng_oracle

ONES = 0xFFFFFFFF
KNOWN_ANSWERS = [  # Random123, kat_vectors, threefry4x32 with 20 rounds: counter, key, answer
    ((0, 0, 0, 0), (0, 0, 0, 0), (0x9C6CA96A, 0xE17EAE66, 0xFC10ECD4, 0x5256A7D8)),
    ((ONES,) * 4, (ONES,) * 4, (0x2A881696, 0x57012287, 0xF6C7446E, 0xA16A6732)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0, 0x082EFA98, 0xEC4E6C89),
        (0x59CD1DBB, 0xB8879579, 0x86B5D00C, 0xAC8B6D84),
    ),
]
PINNED_KEY = ["0xc3d4c0f5", "0xff13b81f", "0x5a6153c8", "0x34bd312a"]
KEYS = st.tuples(*[st.integers(0, ONES)] * 4)


def as_uint32(values):
    return [np.uint32(value) for value in values]


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN_ANSWERS)
def test_kernel_gives_the_published_vectors(counter, key, answer):
    found = threefry4x32(*as_uint32(counter), *as_uint32(key))
    assert tuple(int(word) for word in found) == answer


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN_ANSWERS)
def test_oracle_gives_the_published_vectors(counter, key, answer):
    assert tuple(rng_oracle.threefry(counter, key)) == answer


@settings(max_examples=200, deadline=None)
@given(counter=KEYS, key=KEYS)
def test_kernel_equals_oracle_at_any_counter(counter, key):
    found = threefry4x32(*as_uint32(counter), *as_uint32(key))
    assert [int(word) for word in found] == rng_oracle.threefry(counter, key)


@settings(max_examples=60, deadline=None)
@given(
    key=KEYS, sequence=st.integers(0, ONES), step=st.integers(0, 2**63 - 1), n=st.integers(0, 41)
)
def test_normals_and_words_equal_oracle_bit_for_bit(key, sequence, step, n):
    source = Stream(np.array(key, dtype=np.uint32))
    normal = source.normal(n, sequence, step)
    assert normal.dtype == np.float32
    expected = rng_oracle.gaussians(key, sequence, step, n)
    assert normal.tobytes() == expected.tobytes()
    assert (source.words(n, sequence, step) == rng_oracle.words(key, sequence, step, n)).all()


def test_twenty_thousand_normals_equal_oracle_bit_for_bit():
    source = stream(3, "read", 0, "enc", 1)
    expected = rng_oracle.gaussians(source.key, 5, 784, 20_000)
    assert source.normal(20_000, 5, 784).tobytes() == expected.tobytes()


def test_normals_are_box_and_muller_of_the_words():
    source = stream(11, "accuracy")
    words = source.words(5_000).astype(np.float64)
    radius = np.sqrt(-2.0 * np.log((words[:, 0] + 0.5) * 2.0**-32))
    quadrant, inside = np.divmod(words[:, 1] * 2.0**-30, 1.0)
    angle = (quadrant + inside - 0.5) * (math.pi / 2)
    found = source.normal(20_000).reshape(-1, 4).astype(np.float64)
    assert np.abs(found[:, 0] - radius * np.cos(angle)).max() < 3e-6
    assert np.abs(found[:, 1] - radius * np.sin(angle)).max() < 3e-6


@pytest.mark.parametrize("w0", [0, 1, 2, 2**31, ONES - 128, ONES - 1, ONES])
@pytest.mark.parametrize("w1", [0, 0x20000000, 0x3FFFFFFF, 0x40000000, 0x80000000, ONES])
def test_extreme_words_give_finite_normals(w0, w1):
    pair = rng_oracle.gaussian_pairs(np.array([w0], np.uint32), np.array([w1], np.uint32))
    assert all(np.isfinite(z).all() and abs(z[0]) < 6.8 for z in pair)


def test_a_longer_draw_begins_with_the_shorter_one():
    source = stream(1, "prefix")
    long = source.normal(101, 4, 9)
    for n in (0, 1, 3, 4, 5, 100):
        assert source.normal(n, 4, 9).tobytes() == long[:n].tobytes()


def test_uniform_is_the_words_in_the_open_unit_interval():
    source = stream(1, "uniform")
    expected = (source.words(3).reshape(-1)[:10].astype(np.float64) + 0.5) / 2.0**32
    assert (source.uniform(10) == expected).all()
    assert ((expected > 0.0) & (expected < 1.0)).all()


def test_key_is_blake2b_of_the_json_name():
    name = json.dumps([7, "read", 0, "enc", 3], separators=(",", ":")).encode()
    expected = np.frombuffer(hashlib.blake2b(name, digest_size=16).digest(), dtype="<u4")
    assert (stream_key(7, "read", 0, "enc", 3) == expected).all()
    assert [hex(word) for word in stream_key(7, "read", 0, "enc", 3)] == PINNED_KEY


def test_negative_seed_is_refused():
    with pytest.raises(ValueError, match="seed: found -1"):
        stream_key(-1, "read")


def test_every_part_of_an_address_moves_the_draws():
    base = {
        "seed": 7,
        "purpose": "read",
        "chip": 0,
        "layer": "s4d0",
        "tile": 0,
        "source": "cells",
        "sequence": 0,
        "step": 0,
    }
    other = {
        "seed": 8,
        "purpose": "program",
        "chip": 1,
        "layer": "s4d1",
        "tile": 1,
        "source": "adc",
        "sequence": 1,
        "step": 1,
    }
    addresses = [base] + [base | {part: other[part]} for part in base]
    addresses += [
        base | {"step": 2**32},
        base | {"sequence": 2**32 - 1},
        base | {"tile": 10},
        base | {"seed": 2**64 + 7},
        base | {"layer": "s4d00"},
    ]
    draws = []
    for a in addresses:
        named = stream(a["seed"], a["purpose"], a["chip"], a["layer"], a["tile"], a["source"])
        draws.append(named.normal(64, a["sequence"], a["step"]))
    for one, two in itertools.combinations(draws, 2):
        assert not (one == two).any()


def test_text_and_number_and_order_name_different_streams():
    paths = [("a", 1), ("a", "1"), (1, "a"), ("a", 1, 0), ("a1",), ("a,1",), ('a",1',)]
    assert len({stream_key(0, *path).tobytes() for path in paths}) == len(paths)


def test_a_draw_repeats_and_does_not_depend_on_draws_before_it():
    fresh = stream(9, "read", 2).normal(17, 3, 4).tobytes()
    used = stream(9, "read", 2)
    used.normal(1000, 1, 1)
    assert used.normal(17, 3, 4).tobytes() == fresh
