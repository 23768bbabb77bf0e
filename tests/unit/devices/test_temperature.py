"""Conductance against temperature: by hand, identity, limits; refused where no law is known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from aimc_sim.devices import (
    Activation,
    DeviceFile,
    device_model_names,
    device_model_path,
    load_device,
)
from aimc_sim.spec import InputError, read_yaml, validate
from tests.unit.devices.draws import given

SOURCE = {"cite": "a test, no device", "grade": "assumed"}
LAW = {
    "reference_K": 300.0,
    "conductance_activation_eV": {"kind": "constant", "value": 0.1},
    "range_K": (250.0, 400.0),
    "source": SOURCE,
}
FALLING = {"kind": "clipped_log", "slope": -0.05, "offset": 0.02, "low": 0.02, "high": 0.3}
THERMAL = {"gaussian", "pcm", "table"}
DEVICES = {name: load_device(device_model_path(name)).device for name in device_model_names()}
KINDS = {device.kind: name for name, device in DEVICES.items()}


def with_law(name="pcm_joshi2020", **changes):
    tree = {**DEVICES[name].model_dump(), "temperature": {**LAW, **changes}}
    return type(DEVICES[name]).model_validate(tree)


@pytest.mark.parametrize(
    ("temperature_K", "by_hand"),
    # exponent: 0.1 eV / 8.617333262e-5 eV/K = 1160.45181 K, times (1/300 - 1/T)
    [(330.0, math.exp(1160.4518122 / 3300.0)), (250.0, math.exp(-1160.4518122 / 1500.0))],
)
@pytest.mark.parametrize("name", [KINDS[kind] for kind in sorted(THERMAL)])
def test_conductance_by_hand(name, temperature_K, by_hand):
    g_S = np.array([0.0, 1.0e-6, 25.0e-6])
    found = with_law(name).at_temperature(g_S, temperature_K)
    np.testing.assert_allclose(found, g_S * by_hand, rtol=1e-9, atol=0.0)


def test_the_golden_values_themselves():
    assert math.exp(1160.4518122 / 3300.0) == pytest.approx(1.42141388, rel=1e-8)
    found = with_law().at_temperature(np.array([10.0e-6]), 330.0)
    assert found[0] == pytest.approx(14.2141388e-6, rel=1e-8)


def test_each_conductance_has_its_own_energy():
    gr = np.array([1.0, math.exp(-2.0), math.exp(-4.0), 1e-9])
    energy_eV = np.array([0.02, 0.12, 0.22, 0.3])
    device = with_law(conductance_activation_eV=FALLING)
    found = device.at_temperature(gr * 25.0e-6, 350.0) / (gr * 25.0e-6)
    by_hand = np.exp(energy_eV * 11604.518122 * (1.0 / 300.0 - 1.0 / 350.0))
    np.testing.assert_allclose(found, by_hand, rtol=1e-8)


@pytest.mark.parametrize("curve", [LAW["conductance_activation_eV"], FALLING])
def test_nothing_changes_at_the_reference(curve):
    g_S = np.random.default_rng(2).uniform(0.0, 30.0e-6, 1000)
    device = with_law(conductance_activation_eV=curve)
    for temperature_K in (None, 300.0):
        np.testing.assert_array_equal(device.at_temperature(g_S, temperature_K), g_S)
    assert device.at_temperature(g_S, 300.001).min() > 0.0
    assert (device.at_temperature(g_S, 300.001) > g_S).all()


def test_two_temperatures_one_after_the_other_are_one():
    g_S = np.array([1.0e-6, 20.0e-6])
    there = with_law().at_temperature(g_S, 360.0)
    back = with_law(reference_K=360.0).at_temperature(there, 300.0)
    np.testing.assert_allclose(back, g_S, rtol=1e-14)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"range_K": (310.0, 400.0)}, "range_K: found 310 to 400; must be above 0"),
        ({"range_K": (200.0, 290.0)}, "hold reference_K 300"),
        ({"range_K": (0.0, 400.0)}, "must be above 0"),
        ({"reference_K": 0.0}, "greater than 0"),
        (
            {"conductance_activation_eV": {"kind": "constant", "value": 100.0}},
            "conductance_activation_eV: found 100 eV; allowed 0 to 2 eV",
        ),
        (
            {"conductance_activation_eV": {"kind": "constant", "value": -0.1}},
            "found -0.1; Input should be greater than or equal to 0",
        ),
        ({"drift_activation_eV": 0.1}, "unknown key"),
    ],
)
def test_a_wrong_law_is_refused(changes, message):
    with pytest.raises(InputError, match=message):
        validate(Activation, {**LAW, **changes}, "law.yaml")


def test_a_law_without_a_source_is_refused():
    without = {key: value for key, value in LAW.items() if key != "source"}
    with pytest.raises(InputError, match="source: required key is missing"):
        validate(Activation, without, "law.yaml")


@pytest.mark.parametrize("kind", sorted(set(KINDS) - THERMAL))
def test_the_key_does_not_exist_for_other_families(kind):
    tree = read_yaml(device_model_path(KINDS[kind]))
    tree["device"]["temperature"] = LAW
    with pytest.raises(InputError, match=r"device\.temperature: unknown key"):
        validate(DeviceFile, tree, "device.yaml")
    device = DEVICES[KINDS[kind]]
    assert device.temperature_range_K is None
    g_S = np.array([device.g_max_S])
    np.testing.assert_array_equal(device.at_temperature(g_S, 350.0), g_S)


@pytest.mark.parametrize("kind", sorted(THERMAL))
def test_the_key_exists_where_an_activation_can_be_measured(kind):
    device = with_law(KINDS[kind])
    assert device.temperature_range_K == (250.0, 400.0)
    assert "temperature.source" in device.sources()
    assert DEVICES[KINDS[kind]].temperature_range_K is None


def test_which_shipped_models_have_a_law():
    laws = {name: getattr(device, "temperature", None) for name, device in DEVICES.items()}
    having = {name for name, law in laws.items() if law is not None}
    assert having == set()  # no source gives numbers for a shipped set: docs/physics.md
    assert all(laws[name].source.doi for name in having)


def test_the_law_makes_no_draw_and_moves_none():
    draws = given(programming=[0.3, -1.0], drift_nu=[0.0, 2.0])
    plain = DEVICES["pcm_joshi2020"].program([1.0e-6, 20.0e-6], draws)
    thermal = with_law().program([1.0e-6, 20.0e-6], draws)
    for name in ("g_target_S", "g_programmed_S", "drift_nu"):
        np.testing.assert_array_equal(getattr(plain, name), getattr(thermal, name))
