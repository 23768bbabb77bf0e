"""Writing: pulses, reads, slots and failures of tiles; the step of verify reads."""

from __future__ import annotations

import numpy as np
import pytest

from aimc_sim.chip import load_chip
from aimc_sim.cost import cost_of
from aimc_sim.crossbar.writing import verify_step_S
from tests.laws.build import device_of, hardware_of, kernel_model, linear_model, program_model
from tests.unit.devices.pulsed_cases import pulsed

NOISY = pulsed("soft_bounds", max_pulses=60, response={"dw_min": 0.05, "dw_min_std": 1.0})
WEIGHT = np.random.default_rng(0).integers(-127, 128, (7, 5))
EACH = {"set": "n_set_pulses", "reset": "n_reset_pulses", "verify": "n_verify_reads"}


def scheduled(hardware, schedule):
    return type(hardware).model_validate(
        {**hardware.model_dump(), "programming": {"schedule": schedule}}
    )


def counted(events, action):
    what = "read" if action == "verify" else "pulse"
    return events.total(f"program.{action}_{what}"), events.total(f"program.{action}_slot")


@pytest.mark.parametrize("schedule", ["serial", "row_parallel"])
def test_events_are_those_of_the_loops(schedule):
    hardware = scheduled(hardware_of(NOISY, tile=(4, 64)), schedule)
    tiles = program_model(linear_model(WEIGHT), hardware, n_chips=2)
    assert len(tiles.states) == 4
    for action, name in EACH.items():
        each = [getattr(state.writing, name) for state in tiles.states.values()]
        n_each = sum(int(n.sum()) for n in each)
        n_rows = sum(int(row.max()) for n in each for row in n)
        n_slots = n_each if schedule == "serial" else n_rows
        assert counted(tiles.events, action) == (n_each, n_slots)
        assert n_rows < n_each
    assert tiles.events.total("program.failure") == sum(
        int(state.writing.failed.sum()) for state in tiles.states.values()
    )
    assert tiles.events.total("program.failure") > 0


def test_every_written_device_is_read_once_more_than_it_is_pulsed():
    tiles = program_model(linear_model(WEIGHT), hardware_of(NOISY))
    n = {action: counted(tiles.events, action)[0] for action in EACH}
    assert n["verify"] == n["set"] + n["reset"] + 2 * WEIGHT.size


def test_stated_means_take_slots_too():
    hardware = hardware_of(device_of("pcm_joshi2020"), tile=(4, 64))
    serial, parallel = (
        program_model(linear_model(WEIGHT), scheduled(hardware, schedule)).events
        for schedule in ("serial", "row_parallel")
    )
    device = hardware.device
    for action, mean in (
        ("set", device.set_pulses_mean),
        ("reset", device.reset_pulses_mean),
        ("verify", device.verify_reads_mean),
    ):
        assert counted(serial, action) == (70 * mean, 70 * mean)
        assert counted(parallel, action) == (70 * mean, 7 * mean)
    assert serial.total("program.failure") == 0


def test_an_array_of_one_pair_has_slots_between_one_and_two_devices():
    for schedule in ("serial", "row_parallel"):
        tiles = program_model(
            linear_model(np.array([[100]])), scheduled(hardware_of(NOISY), schedule)
        )
        (state,) = tiles.states.values()
        plus, minus = state.writing.n_set_pulses.reshape(2)
        slots = counted(tiles.events, "set")[1]
        assert slots == (plus + minus if schedule == "serial" else max(plus, minus))


def test_one_device_a_wordline_takes_the_same_slots_in_both_schedules():
    """The target of the minus device is where every device starts: only the plus one is pulsed."""
    device = pulsed(max_pulses=500)
    serial, parallel = (
        program_model(
            linear_model(np.array([[100], [50], [7]])), scheduled(hardware_of(device), schedule)
        ).events
        for schedule in ("serial", "row_parallel")
    )
    assert counted(serial, "set") == counted(parallel, "set")
    assert counted(serial, "set")[1] > 0


def test_only_programmed_cells_are_counted():
    """From the middle, with three pulses, the cells that hold no weight would all fail."""
    hardware = hardware_of(pulsed(start_weight=0.0, max_pulses=3), s4d="split")
    tiles = program_model(kernel_model(is_complex=True), hardware)
    n_read = n_failed = 0
    for (_, tile_id), state in tiles.states.items():
        mask = tiles.programmed[tile_id]
        n_read += int(state.writing.n_verify_reads[mask].sum())
        n_failed += int(state.writing.failed[mask].sum())
    assert counted(tiles.events, "verify")[0] == n_read
    assert tiles.events.total("program.failure") == n_failed
    assert not tiles.programmed[0].all()


def test_nothing_fails_where_the_spread_of_writing_is_off():
    hardware = hardware_of(NOISY)
    off = type(hardware).model_validate(
        {**hardware.model_dump(), "effects": {"programming": False}}
    )
    tiles = program_model(linear_model(WEIGHT), off)
    (state,) = tiles.states.values()
    assert (state.g_programmed_S == state.g_target_S).all()
    assert tiles.events.total("program.failure") == 0


@pytest.mark.parametrize(
    ("verify", "adc", "expected_S"),
    [
        ("adc", {"kind": "uniform", "bits": 6}, 100.0e-6 / 64),
        ("ideal", {"kind": "uniform", "bits": 6}, 0.0),
        ("adc", {"kind": "ideal"}, 0.0),
    ],
)
def test_step_of_a_verify_read(verify, adc, expected_S):
    assert verify_step_S(hardware_of(pulsed(verify=verify), adc=adc)) == expected_S
    assert verify_step_S(hardware_of(device_of("ideal"), adc=adc)) == 0.0


def test_verify_reads_go_through_the_converter_of_the_chip():
    device = pulsed(verify="adc", max_pulses=300)
    tiles = program_model(
        linear_model(WEIGHT), hardware_of(device, adc={"kind": "uniform", "bits": 3})
    )
    (state,) = tiles.states.values()
    step_S = 100.0e-6 / 8
    read_S = np.floor(state.g_programmed_S / step_S + 0.5) * step_S
    within = np.abs(read_S - state.g_target_S) < device.write_verify.window_S
    assert (within == ~state.writing.failed).all()
    assert 0 < within.sum() < within.size


def test_rows_at_once_cost_the_same_energy_and_less_time():
    chip = load_chip("examples/chips/ideal.yaml")
    hardware = scheduled(hardware_of(NOISY), "serial")
    bills = {}
    for schedule in ("serial", "row_parallel"):
        tiles = program_model(linear_model(WEIGHT), scheduled(hardware, schedule))
        bills[schedule] = cost_of(tiles.events, chip.costs, tiles.plan)
    serial, parallel = bills["serial"], bills["row_parallel"]
    assert serial.energy_J.programming == parallel.energy_J.programming > 0.0
    assert 0.0 < parallel.latency_s.programming < serial.latency_s.programming
