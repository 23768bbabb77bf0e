"""Law 3 up to the counts: n then m steps = n + m steps, chips add, sequences add, by hand too."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimc_sim.data import Data
from aimc_sim.events import ACTIONS, Events, sum_events
from aimc_sim.runner.run import run
from tests.generate import drawn, models
from tests.laws.build import (
    device_of,
    hardware_of,
    kernel_model,
    linear_model,
    program_model,
    random_data,
)

PCM = device_of("pcm_joshi2020")
MAPPINGS = ("hybrid", "split", "fused")


@given(
    models(max_channels=4, weight_bits=(2, 8), activation_bits=(4, 8), state_bits=(4, 12)),
    st.sampled_from(MAPPINGS),
    st.integers(1, 5),
    st.integers(0, 2**32 - 1),
)
@drawn(8)
def test_steps_chips_and_sequences_add(model, s4d, n, seed):
    data = random_data(np.random.default_rng(seed), model, 5, 6)
    hardware = hardware_of(
        PCM, (16, 20), s4d=s4d, dac={"kind": "uniform", "bits": 5, "v_read_V": 0.2}
    )
    tiles = program_model(model, hardware, n_chips=2)
    whole = run(model, tiles, data, seed=1)
    first = run(model, tiles, data.steps(0, n), seed=1)
    rest = run(model, tiles, data.steps(n, 6), seed=1, state=first.state)
    assert first.events + rest.events == whole.events
    rows = [run(model, tiles, data.rows(i, i + 1), seed=1).events for i in range(5)]
    assert sum_events(rows) == whole.events
    alone = [program_model(model, hardware, first_chip=c) for c in (0, 1)]
    assert sum_events(run(model, t, data, seed=1).events for t in alone) == whole.events
    assert sum_events(t.events for t in alone) == tiles.events


def by_tile(events: Events, layer: str) -> dict[tuple[int, str], int]:
    """Return the counts of a layer, by tile and action."""
    return {(tile, action): n for (name, tile, action), n in events.counts.items() if name == layer}


def analog(events: Events, layer: str, tile: int) -> dict[str, int]:
    return {action: n for (t, action), n in by_tile(events, layer).items() if t == tile}


def digital(events: Events, layer: str) -> dict[str, int]:
    return analog(events, layer, -1)


def events_of(model, hardware, lengths=(4, 2)) -> Events:
    """Return the events of two sequences, 6 steps together."""
    x_code = np.full((2, 4, model.n_input), 5)
    return run(
        model, program_model(model, hardware), Data(x_code, np.array(lengths)), seed=0
    ).events


# Three modes in two channels (2 + 1), real, 8-bit codes, 12-bit states, 8-bit inputs, 10-bit
# outputs; 8-bit DACs take a state in two slices of 8 and 4 bits; six sequence-steps.
STEPS = 6
DAC = {"kind": "uniform", "bits": 8, "v_read_V": 0.2}


def test_fused_by_hand():
    """One tile: wordlines x x u x u, columns x' x' y x' y; one read a step and slice; D digital."""
    events = events_of(kernel_model(tied=True, readout="old"), hardware_of(dac=DAC, s4d="fused"))
    assert analog(events, "ssm", 0) == {
        "crossbar.mvm": 2 * STEPS,
        "dac.convert": (5 + 3) * STEPS,  # low slice: 3 states and 2 inputs, high slice: 3 states
        "line.switch": (5 + 3) * STEPS,
        "buffer.read_bit": (5 * 8 + 3 * 4) * STEPS,
        "sample_hold.hold": (5 + 5) * STEPS,
        "adc.convert": (5 + 5) * STEPS,
        "shift_add.op": (5 + 5) * STEPS,
    }
    assert digital(events, "ssm") == {
        # C x + D u of 2 channels, and half a step on 3 states and 2 outputs: their multipliers are
        # powers of two; A x + B u was summed on the bitlines
        "adder.add": (2 + 5) * STEPS,
        "multiplier.bit_product": 2 * 8 * 8 * STEPS,  # D u: 8-bit codes times 8-bit inputs
        "state.read_bit": 36 * STEPS,
        "state.write_bit": 36 * STEPS,
        "buffer.write_bit": 20 * STEPS,
        "bus.bit": 20 * STEPS,
        "router.bit": 20 * STEPS,
        "control.step": STEPS,
    }


def test_fused_with_a_leading_input_by_hand():
    """B counts 32 units: 4-bit DACs drive the two slices of u with the upper two of three of x."""
    dac = {"kind": "uniform", "bits": 4, "v_read_V": 0.2}
    events = events_of(kernel_model(tied=True, readout="old"), hardware_of(dac=dac, s4d="fused"))
    assert analog(events, "ssm", 0) == {
        "crossbar.mvm": 3 * STEPS,
        **dict.fromkeys(("dac.convert", "line.switch"), (3 + 5 + 5) * STEPS),
        "buffer.read_bit": (3 + 5 + 5) * 4 * STEPS,
        **dict.fromkeys(("sample_hold.hold", "adc.convert", "shift_add.op"), 3 * 5 * STEPS),
    }


def test_split_by_hand():
    """Three tiles A, B, C; D and the sums of A x and B u are digital."""
    events = events_of(kernel_model(tied=False), hardware_of(dac=DAC, s4d="split"))
    read = {"sample_hold.hold", "adc.convert", "shift_add.op"}
    expected = {
        0: (2, 3 + 3, 3 * 8 + 3 * 4, 3 + 3),  # A: two slices of 3 states onto 3 columns
        1: (1, 2, 2 * 8, 3),  # B: one slice of 2 inputs onto 3 columns
        2: (2, 3 + 3, 3 * 8 + 3 * 4, 2 + 2),
    }  # C: two slices of 3 states onto 2 columns
    for tile, (mvm, driven, bits, converted) in expected.items():
        assert analog(events, "ssm", tile) == {
            "crossbar.mvm": mvm * STEPS,
            "dac.convert": driven * STEPS,
            "line.switch": driven * STEPS,
            "buffer.read_bit": bits * STEPS,
            **dict.fromkeys(read, converted * STEPS),
        }
    assert digital(events, "ssm") == {
        "requant.op": 5 * STEPS,
        "adder.add": (3 + 2) * STEPS,  # A x + B u of 3 states, C x + D u of 2 channels
        "multiplier.bit_product": 2 * 8 * 8 * STEPS,  # D u: 8-bit codes times 8-bit inputs
        "state.read_bit": 36 * STEPS,
        "state.write_bit": 36 * STEPS,
        "buffer.write_bit": 20 * STEPS,
        "bus.bit": 20 * STEPS,
        "router.bit": 20 * STEPS,
        "control.step": STEPS,
    }


def test_hybrid_by_hand():
    """Two tiles B, C; the diagonal recurrence is digital."""
    events = events_of(kernel_model(tied=False, is_complex=True), hardware_of(dac=DAC))
    assert {t for t, _ in by_tile(events, "ssm")} == {-1, 0, 1}
    assert analog(events, "ssm", 0)["adc.convert"] == 6 * STEPS  # B: 3 complex states
    assert analog(events, "ssm", 0)["dac.convert"] == 2 * STEPS
    assert analog(events, "ssm", 1)["adc.convert"] == 2 * 2 * STEPS  # C: two slices, 2 channels
    assert analog(events, "ssm", 1)["dac.convert"] == 2 * 6 * STEPS
    assert digital(events, "ssm") == {
        "requant.op": (6 + 2) * STEPS,
        # A x: four products and two sums a mode; A x + B u: one sum a real state; C x + D u
        "multiplier.bit_product": (2 * 8 * 8 + 3 * 4 * 8 * 12) * STEPS,
        "adder.add": (3 * 2 + 6 + 2) * STEPS,
        "state.read_bit": 72 * STEPS,
        "state.write_bit": 72 * STEPS,
        "buffer.write_bit": 20 * STEPS,
        "bus.bit": 20 * STEPS,
        "router.bit": 20 * STEPS,
        "control.step": STEPS,
    }


def test_pool_and_readout_by_hand():
    events = events_of(kernel_model(), hardware_of())
    assert digital(events, "pool") == {
        "buffer.write_bit": 20 * STEPS + 20 * 2,  # the last step is kept; two results written
        "bus.bit": 20 * 2,
        "router.bit": 20 * 2,
        "buffer.read_bit": 20 * 2,
        "control.step": 2,
    }


@pytest.mark.parametrize(
    ("pair", "subtraction", "n"),
    [
        ("bitlines", "before_adc", 3),
        ("bitlines", "after_adc", 6),
        ("unit_cell", "before_adc", 3),
        ("unit_cell", "after_adc", 6),
    ],
)
def test_subtraction_after_the_adc_converts_twice(pair, subtraction, n):
    model = linear_model(np.arange(6).reshape(2, 3))
    events = events_of(model, hardware_of(pair=pair, subtraction=subtraction, bitlines_per_adc=4))
    assert events.total("adc.convert") == n * STEPS
    assert events.total("mux.switch") == n * STEPS
    assert events.total("adder.add") == (3 + 3) * STEPS  # the bias, and half a step
    assert events.total("requant.op") == 0


def test_array_reads_are_sums_of_squared_codes_and_row_conductances():
    weight = np.array([[127, -127], [0, 64]])
    model = linear_model(weight)
    device = device_of("ideal", g_min_S=1.0e-6, g_max_S=128.0e-6)
    x_code = np.array([[[3, -5], [7, 0]]])
    tiles = program_model(
        model, hardware_of(device, dac={"kind": "uniform", "bits": 4, "v_read_V": 0.15})
    )
    arrays = run(model, tiles, Data(x_code, np.array([2])), seed=0, age_s=5.0).events.arrays
    low, high = arrays["enc", 0, 0, "5.0 s/y/0"], arrays["enc", 0, 0, "5.0 s/y/1"]
    assert len(arrays) == 2
    assert low.x2 == (3**2 + 7**2, 11**2)  # -5 = -1 * 16 + 11
    assert high.x2 == (0, 1)
    np.testing.assert_allclose(low.g_row_S, [(128 + 1 + 1 + 128) * 1e-6, (1 + 1 + 65 + 1) * 1e-6])
    assert low.v_lsb_V == pytest.approx(0.01)  # code 15 is 0.15 V
    assert high.v_lsb_V == pytest.approx(0.15 / 8)  # the top slice is signed: -8..7


def test_programming_is_counted_per_device_and_chip():
    model = linear_model(np.ones((5, 3)))
    tiles = program_model(model, hardware_of(PCM), n_chips=2)
    assert tiles.events.counts == {
        ("enc", 0, "program.set_pulse"): 10 * 30 * 2,
        ("enc", 0, "program.reset_pulse"): 1 * 30 * 2,
        ("enc", 0, "program.verify_read"): 10 * 30 * 2,
        ("enc", 0, "program.set_slot"): 10 * 30 * 2,
        ("enc", 0, "program.reset_slot"): 1 * 30 * 2,
        ("enc", 0, "program.verify_slot"): 10 * 30 * 2,
    }


def test_every_action_has_a_unit():
    assert all(isinstance(text, str) and text for text in ACTIONS.values())
    assert set(Events().by_action()) == set(ACTIONS)
