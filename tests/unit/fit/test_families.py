"""Every family: a device file that loads and runs, and notes on what is missing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import yaml

from aimc_sim.devices import ClippedLog, Constant, device_model_path, load_device
from aimc_sim.fit import FitOptions, fit_device, measurements_of
from aimc_sim.spec import InputError
from tests.unit.devices.draws import named

QUICK = FitOptions(n_bootstrap=40, seed=1)
TARGETS = np.array([0.0, 2.0, 5.0, 10.0, 17.0, 25.0]) * 1e-6
TIMES = (0.0, 100.0, 3000.0, 1e5)


def data_of(name, targets_S=TARGETS, times_s=TIMES, n=30, cycles=4, seed=1):
    device = load_device(device_model_path(name)).device
    return measurements_of(device, targets_S, times_s, n, cycles, seed)


@pytest.fixture(scope="module")
def pcm():
    return data_of("pcm_joshi2020")


@pytest.fixture(scope="module")
def rram():
    return data_of("rram_wan2022", times_s=(1.0, 86400.0))


@pytest.mark.parametrize("family", ["table", "pcm", "rram"])
def test_a_fitted_file_loads_and_runs(family, pcm, rram, tmp_path):
    data = rram if family == "rram" else pcm
    fit = fit_device(data, family, name="mine", options=QUICK)
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump(fit.file.model_dump(mode="json", exclude_none=True)))
    again = load_device(path)
    assert again.digest() == fit.file.digest()
    device = again.device
    assert device.kind == family
    assert device.programming_source.grade == "fitted"
    assert data.name in device.programming_source.cite
    assert "95 % intervals" in device.programming_source.note
    assert device.pulses_source.grade == "assumed"
    state = device.program(np.full((3, 4), 12e-6), named(1, (3, 4)))
    g_S = device.drift(state, 86400.0 if family == "rram" else 3600.0)
    assert np.isfinite(g_S).all()
    assert (device.read_noise(state, g_S, 86400.0).sigma_S() > 0.0).all()


@pytest.mark.parametrize("family", ["table", "pcm", "rram"])
def test_every_parameter_lies_in_its_interval(family, pcm, rram):
    fit = fit_device(rram if family == "rram" else pcm, family, name="mine", options=QUICK)
    for p in fit.parameters:
        assert np.isnan(p.low) or p.low <= p.value <= p.high, p
    assert fit.to_json()["parameters"][0]["ci95"][0] is not None
    again = fit_device(rram if family == "rram" else pcm, family, name="mine", options=QUICK)
    assert again.to_json() == fit.to_json()


def test_another_seed_moves_intervals_and_no_value(pcm):
    one = fit_device(pcm, "pcm", name="mine", options=QUICK)
    two = fit_device(pcm, "pcm", name="mine", options=replace(QUICK, seed=2))
    assert [p.value for p in one.parameters] == [p.value for p in two.parameters]
    assert one.parameters[0].low != two.parameters[0].low


def test_missing_reads_and_lost_devices_are_told(pcm):
    g_S = pcm.g_S.copy()
    g_S[40:50, 2:] = np.nan
    g_S[50, 1, 0] = np.nan
    fit = fit_device(replace(pcm, g_S=g_S), "pcm", name="mine", options=QUICK)
    assert any("81 reads are missing; 170 of 180 devices reach" in note for note in fit.notes)
    assert fit.census["n_devices_by_time"] == [180, 180, 170, 170]


def test_stuck_devices_are_listed_and_left_out(pcm):
    g_S = pcm.g_S.copy()
    g_S[100] = 24.0e-6
    g_S[70] = 0.0
    stuck = replace(pcm, g_S=g_S)
    fit = fit_device(stuck, "table", name="mine", options=QUICK)
    assert [row["device"] for row in fit.outliers] == ["d0070", "d0100"]
    assert any("2 devices (1.1 %)" in note for note in fit.notes)
    kept = fit_device(stuck, "table", name="mine", options=replace(QUICK, keep_outliers=True))
    name = "sigma_S[10 uS]"
    assert kept.parameter(name).value > 2.0 * fit.parameter(name).value
    assert [row["device"] for row in kept.outliers] == ["d0070", "d0100"]


def test_a_floor_does_not_move_the_spread():
    """A floor at 1.5 uS hides a fifth of the 2 uS level; Tobit finds its mean and spread."""
    pcm = data_of("pcm_joshi2020", TARGETS[1:], n=60)
    low = replace(pcm, g_S=np.maximum(pcm.g_S, 1.5e-6), floor_S=1.5e-6)
    free = fit_device(pcm, "table", name="mine", options=QUICK)
    fit = fit_device(low, "table", name="mine", options=QUICK)
    assert any("at or below the floor" in note for note in fit.notes)
    for name in ("mean_S[2 uS]", "sigma_S[2 uS]"):
        want, found = free.parameter(name), fit.parameter(name)
        assert found.low < want.value < found.high
    hidden = replace(low, floor_S=None)
    plain = fit_device(hidden, "table", name="mine", options=QUICK).parameter("sigma_S[2 uS]")
    assert plain.value < 0.9 * fit.parameter("sigma_S[2 uS]").value


@pytest.mark.parametrize(("family", "floor_S"), [("pcm", 1.0e-6), ("rram", 1.5e-6)])
def test_a_law_reaches_below_the_floor(family, floor_S):
    """Targets of 0 are all at the floor: the spread there follows from the others, if wide."""
    name, times_s = ("pcm_joshi2020", TIMES) if family == "pcm" else ("rram_wan2022", (1.0,))
    targets_S = np.array([0.0, 1.0, 2.0, 4.0, 8.0, 14.0, 20.0, 25.0]) * 1e-6
    data = data_of(name, targets_S, times_s, n=100, cycles=6)
    low = replace(data, g_S=np.maximum(data.g_S, floor_S), floor_S=floor_S)
    options = replace(QUICK, order=2)
    free = fit_device(data, family, name="mine", options=options)
    fit = fit_device(low, family, name="mine", options=options)
    end = "" if family == "pcm" else " at 1s"
    for target in (2, 4, 14, 25):
        name = f"sigma_S[{target} uS]{end}"
        assert fit.parameter(name).value == pytest.approx(free.parameter(name).value, rel=0.2)
    assert fit.parameter(f"sigma_S[0 uS]{end}").value > 0.05e-6
    with pytest.raises(InputError, match="target_S 0: fewer than 5 devices are above the floor"):
        fit_device(low, "table", name="mine", options=QUICK)


def test_without_cycles_there_is_no_read_noise(pcm, rram):
    single = replace(pcm, g_S=pcm.g_S[:, :, :1])
    fit = fit_device(single, "pcm", name="mine", options=QUICK)
    assert fit.file.device.flicker_law is None
    assert any("no read is repeated" in note for note in fit.notes)
    many = fit_device(pcm, "pcm", name="mine", options=QUICK)
    name = "nu_std[25 uS]"
    assert fit.parameter(name).value == pytest.approx(many.parameter(name).value, rel=0.35)
    alone = fit_device(replace(rram, g_S=rram.g_S[:, :, :1]), "rram", name="mine", options=QUICK)
    assert alone.file.device.read_sigma_relative == 0.0
    assert alone.file.device.read_source.grade == "assumed"
    table = fit_device(single, "table", name="mine", options=QUICK)
    assert table.file.device.read_source is None


def test_a_constant_where_the_data_support_no_law():
    data = data_of("pcm_joshi2020", np.array([10.0, 17.0, 25.0]) * 1e-6)
    fit = fit_device(data, "pcm", name="mine", options=QUICK)
    assert isinstance(fit.file.device.drift_law.nu_mean, Constant)
    assert any(note.startswith("nu_mean: a constant") for note in fit.notes)
    wide = data_of("pcm_joshi2020", np.array([1.0, 2.0, 4.0, 10.0, 25.0]) * 1e-6, n=200, cycles=10)
    law = fit_device(wide, "pcm", name="mine", options=QUICK).file.device.drift_law.nu_mean
    assert isinstance(law, ClippedLog)


def test_the_order_gives_way_to_the_targets(rram):
    fit = fit_device(rram, "rram", name="mine", options=replace(QUICK, order=9))
    assert len(fit.file.device.spread_fits[0].sigma_coefficients_S) <= 6
    assert any("of 9" in note for note in fit.notes)
    many = data_of("rram_wan2022", times_s=(1.0,), n=150)
    flat = fit_device(many, "rram", name="mine", options=replace(QUICK, order=0))
    assert len(flat.file.device.spread_fits[0].sigma_coefficients_S) == 1
    assert flat.worst_p < 1e-6
    assert fit_device(many, "rram", name="mine", options=QUICK).worst_p > 1e-4


def test_goodness_tells_a_wrong_model_from_a_right_one(pcm, rram):
    assert fit_device(pcm, "pcm", name="mine", options=QUICK).worst_p > 1e-4
    shifted = replace(pcm, g_S=pcm.g_S * 1.1)
    assert fit_device(shifted, "pcm", name="mine", options=QUICK).worst_p < 1e-6


@pytest.mark.parametrize("kind", ["ideal", "taox_64x64"])
def test_a_device_without_noise_or_drift(kind):
    data = data_of(kind, np.array([2.0, 10.0, 25.0]) * 1e-6)
    for family in ("table", "pcm"):
        fit = fit_device(data, family, name="mine", options=QUICK)
        assert fit.file.device.kind == family


@pytest.mark.parametrize(
    ("family", "change", "message"),
    [
        ("pcm", {"times_s": (0.0,)}, "found one read time; pcm needs 2 or more"),
        ("rram", {}, "column time_s: found 0; for rram"),
        ("table", {"targets_S": [5e-6]}, "found the one target 5e-06 S; a table needs 2"),
        ("pcm", {"targets_S": [0.0, 1e-8]}, "no target has drift exponents"),
        ("flash", {}, "--family: found 'flash'; allowed: table, pcm, rram"),
    ],
)
def test_what_cannot_be_fitted_is_refused(family, change, message):
    data = data_of("pcm_joshi2020", **{"targets_S": [5e-6, 2e-5], "n": 8, **change})
    with pytest.raises(InputError, match=message.replace("[", r"\[")):
        fit_device(data, family, name="mine", options=QUICK)


def test_a_name_is_checked(pcm):
    with pytest.raises(InputError, match="--name: found 'My Device'"):
        fit_device(pcm, "table", name="My Device", options=QUICK)
