"""Programming: targets, names of streams, unused cells, events; wrong requests are refused."""

from __future__ import annotations

import numpy as np
import pytest

from aimc_sim.crossbar.targets import code_step_S
from aimc_sim.crossbar.tile import program
from aimc_sim.mapping.mapper import map_model
from aimc_sim.rng import stream
from aimc_sim.spec import InputError
from tests.laws.build import device_of, hardware_of, kernel_model, linear_model, program_model

PCM = device_of("pcm_joshi2020")
WEIGHT = np.array([[127, -64, 0], [5, -127, 30]])


def test_targets_are_pairs_in_the_window():
    device = device_of("ideal", g_min_S=2.0e-6, g_max_S=27.0e-6)
    tiles = program_model(linear_model(WEIGHT), hardware_of(device))
    g_S = tiles.g_S(0, 0)
    np.testing.assert_allclose(g_S[..., 0] - g_S[..., 1], WEIGHT * 25.0e-6 / 127, atol=1e-18)
    assert (g_S.min(axis=2) == 2.0e-6).all()
    (m,) = tiles.plan.matrices
    step_S = code_step_S(m, m.tiles[0], tiles.hardware)
    assert step_S.shape == (*WEIGHT.shape, 1)
    np.testing.assert_allclose(step_S, 25.0e-6 / 127)


def test_streams_are_named_by_chip_layer_tile_and_source():
    tiles = program_model(
        linear_model(np.full((3, 2), 127)), hardware_of(PCM), seed=9, first_chip=4, n_chips=2
    )
    assert tiles.chips == (4, 5)
    for chip in tiles.chips:
        z = stream(9, "program", chip, "enc", "weight/0", "programming").normal(12)
        z = z.astype(np.float64).reshape(3, 2, 2)
        found = tiles.states[chip, 0].g_programmed_S[..., 0] * 1e6
        np.testing.assert_allclose(found, 25.0 + (0.26348 + 1.9650 - 1.1731) * z[..., 0])


@pytest.mark.parametrize("unused_S", [None, 3.0e-6])
def test_unused_cells_stay_at_the_stated_conductance(unused_S):
    hardware = hardware_of(PCM, s4d="split", unused_S=unused_S)
    tiles = program_model(kernel_model(is_complex=True), hardware)
    for m in tiles.plan.matrices:
        for tile in m.tiles:
            used = tile.used(m.matrix)
            g_S, sigma_S = (
                tiles.g_S(0, tile.tile_id, 3600.0),
                tiles.sigma_read_S(0, tile.tile_id, 3600.0),
            )
            assert (g_S[~used] == (unused_S or 0.0)).all()
            assert not sigma_S[~used].any()
            assert (g_S[used] > 0.0).any()
    assert not tiles.programmed[0].all()
    assert tiles.events.total("program.set_pulse") == 10 * 2 * (12 + 6 + 6)


def test_unused_cells_are_programmed_on_request():
    hardware = hardware_of(PCM, s4d="split", unused="programmed")
    tiles = program_model(kernel_model(is_complex=True), hardware)
    assert all(mask.all() for mask in tiles.programmed.values())
    (m, *_), chip = tiles.plan.matrices, 0
    empty = tiles.g_S(chip, 0)[~m.tiles[0].used(m.matrix)]
    assert empty.min() == 0.0
    assert 0.05e-6 < empty.mean() < 0.2e-6  # half a normal of 0.263 uS
    assert tiles.events.total("program.set_pulse") == 10 * 2 * (36 + 6 * 2 + 6 * 2)


def test_wrong_requests_are_refused():
    model, hardware = linear_model(WEIGHT), hardware_of(PCM)
    plan = map_model(model, hardware)
    with pytest.raises(InputError, match="other hardware"):
        program(plan, hardware_of(PCM, tile=(8, 8)), seed=1)
    for wrong in ({"n_chips": 0}, {"first_chip": -1}, {"seed": -1}):
        with pytest.raises(InputError, match="expected n_chips >= 1"):
            program(plan, hardware, **{"seed": 1} | wrong)


def test_conductances_that_are_handed_out_are_nobodys_state():
    """Whoever changes them changes no tile, drift or none."""
    for drift in (True, False):
        hardware = hardware_of(device_of("pcm_joshi2020"), (16, 16), effects={"drift": drift},
                               unused="programmed")  # fmt: skip
        tiles = program_model(linear_model(np.full((16, 16), 5)), hardware)
        before = tiles.g_S(0, 0, 10.0).copy()
        tiles.g_S(0, 0, 10.0)[...] = 0.0
        np.testing.assert_array_equal(tiles.g_S(0, 0, 10.0), before)
