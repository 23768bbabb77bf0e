"""`aimc inspect --plan`: a picture of every tile, and the same as table and JSON."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from aimc_sim.chip import load_chip
from aimc_sim.mapping.floor import floors_of
from aimc_sim.mapping.mapper import map_model
from tests.unit.cli_case import CHIPS, Case, make_case, one_line

CHIP = CHIPS / "rram_64.yaml"
CHANGES = {"hardware.mapping.s4d": "fused", "hardware.mapping.share_tiles": True,
           "hardware.mapping.allow_narrow_state": True}  # fmt: skip
WORDS = [part for path, value in CHANGES.items() for part in ("--set", f"{path}={value}")]


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """One set of files for all tests, and a plan of the model."""
    case = make_case(tmp_path_factory.mktemp("case"))
    assert case.run("--quiet", "--save-plan", case.folder / "plan.json").exit_code == 0
    return case


def draw(case: Case, path: Path, *words: object) -> Any:
    """Draw the tiles of the model on the chip."""
    return case.call("inspect", case.folder / "model.npz", "--chip", CHIP, "--plan", path, *words)


def test_table_and_json_tell_of_every_cell(case: Case, tmp_path: Path) -> None:
    result = draw(case, tmp_path / "t.svg", *WORDS, "--json", tmp_path / "t.json")
    assert result.exit_code == 0, result.output
    table = result.stdout.split("\n\n")[-1]
    assert table.startswith("floor plan, each tile 64 x 64\n")
    tree = json.loads((tmp_path / "t.json").read_text(encoding="utf-8"))["floor_plan"]
    plan = map_model(case.model, load_chip(CHIP, CHANGES).hardware)
    assert len(tree["tiles"]) == plan.n_sites == len(floors_of(plan))
    regions = [r for tile in tree["tiles"] for r in tile["regions"]]
    assert len(table.splitlines()) == 2 + len(regions)
    assert sum(r["n_weights"] for r in regions) == sum(m.matrix.n_weights for m in plan.matrices)
    for tile in tree["tiles"]:
        assert tile["share_used"] == pytest.approx(sum(r["share_used"] for r in tile["regions"]))
        for r in tile["regions"]:
            used = round(r["share_used"] * 64 * 64)
            assert used + r["n_unused"] == r["n_wordlines"] * r["n_bitlines"]
    assert {"A", "B", "C", "weight"} <= {r["tensor"] for r in regions}
    assert tree["unused_S"] == plan.hardware.device.g_min_S


def test_a_vector_picture_names_what_the_pointer_rests_on(case: Case, tmp_path: Path) -> None:
    for name in ("one.svg", "two.svg"):
        assert draw(case, tmp_path / name, *WORDS).exit_code == 0
    text = (tmp_path / "one.svg").read_text(encoding="utf-8")
    assert text == (tmp_path / "two.svg").read_text(encoding="utf-8")
    root = ET.fromstring(text)
    plan = map_model(case.model, load_chip(CHIP, CHANGES).hardware)
    titles = [e.text or "" for e in root.iter("{http://www.w3.org/2000/svg}title")]
    assert len(titles) == len(plan.tiles)
    for tile in plan.tiles:
        assert any(f"{tile.layer} {tile.name}" in title for title in titles)
    images = list(root.iter("{http://www.w3.org/2000/svg}image"))
    assert len(images) == plan.n_sites
    assert "var(--" not in text


def test_a_page_holds_picture_and_table(case: Case, tmp_path: Path) -> None:
    assert draw(case, tmp_path / "t.html", *WORDS).exit_code == 0
    text = (tmp_path / "t.html").read_text(encoding="utf-8")
    assert text.startswith("<!doctype html>")
    for word in ("<svg", "<title>tile 0", "unused cells", "Floor plan of model.npz", "fused"):
        assert word in text
    assert "http" not in text.replace("http://www.w3.org", "")


def test_a_bitmap(case: Case, tmp_path: Path) -> None:
    assert draw(case, tmp_path / "t.PNG").exit_code == 0
    assert (tmp_path / "t.PNG").read_bytes().startswith(b"\x89PNG")


def test_a_plan_file_is_drawn_as_it_says(case: Case, tmp_path: Path) -> None:
    chip, words = CHIPS / "pcm_256.yaml", ("--model", case.folder / "model.npz")
    result = case.call("inspect", case.folder / "plan.json", *words, "--chip", chip, "--plan",
                       tmp_path / "t.svg", "--json", "-")  # fmt: skip
    assert result.exit_code == 0, result.output
    tree = json.loads(result.stdout)
    assert (tree["kind"], len(tree["floor_plan"]["tiles"])) == ("plan", len(tree["tiles"]))


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--chip", CHIP, "--plan", "t.pdf"], "--plan t.pdf: expected a name that ends in .svg"),
        (["--chip", CHIP, "--plan", "no_folder/t.svg"], "there is no folder"),
        (["--plan", "t.svg"], "a floor plan takes a model and --chip"),
        (["--chip", CHIP, "--set", "hardware.tile.n_bitlinez=3"], "did you mean 'n_bitlines'"),
        (["--set", "hardware.adc.bits=6"], "--set: there is no chip"),
    ],
)
def test_what_cannot_be_drawn_is_one_line(case: Case, words: list[Any], says: str) -> None:
    assert says in one_line(case.call("inspect", case.folder / "model.npz", *words))


def test_changes_reach_a_chip_that_is_described(case: Case) -> None:
    words = ("--set", "hardware.adc.bits=5", "--json", "-")
    tree = json.loads(case.call("inspect", CHIP, *words).stdout)
    assert '"bits": 5' in json.dumps(tree)
