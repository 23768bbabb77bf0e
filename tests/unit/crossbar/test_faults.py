"""Faults of tiles: what they conduct, what they leave alone, and how they are counted."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from aimc_sim.runner.run import run
from tests.laws.build import kernel_model, linear_model
from tests.unit.crossbar.fault_tiles import DATA, MODEL, OFF, ON, WEIGHT, all_g_S, broken, tiles_of


def stuck(kind, rate, at_S):
    return {kind: {"rate": rate, "low_S": at_S, "high_S": at_S}}


@pytest.mark.parametrize("kind", ["stuck_off", "stuck_on"])
@pytest.mark.parametrize("at_S", [0.0, 0.1e-6, 1.2e-3])
def test_all_devices_stuck_at_one_value_have_exactly_that(kind, at_S):
    tiles = tiles_of(stuck(kind, 1.0, at_S), n_chips=2)
    for age_s in (0.0, 86400.0):
        assert (all_g_S(tiles, age_s) == at_S).all()
    assert tiles.n_faults == {"stuck_off": 0, "stuck_on": 0, "line": 0, "map": 0} | {
        kind: 2 * 2 * WEIGHT.size
    }
    for key in tiles.states:
        assert not tiles.live(*key).any()
        assert not tiles.sigma_read_S(*key, 3600.0).any()


@pytest.mark.parametrize("device", ["ideal", "pcm_joshi2020", "taox_64x64"])
def test_rates_of_zero_break_nothing(device):
    nothing = tiles_of(None, device)
    zero = tiles_of({"stuck_off": OFF | {"rate": 0.0}, "stuck_on": ON | {"rate": 0.0}}, device)
    assert not zero.faults.stuck_S
    assert set(zero.n_faults.values()) == set(nothing.n_faults.values()) == {0}
    np.testing.assert_array_equal(all_g_S(zero, 50.0), all_g_S(nothing, 50.0))


def test_an_ideal_device_that_could_break_but_does_not_is_exact():
    """Law 1 with rates of 0, and with rates of 1 that are switched off."""
    zero = {"stuck_off": OFF | {"rate": 0.0}, "wordline_rate": 0.0}
    full = {"stuck_on": ON | {"rate": 1.0}, "bitline_rate": 1.0, "wordline_rate": 1.0}
    for faults, effects in ((zero, {}), (full, {"faults": False})):
        result = run(MODEL, tiles_of(faults, "ideal", effects=effects), DATA, seed=1)
        np.testing.assert_array_equal(result.y_code[0], result.reference_y_code)


def test_faults_that_are_switched_off_leave_the_chip_as_without():
    full = {"stuck_on": ON | {"rate": 1.0}, "wordline_rate": 1.0}
    off, without = tiles_of(full, effects={"faults": False}), tiles_of(None)
    np.testing.assert_array_equal(all_g_S(off), all_g_S(without))
    assert sum(off.n_faults.values()) == 0
    assert tiles_of({"map": "no such file"}, effects={"faults": False}).faults.map_digest is None


FAULTS = {
    "stuck_off": OFF | {"rate": 0.1},
    "stuck_on": ON | {"rate": 0.05},
    "wordline_rate": 0.1,
    "bitline_rate": 0.1,
}


def test_faults_move_no_other_stream():
    """Law 4: what is not broken is written, drifts and is read as without faults."""
    with_faults, without = tiles_of(FAULTS, n_chips=2), tiles_of(None, n_chips=2)
    hit = broken(with_faults)
    assert 0.2 < hit.mean() < 0.5
    for age_s in (0.0, 1000.0):
        g_S, expected_S = all_g_S(with_faults, age_s), all_g_S(without, age_s)
        np.testing.assert_array_equal(g_S[~hit], expected_S[~hit])
        assert (g_S != expected_S)[hit & (expected_S > 0.0)].all()
    for key in with_faults.states:
        live, sigma_S = with_faults.live(*key), without.sigma_read_S(*key, 5.0)
        np.testing.assert_array_equal(
            with_faults.sigma_read_S(*key, 5.0), np.where(live, sigma_S, 0.0)
        )


def test_a_fault_is_the_same_at_every_age():
    tiles = tiles_of(FAULTS)
    hit = broken(tiles)
    first, later = all_g_S(tiles), all_g_S(tiles, 1.0e6)
    np.testing.assert_array_equal(later[hit], first[hit])
    assert (later < first)[~hit & (first > 0.0)].all()


@pytest.mark.parametrize("kind", ["stuck_off", "stuck_on"])
def test_a_higher_rate_keeps_what_a_lower_one_broke(kind):
    """Common random numbers: rates nest, and one kind does not move the other."""
    ranges = {"stuck_off": OFF, "stuck_on": ON}
    other = ({"stuck_off", "stuck_on"} - {kind}).pop()
    fixed = {other: ranges[other] | {"rate": 0.2}}
    parts = [
        tiles_of(fixed | {kind: ranges[kind] | {"rate": rate}}) for rate in (0.0, 0.01, 0.02, 0.3)
    ]
    for low, high in pairwise(parts):
        assert low.n_faults[other] == high.n_faults[other]
        assert low.n_faults[kind] < high.n_faults[kind]
        hit = broken(low)
        np.testing.assert_array_equal(all_g_S(high)[hit], all_g_S(low)[hit])


@pytest.mark.parametrize("kind", ["wordline_rate", "bitline_rate"])
def test_a_higher_rate_keeps_the_open_lines(kind):
    few, many = (tiles_of({kind: rate}) for rate in (0.2, 0.4))
    assert 0 < few.n_faults["line"] < many.n_faults["line"]
    assert broken(many)[broken(few)].all()


@pytest.mark.parametrize("pair", ["bitlines", "unit_cell"])
def test_open_lines_conduct_nothing(pair):
    wordlines = tiles_of({"wordline_rate": 0.4}, shape=(20, 40), pair=pair)
    bitlines = tiles_of({"bitline_rate": 0.4}, shape=(20, 40), pair=pair)
    devices = []
    for key, state in wordlines.states.items():
        rows = wordlines.faults.stuck_S[key]
        dead = ~np.isnan(rows)
        assert (dead.all(axis=(1, 2)) | ~dead.any(axis=(1, 2))).all()
        lines = ~np.isnan(bitlines.faults.stuck_S[key])
        assert (lines.all(axis=0) | ~lines.any(axis=0)).all()
        devices.append(lines[0])
        for tiles, hit in ((wordlines, dead), (bitlines, lines)):
            assert (tiles.g_S(*key, 10.0)[hit] == 0.0).all()
            assert hit.any()
            assert hit.shape == state.g_target_S.shape
    split = np.concatenate(devices)
    assert (split[:, 0] != split[:, 1]).any() == (pair == "bitlines")


def test_open_lines_go_over_stuck_devices_and_are_counted_once():
    everything = stuck("stuck_on", 1.0, 1.0e-3) | {"wordline_rate": 0.3, "bitline_rate": 0.3}
    tiles = tiles_of(everything)
    g_S = all_g_S(tiles)
    assert tiles.n_faults["line"] == (g_S == 0.0).sum() > 0
    assert tiles.n_faults["stuck_on"] == (g_S == 1.0e-3).sum() > 0
    assert sum(tiles.n_faults.values()) == g_S.size


def test_cells_without_a_weight_break_too():
    model = kernel_model(is_complex=True)
    tiles = tiles_of(stuck("stuck_on", 1.0, 1.0e-3), model=model, s4d="split", shape=(64, 64))
    assert not tiles.programmed[0].all()
    assert (all_g_S(tiles, 10.0) == 1.0e-3).all()
    plain = tiles_of(None, model=model, s4d="split", shape=(64, 64))
    assert tiles.events == plain.events  # pulses are spent on broken devices as well


def test_arrays_of_one_weight():
    one = linear_model(np.array([[5]]))
    for faults, g_S in (
        (stuck("stuck_off", 1.0, 0.3e-6), 0.3e-6),
        ({"wordline_rate": 1.0}, 0.0),
        ({"bitline_rate": 1.0}, 0.0),
    ):
        tiles = tiles_of(faults, model=one, shape=(1, 2))
        assert tiles.g_S(0, 0).tolist() == [[[g_S, g_S]]]
        assert sum(tiles.n_faults.values()) == 2
