"""`aimc spice` from outside: what is written, for every layer, and what is refused."""

from __future__ import annotations

import re

import numpy as np
import pytest

from tests.spice.ngspice import currents, needed
from tests.unit.cli_case import CHIPS, make_case, one_line

WIRES = "hardware.wires={wordline_ohm: 5.6, bitline_ohm: 1.9, driver_ohm: 100.0, sense_ohm: 50.0}"
GATE = "hardware.wires={topology: gate_far_end, bitline_ohm: 1.9, source_line_ohm: 1.5}"
EXPECTED = re.compile(r"^\* expected: (vb\d+)#branch = (\S+)$", re.MULTILINE)


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    return make_case(tmp_path_factory.mktemp("spice"))


def spice(case, *words, chip=CHIPS / "pcm_256.yaml"):
    """Call `aimc spice` on the model of the case."""
    return case.call("spice", case.folder / "model.npz", "--chip", chip, *words)


def netlist_of(case, *words):
    """Return the netlist on standard output."""
    result = spice(case, *words)
    assert result.exit_code == 0, result.output
    return result.stdout


def expected(text):
    """Return the currents that the comment announces."""
    return {name: float(value) for name, value in EXPECTED.findall(text)}


def test_the_first_tile_is_written_whole(case):
    text = netlist_of(case)
    assert text.startswith("* tile 0 (")
    assert text.rstrip().endswith(".end")
    assert "random codes" in text
    cells = re.findall(r"^rc\d+_\d+ ", text, re.MULTILINE)
    n, m = map(int, re.search(r"(\d+) wordlines, (\d+) bitlines", text).groups())
    assert 0 < len(cells) <= n * m
    assert len(expected(text)) == m


def test_seeds_age_and_chip_move_the_devices(case):
    base = netlist_of(case)
    assert netlist_of(case) == base
    for words in (("--seed", 1), ("--chip-number", 1), ("--after", "1d")):
        assert expected(netlist_of(case, *words)) != expected(base)


def test_every_tile_of_a_layer_has_a_file(case, tmp_path):
    result = spice(case, "--tile", 0, "--tile", 1, "-o", tmp_path / "t.cir")
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in tmp_path.iterdir()) == ["t_0.cir", "t_1.cir"]


def test_data_drive_it_as_the_reference(case):
    """Every layer on tiles, before and behind the pool; each step differs from the next."""
    data = ("--data", case.folder / "data.npz", "--sequence", 3)
    layers = re.findall(r"layers on tiles: (.*)", one_line(spice(case, "--layer", "nothing")))[0]
    for layer in layers.split(", "):
        result = spice(case, "--layer", layer, *data, "--step", 1)
        if "do not go into one netlist" in result.output:
            continue
        assert result.exit_code == 0, result.output
        assert result.stdout != netlist_of(case, "--layer", layer, *data, "--step", 2)
    i_A = np.array(list(expected(netlist_of(case, *data)).values()))
    assert np.isfinite(i_A).all()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--layer", "encodr"], "did you mean"),
        (["--tile", "99"], "--tile: found 99; tiles: 0 to"),
        (["--phase", "Z"], "--phase: found 'Z'"),
        (["--read", "9"], "--read: found 9"),
        (["--sequence", "-1"], "--sequence: found -1"),
        (["--tile", "0", "--tile", "1"], "do not go into one netlist"),
        (["--set", GATE], "inputs that are more than on or off"),
        (["--set", "hardware.wires={wordline_ohm: -1}"], "greater than or equal to 0"),
        (["-o", "no_such_folder/t.cir"], "there is no folder"),
        (["--after", "1w"], "expected a time"),
    ],
)
def test_what_is_wrong_is_one_line(case, words, says):
    assert says in one_line(spice(case, *words))


def test_what_the_data_do_not_have_is_refused(case):
    data = ("--data", case.folder / "data.npz")
    assert "--sequence: found 99" in one_line(spice(case, *data, "--sequence", 99))
    assert "--step: found 99" in one_line(spice(case, *data, "--step", 99))


@pytest.mark.spice
@needed
@pytest.mark.parametrize(
    "changes",
    [
        [],
        [WIRES],
        [WIRES, "hardware.tile.pair=bitlines"],
        [WIRES, "hardware.device=rram_milo2021", "hardware.calibration.kind=none"],
    ],
)
def test_ngspice_finds_the_currents_announced(case, changes, tmp_path):
    words = [word for change in changes for word in ("--set", change)]
    text = netlist_of(case, *words, "--data", case.folder / "data.npz", "--step", 2)
    announced, found = expected(text), currents(text, tmp_path)
    largest = max(abs(value) for value in announced.values())
    assert largest > 0.0
    for name, value in announced.items():
        assert abs(found[name] - value) <= 1e-6 * max(abs(value), 1e-6 * largest) + 1e-15
