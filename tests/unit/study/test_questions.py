"""Questions of many runs on curves that are known: what is asked, answered, and asked again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aimc_sim.spec import InputError
from aimc_sim.study.conductor import Conductor, Settings
from aimc_sim.study.good_chips import yield_json
from aimc_sim.study.loosest import answer, scale_of, search_of, spec_json
from aimc_sim.study.points import points_of
from aimc_sim.study.sensitivity import sensitivity_json, sensitivity_study
from aimc_sim.study.store import Store
from aimc_sim.study.study import ACCURACY, Study, load_study
from aimc_sim.study.tradeoff import objectives_of, pareto_json, points_of_models, search_front
from tests.unit.study.study_case import conduct, curve_toy, faulty_toy, make_study, rows_of

AGES = [{"path": "after", "log": {"first": 1.0, "last": 1.0e5, "n": 51}}]


def asked_spec(study: Study, folder: Path, evaluate: Any = curve_toy) -> dict[str, Any]:
    """Ask for the loosest age that keeps 0.9 on the curve of `curve_toy`."""
    scale = scale_of(study, None)
    with (
        Store(folder / "spec.sqlite", create=True) as store,
        Conductor(
            study, folder, store, Settings(evaluate=evaluate), points_of(study), question="spec"
        ) as conductor,
    ):
        found = answer(conductor, search_of(scale, 0.9, 0.95, 64, 1000))
    return spec_json(study, scale, found, reference=1.0, limit=0.9, confidence=0.95)


def test_a_specification_brackets_the_known_threshold(tmp_path: Path) -> None:
    study = load_study(make_study(tmp_path, axes=AGES))
    tree = asked_spec(study, tmp_path)
    true_s = 1000.0 * (1.0 / 0.9 - 1.0) ** 0.5
    assert tree["holds"] < true_s < tree["fails"]
    assert tree["fails"] / tree["holds"] < 10.0 ** (5.0 / 50.0 * 3.01)
    assert len(tree["probes"]) < 15
    assert "keeps an accuracy of 90.00 %" in tree["verdict"]


def test_a_specification_asked_again_runs_nothing(tmp_path: Path) -> None:
    study = load_study(make_study(tmp_path, axes=AGES))
    first = asked_spec(study, tmp_path)
    assert asked_spec(study, tmp_path, evaluate=faulty_toy) == first


@pytest.mark.parametrize(
    ("axes", "says"),
    [
        ({"hardware.adc.bits": [4, 5], "after": [1.0, 2.0]}, "found 2; a specification"),
        ({}, "found 0; a specification"),
    ],
)
def test_a_specification_is_that_of_one_parameter(tmp_path: Path, axes: Any, says: str) -> None:
    with pytest.raises(InputError, match=says):
        scale_of(load_study(make_study(tmp_path, axes=axes)), None)


@pytest.mark.parametrize(
    ("axis", "looser", "values", "kind"),
    [
        ({"path": "hardware.adc.bits", "values": [5, 4, 6]}, None, (6, 5, 4), "linear"),
        ({"path": "after", "values": ["1h", "1s"]}, None, (1.0, 3600.0), "log"),
        ({"path": "after", "values": ["1h", "1s"]}, "down", (3600.0, 1.0), "log"),
        ({"path": "hardware.mapping.s4d", "values": ["b", "a"]}, None, ("b", "a"), "list"),
    ],
)
def test_which_way_is_looser(
    tmp_path: Path, axis: Any, looser: Any, values: tuple[Any, ...], kind: str
) -> None:
    scale = scale_of(load_study(make_study(tmp_path, axes=[axis])), looser)
    assert scale.values == values
    assert scale.kind == kind


def test_a_value_without_a_chip_ends_the_search(tmp_path: Path) -> None:
    study = load_study(make_study(tmp_path, axes={"hardware.adc.bits": [6, 7, 99]}))
    with pytest.raises(InputError, match=r"hardware.adc.bits=99: cannot be simulated: .*found 99"):
        asked_spec(study, tmp_path)


def test_a_yield_counts_good_chips(tmp_path: Path) -> None:
    study = make_study(tmp_path, axes={"after": [10.0, 1.0e4]}, chips=40)
    digest = conduct(study, tmp_path / "r.sqlite", evaluate=curve_toy)
    with Store(tmp_path / "r.sqlite") as store:
        tree = yield_json(store, digest, metric=ACCURACY, least=1.0)
    first, second = tree["points"]
    good = sum(v >= 1.0 for v in first["per_chip"])
    assert 0 < good < 40
    assert (first["n_good"], first["n_chips"], first["share"]) == (good, 40, good / 40)
    assert first["ci95"][0] < good / 40 < first["ci95"][1]
    assert (second["n_good"], second["ci95"][0]) == (0, 0.0)
    assert {key: tree[key] for key in first} == first


@pytest.mark.parametrize("chip_seed", ["averaged", "factor"])
def test_sensitivity_finds_what_matters(tmp_path: Path, chip_seed: Any) -> None:
    axes = [
        {"path": "after", "distribution": {"kind": "loguniform", "low": 1.0, "high": 1.0e5}},
        {"path": "hardware.adc.bits", "values": [4, 5, 6, 7, 8]},
    ]
    path = make_study(tmp_path, axes=axes, chips=2, sampling={"kind": "saltelli", "n": 8})
    study = sensitivity_study(load_study(path), 64, chip_seed)
    from aimc_sim.study.conduct import conduct as conduct_study

    with Store(tmp_path / "r.sqlite", create=True) as store:
        digest = conduct_study(study, tmp_path, store, Settings(evaluate=curve_toy, record=False))
        tree = sensitivity_json(store, digest, study)
    accuracy, energy = (tree["metrics"][m] for m in (ACCURACY, "energy_J.per_inference"))
    assert accuracy["total"]["after"]["value"] > 0.95
    assert accuracy["total"]["hardware.adc.bits"]["value"] < 0.05
    assert energy["first"]["hardware.adc.bits"]["value"] > 0.9
    assert tree["n_tasks"] == (64 * 5 if chip_seed == "factor" else 64 * 4 * 2)
    assert ("chip" in tree["factors"]) == (chip_seed == "factor")


def front_of(study: Study, folder: Path, n: int, evaluate: Any = curve_toy) -> dict[str, Any]:
    """Search a front into a file."""
    wanted = objectives_of("accuracy,energy")
    with (
        Store(folder / "p.sqlite", create=True) as store,
        Conductor(
            study, folder, store, Settings(evaluate=evaluate), points_of_models(study),
            question="pareto",
        ) as conductor,
    ):  # fmt: skip
        return pareto_json(conductor, search_front(conductor, wanted, n), wanted)


def test_a_front_is_found_and_asked_again_for_nothing(tmp_path: Path) -> None:
    axes = {"hardware.adc.bits": [4, 5, 6, 7, 8], "after": [1.0, 300.0, 1000.0, 3000.0]}
    study = load_study(make_study(tmp_path, axes=axes))
    tree = front_of(study, tmp_path, 20)
    best = [t["coordinates"] for t in tree["trials"] if t["is_on_front"]]
    assert best == [{"hardware.adc.bits": 4, "after": 1.0}]
    assert len({str(t["coordinates"]) for t in tree["trials"]}) == tree["n_trials"]
    n = len(rows_of(tmp_path / "p.sqlite"))
    assert front_of(study, tmp_path, 20, evaluate=faulty_toy) == tree
    assert len(rows_of(tmp_path / "p.sqlite")) == n


def test_choices_without_a_chip_are_refused_and_searched_around(tmp_path: Path) -> None:
    study = load_study(make_study(tmp_path, axes={"hardware.adc.bits": [4, 99], "after": [1, 2]}))
    tree = front_of(study, tmp_path, 4)
    assert {bool(t["refused"]) for t in tree["trials"]} == {True, False}
    assert not any(t["is_on_front"] for t in tree["trials"] if t["refused"])


@pytest.mark.parametrize("names", ["accuracy", "accuracy,speed", "accuracy,accuracy", ""])
def test_wrong_objectives(names: str) -> None:
    with pytest.raises(InputError, match="--objectives: found"):
        objectives_of(names)
