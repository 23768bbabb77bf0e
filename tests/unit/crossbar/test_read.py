"""Reads of bound tiles against a linear layer worked out in plain NumPy, converter included."""

from __future__ import annotations

import numpy as np
import pytest

from aimc_sim.crossbar.bind import bind_phase
from aimc_sim.crossbar.bound import BoundPhase
from aimc_sim.crossbar.read import read_phase
from aimc_sim.crossbar.setting import Address, ReadSetting
from aimc_sim.crossbar.tally import Tally
from aimc_sim.spec import InputError
from tests.laws.build import SILENT, device_of, hardware_of, linear_model, program_model

G_MIN_S = 1.037e-6  # so that no converted value lies halfway between two units
QUIET = device_of("pcm_joshi2020", flicker_law=SILENT, g_min_S=G_MIN_S)
WINDOW_S = 25.0e-6 - G_MIN_S
ROWS, COLS, WL, BL, N = 23, 9, 8, 10, 40
RNG = np.random.default_rng(17)
WEIGHT = RNG.integers(-100, 101, (ROWS, COLS))
X = RNG.integers(-128, 128, (N, ROWS))


def bound_of(hardware, weight=WEIGHT, age_s=50.0, x_bits=8) -> tuple[BoundPhase, object]:
    tiles = program_model(linear_model(weight, x_bits=x_bits), hardware, seed=3)
    (m,) = tiles.plan.matrices
    return bind_phase(ReadSetting(tiles, 0, age_s, 1), m, m.matrix.phases[0]), tiles


def expected(tiles, subtraction: str, bits: int, factor: float, age_s: float):
    """Slices, tiles, sides, converters, counts: one loop a line of the physics."""
    step_S = WINDOW_S / np.abs(WEIGHT).max()
    acc, saturated, pedestal = np.zeros((N, COLS), dtype=np.int64), 0, G_MIN_S / step_S
    for tile in tiles.plan.tiles:
        state, w = tiles.states[0, tile.tile_id], WEIGHT[np.ix_(tile.rows, tile.cols)]
        g = state.g_programmed_S * ((age_s + 20.0) / 20.0) ** -state.drift_nu / step_S
        target = np.stack([np.maximum(w, 0), np.maximum(-w, 0)], axis=2) + pedestal
        for shift, size, part in ((0, 15, X & 15), (4, 8, X >> 4)):
            x = part[:, tile.rows]
            if subtraction == "before_adc":
                sides = [(1, g[..., 0] - g[..., 1])]
                ideal = np.abs(w)
            else:
                sides = [(1, g[..., 0]), (-1, g[..., 1])]
                ideal = np.concatenate([target[..., 0], target[..., 1]], axis=1)
            worst, norm = (
                size * ideal.sum(axis=0).max(),
                size * np.sqrt((ideal**2).sum(axis=0).max()),
            )
            signed = subtraction == "before_adc" or shift == 4
            top = 2 ** (bits - signed) - 1
            lsb = max(min(worst, factor * norm), 1.0) / top
            for sign, side in sides:
                raw = np.floor(x @ side / lsb + 0.5)
                code = np.clip(raw, -top - 1 if signed else 0, top)
                saturated += int((code != raw).sum())
                units = np.floor(code * lsb + 0.5).astype(np.int64)
                acc[:, tile.cols] += sign * (units << shift)
    return acc, saturated


@pytest.mark.parametrize("subtraction", ["before_adc", "after_adc"])
@pytest.mark.parametrize(("bits", "factor"), [(5, 0.6), (8, 1.0), (8, 100.0)])
def test_a_linear_layer_by_hand(subtraction, bits, factor):
    hardware = hardware_of(
        QUIET,
        (WL, BL),
        subtraction=subtraction,
        dac={"kind": "uniform", "bits": 4, "v_read_V": 0.2},
        adc={"kind": "uniform", "bits": bits, "range": "two_norm", "range_factor": factor},
    )
    bound, tiles = bound_of(hardware)
    assert len(tiles.plan.tiles) == 6
    tally = Tally({})
    acc = read_phase(bound, (X,), Address(np.arange(N), 0), "bitline", tally)
    wanted, saturated = expected(tiles, subtraction, bits, factor, 50.0)
    np.testing.assert_array_equal(acc, wanted)
    assert tally.saturated == saturated
    assert (saturated > 0) == (factor < 100.0)


def test_squares_are_tallied_per_wordline():
    bound, _ = bound_of(hardware_of(QUIET, dac={"kind": "uniform", "bits": 4, "v_read_V": 0.2}))
    tally = Tally({})
    for _ in range(2):
        read_phase(bound, (X,), Address(np.arange(N), 0), "bitline", tally)
    (read,) = bound.reads
    assert tally.squares(read, "y", 0) == tuple(2 * ((X & 15) ** 2).sum(axis=0))
    assert tally.squares(read, "y", 1) == tuple(2 * ((X >> 4) ** 2).sum(axis=0))
    assert tally.saturated == 0


def test_squares_of_wide_codes_do_not_overflow():
    bound, _ = bound_of(hardware_of(QUIET, dac={"kind": "ideal"}))
    read, tally = bound.reads[0], Tally({})
    x = np.full((64, len(read.wordlines)), -(1 << 31), dtype=np.int64)
    for _ in range(3):
        tally.add_x2(read, "y", 0, x)
    assert tally.squares(read, "y", 0) == (3 * 64 * 2**62,) * len(read.wordlines)
    tally.add_x2(read, "z", 0, x[:, :1] + (1 << 31) - 7)
    assert tally.squares(read, "z", 0) == (64 * 49,)


def test_noise_that_the_grid_cannot_hold_is_refused():
    noisy = device_of("rram_wan2022_crosssim")
    with pytest.raises(
        InputError, match=r"layer 'enc', tile 0: its read noise reaches .* units squared"
    ):
        bound_of(hardware_of(noisy, dac={"kind": "ideal"}), age_s=1.0, x_bits=24)


@pytest.mark.parametrize("noise_form", ["bitline", "cell"])
def test_what_is_bound(noise_form):
    hardware = hardware_of(QUIET, (WL, BL), subtraction="after_adc", noise_form=noise_form)
    bound, tiles = bound_of(hardware)
    assert len(bound.reads) == 6
    for read in bound.reads:
        n = len(read.columns)
        assert read.g.shape == (len(read.wordlines), 2 * n)
        assert read.weight.tolist() == [1] * n + [-1] * n
        assert len(set(read.lane.tolist())) == 2 * n
        assert read.variance is None  # 1/f noise of no strength
        assert read.flicker is None
        g_S = tiles.g_S(0, read.tile.tile_id, 50.0)
        np.testing.assert_allclose(read.g_row_S, g_S.sum(axis=(1, 2)), rtol=1e-12)
        np.testing.assert_array_equal(read.gather, read.tile.rows)
        if noise_form == "bitline":
            assert read.device_of is None  # one draw a bitline: no device has one of its own
        else:
            assert np.unique(read.device_of).size == read.device_of.size


def test_voltages_take_the_largest_code_to_the_read_voltage():
    bound, _ = bound_of(hardware_of(QUIET, dac={"kind": "uniform", "bits": 4, "v_read_V": 0.3}))
    low, high = bound.reads[0].slices
    assert low.v_lsb_V == pytest.approx(0.3 / 15)
    assert high.v_lsb_V == pytest.approx(0.3 / 8)
    assert (low.shift, high.shift) == (0, 4)
    assert (low.n_driven, high.n_driven) == (ROWS, ROWS)


def test_sums_that_float64_cannot_hold_are_refused():
    weight = np.full((40, 1), 1 << 40)
    hardware = hardware_of(dac={"kind": "ideal"})
    with pytest.raises(InputError, match=r"layer 'enc', tile 0: its sums reach .* 2\^48"):
        bound_of(hardware, weight)
