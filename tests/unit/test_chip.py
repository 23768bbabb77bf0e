"""Chip files: loading, overrides, the device put in, digests, and what is refused."""

from __future__ import annotations

import shutil

import pytest

from aimc_sim.chip import load_chip
from aimc_sim.cost.costs import Costs
from aimc_sim.devices import device_model_path, load_device
from aimc_sim.spec import InputError, read_yaml, write_yaml
from tests.unit.cost.plans import CHIPS, NAMES

PCM = CHIPS / "pcm_256.yaml"


@pytest.mark.parametrize("name", NAMES)
def test_example_chips_load_and_are_named_after_their_file(name):
    assert load_chip(CHIPS / f"{name}.yaml").name == name


@pytest.mark.parametrize("name", NAMES)
def test_round_trip_keeps_every_number(name, tmp_path):
    chip = load_chip(CHIPS / f"{name}.yaml")
    write_yaml(tmp_path / "copy.yaml", chip.model_dump(mode="json"))
    copy = load_chip(tmp_path / "copy.yaml")
    assert copy == chip
    assert copy.digest() == chip.digest()


def test_the_device_is_put_in():
    assert load_chip(PCM).hardware.device == load_device(device_model_path("pcm_joshi2020")).device


def test_a_device_file_beside_the_chip(tmp_path):
    shutil.copy(PCM, tmp_path / "chip.yaml")
    (tmp_path / "devices").mkdir()
    shutil.copy(device_model_path("taox_64x64"), tmp_path / "devices/mine.yaml")
    chip = load_chip(tmp_path / "chip.yaml", {"hardware.device": "devices/mine.yaml"})
    assert chip.hardware.device.kind == "taox"
    shutil.copy(device_model_path("ideal"), tmp_path / "devices/mine.yaml")
    other = load_chip(tmp_path / "chip.yaml", {"hardware.device": "devices/mine.yaml"})
    assert other.digest() != chip.digest()


def test_overrides_reach_device_hardware_and_costs():
    chip = load_chip(
        PCM,
        {
            "hardware.device.g_max_S": 20.0e-6,
            "hardware.adc.bits": 6,
            "costs.bus.bit_energy_J": 1.0e-12,
            "hardware.device": "ideal",
        },
    )
    assert (chip.hardware.device.kind, chip.hardware.device.g_max_S) == ("ideal", 20.0e-6)
    assert chip.hardware.adc.bits == 6
    assert chip.costs.bus.bit_energy_J == 1.0e-12


def test_an_override_replaces_a_whole_section():
    assert load_chip(PCM, {"hardware.adc": {"kind": "ideal"}}).hardware.adc.width is None


def test_the_digest_covers_everything():
    changes = [
        {},
        {"hardware.adc.bits": 6},
        {"hardware.device.g_max_S": 20.0e-6},
        {"costs.bus.bit_energy_J": 1.0e-12},
        {"hardware.device": "ideal"},
    ]
    assert len({load_chip(PCM, change).digest() for change in changes}) == len(changes)
    assert load_chip(PCM).digest() == load_chip(PCM).digest()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"hardware.device": "pcm_joshi"},
            r"hardware\.device: found 'pcm_joshi', neither .*; did you "
            r"mean 'pcm_joshi2020'; shipped: ",
        ),
        ({"hardware.device": 3}, r"hardware\.device: found 3"),
        ({"hardware.device.g_max": 1.0e-6}, r"g_max: unknown key; did you mean 'g_max_S'"),
        ({"hardware.device.g_min_S": 1.0}, r"g_min_S: found 1; must be below g_max_S 2\.5e-05"),
        ({"hardware.adcs.bits": 6}, r"'adcs' is not a section here; did you mean 'adc'"),
        ({"hardware.adc.bits": "8 bit"}, r"hardware\.adc.*bits: found '8 bit'"),
        ({"hardware.adc.bits": -1}, r"hardware\.adc.*bits: found -1"),
        ({"hardware.tile.n_wordlines": 0}, r"hardware\.tile\.n_wordlines: found 0"),
        ({"hardware.tile.pair": "rows"}, r"hardware\.tile\.pair: found 'rows'"),
        ({"hardware.tile.bitlines_per_adc": 300}, r"bitlines_per_adc: found 300; .*n_bitlines 256"),
        ({"costs.adc.kind": "flash"}, r"costs\.adc.*'table', 'accelergy_sar'"),
        ({"costs.adc.f_Hz": 0}, r"f_Hz: found 0"),
        ({"costs.lut": None}, r"costs\.lut: found None"),
        ({"costs.luts": {}}, r"costs\.luts: unknown key; did you mean 'lut'"),
        ({"costs.bus.source.grade": "guessed"}, r"costs\.bus\.source\.grade: found 'guessed'"),
        ({"version": "2.0"}, r"version: found '2\.0'; Input should be '1\.0'"),
        ({"format": "aimc-device"}, r"format: found 'aimc-device'; Input should be 'aimc-chip'"),
        ({"hardware": None}, r"hardware: found None"),
    ],
)
def test_a_wrong_value_is_one_line_that_names_it(change, message):
    with pytest.raises(InputError, match=message) as fault:
        load_chip(PCM, change)
    assert "\n" not in str(fault.value)


@pytest.mark.parametrize("section", ["hardware", "costs", "name", "format"])
def test_a_missing_section_is_named(section, tmp_path):
    tree = {k: v for k, v in read_yaml(PCM).items() if k != section}
    write_yaml(tmp_path / "broken.yaml", tree)
    with pytest.raises(InputError, match=rf"broken\.yaml: {section}: required key is missing"):
        load_chip(tmp_path / "broken.yaml")


@pytest.mark.parametrize(
    "part", sorted(n for n, f in Costs.model_fields.items() if f.is_required())
)
def test_a_missing_component_is_named(part, tmp_path):
    tree = read_yaml(PCM)
    del tree["costs"][part]
    write_yaml(tmp_path / "broken.yaml", tree)
    with pytest.raises(InputError, match=rf"costs\.{part}: required key is missing"):
        load_chip(tmp_path / "broken.yaml")


def test_sections_left_out_of_a_chip_can_be_set():
    path = "examples/chips/pcm_256.yaml"
    chip = load_chip(path, {"hardware.effects.drift": False, "hardware.calibration.kind": "affine"})
    assert not chip.hardware.effects.drift
    assert chip.hardware.effects.programming
    assert chip.hardware.calibration.kind == "affine"
    with pytest.raises(InputError, match="unknown key; did you mean 'effects'"):
        load_chip(path, {"hardware.efects": {"drift": False}})
