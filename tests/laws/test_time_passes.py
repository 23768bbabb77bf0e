"""A run lasts: devices age in it, and however it is cut it gives the same bytes (laws 3 and 4)."""

from __future__ import annotations

import math

import numpy as np
import pytest

from aimc_sim.crossbar.bind import bind_phase
from aimc_sim.crossbar.setting import ReadSetting
from aimc_sim.data import Data
from aimc_sim.runner.epoch import EPOCH, Clock
from aimc_sim.runner.run import run
from aimc_sim.runner.stream import stream
from aimc_sim.spec import InputError
from tests.laws.build import (
    SILENT,
    assert_same,
    device_of,
    hardware_of,
    kernel_model,
    linear_model,
    program_model,
    random_data,
)

TELEGRAPH = {
    "share": 0.3,
    "relative_amplitude": 0.3,
    "tau_low_s": 40.0,
    "tau_high_s": 90.0,
    "source": {"cite": "a test", "grade": "assumed"},
}
WEIGHT = np.array([[127, 60, -90]])


def lively(**mapping):
    """Return hardware with every kind of noise, on steps of ten seconds."""
    device = device_of("pcm_joshi2020", telegraph=TELEGRAPH)
    return hardware_of(device, (16, 16), timing={"t_step_s": 10.0, "n_band_steps": 64}, **mapping)


@pytest.mark.parametrize("s4d", ["hybrid", "split", "fused"])
@pytest.mark.parametrize("cut", [1, 7, 19])
def test_two_parts_are_the_whole(s4d, cut):
    model = kernel_model()
    data = random_data(np.random.default_rng(3), model, 6, 20)
    tiles = program_model(model, lively(s4d=s4d), n_chips=2)
    whole = run(model, tiles, data, seed=5, age_s=60.0)
    first = run(model, tiles, data.steps(0, cut), seed=5, age_s=60.0)
    rest = run(model, tiles, data.steps(cut, 20), seed=5, age_s=60.0, state=first.state)
    np.testing.assert_array_equal(rest.y_code, whole.y_code)
    joined = np.concatenate([first.error_square, rest.error_square], axis=1)
    np.testing.assert_array_equal(joined, whole.error_square)
    assert first.events + rest.events == whole.events
    for chip, state in whole.state.chips.items():
        for tile, levels in state.levels.items():
            np.testing.assert_array_equal(rest.state.chips[chip].levels[tile], levels)


def test_batches_and_parts_of_the_data_change_nothing():
    model = kernel_model()
    data = random_data(np.random.default_rng(4), model, 9, 12)
    tiles = program_model(model, lively())
    whole = run(model, tiles, data, seed=5)
    assert_same(run(model, tiles, data, seed=5, batch_size=2), whole)
    part = run(model, tiles, data.rows(4, 9), seed=5)
    np.testing.assert_array_equal(part.y_code, whole.y_code[:, 4:9])


def test_a_stream_is_the_sequence_of_its_number():
    model = kernel_model()
    data = random_data(np.random.default_rng(6), model, 3, 30, ragged=False)
    tiles = program_model(model, lively())
    probe = run(model, tiles, data, seed=8, probes=("ssm",)).probes["ssm"][0, 2]
    source = iter(data.x_code[2])
    streamed = list(stream(model, tiles, source, seed=8, sequence=2))
    np.testing.assert_array_equal(np.stack(streamed), probe)


def test_conductances_fall_while_the_run_goes_on():
    """Hours of steps of a minute: outputs follow (t / t0)^-nu within an epoch of 1 % in ln t."""
    device = device_of("pcm_joshi2020", flicker_law=SILENT)
    hardware = hardware_of(device, effects={"programming": False}, timing={"t_step_s": 60.0})
    model = linear_model(WEIGHT)
    tiles = program_model(model, hardware)
    n = 600
    data = Data(np.full((1, n, 1), 100), np.array([n]))
    y = run(model, tiles, data, seed=1, probes=("enc",)).probes["enc"][0, 0]
    nu = tiles.states[0, 0].drift_nu
    for step in (0, 1, 10, 100, 599):
        factor = ((60.0 * step + 20.0) / 20.0) ** -nu
        target = tiles.states[0, 0].g_target_S * factor * 127 / 25.0e-6
        expected = 100.0 * (target[..., 0] - target[..., 1])[0]
        assert y[step] == pytest.approx(expected, rel=0.1 * 0.01 * 1.1, abs=0.6)
    assert (np.diff(y[:, 0]) <= 0).all()
    assert y[-1, 0] < 0.75 * y[0, 0]


def test_a_device_known_at_few_times_says_when_a_run_outlasts_them():
    model = linear_model(WEIGHT)
    hardware = hardware_of(device_of("rram_wan2022"), timing={"t_step_s": 1.0e-3})
    tiles = program_model(model, hardware)
    data = Data(np.full((1, 200, 1), 100), np.array([200]))
    run(model, tiles, data.steps(0, 15), seed=1, age_s=1.0)
    with pytest.raises(InputError, match=r"--after: found 1\.0\d* s"):
        run(model, tiles, data, seed=1, age_s=1.0)


def test_a_run_longer_than_the_band_is_refused_before_it_begins():
    model = linear_model(WEIGHT)
    tiles = program_model(model, hardware_of(device_of("pcm_joshi2020")))
    data = Data(np.full((1, 1025, 1), 1), np.array([1025]))
    with pytest.raises(InputError, match=r"n_band_steps: found 1024; a run of 1025 steps .*=2048"):
        run(model, tiles, data, seed=1)
    run(model, tiles, data.steps(0, 1024), seed=1)
    off = {"flicker_correlated": False}
    tiles = program_model(model, hardware_of(device_of("pcm_joshi2020"), effects=off))
    run(model, tiles, data, seed=1)


def test_adding_a_source_moves_no_other():
    """Programming, faults and white draws are the same bytes with and without telegraph noise."""
    model = linear_model(np.array([[127, -60], [40, 90]]))
    data = Data(np.full((2, 5, 2), 90), np.full(2, 5))
    plain, more = (
        run(
            model,
            program_model(model, hardware_of(device_of("pcm_joshi2020", telegraph=noise))),
            data,
            seed=3,
            probes=("enc",),
        ).probes["enc"]
        for noise in (None, {**TELEGRAPH, "relative_amplitude": 0.0})
    )
    np.testing.assert_array_equal(plain, more)


def test_every_effect_off_is_the_reference():
    model = kernel_model()
    data = random_data(np.random.default_rng(9), model, 4, 20)
    device = device_of("pcm_joshi2020", telegraph=TELEGRAPH, g_min_S=0.0)
    names = ("programming", "drift", "faults", "read_white", "flicker_frozen",
             "flicker_correlated", "flicker_white", "telegraph", "nonlinearity")  # fmt: skip
    off = dict.fromkeys(names, False)
    hardware = hardware_of(device, effects=off, s4d="fused")
    result = run(model, program_model(model, hardware), data, seed=1, age_s=3600.0)
    np.testing.assert_array_equal(result.y_code[0], result.reference_y_code)
    assert not result.error_square.any()
    for name in ("programming", "drift", "flicker_frozen", "flicker_correlated", "telegraph"):
        hardware = hardware_of(device, effects={**off, name: True}, s4d="fused")
        alone = run(model, program_model(model, hardware), data, seed=1, age_s=3600.0)
        assert alone.error_square.any(), name


def test_epochs_are_even_in_the_logarithm_of_time():
    clock = Clock(100.0, 0.5, 20.0)
    for epoch in (0, 1, 50, 700):
        age_s = clock.age_at(epoch)
        step = math.ceil((age_s - 100.0) / 0.5 * (1.0 + 1e-12))
        assert clock.epoch(step) == epoch
        assert math.log((age_s + 20.0) / 120.0) == pytest.approx(epoch * EPOCH, abs=1e-12)
    assert clock.age_at(0) == 100.0


@pytest.mark.parametrize("sign", [1, -1])
def test_noise_of_a_device_has_the_sign_of_its_side(sign):
    """A weight on one side of the pair, the other side without strength: what the noise adds."""
    tiles = program_model(
        linear_model(sign * np.array([[127]])),
        hardware_of(device_of("pcm_joshi2020"), effects={"programming": False}),
    )
    (m,) = tiles.plan.matrices
    (read,) = bind_phase(ReadSetting(tiles, 0, 0.0, 1), m, m.matrix.phases[0]).reads
    assert (np.sign(read.flicker.entries.amount) == sign).all()
