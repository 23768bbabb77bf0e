"""`aimc calibrate` from outside: a plan that runs, figures that stay, one line a fault."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from tests.unit.cli_case import CHIPS, Case, make_case, one_line

CALIBRATED = ("--set", "hardware.adc.range=calibrated")
FAST = ("--set", "hardware.effects.flicker_correlated=false")


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """One set of files for all tests, which do not change them."""
    return make_case(tmp_path_factory.mktemp("case"))


def calibrate(case: Case, plan: Path, *words: object, chip: str = "pcm_256") -> Any:
    """Call `aimc calibrate` on the files."""
    files = (case.folder / "model.npz", "--chip", CHIPS / f"{chip}.yaml",
             "--data", case.folder / "data.npz", "-o", plan)  # fmt: skip
    return case.call("calibrate", *files, *FAST, *words)


def test_the_command_it_prints_runs(case: Case, tmp_path: Path) -> None:
    plan = tmp_path / "the plan.json"
    done = calibrate(case, plan, "--mapping", "split", "--per", "bitline", "--after", "1h",
                     "--set", "hardware.mapping.allow_narrow_state=true")  # fmt: skip
    assert done.exit_code == 0, done.output
    assert done.stderr == ""
    for word in ("bits won", "worst case", "clipped", "s4d0", "hardware.adc.range is calibrated"):
        assert word in done.stdout, done.stdout
    (line,) = (part for part in done.stdout.splitlines() if part.startswith("run it"))
    words = shlex.split(line.removeprefix("run it"))
    assert words[:2] == ["aimc", "run"]
    assert "hardware.adc.range_per=bitline" in words
    assert words[-2:] == ["--plan", str(plan)]
    words[words.index("TEST.npz")] = str(case.folder / "data.npz")
    ran = case.call(*words[1:], "--json", "-")
    assert ran.exit_code == 0, ran.output
    assert json.loads(ran.stdout)["saturated"]["share"] < 0.01
    assert case.call("check", plan).exit_code == 0


def test_a_given_full_scale_is_dropped(case: Case, tmp_path: Path) -> None:
    given = "{kind: uniform, bits: 6, range: given, full_scale_A: 1.0e-6}"
    done = calibrate(case, tmp_path / "plan.json", "--set", f"hardware.adc={given}")
    assert done.exit_code == 0, done.output
    (line,) = (part for part in done.stdout.splitlines() if part.startswith("run it"))
    words = shlex.split(line.removeprefix("run it"))
    words[words.index("TEST.npz")] = str(case.folder / "data.npz")
    ran = case.call(*words[1:])
    assert ran.exit_code == 0, ran.output


@pytest.mark.parametrize("words", [("--batch", 1), ("--threads", 1), ("--quiet",)])
def test_the_plan_does_not_depend_on_how(case: Case, tmp_path: Path, words: tuple[Any]) -> None:
    options = ("--method", "least_error", "--chips", 2, "--seed", 3)
    one, two = tmp_path / "one.json", tmp_path / "two.json"
    assert calibrate(case, one, *options).exit_code == 0
    assert calibrate(case, two, *options, *words).exit_code == 0
    assert one.read_bytes() == two.read_bytes()


def test_json_says_what_was_found(case: Case, tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    words = ("--percentile", 100, "--limit", 5, "--seed", 2, "--json", "-")
    done = calibrate(case, plan, *words)
    tree = json.loads(done.stdout)
    assert (tree["schema"], tree["method"], tree["percentile"]) == (1, "percentile", 100.0)
    assert (tree["n_sequences"], tree["seed"], tree["per"], tree["unit"]) == (5, 2, "tile", "A")
    written = json.loads(plan.read_text(encoding="utf-8"))
    full = {(r["tile_id"], r["phase"], r["read"]): r["full_scale"] for r in written["ranges"]}
    for r in tree["ranges"]:
        assert full[r["tile_id"], r["phase"], r["read"]][r["range"]] == r["full_scale"]
        assert r["clipped"] == 0
        assert r["full_scale"] >= r["largest"]
    assert tree["digests"]["hardware"] == written["hardware"]
    assert all(layer["clipped_share"] == 0 for layer in tree["layers"].values())


def test_a_placement_is_kept(case: Case, tmp_path: Path) -> None:
    place, plan = tmp_path / "place.json", tmp_path / "plan.json"
    order = ("--set", "hardware.mapping.share_tiles=true")
    assert case.run("--quiet", "--save-plan", place, *FAST, *order).exit_code == 0
    done = calibrate(case, plan, "--plan", place, *order, "--quiet")
    assert (done.exit_code, done.stdout) == (0, "")
    one, two = (json.loads(path.read_text(encoding="utf-8")) for path in (place, plan))
    assert one["tiles"] == two["tiles"]
    assert two["ranges"]
    assert case.run("--plan", plan, *FAST, *order, *CALIBRATED).exit_code == 0


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--method", "best"], "--method: found 'best'; allowed: percentile, least_error"),
        (["--per", "tiles"], "did you mean 'tile'"),
        (["--percentile", "0"], "--percentile: found 0; expected above 0, at most 100"),
        (["--percentile", "101"], "--percentile: found 101"),
        (["--chips", "0"], "--chips: found 0"),
        (["--limit", "0"], "--limit: found 0"),
        (["--seed", "-1"], "--seed: found -1"),
        (["--mapping", "hybird"], "did you mean 'hybrid'"),
        (["--after", "1w"], "expected a time such as 30s"),
        (["--set", "hardware.adc.range=unit"], "aimc calibrate makes it calibrated"),
        (["--per", "tile", "--set", "hardware.adc.range_per=tile"], "--per is given too"),
        (["--set", "hardware.adc={kind: ideal}"], "there is nothing to calibrate"),
        (["--json", "no_such_folder/run.json"], "there is no folder"),
        (["--plan", "no_such_plan.json"], "no_such_plan.json: cannot be read"),
    ],
)
def test_bad_options_are_one_line(case: Case, tmp_path: Path, words: list[str], says: str) -> None:
    assert says in one_line(calibrate(case, tmp_path / "plan.json", "--quiet", *words))
    assert not (tmp_path / "plan.json").exists()


def test_the_ideal_chip_has_nothing_to_calibrate(case: Case, tmp_path: Path) -> None:
    done = case.call("calibrate", case.folder / "model.npz", "--chip", CHIPS / "ideal.yaml",
                     "--data", case.folder / "data.npz", "-o", tmp_path / "plan.json")  # fmt: skip
    assert one_line(done).startswith("hardware.adc.kind: found 'ideal'")


def test_a_run_without_ranges_names_the_command(case: Case, tmp_path: Path) -> None:
    assert "aimc calibrate MODEL --chip CHIP --data DATA -o plan.json" in case.refused(*CALIBRATED)
    plan = tmp_path / "plan.json"
    assert "aimc calibrate" in case.refused(*CALIBRATED, "--save-plan", plan)


def test_a_budget_keeps_the_ranges(case: Case, tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    assert calibrate(case, plan, "--quiet").exit_code == 0
    tree = case.tree("--plan", plan, *FAST, *CALIBRATED, "--budget", "--limit", 3)
    assert "adc" in tree["budget"]["sources"]


def test_the_table_names_the_layers_that_saturate(case: Case) -> None:
    tree = case.tree("--set", "hardware.adc.range_factor=0.2", *FAST)
    assert sum(each["total"] for each in tree["saturated"]["by_layer"].values()) > 0
    shown = case.run("--set", "hardware.adc.range_factor=0.2", *FAST).stdout
    assert "saturated most, by layer" in shown
