"""Single-pulse devices: one pulse by hand, the loop, its counts, its bounds."""

from __future__ import annotations

import math

import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError

from aimc_sim.devices import device_model_names, device_model_path, load_device
from aimc_sim.devices.pulsed import Response
from aimc_sim.devices.pulsed_response import PulsedCells
from aimc_sim.spec import InputError
from tests.unit.devices.draws import named
from tests.unit.devices.pulsed_cases import RESPONSES, SOURCE, pulsed, response_of

PRESETS = [name for name in device_model_names() if name.startswith("pulse_")]


def response(kind, **changes):
    return TypeAdapter(Response).validate_python(response_of(kind, **changes))


def normals_of(**z):
    return lambda name: np.atleast_1d(np.asarray(z.get(name, 0.0), dtype=np.float64))


def one_step(made, w, up, z, **normals):
    cells = made.cells(normals_of(**normals))
    return float(made.step(cells, np.array([w]), np.array([up]), np.array([z]))[0])


def test_every_preset_is_shipped():
    assert len(PRESETS) == 10
    kinds = {load_device(device_model_path(name)).device.response.kind for name in PRESETS}
    assert kinds == set(RESPONSES)


# one pulse, worked out by hand; dw_min is 0.01


@pytest.mark.parametrize(("up", "expected"), [(True, 0.2 + 0.016), (False, 0.2 - 0.016)])
def test_constant_step_by_hand(up, expected):
    made = response("constant_step", dw_min_std=0.3)
    assert one_step(made, 0.2, up, 2.0) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("mult", "up", "w", "expected"),
    [
        (True, True, 0.5, 0.5 + 0.01 * (1 - 0.3 * 0.5 / 1.25) * 1.6),
        (True, False, 0.5, 0.5 - 0.01 * (1 + 0.7 * 0.5 / 0.75) * 1.6),
        (True, False, -0.5, -0.5 - 0.01 * (1 - 0.7 * 0.5 / 0.75) * 1.6),
        (False, True, 0.5, 0.5 + 0.01 * (1 - 0.3 * 0.5 / 1.25 + 0.6)),
        (False, False, 0.5, 0.5 - 0.01 * (1 + 0.7 * 0.5 / 0.75 + 0.6)),
    ],
)
def test_linear_step_by_hand(mult, up, w, expected):
    made = response("linear_step", w_min=-0.75, w_max=1.25, dw_min_std=0.3, mult_noise=mult)
    assert one_step(made, w, up, 2.0) == pytest.approx(expected, rel=1e-12)


def test_linear_step_refers_to_the_mean_bound_and_its_slope_is_never_negative():
    made = response("linear_step", w_max_dtod=0.5, gamma_up_dtod=0.2, dw_min_dtod=0.1)
    found = one_step(made, 0.5, True, 0.0, w_max=1.0, gamma_up=-2.0, dw_min=1.0)
    assert found == pytest.approx(0.5 + 0.011 * (1 - abs(0.3 - 0.4) * 0.5), rel=1e-12)


@pytest.mark.parametrize(
    ("mult", "up", "expected"),
    [
        (True, True, 0.5 + 0.01 * (1 - 0.5 / 1.2) * 1.6),
        (True, False, 0.5 - 0.01 * (1 + 0.5 / 0.7) * 1.6),
        (False, True, 0.5 + 0.01 * (1 - 0.5 / 1.2 + 0.6)),
        (False, False, 0.5 - 0.01 * (1 + 0.5 / 0.7 + 0.6)),
    ],
)
def test_soft_bounds_by_hand(mult, up, expected):
    made = response("soft_bounds", w_max_dtod=0.1, w_min_dtod=0.3, dw_min_std=0.3, mult_noise=mult)
    found = one_step(made, 0.5, up, 2.0, w_max=2.0, w_min=-1.0)
    assert found == pytest.approx(expected, rel=1e-12)


def test_soft_bounds_do_not_move_at_the_bound():
    made = response("soft_bounds", mult_noise=True, dw_min_std=0.3)
    assert one_step(made, 1.0, True, 2.0) == 1.0
    assert one_step(made, -1.0, False, 2.0) == -1.0


@pytest.mark.parametrize("up", [True, False])
def test_exp_step_by_hand(up):
    made = response(
        "exp_step", w_max_dtod=0.5, dw_min_std=0.6, dw_min_std_add=0.042, dw_min_std_slope=0.108
    )
    z = 2 * -0.5 * 0.4 / 2.5 + 0.25
    y = 1 + 1.5 * math.exp(2.0 * z) if up else 1 - 0.2 * math.exp(-3.0 * z)
    noise = 0.6 * (0.01 * y + 0.042 + 0.108 * 0.4) * 2.0
    expected = 0.4 + (0.01 * y if up else -0.01 * y) + noise
    assert one_step(made, 0.4, up, 2.0, w_max=1.0) == pytest.approx(expected, rel=1e-12)


def test_exp_step_never_goes_the_wrong_way_and_stands_still_without_a_range():
    assert one_step(response("exp_step", A_down=50.0), 0.4, False, 0.0) == 0.4
    still = response("exp_step", w_min=0.0, w_max=0.0)
    assert one_step(still, 0.0, True, 3.0) == 0.0


@pytest.mark.parametrize(
    ("up_down", "log", "up", "down"),
    [
        (0.0, False, 1 + 0.2 + 0.1, 1 + 0.2 - 0.1),
        (0.25, False, 1 + 0.2 + 0.1, 1 + 0.2 - 0.1 - 0.25),
        (-0.25, False, 1 + 0.2 + 0.1 - 0.25, 1 + 0.2 - 0.1),
        (0.0, True, math.exp(0.2) + 0.1, math.exp(0.2) - 0.1),
    ],
)
def test_steps_of_a_device_by_hand(up_down, log, up, down):
    made = response(
        "constant_step",
        dw_min_dtod=0.1,
        dw_min_dtod_log_normal=log,
        up_down=up_down,
        up_down_dtod=0.05,
    )
    cells = made.cells(normals_of(dw_min=2.0, up_down=2.0))
    assert cells.dw_up[0] == pytest.approx(0.01 * up, rel=1e-12)
    assert cells.dw_down[0] == pytest.approx(0.01 * down, rel=1e-12)


def test_steps_and_bounds_of_a_device_keep_their_signs():
    made = response("constant_step", dw_min_dtod=1.0, w_min_dtod=1.0, w_max_dtod=1.0)
    cells = made.cells(normals_of(dw_min=-3.0, w_min=-3.0, w_max=[-1.5]))
    assert cells.dw_up[0] == cells.dw_down[0] == pytest.approx(0.02)
    assert (cells.w_min[0], cells.w_max[0]) == (-0.5, 2.0)


# conductances


def test_weights_lie_on_a_straight_line():
    device = pulsed(g_min_S=20.0e-6, g_max_S=60.0e-6, w_at_g_min=-0.5, w_at_g_max=0.5)
    found = device.conductance_S(np.array([-0.5, 0.0, 0.5, 0.75]))
    assert found == pytest.approx([20.0e-6, 40.0e-6, 60.0e-6, 70.0e-6], rel=1e-12)


def test_a_conductance_is_never_negative():
    """The line meets 0 S at weight -0.7, and from there the first pulse goes 0.5 uS up."""
    device = pulsed(g_min_S=10.0e-6, g_max_S=60.0e-6, w_at_g_min=-0.5, w_at_g_max=0.5, max_pulses=1)
    state = device.program([10.0e-6, 60.0e-6], named(1, (2,)))
    assert state.g_programmed_S == pytest.approx([0.5e-6, 0.5e-6], rel=1e-9)


# the loop


def test_without_noise_the_target_is_met_within_half_a_step():
    device = pulsed(window_S=0.2501e-6, response={"dw_min": 0.01})
    g_S = np.linspace(0.0, 100.0e-6, 1001)
    state = device.program(g_S, named(1, g_S.shape))
    assert not state.writing.failed.any()
    assert np.abs(state.g_programmed_S - g_S).max() <= 0.25e-6 * (1 + 1e-9)
    assert not state.writing.n_reset_pulses.any()
    assert state.writing.n_set_pulses == pytest.approx(g_S / 0.5e-6, abs=0.5 + 1e-6)


def test_pulses_go_down_from_a_stated_start():
    device = pulsed(window_S=0.3e-6, start_weight=1.0)
    state = device.program([0.0, 100.0e-6, 90.0e-6], named(1, (3,)))
    assert state.writing.n_set_pulses.tolist() == [0, 0, 0]
    assert state.writing.n_reset_pulses.tolist() == [200, 0, 20]
    assert state.writing.n_verify_reads.tolist() == [201, 1, 21]
    assert state.g_programmed_S == pytest.approx([0.0, 100.0e-6, 90.0e-6], abs=1e-15)


def test_a_window_as_wide_as_the_range_takes_one_read_and_no_pulse():
    state = pulsed(window_S=1.0).program(np.linspace(0.0, 1.0e-4, 9), named(1, (9,)))
    assert not state.g_programmed_S.any()
    assert (state.writing.n_verify_reads == 1).all()
    assert not (state.writing.n_set_pulses + state.writing.n_reset_pulses).any()
    assert not state.writing.failed.any()


def test_a_budget_of_one_is_one_pulse():
    state = pulsed(max_pulses=1).program([0.0, 1.2e-6, 50.0e-6], named(1, (3,)))
    assert state.writing.n_set_pulses.tolist() == [0, 1, 1]
    assert state.writing.n_verify_reads.tolist() == [1, 2, 2]
    assert state.writing.failed.tolist() == [False, False, True]
    assert state.g_programmed_S == pytest.approx([0.0, 0.5e-6, 0.5e-6], abs=1e-15)


def test_a_cell_at_the_edge_of_the_window_is_not_done():
    device = pulsed(window_S=2.0**-20, g_max_S=2.0**-13, max_pulses=1)
    state = device.program([2.0**-20, 2.0**-20 * 0.999], named(1, (2,)))
    assert state.writing.n_set_pulses.tolist() == [1, 0]


def test_a_coarse_converter_fails_honestly():
    """Steps of 10 uS, a window of 1 uS: only targets near a code can be verified."""
    device = pulsed(window_S=1.0e-6, max_pulses=500, verify="adc")
    g_S = np.array([10.0e-6, 10.9e-6, 14.0e-6, 15.5e-6, 19.2e-6])
    state = device.write(g_S, named(1, (5,)), 10.0e-6)
    assert state.writing.failed.tolist() == [False, False, True, True, False]
    read_S = np.floor(state.g_programmed_S / 10.0e-6 + 0.5) * 10.0e-6
    assert (np.abs(read_S - g_S) < 1.0e-6).tolist() == (~state.writing.failed).tolist()
    assert (np.abs(state.g_programmed_S - g_S)[[0, 4]] > 4.0e-6).all()  # done, at half a code


@pytest.mark.parametrize("name", PRESETS)
def test_a_cell_is_within_the_window_or_counted_as_failed_never_both(name):
    device = load_device(device_model_path(name), {"device.write_verify.max_pulses": 300}).device
    g_S = np.linspace(device.g_min_S, device.g_max_S, 600).reshape(20, 30)
    state = device.program(g_S, named(3, g_S.shape))
    writing = state.writing
    within = np.abs(state.g_programmed_S - g_S) < device.write_verify.window_S
    n_pulses = writing.n_set_pulses + writing.n_reset_pulses
    assert (within == ~writing.failed).all()
    assert (n_pulses[writing.failed] == 300).all()
    assert (n_pulses <= 300).all()
    assert (writing.n_verify_reads == n_pulses + 1).all()
    assert all(part.shape == g_S.shape for part in vars(writing).values())
    assert within.any()


def test_a_device_that_cannot_reach_its_target_saturates_and_is_counted():
    device = pulsed(response={"w_max_dtod": 0.1}, max_pulses=300)
    draw = named(1, (400,))
    state = device.program(np.full(400, 100.0e-6), draw)
    top_S = 50.0e-6 + 50.0e-6 * (1 + 0.1 * draw("w_max").astype(np.float64))
    cannot = top_S <= 99.0e-6
    assert (state.writing.failed == cannot).all()
    assert state.g_programmed_S[cannot] == pytest.approx(top_S[cannot], rel=1e-12)
    assert state.n_clipped == cannot.sum() > 100


def test_what_is_seen_scatters_while_pulses_move_what_is_below():
    """write_noise_std is in units of dw_min, and drawn at every pulse."""
    device = pulsed(response={"write_noise_std": 3.0}, window_S=1.0e-12, max_pulses=2)
    z = {"write_noise/0": -20.0, "write_noise/1": 2.0, "write_noise/2": 1.0}
    draw = lambda name: np.full(1, z.get(name, 0.0), dtype=np.float32)  # noqa: E731
    state = device.program([50.0e-6], draw)
    assert state.g_programmed_S[0] == pytest.approx(50.0e-6 * (0.02 + 0.03), rel=1e-9)
    low = device.program([0.2e-6], draw)  # -30 uS is seen as 0 S, then up, seen at 3.5 uS, down
    assert (low.writing.n_set_pulses[0], low.writing.n_reset_pulses[0]) == (1, 1)
    assert low.g_programmed_S[0] == pytest.approx(50.0e-6 * 0.03, rel=1e-9)


def test_what_is_seen_is_never_negative_and_counted_where_it_would_be():
    device = pulsed(response={"write_noise_std": 3.0}, max_pulses=1)
    z = np.array([-20.0, 20.0], dtype=np.float32)
    state = device.program([50.0e-6, 50.0e-6], lambda s: z if s == "write_noise/1" else 0.0 * z)
    assert state.g_programmed_S == pytest.approx([0.0, 30.5e-6], rel=1e-9)
    assert state.n_clipped == 1


def test_a_full_reset_brings_a_device_to_the_bottom_from_anywhere():
    reset = {"weight": -0.9, "dtod": 0.02, "std": 0.01, "source": SOURCE}
    device = pulsed(
        reset=reset, response={"dw_min": 0.5, "dw_min_std": 0.2}, window_S=1.0e-9, max_pulses=2
    )
    z = {"reset": 1.0, "pulse/0": 2.0, "pulse/1": 1.0, "pulse/2": -3.0}
    draw = lambda name: np.full(1, z.get(name, 0.0), dtype=np.float32)  # noqa: E731
    once = device.model_copy(
        update={"write_verify": device.write_verify.model_copy(update={"max_pulses": 1})}
    )
    start = -0.9 + 0.02 + 0.01 * 2.0
    up = once.program([20.0e-6], draw)
    assert up.g_programmed_S[0] == pytest.approx(50.0e-6 * (1 + start + 0.5 * 1.2), rel=1e-9)
    down = device.program([20.0e-6], draw)
    assert down.g_programmed_S[0] == pytest.approx(50.0e-6 * (1 - 0.88 - 0.03), rel=1e-9)
    assert (down.writing.n_set_pulses[0], down.writing.n_reset_pulses[0]) == (1, 1)


def test_no_cell_depends_on_others_or_on_when_they_are_done():
    device = load_device(device_model_path("pulse_reram_sb_gong2018")).device
    g_S = np.linspace(device.g_min_S, device.g_max_S, 40)
    z = named(4, g_S.shape)
    whole, alone = device.program(g_S, z), device.program(g_S[7:8], lambda s: z(s)[7:8])
    assert whole.g_programmed_S[7] == alone.g_programmed_S[0]
    assert whole.writing.n_set_pulses[7] == alone.writing.n_set_pulses[0]
    assert len(np.unique(whole.writing.n_verify_reads)) > 5


def test_reads_of_a_written_device():
    plain = pulsed()
    state = plain.program([50.0e-6], named(1, (1,)))
    assert plain.read_noise(state, state.g_programmed_S, 0.0).sigma_S() is None
    noisy = pulsed(sigma_read_S=2.0e-6, read_source=SOURCE)
    assert noisy.read_noise(state, state.g_programmed_S, 9.0).sigma_S().tolist() == [2.0e-6]
    assert (plain.drift(state, 1.0e6) == state.g_programmed_S).all()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"w_at_g_min": -1.1}, "must rise and lie within the bounds -1 to 1"),
        ({"w_at_g_max": 1.1}, "must rise and lie within the bounds -1 to 1"),
        ({"w_at_g_max": -1.0}, "must rise"),
        ({"sigma_read_S": 1.0e-6}, "go together"),
        ({"statistic": "after_verify"}, "single_pulse"),
        ({"write_verify": None}, "write_verify"),
        ({"set_pulses_mean": 3}, "set_pulses_mean"),
        (
            {"start_weight": 0.0, "reset": {"weight": 0, "dtod": 0, "std": 0, "source": SOURCE}},
            "starts from one",
        ),
    ],
)
def test_what_cannot_be_is_refused(changes, message):
    with pytest.raises(ValidationError, match=message):
        pulsed(**changes)


def test_a_loop_on_top_of_a_spread_after_verification_is_refused():
    loop = pulsed().write_verify.model_dump()
    with pytest.raises(InputError, match="a loop on top would count it twice"):
        load_device(device_model_path("taox_64x64"), {"device.write_verify": loop})


def test_an_unknown_response_is_one_line():
    with pytest.raises(InputError, match=r"response\.kind: found 'soft_bound'; did you mean"):
        load_device(
            device_model_path("pulse_reram_sb_gong2018"), {"device.response.kind": "soft_bound"}
        )


def test_cells_are_picked_by_number():
    cells = PulsedCells(*(np.arange(6.0).reshape(6, 1) + np.array([0.0, 10.0, 20.0])))
    assert cells.at(np.array([2, 0])).slope_down.tolist() == [25.0, 5.0]
