"""A plan file gives the plan back, and a broken one is refused by name."""

from __future__ import annotations

import json

import numpy as np
import pytest

from aimc_sim.mapping.io import read_plan, write_plan
from aimc_sim.mapping.mapper import map_model
from aimc_sim.spec import InputError
from tests.laws.build import hardware_of, kernel_model

MODEL = kernel_model(n_states=(2, 1), is_complex=True)
SHARED = {"s4d": "split", "share_tiles": True, "wordline_order": "heavy_first",
          "column_order": "reversed"}  # fmt: skip


def chip(**mapping):
    """Return hardware whose tiles hold all of the model."""
    return hardware_of(tile=(64, 64), **mapping)


def written(path, hardware):
    """Write the plan of the model, and return its JSON."""
    write_plan(path, map_model(MODEL, hardware))
    return json.loads(path.read_text(encoding="utf-8"))


def read(path, tree, hardware):
    """Return the plan of a changed file."""
    path.write_text(json.dumps(tree), encoding="utf-8")
    return read_plan(path, MODEL, hardware)


@pytest.mark.parametrize(
    "mapping",
    [{}, SHARED, {**SHARED, "s4d": "fused", "wordline_order": "as_mapped"},
     {**SHARED, "unused": "programmed", "weights": {"encoding": "offset_column", "cell_bits": 3}}],
)  # fmt: skip
def test_a_plan_comes_back(tmp_path, mapping):
    hardware = hardware_of(tile=(40, 64), **mapping)
    plan = map_model(MODEL, hardware)
    tree = written(tmp_path / "plan.json", hardware)
    assert tree["version"] == "1.1"
    back = read_plan(tmp_path / "plan.json", MODEL, hardware)
    assert back.digest == plan.digest
    assert back.n_sites == plan.n_sites
    for one, two in zip(plan.tiles, back.tiles, strict=True):
        assert (one.site, one.origin, one.pieces) == (two.site, two.origin, two.pieces)
        np.testing.assert_array_equal(one.wordline_at, two.wordline_at)
        np.testing.assert_array_equal(one.column_at, two.column_at)


def test_a_stated_order_is_another_plan(tmp_path):
    tree = written(tmp_path / "plan.json", chip())
    n = len(map_model(MODEL, chip()).tiles[0].rows)
    tree["tiles"][0]["wordline_at"] = list(range(n))[::-1]
    back = read(tmp_path / "plan.json", tree, chip())
    assert back.tiles[0].wordline_at.tolist() == list(range(n))[::-1]
    assert back.digest != map_model(MODEL, chip()).digest


def test_a_file_of_version_1_0_still_reads(tmp_path):
    tree = written(tmp_path / "plan.json", chip())
    tree["version"] = "1.0"
    for tile in tree["tiles"]:
        for name in ("site", "origin", "wordline_at", "column_at"):
            del tile[name]
    del tree["ranges"]
    assert read(tmp_path / "plan.json", tree, chip()).digest == map_model(MODEL, chip()).digest


@pytest.mark.parametrize(
    ("tile", "change", "says"),
    [
        (1, {"origin": [0, 20]}, r"tile 1: shares a line with tile 0 on site 0"),
        (1, {"origin": [20, 0]}, r"tile 1: shares a line with tile 0 on site 0"),
        (1, {"origin": [63, 20]}, r"tile 1: origin \[63, 20\]: it ends at wordline 65"),
        (2, {"origin": [20, 63]}, r"tile 2: origin \[20, 63\]: it ends at .* bitline 67"),
        (1, {"site": None}, r"tile 1: origin \[6, 12\]: goes with a site only"),
        (0, {"wordline_at": [0, 0, 1, 2, 3, 4]}, "wordline_at: expected each of 0 to 5 once"),
        (0, {"column_at": [0, 1, 2]}, "column_at: expected each of 0 to 5 once"),
        (0, {"column_at": [1, 2, 3, 4, 5, 6]}, "column_at: expected each of 0 to 5 once"),
        (1, {"origin": [-1, 0]}, r"tiles\.1\.origin"),
        (1, {"site": -2}, r"tiles\.1\.site"),
    ],
)
def test_a_broken_plan_is_refused(tmp_path, tile, change, says):
    tree = written(tmp_path / "plan.json", chip(**SHARED))
    tree["tiles"][tile].update(change)
    with pytest.raises(InputError, match=says) as error:
        read(tmp_path / "plan.json", tree, chip(**SHARED))
    assert str(tmp_path / "plan.json") in str(error.value)
    assert "\n" not in str(error.value)
