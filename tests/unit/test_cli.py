"""`aimc run` from outside: exit codes, one line a fault, the same figures every time."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from aimc_sim.commands import run as run_module
from tests.unit.cli_case import CHIPS, ROOT, Case, make_case, one_line, read_data, write_data

INTERRUPTIBLE = """
import signal, sys
from aimc_sim.cli import main
signal.signal(signal.SIGINT, signal.default_int_handler)
main()
"""


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """One set of files for all tests, which do not change them."""
    return make_case(tmp_path_factory.mktemp("case"))


def test_a_run_prints_a_table(case: Case) -> None:
    result = case.run("--chips", 2)
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    for word in ("integer reference", "analog (2 chips)", "agreement", "tiles", "per inference",
                 "latency per step", "area of a chip", "by component"):  # fmt: skip
        assert word in result.stdout


def test_quiet_is_silent(case: Case) -> None:
    result = case.run("--quiet")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")


def test_an_ideal_chip_equals_the_reference(case: Case) -> None:
    tree = case.tree(chip="ideal")
    assert tree["agreement"] == tree["accuracy"]["reference"] == 1.0
    assert set(tree["error_by_step"]) == {0.0}


@pytest.mark.parametrize("words", [("--batch", 1), ("--batch", 7), ("--threads", 1), ("--quiet",)])
def test_figures_do_not_depend_on_how(case: Case, words: tuple[Any, ...]) -> None:
    assert case.fixed("--chips", 2, "--seed", 3, *words) == case.fixed("--chips", 2, "--seed", 3)


def test_seed_names_both_seeds(case: Case) -> None:
    both = case.tree("--seed", 4)
    apart = case.tree("--build-seed", 4, "--run-seed", 4)
    assert both["seed"] == {"given": 4, "build": 4, "run": 4}
    assert apart["seed"] == {"given": 0, "build": 4, "run": 4}
    assert both["error_by_step"] == apart["error_by_step"]
    assert case.tree("--seed", 4, "--run-seed", 5)["error_by_step"] != both["error_by_step"]
    assert case.tree("--seed", 4, "--build-seed", 5)["error_by_step"] != both["error_by_step"]


def test_mapping_is_short_for_set(case: Case) -> None:
    split = case.fixed("--mapping", "split")
    assert split == case.fixed("--set", "hardware.mapping.s4d=split")
    assert json.loads(split)["run"]["mapping"] == "split"
    assert split != case.fixed()


def test_age_and_limit_are_told(case: Case) -> None:
    tree = case.tree("--after", "1h", "--limit", 5)
    assert tree["run"]["age_s"] == 3600.0
    assert tree["run"]["n_sequences"] == 5
    assert tree["error_by_step"] != case.tree("--limit", 5)["error_by_step"]


def test_limit_drops_steps_that_nobody_runs(case: Case) -> None:
    lengths = read_data(case.folder / "data.npz")["lengths"]
    n = int(lengths.argmax())
    assert n > 0
    assert len(case.tree("--limit", n)["error_by_step"]) == lengths[:n].max()


def test_a_saved_plan_gives_the_same_run(case: Case, tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    first = case.fixed("--save-plan", plan)
    assert case.fixed("--plan", plan) == first
    assert case.call("check", plan).stdout.endswith("tiles\n")
    assert "hardware" in case.refused("--plan", plan, "--set", "hardware.adc.bits=6")


@pytest.mark.parametrize(
    ("words", "code"),
    [(["agreement >= 0"], 0), (["agreement > 1.5"], 1), (["tiles.count<0", "agreement > 2"], 1)],
)
def test_assert_decides_the_exit_code(case: Case, words: list[str], code: int) -> None:
    result = case.run("--quiet", *(part for word in words for part in ("--assert", word)))
    assert result.exit_code == code
    assert len(result.stderr.splitlines()) == code * len(words)
    assert result.stderr == "" or "assertion failed" in result.stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--set", "hardware.adc.bitz=6"], "did you mean 'bits'"),
        (["--set", "hardwar.adc.bits=6"], "did you mean 'hardware'"),
        (["--set", "hardware.adc.bits=many"], "hardware.adc.bits: found 'many'"),
        (["--set", "hardware.adc.bits"], "expected PATH=VALUE"),
        (["--set", "hardware.adc.bits=[6]"], "expected a number"),
        (["--set", "a=1", "--set", "a=2"], "given twice"),
        (["--mapping", "split", "--set", "hardware.mapping.s4d=fused"], "given twice"),
        (["--mapping", "hybird"], "did you mean 'hybrid'"),
        (["--after", "1w"], "expected a time such as 30s"),
        (["--after", "-1s"], "expected a time such as 30s"),
        (["--after", "10"], "expected a time such as 30s"),
        (["--limit", "0"], "--limit: found 0"),
        (["--chips", "0"], "--chips: found 0"),
        (["--batch", "0"], "--batch: found 0"),
        (["--seed", "-1"], "--seed: found -1"),
        (["--threads", "0"], "--threads: found 0"),
        (["--assert", "agreement is high"], "--assert: found 'agreement is high'"),
        (["--assert", "agrement > 0"], "did you mean 'agreement'"),
        (["--assert", "digests.model > 0"], "expected a number"),
        (["--plan", "no_such_plan.json"], "no_such_plan.json: cannot be read"),
        (["--json", "no_such_folder/run.json"], "there is no folder"),
        (["--html", "no_such_folder/run.html"], "there is no folder"),
        (["--save-plan", "no_such_folder/plan.json"], "there is no folder"),
        (["--json", "/"], "it is a folder"),
        (["--html", "-"], "only --json writes to standard output"),
    ],
)
def test_bad_options_are_one_line(case: Case, words: list[str], says: str) -> None:
    assert says in case.refused("--quiet", *words)


def test_missing_files_are_one_line(case: Case) -> None:
    model, chip, data = case.folder / "model.npz", CHIPS / "pcm_256.yaml", case.folder / "data.npz"
    for wrong in range(3):
        paths = [str(path) for path in (model, chip, data)]
        paths[wrong] += ".missing"
        result = case.call("run", paths[0], "--chip", paths[1], "--data", paths[2])
        assert result.exit_code == 2
        assert paths[wrong] in result.stderr
        assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("words", [[], ["run"], ["no_such_command"], ["run", "m", "--no-option"]])
def test_wrong_usage_is_exit_code_2(case: Case, words: list[str]) -> None:
    assert case.call(*words).exit_code == 2


@pytest.mark.parametrize("row", [0, 7])
def test_logits_that_differ_are_told(case: Case, tmp_path: Path, row: int) -> None:
    arrays = read_data(case.folder / "data.npz")
    arrays["logits"][row, 1] += 1
    write_data(tmp_path / "data.npz", **arrays)
    chip = CHIPS / "pcm_256.yaml"
    result = case.call(
        "run", case.folder / "model.npz", "--chip", chip, "--data", tmp_path / "data.npz"
    )
    assert result.exit_code == 2
    assert f"array 'logits': sequence {row}, class 1: the exporter wrote" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_logits_of_another_model_are_left_alone(case: Case, tmp_path: Path) -> None:
    arrays = read_data(case.folder / "data.npz")
    arrays["logits"][7, 1] += 1
    words = ("run", case.folder / "model.npz", "--chip", CHIPS / "pcm_256.yaml", "--data",
             tmp_path / "data.npz")  # fmt: skip
    write_data(tmp_path / "data.npz", **arrays, logits_model=np.array("ab" * 32))
    result = case.call(*words)
    assert result.exit_code == 0, result.output
    assert result.stderr == (
        f"aimc: note: the logits in {tmp_path / 'data.npz'} are those of another model, of digest "
        f"abababababab..., and were not compared\n"
    )
    assert case.call(*words, "--quiet").stderr == ""
    write_data(tmp_path / "data.npz", **arrays, logits_model=np.array(case.model.digest))
    assert "array 'logits': sequence 7, class 1: the exporter wrote" in one_line(case.call(*words))


def test_without_labels_there_is_no_accuracy(case: Case, tmp_path: Path) -> None:
    write_data(tmp_path / "data.npz", inputs=read_data(case.folder / "data.npz")["inputs"])
    words = (case.folder / "model.npz", "--chip", CHIPS / "pcm_256.yaml", "--data",
             tmp_path / "data.npz")  # fmt: skip
    html = tmp_path / "run.html"
    result = case.call("run", *words, "--json", "-", "--html", html)
    assert result.exit_code == 0, result.output
    tree = json.loads(result.stdout)
    assert tree["accuracy"]["reference"] is tree["accuracy"]["analog"]["mean"] is None
    assert 0.0 <= tree["agreement"] <= 1.0
    assert "Accuracy per chip" not in html.read_text(encoding="utf-8")
    assert case.call("run", *words).exit_code == 0
    failed = case.call("run", *words, "--quiet", "--assert", "accuracy.analog.mean > 0")
    assert "found null; expected a number" in failed.stderr


def test_a_full_disk_is_one_line(case: Case) -> None:
    assert "/dev/full: cannot be written (No space left" in case.refused("--json", "/dev/full")


def test_a_fault_while_writing_leaves_the_old_file(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "run.json"
    target.write_text("old", encoding="utf-8")

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "replace", full)
    assert f"{target}: cannot be written (No space left" in case.refused("--json", target)
    assert target.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_device_file_is_not_replaced(case: Case) -> None:
    assert "not a regular file" in case.refused("--save-plan", "/dev/null")
    assert Path("/dev/null").is_char_device()


def test_an_internal_error_is_exit_code_3(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    def fault(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("two\nlines")

    monkeypatch.setattr(run_module, "run", fault)
    result = case.run()
    assert result.exit_code == 3
    assert result.stderr == (
        "aimc: internal error: ZeroDivisionError: two lines (use --debug to see where)\n"
    )
    assert isinstance(case.run("--debug").exception, ZeroDivisionError)


def test_ctrl_c_is_exit_code_130(tmp_path: Path) -> None:
    """Interrupted in the middle of a long run, recognised by the plan it writes before it."""
    plan, out, examples = tmp_path / "plan.json", tmp_path / "run.json", ROOT / "examples"
    words = (examples / "models/smnist784.npz", "--chip", CHIPS / "pcm_256.yaml", "--data",
             examples / "data/smnist784_test.npz", "--chips", 20, "--save-plan", plan,
             "--json", out)  # fmt: skip
    child = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTIBLE, "run", *map(str, words)],
        cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    end = time.monotonic() + 120
    while not plan.exists() and time.monotonic() < end and child.poll() is None:
        time.sleep(0.02)
    child.send_signal(signal.SIGINT)
    stdout, stderr = child.communicate(timeout=120)
    assert (child.returncode, stdout, stderr) == (130, "", "aimc: interrupted\n")
    assert not out.exists()


def test_a_reader_that_goes_away_is_no_error(case: Case) -> None:
    words = [str(case.folder / "model.npz"), "--poles", "--json", "-"]
    command = [sys.executable, "-c", "from aimc_sim.cli import main; main()", "inspect", *words]
    child = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    child.stdout.close()
    assert child.stderr is not None
    assert child.stderr.read() == ""
    assert child.wait(60) in (0, 141)
    child.stderr.close()


def test_version(case: Case) -> None:
    result = case.call("--version")
    assert (result.exit_code, result.stdout) == (0, "aimc_sim 0.1.0\n")


@pytest.mark.parametrize(
    "command",
    ["run", "calibrate", "check", "inspect", "quantize", "fit", "mvm", "spice", "cost"],
)
def test_help_teaches(case: Case, command: str) -> None:
    result = case.call(command, "--help")
    assert result.exit_code == 0
    assert f"  aimc {command} " in result.stdout.split("Example")[1]


def test_the_page_shows_what_the_program_takes() -> None:
    """Help texts and JSON keys as docs/cli.md has them; `python docs/cli_page.py` writes it."""
    from docs.cli_page import page

    assert (ROOT / "docs/cli.md").read_text(encoding="utf-8") == page()
