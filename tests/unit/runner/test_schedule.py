"""Schedules: what compiled steps give is what layers give one by one, bit for bit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimc_sim.crossbar.tally import INT64_SAFE, CodeSum
from aimc_sim.model.reference import first_state, run_reference
from aimc_sim.runner import chip_run, schedule_bench
from aimc_sim.runner import schedule as schedules
from aimc_sim.runner.chip_run import ChipRun
from aimc_sim.runner.golden import Golden
from aimc_sim.runner.run import run
from aimc_sim.runner.schedule_bench import Bench
from aimc_sim.runner.schedule_chip import chip_schedule
from aimc_sim.runner.schedule_reference import reference_schedule
from aimc_sim.runner.schedule_rows import Rows, UnscheduledError
from aimc_sim.runner.stretch import Space
from tests.generate import drawn, models, random_model
from tests.laws.build import (
    all_probes,
    assert_same,
    device_of,
    hardware_of,
    program_model,
    random_data,
)

WHITE = {"flicker_correlated": False}
PCM = device_of("pcm_joshi2020")
ADC = {"kind": "uniform", "bits": 9}
WIRES = {"wordline_ohm": 1.0, "bitline_ohm": 1.0}


@pytest.fixture(autouse=True)
def however_short(monkeypatch):
    """Have short runs scheduled too."""
    monkeypatch.setattr(schedules, "WORTH", 0)


def both(monkeypatch, model, tiles, data, **options):
    """Return a run in compiled steps, which it must be, and one layer by layer."""
    chip = ChipRun(model, tiles, tiles.chips[0], 60.0, 1)
    assert chip.schedule is not None
    options = {"seed": 1, "age_s": 60.0, "probes": all_probes(model), **options}
    fast = run(model, tiles, data, **options)
    with monkeypatch.context() as patch:
        patch.setattr(chip_run, "chip_schedule", lambda *args, **kwargs: None)
        patch.setattr(Golden, "schedule", None)
        return fast, run(model, tiles, data, **options)


CHIPS = {
    "hybrid": {"s4d": "hybrid"},
    "split after ADC": {"s4d": "split", "subtraction": "after_adc"},
    "fused, cells": {"s4d": "fused", "noise_form": "cell"},
    "bit-serial": {"s4d": "split", "dac": {"kind": "uniform", "bits": 1, "v_read_V": 0.2}},
    "unipolar": {
        "s4d": "hybrid",
        "dac": {"kind": "uniform", "bits": 4, "v_read_V": 0.2, "polarity": "unipolar"},
    },
    "sign and magnitude": {
        "s4d": "split",
        "dac": {"kind": "uniform", "bits": 3, "v_read_V": 0.2, "polarity": "sign_magnitude"},
    },
    "zero skipping": {
        "s4d": "hybrid",
        "dac": {"kind": "uniform", "bits": 6, "v_read_V": 0.2, "zero_skipping": True},
    },
    "pulses": {
        "s4d": "hybrid",
        "dac": {"kind": "pulse_width", "bits": 6, "v_read_V": 0.2, "lsb_time_s": 1.0e-10},
    },
    "bits": {
        "s4d": "hybrid",
        "dac": {
            "kind": "bit_pulse",
            "bits": 4,
            "v_read_V": 0.2,
            "polarity": "sign_magnitude",
            "t_pulse_s": 2.0e-9,
            "t_integrate_s": 1.0e-9,
        },
    },
    "offset column": {
        "s4d": "split",
        "noise_form": "cell",
        "unused": "programmed",
        "subtraction": "after_adc",
        "weights": {"encoding": "offset_column"},
    },
    "slices of cells": {"s4d": "fused", "weights": {"encoding": "one_sided", "cell_bits": 3}},
    "fixed point": {"s4d": "split", "sums": "fixed16", "noise_form": "bitline"},
    "fixed point, cells": {"s4d": "fused", "sums": "fixed16", "noise_form": "cell"},
    "white noise alone": {"s4d": "hybrid", "effects": WHITE},
    "identity and gains": {
        "s4d": "split",
        "a_stored": "A_minus_I",
        "pole_gain": "complex",
    },
}


@pytest.mark.parametrize("choice", CHIPS)
def test_a_run_is_the_same(monkeypatch, choice):
    monkeypatch.setattr(schedule_bench, "SMALL", 1)
    rng = np.random.default_rng([10, list(CHIPS).index(choice)])
    model = random_model(
        rng,
        n_blocks=2,
        glu=True,
        residual=True,
        complex=True,
        tied=choice == "slices of cells",
        readout="old" if choice == "fused, cells" else "new",
        weight_bits=(4, 8),
        activation_bits=(6, 8),
        state_bits=(8, 12),
    )
    chip = {"dac": {"kind": "uniform", "bits": 5, "v_read_V": 0.2}, **CHIPS[choice]}
    hardware = hardware_of(PCM, (24, 20), adc=ADC, allow_narrow_state=True, **chip)
    tiles = program_model(model, hardware, n_chips=2)
    fast, slow = both(monkeypatch, model, tiles, random_data(rng, model, 21, 9))
    assert_same(fast, slow)
    assert any(codes[0].std() > 0.0 for codes in fast.probes.values())
    assert any((codes[0] != codes[1]).any() for codes in fast.probes.values())  # two chips


@given(
    models(weight_bits=(2, 8), activation_bits=(4, 10), state_bits=(6, 14)),
    st.sampled_from(["hybrid", "split", "fused"]),
    st.sampled_from(["bitline", "cell"]),
    st.booleans(),
    st.integers(1, 7),
    st.integers(0, 2**32 - 1),
)
@drawn(10)
def test_any_model(model, s4d, noise_form, correlated, batch_size, seed):
    data = random_data(np.random.default_rng(seed), model, 7, 6)
    hardware = hardware_of(
        PCM, (24, 20), s4d=s4d, noise_form=noise_form, allow_narrow_state=True,
        effects={"flicker_correlated": correlated},
        dac={"kind": "uniform", "bits": 6, "v_read_V": 0.2}, adc=ADC,
    )  # fmt: skip
    tiles = program_model(model, hardware)
    with pytest.MonkeyPatch.context() as patch:
        assert_same(*both(patch, model, tiles, data, batch_size=batch_size))


@pytest.mark.parametrize("n_band_steps", [2, 3, 6, 12, 32])
def test_any_number_of_octaves(monkeypatch, n_band_steps):
    """From none to four: nothing is read before it was drawn, whatever stood in that memory."""
    made = Space.of

    def poisoned(schedule, n, kept):
        is_new = "space" not in kept
        space = made(schedule, n, kept)
        if is_new:
            space.kept.fill(np.nan)
        return space

    monkeypatch.setattr(Space, "of", poisoned)
    rng = np.random.default_rng([11, n_band_steps])
    model = random_model(rng, n_blocks=1, weight_bits=(6, 8), state_bits=(8, 10))
    hardware = hardware_of(
        PCM, (24, 20), adc=ADC, timing={"n_band_steps": n_band_steps},
        dac={"kind": "uniform", "bits": 6, "v_read_V": 0.2},
    )  # fmt: skip
    tiles = program_model(model, hardware)
    data = random_data(rng, model, 20, n_band_steps)
    assert n_band_steps == 2 or ChipRun(model, tiles, 0, 60.0, 1).schedule.n_held > 0
    assert_same(*both(monkeypatch, model, tiles, data))


def test_what_is_kept_serves_the_next_stretch(monkeypatch):
    """Stretches of one step, and sequences that end between them."""
    monkeypatch.setattr(schedules, "STRETCH", 1)
    rng = np.random.default_rng(13)
    model = random_model(rng, n_blocks=1, weight_bits=(6, 8), state_bits=(8, 10))
    dac = {"kind": "uniform", "bits": 6, "v_read_V": 0.2}
    tiles = program_model(model, hardware_of(PCM, (24, 20), adc=ADC, dac=dac))
    data = random_data(rng, model, 23, 12)
    assert len(set(data.lengths.tolist())) > 5
    assert_same(*both(monkeypatch, model, tiles, data))


def test_time_passes_inside_a_run(monkeypatch):
    """Epochs end within the data: each has its own conductances."""
    rng = np.random.default_rng(8)
    model = random_model(rng, weight_bits=(6, 8), state_bits=(8, 10))
    hardware = hardware_of(
        PCM, (24, 20), effects=WHITE, adc=ADC, timing={"t_step_s": 0.5},
        dac={"kind": "uniform", "bits": 6, "v_read_V": 0.2},
    )  # fmt: skip
    tiles = program_model(model, hardware)
    data = random_data(rng, model, 5, 30)
    fast, slow = both(monkeypatch, model, tiles, data, age_s=0.0)
    assert_same(fast, slow)
    assert len(fast.events.arrays) > len(tiles.plan.tiles)  # one entry a tile and epoch


@given(models(), st.integers(0, 2**32 - 1))
@drawn(30)
def test_reference_is_the_reference(model, seed):
    data = random_data(np.random.default_rng(seed), model, 5, 7)
    order = np.argsort(-data.lengths, kind="stable")
    x_code, lengths = data.x_code[order], data.lengths[order]
    last = model.layers[model.pool_index].input
    golden = Golden(model)
    whole = run_reference(model, x_code, lengths, probes=(last,))
    first = golden.run(x_code[:, :3], lengths, first_state(model, 5))
    rest = golden.run(x_code[:, 3:], lengths, first.state)
    codes = np.concatenate([first.probes[last], rest.probes[last]], axis=1)
    np.testing.assert_array_equal(codes, whole.probes[last])
    np.testing.assert_array_equal(rest.state.pooled, whole.state.pooled)
    for name, value in whole.state.x.items():
        np.testing.assert_array_equal(rest.state.x[name], value)
    long = lengths > 3
    np.testing.assert_array_equal(rest.y_code[long], whole.y_code[long])


def test_what_is_not_covered_is_stepped_layer_by_layer():
    model = random_model(np.random.default_rng(9))
    dac = {"kind": "uniform", "bits": 6, "v_read_V": 0.2}
    timing = {"t_step_s": 1.0e-6}
    hardware = hardware_of(
        PCM, (24, 20), dac=dac, adc=ADC, noise_form="cell", timing=timing, wires=WIRES
    )
    chip = ChipRun(model, program_model(model, hardware), 0, 60.0, 1)
    assert chip_schedule(model, chip.bound, counts_active=False) is None


def test_sums_beyond_float64_are_refused():
    model = random_model(np.random.default_rng(9), weight_bits=(8, 8))
    assert reference_schedule(model) is not None
    bench = Bench()
    rows = Rows(bench.take(1), 1, -(1 << 20), 1 << 20)
    bench.weigh(0, [(rows, 1 << 31)], 0, 1, (0, 1))
    with pytest.raises(UnscheduledError):
        bench.weigh(0, [(rows, 1 << 32)], 0, 1, (0, 1))


def test_a_call_is_short_and_its_sums_are_exact():
    model = random_model(np.random.default_rng(9), weight_bits=(8, 8))
    schedule = reference_schedule(model)
    assert schedule is not None
    assert schedule.longest(10**9) == 1
    assert schedule.longest(1) * schedule.n_rows <= 1 << 26
    assert 1 <= schedule.together(1) <= schedule.together(1000) <= 64
    wide = replace(schedule, sizes=(10**6, 0, 0, 0, 0))
    assert wide.together(1000) == 8


def test_sums_of_codes_never_overflow():
    sums = CodeSum(1)
    for _ in range(5):
        sums.add_sums(np.array([INT64_SAFE - 1]), INT64_SAFE - 1)
    assert sums.total() == (5 * (INT64_SAFE - 1),)
