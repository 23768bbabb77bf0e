"""What a device file may say of faults, and what an override of it is told."""

from __future__ import annotations

import pytest

from aimc_sim.devices import device_model_names, device_model_path, load_device
from aimc_sim.devices.faults import Faults, StuckAt
from aimc_sim.spec import InputError, validate, write_yaml

ON = {"rate": 0.05, "low_S": 300.0e-6, "high_S": 1200.0e-6}
OFF = {"rate": 0.11, "low_S": 0.01e-6, "high_S": 1.0e-6}


def test_nothing_said_is_nothing_broken():
    faults = Faults()
    assert (faults.stuck_off_rate, faults.stuck_on_rate) == (0.0, 0.0)
    assert (faults.wordline_rate, faults.bitline_rate, faults.map) == (0.0, 0.0, None)
    assert faults.source.grade == "assumed"
    assert faults.source.note


@pytest.mark.parametrize(
    ("tree", "says"),
    [
        ({"stuck_on": ON | {"rate": -0.01}}, r"stuck_on.rate: found -0.01; .*equal to 0"),
        ({"stuck_off": OFF | {"rate": 1.01}}, r"stuck_off.rate: found 1.01; .*equal to 1"),
        ({"stuck_off": OFF | {"rate": float("nan")}}, r"stuck_off.rate: found nan"),
        ({"stuck_off": OFF | {"rate": 0.96}, "stuck_on": ON}, r"sum to 1.01; at most 1"),
        ({"stuck_on": ON | {"low_S": -1.0e-6}}, r"stuck_on.low_S: found -1e-06"),
        ({"stuck_on": ON | {"low_S": 2.0e-3}}, r"low_S: found 0.002; must not be above high_S"),
        ({"stuck_on": {"rate": 0.05}}, r"stuck_on.low_S: required key is missing; so are: high_S$"),
        ({"stuck_in": ON}, r"stuck_in: unknown key; did you mean 'stuck_on'"),
        ({"wordline_rate": 1.5}, r"wordline_rate: found 1.5"),
        ({"bitline_rate": -1.0}, r"bitline_rate: found -1.0"),
        ({"map": ""}, r"map: found ''"),
        ({"map": "x.npz", "stuck_on": ON}, r"map: a map and rates above 0 are given"),
        ({"map": "x.npz", "wordline_rate": 0.1}, r"map: a map and rates above 0 are given"),
        ({"map": "x.npz", "map_digest": "12"}, r"map_digest: found '12'"),
        ({"map_digest": "0" * 64}, r"map_digest: there is no map"),
    ],
)
def test_wrong_faults_are_refused_in_one_line(tree, says):
    with pytest.raises(InputError, match=says) as caught:
        validate(Faults, tree, "x.yaml")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("off", [k / 10 for k in range(11)])
def test_rates_that_sum_to_one_are_allowed(off):
    parts = (StuckAt(rate=rate, low_S=0.0, high_S=0.0) for rate in (off, 1.0 - off))
    faults = Faults(**dict(zip(("stuck_off", "stuck_on"), parts, strict=True)))
    assert faults.stuck_off_rate + faults.stuck_on_rate == 1.0


def test_a_map_beside_rates_of_zero_is_allowed():
    assert Faults(map="x.npz", stuck_on=ON | {"rate": 0.0}).map == "x.npz"


@pytest.mark.parametrize("name", device_model_names())
def test_every_device_takes_faults_and_writes_them(name, tmp_path):
    model = load_device(device_model_path(name), {"device.faults": {"stuck_on": ON}})
    assert model.device.faults == Faults(stuck_on=StuckAt(**ON))
    assert "faults.source" in model.device.sources()
    write_yaml(tmp_path / "copy.yaml", model.model_dump(mode="json"))
    assert load_device(tmp_path / "copy.yaml") == model


PATH = device_model_path("pcm_joshi2020")
ON_PATH = "device.faults.stuck_on"


def test_dotted_overrides_build_a_section_that_was_null():
    null = {"device.faults": None}  # as `load_chip` puts a device in
    one = load_device(PATH, null | {f"{ON_PATH}.{key}": value for key, value in ON.items()})
    whole = load_device(PATH, null | {ON_PATH: ON, "device.faults.stuck_off": OFF})
    assert one.device.faults == Faults(stuck_on=StuckAt(**ON))
    assert whole.device.faults == Faults(stuck_on=StuckAt(**ON), stuck_off=StuckAt(**OFF))
    lines = load_device(PATH, null | {"device.faults.wordline_rate": 0.01})
    assert lines.device.faults == Faults(wordline_rate=0.01)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({f"{ON_PATH}.rate": 0.05}, r"stuck_on.low_S: required key is missing; so are: high_S$"),
        ({f"{ON_PATH}.rat": 0.05}, r"stuck_on.rat: unknown key; did you mean 'rate'"),
        ({"device.fault.stuck_on.rate": 0.05}, r"'fault' is not a section here; did you mean 'fau"),
        ({"device.faults.stuckon.rate": 0.05}, r"stuckon: unknown key; did you mean 'stuck_on'"),
        (
            {ON_PATH: ON, "device.faults.stuck_off.rate": 0.1},
            r"'stuck_off' is not a section here; .*set whole, as in 'stuck_off={rate: ...}'",
        ),
    ],
)
def test_an_incomplete_override_says_what_is_needed(changes, says):
    tree = {"device.faults": None} | changes
    with pytest.raises(InputError, match=says) as caught:
        load_device(PATH, tree)
    assert "\n" not in str(caught.value)
