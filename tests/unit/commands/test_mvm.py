"""`aimc mvm` from outside: table, JSON by its schema, page, picture, sweeps, one line a fault."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from aimc_sim.analysis.run_json import MAY_DIFFER
from aimc_sim.commands.axes import parse_axis, parse_size
from aimc_sim.report.mvm_json import mvm_schema
from tests.unit.cli_case import CHIPS, Case, make_case, one_line

SMALL = ("--size", "16x8", "--vectors", 12)


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """One set of files for all tests, which do not change them."""
    return make_case(tmp_path_factory.mktemp("case"))


def call(case: Case, *words: object, chip: str = "pcm_256") -> Any:
    """Call `aimc mvm`."""
    return case.call("mvm", "--chip", CHIPS / f"{chip}.yaml", *words)


def tree(case: Case, *words: object, chip: str = "pcm_256") -> dict[str, Any]:
    """Return the JSON of a call, checked against the schema."""
    result = call(case, "--json", "-", *words, chip=chip)
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    jsonschema.validate(found, mvm_schema(), cls=jsonschema.Draft202012Validator)
    return found


def fixed(found: dict[str, Any]) -> str:
    """Return the JSON without what may differ, as text."""
    return json.dumps({key: value for key, value in found.items() if key not in MAY_DIFFER})


def own(case: Case) -> tuple[object, ...]:
    """The words that name the model and its data."""
    return case.folder / "model.npz", "--data", case.folder / "data.npz", "--vectors", 12


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(mvm_schema())


@pytest.mark.parametrize("chip", ["pcm_256", "rram_64", "ideal", "hermes_core"])
def test_random_products_print_a_table_and_obey_the_schema(case: Case, chip: str) -> None:
    result = call(case, *SMALL, "--chips", 2, chip=chip)
    assert (result.exit_code, result.stderr) == (0, "")
    for word in (chip, "16 x 8 weights", "2 chips", "ENOB", "random/weight"):
        assert word in result.stdout
    found = tree(case, *SMALL, "--chips", 2, chip=chip)
    assert list(found) == list(mvm_schema()["properties"])
    assert found["workload"]["size"] == [16, 8]
    assert found["run"]["chips"] == [0, 1]
    assert (found["figures"]["eta"]["mean"] == 0.0) == (chip == "ideal")


def test_a_wrong_tree_does_not_pass(case: Case) -> None:
    found = tree(case, *SMALL)
    for key in found:
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({k: v for k, v in found.items() if k != key}, mvm_schema())


def test_same_seed_same_bytes(case: Case) -> None:
    words = (*SMALL, "--chips", 2, "--after", "1h")
    assert fixed(tree(case, *words)) == fixed(tree(case, *words, "--threads", 1))
    assert fixed(tree(case, *words)) != fixed(tree(case, *words, "--seed", 1))


def test_a_models_matrices_each_have_figures(case: Case) -> None:
    found = tree(case, *own(case))
    assert {name.split("/")[1] for name in found["matrices"]} == {"weight", "B", "C"}
    assert found["workload"]["kind"] == "model"
    assert found["digests"]["data"] is not None
    eta = [m["figures"]["eta"]["mean"] for m in found["matrices"].values()]
    assert found["figures"]["eta"]["mean"] == pytest.approx(sum(eta) / len(eta))
    assert "mean" in call(case, *own(case)).stdout
    layer = next(iter(found["matrices"])).split("/")[0]
    alone = tree(case, *own(case), "--layer", layer)
    assert list(alone["matrices"]) == [f"{layer}/weight"]
    assert set(tree(case, *own(case), chip="ideal")["figures"]["eta"]["per_chip"]) == {0.0}


def test_sweeps_change_one_thing_at_a_time(case: Case) -> None:
    found = tree(
        case, *SMALL, "--chips", 2, "--against", "time=0s,1d", "--against", "adc_bits=4..6",
        "--against", "size=8,16x8", "--against", "hardware.calibration.kind=none,global",
    )  # fmt: skip
    axes = {sweep["axis"]: sweep["points"] for sweep in found["against"]}
    assert [p["value"] for p in axes["time"]] == [0.0, 86400.0]
    assert [p["label"] for p in axes["time"]] == ["0s", "1d"]
    assert [p["value"] for p in axes["adc_bits"]] == [4, 5, 6]
    assert [p["value"] for p in axes["size"]] == [8.0, "16x8"]
    assert [p["value"] for p in axes["hardware.calibration.kind"]] == ["none", "global"]
    same = (axes["time"][0], axes["size"][1], axes["hardware.calibration.kind"][1])
    assert all(point["figures"] == found["figures"] for point in same)
    at_six = tree(case, *SMALL, "--chips", 2, "--set", "hardware.adc.bits=6")
    assert axes["adc_bits"][2]["figures"] == at_six["figures"]
    assert axes["time"][1]["figures"] == tree(
        case, *SMALL, "--chips", 2, "--after", "1d"
    )["figures"]  # fmt: skip


def test_size_is_that_of_a_tile(case: Case) -> None:
    assert tree(case, "--vectors", 4, chip="rram_64")["run"]["n_columns"] == 32
    found = tree(case, *own(case), "--size", "8")
    assert (found["run"]["n_wordlines"], found["run"]["n_columns"]) == (8, 8)


def test_page_and_picture_are_written(case: Case, tmp_path: Path) -> None:
    page, picture, svg = tmp_path / "mvm.html", tmp_path / "mvm.png", tmp_path / "mvm.svg"
    words = ("--against", "adc_bits=4,8", "--against", "time=0s,1h", "--html", page, "--quiet")
    result = call(case, *SMALL, *words, "--png", picture)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")
    text = page.read_text(encoding="utf-8")
    assert text.count("<figure>") == 4
    assert "http" not in text.replace("http://www.w3.org", "")
    assert picture.read_bytes()[:4] == b"\x89PNG"
    first = (text.split("Provenance")[0], picture.read_bytes())
    assert call(case, *SMALL, *words, "--png", picture).exit_code == 0
    assert first == (page.read_text("utf-8").split("Provenance")[0], picture.read_bytes())
    assert call(case, *own(case), "--chips", 2, *words, "--png", svg).exit_code == 0
    assert page.read_text(encoding="utf-8").count("Analog against exact") > 3
    assert svg.read_text(encoding="utf-8").startswith("<?xml")
    assert call(case, *SMALL, "--html", page, "--png", picture, chip="ideal").exit_code == 0


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--against", "adc_bits"], "expected AXIS=VALUES"),
        (["--against", "adc_bit=4"], "did you mean 'adc_bits'"),
        (["--against", "adc_bits="], "expected AXIS=VALUES"),
        (["--against", "adc_bits=9..4"], "expected FIRST..LAST"),
        (["--against", "adc_bits=4,4"], "a value is given twice"),
        (["--against", "adc_bits=99"], "hardware.adc.bits: found 99"),
        (["--against", "adc_bits=4", "--against", "adc_bits=5"], "an axis is given twice"),
        (["--against", "time=1w"], "--against time: found '1w'"),
        (["--against", "size=0"], "--against size: found '0'"),
        (["--against", "hardware.adc.bitz=4"], "did you mean 'bits'"),
        (["--size", "16x"], "--size: found '16x'"),
        (["--size", "9000"], "--size: found '9000'"),
        (["--vectors", "0"], "--vectors: found 0"),
        (["--chips", "0"], "--chips: found 0"),
        (["--seed", "-1"], "--seed: found -1"),
        (["--weight-bits", "1"], "--weight-bits: found 1"),
        (["--input-bits", "17"], "--input-bits: found 17"),
        (["--inputs", "norml"], "did you mean 'normal'"),
        (["--after", "1w"], "--after: found '1w'"),
        (["--set", "hardware.adc.bitz=4"], "did you mean 'bits'"),
        (["--layer", "mix0"], "--layer: goes with a MODEL.npz"),
        (["--data", "data.npz"], "--data: goes with a MODEL.npz"),
        (["model.npz"], "--data: goes with a MODEL.npz"),
        (["--json", "no_such_folder/mvm.json"], "there is no folder"),
        (["--html", "no_such_folder/mvm.html"], "there is no folder"),
        (["--png", "-"], "only --json writes to standard output"),
        (["--png", "mvm.gif"], "allowed: .png, .svg, .pdf"),
    ],
)
def test_bad_options_are_one_line(
    case: Case, words: list[str], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert says in one_line(call(case, *SMALL, "--quiet", *words))
    assert list(tmp_path.iterdir()) == []


def test_missing_files_and_layers_are_one_line(case: Case) -> None:
    assert "did you mean" in one_line(call(case, *own(case), "--layer", "encodr"))
    assert "no.yaml: cannot be read" in one_line(case.call("mvm", "--chip", "no.yaml"))
    gone = (case.folder / "gone.npz", "--data", case.folder / "data.npz")
    assert "gone.npz" in one_line(call(case, *gone))


def test_axes_and_sizes() -> None:
    assert parse_size("32x8") == (32, 8)
    points = parse_axis("hardware.device=ideal,pcm_joshi2020").points
    assert [p.changes["hardware.device"] for p in points] == ["ideal", "pcm_joshi2020"]
    assert [p.age_s for p in parse_axis("time=0s, 1h").points] == [0.0, 3600.0]
    assert parse_axis("hardware.effects.drift=true,false").points[1].value == "false"
