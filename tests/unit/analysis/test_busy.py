"""A fully busy chip: counts and figures of one small tile, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from aimc_sim.analysis.busy import busy_chip
from aimc_sim.analysis.random_codes import random_codes
from aimc_sim.chip import load_chip
from tests.unit.cost.plans import CHIPS, NAMES


def chip(name="rram_64", **overrides):
    changes = {path.replace("__", "."): value for path, value in overrides.items()}
    return load_chip(CHIPS / f"{name}.yaml", changes)


def test_figures_follow_from_each_other():
    found = busy_chip(chip(), n_vectors=4)
    assert found.macs_per_tile == 64 * 32
    assert found.ops_per_s == pytest.approx(2 * 64 * 32 / found.interval_s)
    assert found.ops_per_J * found.power_W == pytest.approx(found.ops_per_s)
    assert found.ops_per_s_m2 * sum(found.area_m2.values()) == pytest.approx(found.ops_per_s)


def test_more_tiles_are_as_many_times_faster_and_as_efficient():
    one, four = (busy_chip(chip(), n_tiles=n, n_vectors=2) for n in (1, 4))
    assert four.ops_per_s == pytest.approx(4 * one.ops_per_s)
    assert four.power_W == pytest.approx(4 * one.power_W)
    assert four.ops_per_J == pytest.approx(one.ops_per_J)
    per_tile = {"adc", "dac", "sample_hold", "mux", "shift_add", "crossbar", "bus"}
    for name in per_tile:
        assert four.area_m2[name] == pytest.approx(4 * one.area_m2[name])
    assert four.area_m2["requant"] == one.area_m2["requant"]


def test_conversions_that_overlap_hide_behind_reads():
    apart = busy_chip(chip(), n_vectors=1)
    along = busy_chip(chip(costs__sample_hold__overlaps=True), n_vectors=1)
    t_read_s, conversions_s = 100e-9 + 0.909e-9 + 1e-9, 8 * 0.8333e-9  # pairs of 16 bitlines
    assert apart.interval_s == pytest.approx(t_read_s + conversions_s + 0.8333e-9)
    assert along.interval_s == pytest.approx(max(t_read_s, conversions_s))
    assert along.energy_J == pytest.approx(apart.energy_J)


def test_static_power_is_shared_by_the_tiles_of_a_chip():
    static = {
        "node_nm": 32, "n_tiles_of_chip": 4, "source": {"cite": "a test", "grade": "assumed"},
        "blocks": [{"name": "link", "power_W": 1.0}, {"name": "bias", "per": "tile",
                                                      "power_W": 0.25}],
    }  # fmt: skip
    found, bare = busy_chip(chip(costs__static=static), n_vectors=1), busy_chip(chip(), n_vectors=1)
    assert found.n_tiles == 4
    assert found.energy_J["static"] == pytest.approx((1.0 + 4 * 0.25) / 4 * found.interval_s)
    assert found.power_W - 4 * bare.power_W == pytest.approx(2.0)


@pytest.mark.parametrize("name", NAMES)
def test_a_zero_input_takes_no_array_energy_and_all_conversions(name):
    full, none = (
        busy_chip(chip(name), inputs=inputs, n_vectors=1) for inputs in ("normal", "zero")
    )
    assert none.energy_J["crossbar"] == 0.0 < full.energy_J["crossbar"]
    for part in ("adc", "dac", "buffer", "requant", "line"):
        assert none.energy_J[part] == full.energy_J[part]


def test_energy_does_not_depend_on_how_many_vectors_beyond_their_data():
    few, many = (busy_chip(chip(), inputs="zero", n_vectors=n).energy_J for n in (1, 5))
    assert few == pytest.approx(many, rel=1e-12)


@pytest.mark.parametrize("kind", ["uniform", "normal", "zero"])
def test_random_codes_are_symmetric_and_a_row_more_moves_no_other(kind):
    codes = random_codes(3, "inputs", 40, 50, 6, kind)
    assert np.abs(codes).max() <= 31
    np.testing.assert_array_equal(random_codes(3, "inputs", 41, 50, 6, kind)[:40], codes)
    if kind != "zero":
        assert abs(codes.mean()) < 4.5 * codes.std() / np.sqrt(codes.size)
