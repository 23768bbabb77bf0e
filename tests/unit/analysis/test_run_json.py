"""The JSON of a run: its schema, and that it says what result and bill say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import aimc_sim
from aimc_sim import calibrate, cost_of, load_chip, load_data, load_model, map_model, program, run
from aimc_sim.analysis.run_json import MAY_DIFFER, run_json, run_schema
from aimc_sim.analysis.s4d import s4d_pictures
from aimc_sim.cost.bill import Bill
from aimc_sim.crossbar.tile import Tiles
from aimc_sim.report.table import per_inference, run_table
from aimc_sim.runner.result import Result
from aimc_sim.tree import to_text
from tests.unit.cli_case import CHIPS, Case, make_case

PULSED = "pulse_reram_array_om_gong2022"
PROMISED = """
accuracy.reference accuracy.analog.mean accuracy.analog.ci95 accuracy.analog.per_chip agreement
error_by_step events energy_J.total energy_J.per_inference energy_J.by_component
energy_J.programming latency_s.per_step latency_s.per_inference area_m2.total area_m2.by_component
tiles.count tiles.utilisation saturated effective_state_bits seed digests.model digests.chip
digests.data rng_version noise_form version machine runtime_s
""".split()  # noqa: SIM905 (a list would be 30 lines)


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """One set of files for all tests."""
    return make_case(tmp_path_factory.mktemp("case"))


@pytest.fixture(scope="module")
def parts(case: Case) -> tuple[Result, Bill, Tiles, aimc_sim.Chip]:
    """The same run as `case.tree("--chips", 3, "--seed", 2)`, through the Python interface."""
    model = load_model(case.folder / "model.npz")
    chip = load_chip(CHIPS / "pcm_256.yaml")
    data = load_data(case.folder / "data.npz", model)
    plan = map_model(model, chip.hardware)
    tiles = program(plan, chip.hardware, seed=2, n_chips=3)
    tiles = calibrate(tiles, age_s=0.0, seed=2)
    result = run(model, tiles, data, seed=2)
    return result, cost_of(tiles.events + result.events, chip.costs, plan), tiles, chip


def validate(tree: dict[str, Any]) -> None:
    """Check a run's JSON against the committed schema."""
    jsonschema.validate(tree, run_schema(), cls=jsonschema.Draft202012Validator)


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(run_schema())


@pytest.mark.parametrize("key", PROMISED)
def test_every_promised_key_is_required(key: str) -> None:
    """What the interface promises cannot vanish from the schema unnoticed."""
    node = run_schema()
    for part in key.split("."):
        assert part in node["required"]
        node = node.get("properties", {}).get(part, {})


@pytest.mark.parametrize(
    "words",
    [(), ("--chips", 3), ("--limit", 1), ("--after", "1d"), ("--mapping", "split"),
     ("--mapping", "fused", "--set", "hardware.mapping.allow_narrow_state=true"), ("--budget",)],
)  # fmt: skip
@pytest.mark.parametrize("chip", ["pcm_256", "rram_64", "ideal"])
def test_every_run_obeys_the_schema(case: Case, chip: str, words: tuple[Any, ...]) -> None:
    tree = case.tree(*words, chip=chip)
    validate(tree)
    assert list(tree) == list(run_schema()["properties"])


def test_a_wrong_tree_does_not_pass(case: Case) -> None:
    tree = case.tree()
    for key in tree:
        with pytest.raises(jsonschema.ValidationError):
            validate({name: value for name, value in tree.items() if name != key})
    with pytest.raises(jsonschema.ValidationError):
        validate({**tree, "agreement": 1.5})


def test_command_line_and_python_say_the_same(
    case: Case, parts: tuple[Result, Bill, Tiles, aimc_sim.Chip]
) -> None:
    result, bill, tiles, chip = parts
    pictures = s4d_pictures(load_model(case.folder / "model.npz"), tiles)
    tree = run_json(result, bill, tiles=tiles, chip=chip, seed=2, age_s=0.0, pictures=pictures)
    told = case.tree("--chips", 3, "--seed", 2)
    for key in MAY_DIFFER:
        del tree[key], told[key]
    assert to_text(tree) == to_text(told)


def test_json_says_what_result_and_bill_say(
    parts: tuple[Result, Bill, Tiles, aimc_sim.Chip],
) -> None:
    result, bill, tiles, chip = parts
    tree = run_json(result, bill, tiles=tiles, chip=chip)
    assert tree["accuracy"]["analog"]["per_chip"] == result.accuracy_per_chip
    assert tree["energy_J"] == bill.to_json()["energy_J"]
    assert tree["events"]["by_action"] == (tiles.events + result.events).by_action()
    assert tree["events"]["by_action"]["program.set_pulse"] > 0
    assert tree["digests"] == {"model": result.digests["model"], "data": result.digests["data"],
                               "chip": chip.digest(), "plan": tiles.plan.digest}  # fmt: skip
    assert tree["tiles"]["count"] == len(tiles.plan.tiles)
    assert tree["saturated"]["total"] == sum(result.saturated.values())


def test_result_and_bill_are_enough(parts: tuple[Result, Bill, Tiles, aimc_sim.Chip]) -> None:
    result, bill, _, _ = parts
    tree = run_json(result, bill)
    validate(tree)
    assert tree["tiles"] == {"count": None, "utilisation": None}
    assert tree["poles"] is tree["budget"] is tree["faults"] is tree["programming"] is None
    assert "–" in run_table(tree)


def test_the_digest_of_the_chip_covers_its_costs(case: Case) -> None:
    cheap = case.tree("--set", "costs.adc.f_Hz=1.0e9")
    assert cheap["digests"]["chip"] != case.tree()["digests"]["chip"]
    assert cheap["error_by_step"] == case.tree()["error_by_step"]


def test_effective_state_bits_are_told_where_a_state_is_converted(case: Case) -> None:
    words = ("--mapping", "split", "--set", "hardware.mapping.allow_narrow_state=true")
    bits = case.tree(*words, "--set", "hardware.adc.bits=6")["effective_state_bits"]
    assert bits["min"] == min(bits["by_layer"].values()) < 8
    assert "effective state bits" in case.run(*words, "--set", "hardware.adc.bits=6").stdout
    assert case.tree()["effective_state_bits"] is None


def test_a_budget_is_told_where_it_is_asked_for(case: Case) -> None:
    words = ("--chips", 2, "--after", "1d", "--limit", 4)
    tree, plain = case.tree(*words, "--budget"), case.tree(*words)
    budget = tree["budget"]
    assert plain["budget"] is None
    assert {"programming", "drift", "dac", "adc"} <= set(budget["sources"])
    assert budget["n_sequences"] == 4
    assert budget["exact_without_sources"] is True
    assert budget["all_on"]["accuracy"] == plain["accuracy"]["analog"]
    assert budget["all_on"]["agreement"] == plain["agreement"]
    for key in (*MAY_DIFFER, "budget"):
        del tree[key], plain[key]
    assert to_text(tree) == to_text(plain)


def test_poles_are_told_of_every_stage(case: Case) -> None:
    bare = ("--set", "hardware.calibration.kind=none")
    (layer,) = case.tree("--chips", 3, *bare)["poles"].values()
    assert set(layer["stages"]) == {"programmed"}
    assert layer["stages"]["programmed"]["n_outside"] is None  # hybrid: A is digital
    words = ("--mapping", "split", "--set", "hardware.mapping.allow_narrow_state=true")
    (layer,) = case.tree("--chips", 3, "--after", "1d", *bare, *words)["poles"].values()
    assert layer["n_outside"] == {"trained": None, "quantised": 0}
    assert list(layer["stages"]) == ["programmed", "drifted"]
    assert layer["stages"]["drifted"]["age_s"] == 86400.0
    for stage in layer["stages"].values():
        assert len(stage["n_outside"]) == 3
        assert 0 <= max(stage["n_outside"]) <= layer["n_modes"]
        figures = stage["kernel_error"]
        assert figures["min"] <= figures["median"] <= figures["max"]


def test_poles_as_trained_are_told_where_the_checkpoint_is_given(case: Case) -> None:
    root = CHIPS.parent
    words = (root / "models/digits.npz", "--chip", CHIPS / "pcm_256.yaml", "--limit", 1, "--data",
             root / "data/digits_test.npz", "--json", "-", "--trained")  # fmt: skip
    told = case.call("run", *words, root / "models/digits_float.safetensors")
    poles = json.loads(told.stdout)["poles"]
    assert [layer["n_outside"]["trained"] for layer in poles.values()] == [0] * len(poles)
    wrong = case.refused("--trained", root / "models/digits_float.safetensors")
    assert wrong == f"checkpoint: found {len(poles)} S4D layers; the model has 1"


def test_broken_devices_and_failed_writing_are_told(case: Case) -> None:
    """What the tiles say, on a device with faults and on one with a write-verify loop."""
    model = load_model(case.folder / "model.npz")
    data = load_data(case.folder / "data.npz", model)
    told = set()
    for name in ("taox_64x64_yield84", PULSED):
        chip = load_chip(CHIPS / "pcm_256.yaml", {"hardware.device": name})
        plan = map_model(model, chip.hardware)
        tiles = calibrate(program(plan, chip.hardware, seed=2, n_chips=2), age_s=0.0, seed=2)
        result = run(model, tiles, data, seed=2)
        bill = cost_of(tiles.events + result.events, chip.costs, plan)
        tree = run_json(result, bill, tiles=tiles)
        validate(tree)
        text = run_table(tree)
        if tree["faults"] is not None:
            told.add("faults")
            assert tree["faults"] == tiles.n_faults
            assert f"{sum(tiles.n_faults.values())} (" in text
        if tree["programming"] is not None:
            told.add("programming")
            loops = [(s.writing, tiles.programmed[t]) for (_, t), s in tiles.states.items()]
            assert tree["programming"]["n_failed"] == sum(
                int(w.failed[cells].sum()) for w, cells in loops
            )
            assert tree["programming"]["n_devices"] == sum(2 * int(c.sum()) for _, c in loops)
            assert "devices not verified" in text
    assert told == {"faults", "programming"}


def test_parts_of_the_energy_sum_up(case: Case) -> None:
    tree = case.tree()
    whole = tree["energy_J"]["per_inference"]
    for split in ("by_component", "by_layer"):
        assert sum(per_inference(tree, split).values()) == pytest.approx(whole)


def test_text_is_finite_json(tmp_path: Path) -> None:
    assert json.loads(to_text({"µ": [1, None]})) == {"µ": [1, None]}
    with pytest.raises(ValueError, match="JSON"):
        to_text({"a": float("nan")})


def test_a_notebook_shows_tables(parts: tuple[Result, Bill, Tiles, aimc_sim.Chip]) -> None:
    result, bill, _, _ = parts
    assert "accuracy, analog" in result._repr_html_()
    assert "energy per inference" in bill._repr_html_()
