"""Tables: numbers at levels, linear between them, by hand; and the example as it was made."""

from __future__ import annotations

import math

import numpy as np
import pytest

from aimc_sim.devices import TableDevice, device_model_path, load_device
from aimc_sim.spec import InputError, read_yaml, validate
from tests.fixtures.make_table_example import tree
from tests.unit.devices.draws import given

SOURCE = {"cite": "by hand", "grade": "assumed", "note": "for this test"}
LEVELS = [
    {"g_target_S": 2.0e-6, "mean_S": 3.0e-6, "sigma_S": 0.5e-6},
    {"g_target_S": 4.0e-6, "mean_S": 4.0e-6, "sigma_S": 1.5e-6},
    {"g_target_S": 10.0e-6, "mean_S": 9.4e-6, "sigma_S": 0.3e-6},
]
DRIFT = [{"nu_mean": 0.1, "nu_std": 0.02}, {"nu_mean": 0.06, "nu_std": 0.04}]
DRIFT.append({"nu_mean": -0.03, "nu_std": 0.01})
READ = [{"read_sigma_S": 1.0e-8, "q": 0.2}, {"read_sigma_S": 3.0e-8, "q": 0.1}]
READ.append({"read_sigma_S": 3.0e-8, "q": 0.04})
WITH_TIMES = {"t0_s": 50.0, "drift_source": SOURCE, "t_read_s": 1.0e-6, "read_source": SOURCE}


def table(levels=LEVELS, **more):
    counts = {"set_pulses_mean": 1, "reset_pulses_mean": 0, "verify_reads_mean": 1}
    fixed = {"kind": "table", "g_min_S": 2.0e-6, "g_max_S": 10.0e-6, "statistic": "after_verify"}
    sources = {"programming_source": SOURCE, "pulses_source": SOURCE}
    return validate(TableDevice, {**fixed, **counts, **sources, "levels": levels, **more}, "x")


def joined(*parts):
    return [{k: v for part in row for k, v in part.items()} for row in zip(*parts, strict=True)]


@pytest.mark.parametrize(
    ("g_uS", "mean_uS", "sigma_uS"),
    [(2.0, 3.0, 0.5), (3.0, 3.5, 1.0), (4.0, 4.0, 1.5), (7.0, 6.7, 0.9), (10.0, 9.4, 0.3)],
)
def test_linear_between_levels_by_hand(g_uS, mean_uS, sigma_uS):
    device = table()
    for z in (0.0, 1.5, -1.0):
        state = device.program([g_uS * 1e-6], given(programming=[z]))
        written_S = (mean_uS + sigma_uS * z) * 1e-6
        assert state.g_programmed_S[0] == pytest.approx(written_S, rel=1e-12)


@pytest.mark.parametrize("g_uS", [1.99, 10.01, 0.0])
def test_outside_the_levels_is_refused(g_uS):
    with pytest.raises(InputError, match="allowed 2e-06 to 1e-05 S"):
        table().program([g_uS * 1e-6], given(programming=[0.0]))


def test_cells_below_zero_are_clipped_and_counted():
    state = table().program([4.0e-6, 4.0e-6], given(programming=[-3.0, 3.0]))
    assert state.g_programmed_S == pytest.approx([0.0, 8.5e-6])
    assert state.n_clipped == 1


def test_without_exponents_nothing_drifts_and_without_spreads_nothing_is_noisy():
    device = table()
    state = device.program([4.0e-6], given(programming=[0.0]))
    assert (device.drift(state, 1.0e9) == state.g_programmed_S).all()
    assert device.read_noise(state, state.g_programmed_S, 1.0e9).sigma_S() is None
    assert device.time_scale_s == 1.0


@pytest.mark.parametrize(("g_uS", "nu"), [(2.0, 0.12), (3.0, 0.11), (7.0, 0.04), (10.0, -0.02)])
def test_exponents_by_hand_and_not_folded(g_uS, nu):
    device = table(joined(LEVELS, DRIFT), t0_s=50.0, drift_source=SOURCE)
    state = device.program([g_uS * 1e-6], given(programming=[0.0], drift_nu=[1.0]))
    assert state.drift_nu[0] == pytest.approx(nu, rel=1e-12)
    expected_S = state.g_programmed_S[0] * 10.0**-nu
    assert device.drift(state, 450.0)[0] == pytest.approx(expected_S, rel=1e-12)
    assert device.time_scale_s == 50.0


def test_read_noise_by_hand():
    device = table(joined(LEVELS, DRIFT, READ), **WITH_TIMES)
    state = device.program([3.0e-6], given(programming=[0.0], drift_nu=[0.0]))
    noise = device.read_noise(state, np.array([2.0e-6]), 100.0)
    flicker_S = 0.15 * 2.0e-6 * math.sqrt(math.log((150.0 + 1e-6) / 2e-6))
    assert noise.white_S == pytest.approx([2.0e-8], rel=1e-12)
    assert noise.flicker.sigma_S() == pytest.approx([flicker_S], rel=1e-12)


def test_one_over_f_noise_without_drift_counts_from_programming():
    columns = [{"q": 0.1}] * 3
    device = table(joined(LEVELS, columns), t_read_s=1.0e-6, read_source=SOURCE)
    state = device.program([4.0e-6], given(programming=[0.0]))
    assert device.read_noise(state, state.g_programmed_S, 0.0).sigma_S()[0] == 0.0
    expected_S = 0.4e-6 * math.sqrt(math.log((1.0 + 1e-6) / 2e-6))
    found_S = device.read_noise(state, state.g_programmed_S, 1.0).sigma_S()[0]
    assert found_S == pytest.approx(expected_S, rel=1e-12)


@pytest.mark.parametrize(
    ("levels", "more", "message"),
    [
        (LEVELS[::-1], {}, "levels: g_target_S must ascend"),
        ([LEVELS[0]] * 2, {}, "levels: g_target_S must ascend"),
        (LEVELS[:1], {}, "levels: .*at least 2 items"),
        (LEVELS, {"g_min_S": 1.0e-6}, "levels: found 2e-06 to 1e-05 S; must cover g_min_S 1e-06"),
        (LEVELS, {"g_max_S": 11.0e-6}, "must cover g_min_S 2e-06 to g_max_S 1.1e-05"),
        (joined(LEVELS, [DRIFT[0], {}, {}]), WITH_TIMES, "nu_mean is given at 1 of 3; all or none"),
        (joined(LEVELS, DRIFT), {"drift_source": SOURCE}, "t0_s: required where levels give nu_m"),
        (joined(LEVELS, DRIFT), {"t0_s": 1.0}, "drift_source: required"),
        (joined(LEVELS, [{"nu_mean": 0.1}] * 3), WITH_TIMES, "nu_std: required"),
        (joined(LEVELS, [{"nu_std": 0.1}] * 3), WITH_TIMES, "nu_mean: required"),
        (joined(LEVELS, READ), {"read_source": SOURCE}, "t_read_s: required where levels give q"),
        (joined(LEVELS, READ), {"t_read_s": 1.0e-6}, "read_source: required"),
        (joined(LEVELS, [{"sigma_S": -1.0}] * 3), {}, "sigma_S: found -1.0"),
    ],
)
def test_tables_that_cannot_hold_are_refused(levels, more, message):
    with pytest.raises(InputError, match=message) as caught:
        table(levels, **more)
    assert "\n" not in str(caught.value)


def test_the_example_is_what_its_script_makes():
    assert read_yaml(device_model_path("table_example")) == tree()


def test_the_example_says_that_it_is_no_measurement():
    model = load_device(device_model_path("table_example"))
    assert model.description.startswith("EXAMPLE")
    assert all(source.grade == "assumed" for source in model.device.sources().values())
