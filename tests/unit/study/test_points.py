"""Points: the order of a grid, several paths, factors, models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aimc_sim.spec import InputError
from aimc_sim.study.materials import load_materials
from aimc_sim.study.points import points_of, scaled
from aimc_sim.study.study import load_study
from aimc_sim.study.task import prepare
from tests.unit.study.study_case import make_study


def points(folder: Path, **fields: Any) -> Any:
    """The points of a study of these fields."""
    return points_of(load_study(make_study(folder, **fields)))


def test_a_grid_has_the_last_axis_run_fastest(tmp_path: Path) -> None:
    found = [tuple(p.coordinates.values()) for p in points(tmp_path)]
    assert found == [(6, 1.0), (6, 3600.0), (8, 1.0), (8, 3600.0)]


def test_an_axis_of_several_paths_changes_all(tmp_path: Path) -> None:
    paths = ["hardware.tile.n_wordlines", "hardware.tile.n_bitlines"]
    (point,) = points(tmp_path, axes=[{"path": paths, "values": [64]}])
    assert point.changes == dict.fromkeys(paths, 64)
    assert point.coordinates == {paths[0]: 64}


def test_factors_multiply_what_the_chip_states(tmp_path: Path) -> None:
    study = load_study(
        make_study(
            tmp_path,
            axes=[
                {"path": "hardware.device.sigma_coefficients_S", "values": [2.0], "times": True},
                {"path": "hardware.device", "values": ["pcm_joshi2020", "gaussian"]},
            ],
        )
    )
    found = points_of(study)
    assert found[0].coordinates["hardware.device.sigma_coefficients_S (times)"] == 2.0
    materials = load_materials(study, tmp_path, found)
    for point in found:
        changes = materials.changes_at(point)
        base = materials.chip({"hardware.device": changes["hardware.device"]})
        assert materials.chip(changes).hardware.device.sigma_coefficients_S == tuple(
            2.0 * c for c in base.hardware.device.sigma_coefficients_S
        )


def test_factors_on_words_are_refused() -> None:
    with pytest.raises(InputError, match="only numbers can be multiplied"):
        scaled({"a": "b"}, "a", 2.0)
    with pytest.raises(InputError, match="expected a number"):
        scaled({"a": 1.0}, "a", "x")


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"axes": {"after": ["1s"], "costs.x": {}}}, "found none"),
        ({"axes": [{"path": "after", "values": [1]}, {"path": "after", "values": [2]}]}, "twice"),
        (
            {"axes": {"after": {"distribution": {"kind": "uniform", "low": 1, "high": 2}}}},
            "a grid has no values of",
        ),
        ({"axes": {}, "sampling": {"kind": "lhs", "n": 3}}, "needs one"),
        ({"sampling": {"kind": "random"}}, "allowed: 'grid'"),
        ({"metrics": ["agreement"], "adaptive": {"ci": 1.0}}, "adaptive repeats need"),
        ({"metrics": ["agreement", "agreement"]}, "given twice"),
        ({"chipz": 3}, "did you mean 'chips'"),
        ({"base": {"model": "m.npz", "chip": "c", "data": "d", "after": "now"}}, "base.after"),
        ({"base": {"model": "m.npz", "chip": "c", "data": "d", "set": {"a": 1}}}, "no path of a"),
        ({"format": "aimc-chip"}, "expected 'aimc-study'"),
    ],
)
def test_wrong_studies(tmp_path: Path, fields: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError) as error:
        points(tmp_path, **fields)
    assert says in str(error.value)
    assert str(error.value).startswith(str(tmp_path / "study.yaml"))


def test_names_follow_from_everything_that_moves_an_answer(tmp_path: Path) -> None:
    def names(**fields: Any) -> list[str]:
        study = load_study(make_study(tmp_path, **fields))
        found = points_of(study)
        materials = load_materials(study, tmp_path, found)
        return [prepare(materials, point).task(chip).digest for point in found for chip in (0, 1)]

    first = names()
    assert len(set(first)) == len(first)
    assert names(chips=7, name="other") == first
    base = {"model": "model.npz", "data": "data.npz"}
    base["chip"] = str(Path(__file__).parents[3] / "examples/chips/rram_64.yaml")
    shorter = base | {"chip": base["chip"].replace("rram_64", "pcm_256"), "limit": 2}
    changed = shorter | {"set": {"hardware.dac.bits": 7}}
    for fields in (
        {"seed": 4},
        {"metrics": ["agreement"]},
        {"base": base},
        {"base": shorter},
        {"base": changed},
    ):
        assert not set(names(**fields)) & set(first), fields
