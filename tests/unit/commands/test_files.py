"""`aimc check`, `inspect` and `quantize` on every kind of file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

from aimc_sim.commands.describe_chip import spread_rows
from aimc_sim.commands.describe_model import n_parameters
from aimc_sim.commands.describe_s4d import pole_figures
from aimc_sim.devices import device_model_names, device_model_path, load_device
from aimc_sim.model.layers import S4D
from aimc_sim.model.npz import load_model
from tests.unit.cli_case import CHIPS, ROOT, Case, make_case, one_line, read_data, write_data

FLOAT = ROOT / "examples/models/digits_float.safetensors"
CALIBRATION = ROOT / "examples/data/digits_calibration.npz"
BASELINES = ROOT / "aimc_sim/cost/baselines.yaml"
PCM = ROOT / "device_models/pcm_joshi2020.yaml"


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """One set of files for all tests, which do not change them."""
    case = make_case(tmp_path_factory.mktemp("case"))
    assert case.run("--quiet", "--save-plan", case.folder / "plan.json").exit_code == 0
    return case


def paths_of(case: Case) -> dict[str, Path]:
    """Return one file of each kind, by the word that its description begins with."""
    return {"model": case.folder / "model.npz", "data": case.folder / "data.npz",
            "plan": case.folder / "plan.json", "chip": CHIPS / "pcm_256.yaml", "device": PCM,
            "float checkpoint": FLOAT, "digital machines": BASELINES}  # fmt: skip


def tree_of(case: Case, *words: object) -> dict[str, Any]:
    """Return the JSON of `aimc inspect`."""
    result = case.call("inspect", *words, "--json", "-")
    assert result.exit_code == 0, result.output
    tree: dict[str, Any] = json.loads(result.stdout)
    return tree


def test_check_knows_every_kind(case: Case) -> None:
    paths = paths_of(case)
    result = case.call("check", *paths.values())
    assert (result.exit_code, result.stderr) == (0, "")
    for line, (kind, path) in zip(result.stdout.splitlines(), paths.items(), strict=True):
        assert line.startswith(f"{path}: OK: {kind}")


def test_check_reports_all_and_fails(case: Case, tmp_path: Path) -> None:
    (tmp_path / "torn.npz").write_bytes(b"PK\x03\x04")
    (tmp_path / "other.yaml").write_text("format: aimc-chap\n", encoding="utf-8")
    words = [tmp_path / "torn.npz", PCM, tmp_path / "other.yaml", tmp_path, tmp_path / "none.npz"]
    result = case.call("check", *words, "--json", tmp_path / "check.json")
    assert result.exit_code == 2
    assert result.stdout == f"{PCM}: OK: device pcm_joshi2020, pcm, 0 to 25 µS\n"
    found = json.loads((tmp_path / "check.json").read_text(encoding="utf-8"))
    assert [row["ok"] for row in found] == [False, True, False, False, False]
    errors = [row["error"] for row in found if not row["ok"]]
    assert result.stderr.splitlines() == [f"aimc: {error}" for error in errors]
    assert "did you mean 'aimc-chip'" in errors[1]


def test_data_is_checked_against_its_model(case: Case, tmp_path: Path) -> None:
    arrays = read_data(case.folder / "data.npz")
    arrays["inputs"] = arrays["inputs"] + 1000
    write_data(tmp_path / "data.npz", **arrays)
    assert case.call("check", tmp_path / "data.npz").exit_code == 0
    line = one_line(case.call("check", tmp_path / "data.npz", "--model", case.folder / "model.npz"))
    assert "array 'inputs': found code" in line


@pytest.mark.parametrize(
    ("change", "says"),
    [({"labels": np.array([-1] * 12)}, "classes count from 0"),
     ({"logits": np.zeros((3, 4), np.int64)}, "expected 12 sequences first"),
     ({"logits": np.zeros(12, np.int64)}, "expected [sequence, class]"),
     ({"logits_model": np.array("digits.npz")}, "'logits_model': found 'digits.npz'"),
     ({"inputs": np.zeros((12, 9, 5)) + np.nan}, "NaN"),
     ({"lengths": np.zeros(12, np.int64)}, "array 'lengths'"),
     ({"laebls": np.zeros(12)}, "array 'laebls'")],
)  # fmt: skip
def test_the_form_of_data_is_checked_without_a_model(
    case: Case, tmp_path: Path, change: dict[str, Any], says: str
) -> None:
    write_data(tmp_path / "data.npz", **{**read_data(case.folder / "data.npz"), **change})
    assert says in one_line(case.call("check", tmp_path / "data.npz"))


def test_a_plan_is_checked_against_model_and_chip(case: Case) -> None:
    words = ("check", case.folder / "plan.json", "--model", case.folder / "model.npz", "--chip")
    assert case.call(*words, CHIPS / "pcm_256.yaml").exit_code == 0
    assert "hardware" in one_line(case.call(*words, CHIPS / "rram_64.yaml"))


def test_inspect_describes_every_kind(case: Case) -> None:
    for kind, path in paths_of(case).items():
        result = case.call("inspect", path)
        assert (result.exit_code, result.stderr) == (0, "")
        assert result.stdout.startswith(f"{path}: {kind}")
        assert len(result.stdout.splitlines()) > 5
        assert tree_of(case, path)["kind"] == kind.rpartition(" ")[2]


def test_inspect_of_a_model_tells_poles_and_tiles(case: Case) -> None:
    path = case.folder / "model.npz"
    model = load_model(path)
    layer = next(layer for layer in model.layers if isinstance(layer, S4D))
    tree = tree_of(case, path, "--chip", CHIPS / "pcm_256.yaml", "--poles")
    assert tree["digest"] == model.digest
    assert tree["n_parameters"] == sum(map(n_parameters, model.layers))
    size = np.abs(layer.poles)
    told = tree["s4d"][layer.name]
    assert told["poles"]["magnitude"]["max"] == size.max()
    assert told["poles"]["dead_band_codes"]["max"] == pytest.approx(0.5 / (1 - size.max()))
    assert told["poles"]["time_constant_steps"]["median"] == pytest.approx(
        np.median(-1 / np.log(size))
    )
    through = told["poles"]["dead_band_through_adc_codes"]["max"]
    lost = max(layer.state.bits - 8, 0)  # pcm_256 converts 8 bits
    assert through == pytest.approx(2.0**lost * 0.5 / (1 - size.max()))
    assert [mode["magnitude"] for mode in told["modes"]] == size.tolist()
    assert tree["tiles"]["count"] == sum(t["count"] for t in tree["tiles"]["by_layer"].values())
    text = case.call("inspect", path, "--poles").stdout
    assert text.count("i  ") >= layer.n_modes


def test_poles_at_zero_and_one_have_no_figure_that_is_not_finite(case: Case) -> None:
    layer = next(x for x in load_model(case.folder / "model.npz").layers if isinstance(x, S4D))
    layer.__dict__["poles"] = np.array([0.0, 1.0, 0.5])
    figures = pole_figures(layer)
    assert figures["time_constant_steps"].tolist() == [0.0, np.inf, pytest.approx(1 / np.log(2))]
    assert figures["dead_band_codes"].tolist() == [0.5, np.inf, 1.0]


def test_inspect_of_a_chip_grades_every_constant(case: Case) -> None:
    tree = tree_of(case, CHIPS / "rram_64.yaml")
    graded = {row["of"] for row in tree["sources"]}
    stated = {name for name in tree["costs"] if name not in ("technology", "operation", "peak")}
    assert {f"cost of {name}" for name in stated} <= graded
    assert {"device, range", "device, programming", "device, read"} <= graded
    assert all(row["grade"] in ("measured", "fitted", "assumed") for row in tree["sources"])


@pytest.mark.parametrize("name", device_model_names())
def test_spread_of_every_device(name: str) -> None:
    """The five targets span the range; an ideal device has no spread, all others have one.

    SONOS flash alone has none at zero current, and a loop none where devices start at a target.
    """
    device = load_device(device_model_path(name)).device
    rows = spread_rows(device)
    targets = [row["g_target_S"] for row in rows]
    assert (min(targets), max(targets)) == (device.g_min_S, pytest.approx(device.g_max_S))
    moving = [row for row in rows if device.kind != "sonos" or row["g_target_S"] > 0.0]
    if device.kind == "pulsed" and device.start_weight is not None:
        start_S = float(device.conductance_S(device.start_weight))
        moving = [row for row in rows if row["g_target_S"] != pytest.approx(start_S)]
        assert len(moving) >= 4
    assert all((row["sigma_S"] == 0.0) == (device.kind == "ideal") for row in moving)


def test_spread_of_pcm_is_the_published_one() -> None:
    device = load_device(PCM).device
    top = next(r for r in spread_rows(device) if r["g_target_S"] == 25.0e-6 and r["age_s"] == 0.0)
    assert top["sigma_S"] == pytest.approx(1.05538e-6, rel=1e-4)


def test_spread_of_pcm_after_a_day_has_that_of_the_exponents() -> None:
    """0.700 uS of programming, 1.075 uS of nu = 0.049 with 0.008; sampled devices have 1.32 uS."""
    device = load_device(PCM).device
    top = max(spread_rows(device), key=lambda r: (r["age_s"], r["g_target_S"]))
    assert (top["g_target_S"], top["age_s"]) == (25.0e-6, 86400.0)
    assert top["sigma_S"] == pytest.approx(1.283e-6, rel=2e-3)


def test_quantize_writes_a_model_that_runs(case: Case, tmp_path: Path) -> None:
    out = tmp_path / "model.npz"
    words = ("quantize", FLOAT, "--calibration", CALIBRATION, "--bits", "a=10,state=12",
             "--a-grid", "polar", "--limit", 12, "-o", out)  # fmt: skip
    result = case.call(*words)
    assert result.exit_code == 0, result.output
    assert "agreement" in result.stdout
    model = load_model(out)
    kernel = next(layer for layer in model.layers if isinstance(layer, S4D))
    assert (kernel.grid, kernel.state.bits) == ("polar", 12)
    report = json.loads(case.call(*words, "--json", "-").stdout)
    assert report["bits"]["a"] == 10


def test_quantize_reads_a_bare_state_dict_and_says_what_it_took(case: Case, tmp_path: Path) -> None:
    stated = ["--set", "activation=relu", "--set", "prenorm=true"]
    rest = ("--calibration", CALIBRATION, "--limit", 12, "-o")
    state = {f"module.{k}": v for k, v in load_file(FLOAT).items()}
    np.savez(tmp_path / "bare.npz", allow_pickle=False, **state)
    told = case.call("quantize", tmp_path / "bare.npz", *rest, tmp_path / "a.npz", *stated)
    assert told.exit_code == 0, told.output
    assert told.stdout.splitlines()[:2] == [
        "note        'module.' stripped from every key",
        "note        taken from the reference code, not from the file: residual=true, "
        "pooling=mean, norm_eps=1e-05",
    ]
    assert case.call("quantize", FLOAT, *rest, tmp_path / "b.npz").stdout.startswith("bits ")
    assert load_model(tmp_path / "a.npz").digest == load_model(tmp_path / "b.npz").digest
    checked = case.call("check", tmp_path / "bare.npz")
    assert "OK: float checkpoint, 3 blocks" in checked.stdout


@pytest.mark.parametrize(
    ("words", "says"),
    [(["--bits", "a=99"], "a: found 99"), (["--bits", "q=4"], "--bits"),
     (["--a-grid", "round"], "--a-grid: found 'round'"), (["--limit", "0"], "--limit: found 0"),
     (["--set", "activation=tanh"], "activation"),
     (["-o", "no_such_folder/model.npz"], "there is no folder")],
)  # fmt: skip
def test_quantize_refuses(case: Case, tmp_path: Path, words: list[str], says: str) -> None:
    base = ("quantize", FLOAT, "--calibration", CALIBRATION, "-o", tmp_path / "m.npz")
    assert says in one_line(case.call(*base, *words))
    assert not (tmp_path / "m.npz").exists()
