"""`aimc cost`: figures that agree with the bill, explanations that add up, pages, refusals."""

from __future__ import annotations

import json
import re
from typing import Any

import jsonschema
import numpy as np
import pytest

from aimc_sim.chip import load_chip
from aimc_sim.cost import cost_of
from aimc_sim.crossbar.calibrate import calibrate
from aimc_sim.crossbar.tile import program
from aimc_sim.data import load_data
from aimc_sim.mapping.mapper import map_model
from aimc_sim.report.cost_json import cost_schema
from aimc_sim.runner.run import run
from tests.unit.cli_case import CHIPS, Case, make_case, one_line

PCM = CHIPS / "pcm_256.yaml"


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return make_case(tmp_path_factory.mktemp("cost"))


def cost(case: Case, *words: object, chip: str = "pcm_256") -> dict[str, Any]:
    """The JSON of `aimc cost` on the files of the case."""
    done = case.call("cost", case.folder / "model.npz", "--chip", CHIPS / f"{chip}.yaml", "--json",
                     "-", *words)  # fmt: skip
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    jsonschema.validate(found, cost_schema(), cls=jsonschema.Draft202012Validator)
    assert [key for key in cost_schema()["properties"] if key in found] == list(found)
    return found


def on_data(case: Case, *words: object, **options: Any) -> dict[str, Any]:
    return cost(case, "--data", case.folder / "data.npz", *words, **options)


def test_it_is_the_bill_of_a_run(case: Case) -> None:
    tree = on_data(case, "--limit", "3")
    chip = load_chip(PCM)
    data = load_data(case.folder / "data.npz", case.model).rows(0, 3)
    plan = map_model(case.model, chip.hardware)
    tiles = calibrate(program(plan, chip.hardware, seed=0), age_s=0.0, seed=0)
    result = run(case.model, tiles, data, seed=0)
    bill = cost_of(tiles.events + result.events, chip.costs, plan)
    assert tree["energy_J"] == bill.to_json()["energy_J"]
    assert tree["area_m2"] == bill.to_json()["area_m2"]
    assert tree["per_inference"]["energy_J"] == bill.energy_J.per_inference
    parts = tree["per_inference"]["by_component_J"]
    assert sum(parts.values()) == pytest.approx(bill.energy_J.per_inference)
    assert tree["programming"]["energy_J"] == bill.energy_J.programming


def test_programming_is_shared_by_inferences_and_stands_for_one_chip(case: Case) -> None:
    one = on_data(case, "--amortise", "1000")["programming"]
    two = on_data(case, "--amortise", "2000", "--chips", "2")["programming"]
    assert one["energy_per_inference_J"] == pytest.approx(one["energy_J"] / 1000)
    assert two["energy_J"] == pytest.approx(one["energy_J"], rel=0.05)
    assert two["energy_per_inference_J"] < 0.6 * one["energy_per_inference_J"]


def test_figures_follow_from_each_other(case: Case) -> None:
    tree = on_data(case)
    derived, work = tree["derived"], tree["complexity"]["integer"]
    assert derived["ops_per_step"] == 2 * work["macs_per_step"]
    step_J = tree["energy_J"]["per_step"]
    assert derived["ops_per_J"] == pytest.approx(derived["ops_per_step"] / step_J)
    assert derived["J_per_mac"] == pytest.approx(step_J / work["macs_per_step"])
    latency = tree["latency_s"]
    path = [t for t in latency["critical_path"] if t["per_step"]]
    assert latency["per_step"] == pytest.approx(sum(t["reads"] + t["digital"] for t in path))
    assert latency["pipelined_interval"] == max(t["interval"] for t in path)
    assert derived["energy_delay_Js"] == pytest.approx(
        tree["per_inference"]["energy_J"] * latency["per_inference"]
    )
    low, high = tree["per_inference"]["interval_J"]
    assert low < tree["per_inference"]["energy_J"] < high


def test_baselines_have_ratios_and_say_what_they_leave_out(case: Case) -> None:
    tree = on_data(case)
    for b in tree["baselines"]:
        expected = b["energy_per_inference_J"] / tree["per_inference"]["energy_J"]
        assert b["ratio"]["energy"] == pytest.approx(expected)
        assert len(b["leaves_out"]) > 20
    assert len(tree["baselines"]) == 3


def test_random_inputs_are_those_asked_for(case: Case) -> None:
    normal, none = (cost(case, "--inputs", kind, "--steps", "7", "--limit", "2")
                    for kind in ("normal", "zero"))  # fmt: skip
    assert normal["run"]["what"] == "2 sequences of normal random input codes, 7 steps each"
    first = next(iter(none["energy_J"]["by_layer_and_component"]))
    assert none["energy_J"]["by_layer_and_component"][first].get("crossbar", 0.0) == 0.0
    assert normal["energy_J"]["by_layer_and_component"][first]["crossbar"] > 0.0


@pytest.mark.parametrize("figure", ["energy", "energy.adc", "energy.crossbar", "area", "area.dac",
                                    "latency"])  # fmt: skip
def test_an_explanation_adds_up(case: Case, figure: str) -> None:
    tree = on_data(case, "--explain", figure)
    found = tree["explain"]
    assert found["total"] == pytest.approx(sum(row["total"] for row in found["rows"]))
    for row in found["rows"]:
        assert row["total"] == pytest.approx(row["amount"] * row["each"])
    kind, _, name = figure.partition(".")
    whole = {
        "energy": tree["energy_J"]["total"] + tree["energy_J"]["programming"],
        "area": tree["area_m2"]["total"],
        "latency": tree["latency_s"]["per_step"],
    }[kind]
    if name:
        whole = tree[f"{kind}_{'J' if kind == 'energy' else 'm2'}"]["by_component"][name]
    assert found["total"] == pytest.approx(whole)


def test_an_explanation_names_constants_and_sources(case: Case) -> None:
    done = case.call("cost", case.folder / "model.npz", "--chip", PCM, "--explain", "energy.adc")
    assert done.exit_code == 0, done.output
    assert "costs.adc.f_Hz" in done.stdout
    assert "regression at 8 bits, 32 nm" in done.stdout
    assert "arXiv:2404.06553" in done.stdout
    table = case.call("cost", case.folder / "model.npz", "--chip", CHIPS / "rram_64.yaml",
                      "--explain", "energy.adc")  # fmt: skip
    assert "row 5 of 7 of the table, 8 bits: 1.67e-12 J" in table.stdout
    assert "10.1109/ISCA.2016.12" in table.stdout
    scaled = case.call("cost", "--chip", CHIPS / "hermes_core.yaml", "--explain", "energy.adder")
    assert "scaled from 32 nm at 0.9 V to 14 nm at 0.8 V: energy x 0.1778" in scaled.stdout


def test_a_chip_alone(case: Case) -> None:
    done = case.call("cost", "--chip", CHIPS / "hermes_core.yaml", "--json", "-")
    tree = json.loads(done.stdout)
    schema = cost_schema(of_model=False)
    jsonschema.validate(tree, schema, cls=jsonschema.Draft202012Validator)
    assert [key for key in schema["properties"] if key in tree] == list(tree)
    assert tree["tile"]["macs"] == 65536
    assert tree["ops_per_J"] == pytest.approx(10.5e12, rel=5e-3)
    assert tree["ops_per_J_times_bits"] == pytest.approx(64 * tree["ops_per_J"])
    table = case.call("cost", "--chip", CHIPS / "hermes_core.yaml")
    assert re.search(r"operations a second and watt +10\.5 TOPS/W", table.stdout)
    assert "adder" in tree["scaled"]


def test_a_chip_alone_is_at_the_codes_that_its_authors_state(case: Case) -> None:
    words = ("cost", "--chip", CHIPS / "isaac_ce.yaml", "--json", "-")
    other = ("--input-bits", 8, "--weight-bits", 8, "--weights", "normal")
    stated, asked = (json.loads(case.call(*words, *more).stdout) for more in ((), other))
    assert (stated["input_bits"], stated["weight_bits"]) == (16, 16)
    assert (stated["inputs"], stated["weights"]) == ("uniform", "uniform")
    assert stated["ops_per_s"] == pytest.approx(41.29e12, rel=0.001)
    assert stated["power_W"] == pytest.approx(65.8, rel=0.01)
    assert (asked["input_bits"], asked["weight_bits"], asked["weights"]) == (8, 8, "normal")
    assert asked["ops_per_s"] > 3.9 * stated["ops_per_s"]


def test_pages_hold_their_figures_and_nothing_from_elsewhere(case: Case, tmp_path: Any) -> None:
    page = tmp_path / "cost.html"
    on_data(case, "--html", page)
    text = page.read_text(encoding="utf-8")
    for words in ("Which constants it hangs on", "The same model on digital machines",
                  "accelerator_22nm leaves out", "Latency of a step by layer"):  # fmt: skip
        assert words in text
    assert not re.search(r"(src|href)=.https?:", text)
    assert text.count("<svg") == 5
    busy = tmp_path / "busy.html"
    done = case.call("cost", "--chip", PCM, "--html", busy, "--quiet")
    assert (done.exit_code, done.stdout) == (0, "")
    assert busy.read_text(encoding="utf-8").count("<svg") == 2


def test_the_same_bytes_twice_whatever_the_threads(case: Case) -> None:
    one, two = (on_data(case, "--threads", n) for n in ("1", "2"))
    for tree in (one, two):
        tree.pop("machine")
    assert one == two


def test_an_assertion_that_fails_is_exit_code_1(case: Case) -> None:
    words = ("cost", case.folder / "model.npz", "--chip", PCM, "--quiet", "--assert")
    assert case.call(*words, "energy_J.per_inference < 1").exit_code == 0
    failed = case.call(*words, "energy_J.per_inference < 1e-12")
    assert failed.exit_code == 1
    assert "energy_J.per_inference" in failed.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--explain", "energy.adcs"), "--explain: found 'energy.adcs'; did you mean 'energy.adc'"),
        (("--explain", "power"), "--explain: found 'power'"),
        (("--inputs", "sine"), "--inputs: found 'sine'"),
        (("--amortise", "0"), "--amortise: found 0; expected 1 or more"),
        (("--steps", "0"), "--steps: found 0; expected 1 or more"),
        (("--input-bits", "40"), "--input-bits: found 40; expected 2 to 16"),
        (("--baselines", "none.yaml"), "none.yaml: cannot be read"),
        (("--set", "costs.adc.energy=1"), "costs.adc.energy: unknown key"),
        (("--set", "costs.technology={node_nm: 180}"), "costs.technology.node_nm: found 180"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(case: Case, words: Any, message: str) -> None:
    done = case.call("cost", case.folder / "model.npz", "--chip", PCM, *words)
    assert message in one_line(done)


def test_data_belongs_to_a_model(case: Case) -> None:
    done = case.call("cost", "--chip", PCM, "--data", case.folder / "data.npz")
    assert "--data: found" in one_line(done)
    assert np.isfinite(case.model.n_input)
