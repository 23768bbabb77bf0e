"""Law 5 of tiles as written and aged: moments, and independence of all that has a name of its own.

Each assertion alarms falsely with probability 1e-5 (seeds are fixed). The families themselves are
tested in tests/statistical/test_devices_*.py, reads in tests/statistical/test_read_noise.py.
"""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest

from aimc_sim.crossbar.bind import bind_phase
from aimc_sim.crossbar.setting import ReadSetting
from aimc_sim.data import Data
from aimc_sim.model.layers import Linear, Pool
from aimc_sim.model.network import Model
from aimc_sim.model.signal import Signal
from aimc_sim.runner.run import run
from tests.generate import random_model
from tests.laws.build import SILENT, device_of, hardware_of, linear_model, program_model, requant_by
from tests.statistical.bounds import (
    clipped_normal_moments,
    correlation_z,
    folded_normal_moments,
    mean_z,
    variance_is_within_chi_square,
    variance_z,
    z_limit,
)

pytestmark = pytest.mark.statistical
SIZE, TILE, CHIPS = 96, (32, 64), 3  # 9 tiles of 32 x 32 pairs
PCM = device_of("pcm_joshi2020")


def assert_moments(values, mean, variance, fourth):
    assert abs(mean_z(values, mean, math.sqrt(variance))) < z_limit()
    assert abs(variance_z(values, mean, variance, fourth)) < z_limit()


def weight_of(code):
    """Return codes that are all the same, but for one of 127, which takes the whole window."""
    weight = np.full((SIZE, SIZE), code)
    weight[0, 0] = 127
    return weight


def tiles_of(code, device=PCM):
    return program_model(linear_model(weight_of(code)), hardware_of(device, TILE), n_chips=CHIPS)


def gather(tiles, field):
    """Return a field, shape (chip, tile, wordline, column, side), without each wordline 0."""
    return np.stack(
        [
            [getattr(tiles.states[c, t.tile_id], field)[1:] for t in tiles.plan.tiles]
            for c in tiles.chips
        ]
    )


@pytest.fixture(scope="module", params=[-127, -20, 64, 127])
def programmed(request):
    return request.param, tiles_of(request.param)


def spread_uS(gr):
    """Joshi 2020, programming spread."""
    return 0.26348 + 1.9650 * gr - 1.1731 * gr**2


def test_programmed_mean_and_spread_of_both_sides(programmed):
    code, tiles = programmed
    g_uS = gather(tiles, "g_programmed_S") * 1e6
    assert g_uS.shape == (CHIPS, 9, 31, 32, 2)
    gr = abs(code) / 127
    written, other = (0, 1) if code > 0 else (1, 0)
    assert_moments(g_uS[..., written], *clipped_normal_moments(25.0 * gr, spread_uS(gr)))
    assert_moments(g_uS[..., other], *clipped_normal_moments(0.0, spread_uS(0.0)))


def test_drift_exponents_of_both_sides(programmed):
    code, tiles = programmed
    nu = gather(tiles, "drift_nu")
    written, other = (0, 1) if code > 0 else (1, 0)
    for side, gr in ((written, abs(code) / 127), (other, 1e-7)):
        mean = min(max(-0.0155 * math.log(gr) + 0.0244, 0.049), 0.1)
        std = min(max(-0.0125 * math.log(gr) - 0.0059, 0.008), 0.045)
        assert_moments(nu[..., side], *folded_normal_moments(mean, std))


def test_drift_is_the_power_law_of_each_cell(programmed):
    _, tiles = programmed
    for t_s in (0.0, 3600.0, 86400.0):
        for key, state in list(tiles.states.items())[:4]:
            expected = state.g_programmed_S * ((t_s + 20.0) / 20.0) ** -state.drift_nu
            np.testing.assert_allclose(tiles.g_S(*key, t_s), expected, rtol=1e-12)


def test_cells_sides_tiles_and_chips_are_distinct_and_independent():
    tiles = tiles_of(64)
    nu = gather(tiles, "drift_nu")
    g_S = gather(tiles, "g_programmed_S")[..., 0]
    pairs = [(nu[..., 0], nu[..., 1]), (g_S, nu[..., 0]), (g_S, nu[..., 1])]
    for v in (g_S, nu[..., 0], nu[..., 1]):
        pairs += [(v[:, :, lag:], v[:, :, :-lag]) for lag in (1, 2, 4)]
        pairs += [(v[..., lag:], v[..., :-lag]) for lag in (1, 2, 4)]
        pairs += [(v[i], v[j]) for i, j in combinations(range(CHIPS), 2)]
        pairs += [(v[:, i], v[:, j]) for i, j in combinations(range(9), 2)]
    for one, two in pairs:
        assert np.count_nonzero(one == two) < 5e-4 * one.size
        assert abs(correlation_z(one, two)) < z_limit()


def test_layers_are_distinct_and_independent():
    weight, signal = weight_of(64), Signal(24, True, 1.0)
    layers = [
        Linear(name, "input", weight, 8, np.zeros(SIZE, np.int64), requant_by(2, 1), signal)
        for name in ("one", "two")
    ]
    pool = Pool("pool", "two", "last", 1, 0, signal)
    tiles = program_model(
        Model(SIZE, Signal(8, True, 1.0), (*layers, pool)), hardware_of(PCM, TILE)
    )
    g_S = gather(tiles, "g_programmed_S")[0, ..., 0]
    one, two = g_S[:9], g_S[9:]
    assert np.count_nonzero(one == two) < 5e-4 * one.size
    assert abs(correlation_z(one, two)) < z_limit()


def test_taox_spread_on_tiles():
    taox = device_of("taox_64x64")
    tiles = tiles_of(64, taox)
    found = gather(tiles, "g_programmed_S")[..., 0]
    level_S = float(taox.nearest_level(taox.g_min_S + (taox.g_max_S - taox.g_min_S) * 64 / 127))
    assert abs(mean_z(found, level_S, taox.sigma_write_S)) < z_limit()
    assert variance_is_within_chi_square(found, level_S, taox.sigma_write_S)


def test_rram_spread_on_tiles_a_day_later():
    rram = device_of("rram_wan2022")
    tiles = tiles_of(64, rram)
    target_S = rram.g_min_S + (rram.g_max_S - rram.g_min_S) * 64 / 127
    sigma_S = float(rram.sigma_at(target_S, 86400.0))
    found = np.stack([tiles.g_S(*key, 86400.0)[1:, :, 0] for key in tiles.states])
    assert_moments(found, *clipped_normal_moments(target_S, sigma_S))


def test_a_run_reads_the_conductances_as_written_and_drifted():
    """Without read noise, accumulators are the rounded sums over the conductances of that age."""
    quiet = device_of("pcm_joshi2020", flicker_law=SILENT)
    rng = np.random.default_rng(4)
    model = linear_model(rng.integers(-127, 128, (20, 7)))
    tiles = program_model(model, hardware_of(quiet, (64, 64)), n_chips=2)
    x = rng.integers(-128, 128, (5, 1, 20))
    for age_s in (0.0, 86400.0):
        y = run(model, tiles, Data(x, np.ones(5, np.int64)), seed=0, age_s=age_s).y_code
        for c, chip in enumerate(tiles.chips):
            g_S = tiles.g_S(chip, 0, age_s)
            exact = x[:, 0] @ (g_S[..., 0] - g_S[..., 1]) / (25.0e-6 / 127)
            assert np.abs(y[c] - exact).max() <= 0.5 + 1e-6


@pytest.mark.parametrize("s4d", ["hybrid", "split", "fused"])
def test_every_read_has_a_stream_of_its_own(s4d):
    """Chips, layers, tiles, phases and slices: no two reads of a step share a key."""
    rng = np.random.default_rng(6)
    model = random_model(
        rng,
        n_blocks=2,
        complex=True,
        tied=False,
        encoder=True,
        decoder=True,
        readout="new",
        weight_bits=(8, 8),
        state_bits=(12, 12),
    )
    hardware = hardware_of(
        PCM, (12, 16), s4d=s4d, dac={"kind": "uniform", "bits": 4, "v_read_V": 0.2}
    )
    tiles = program_model(model, hardware, n_chips=2)
    keys, n = set(), 0
    for chip in tiles.chips:
        for m in tiles.plan.matrices:
            for phase in m.matrix.phases:
                for read in bind_phase(ReadSetting(tiles, chip, 0.0, 1), m, phase).reads:
                    keys |= {part.key.tobytes() for part in read.slices}
                    n += len(read.slices)
    assert len(keys) == n > 40
