"""Every broken file through `aimc check`: exit code 2 and exactly one line on standard error."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from aimc_sim.cli import APP
from tests.broken import arrays, data, headers, yamls, zips
from tests.broken.corpus import Broken, model_bytes

FILES = (*zips.CASES, *headers.CASES, *arrays.CASES, *yamls.CHIPS, *yamls.DEVICES)


def error_line(arguments: list[str], path: Path) -> str:
    """Run `aimc` in this process; return its only line, after checking form and exit code."""
    result = CliRunner().invoke(APP, arguments)
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"aimc: {path}: ")
    return line


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """The good model that the data files belong to."""
    path = tmp_path / "model.npz"
    path.write_bytes(model_bytes())
    return path


@pytest.mark.parametrize("case", FILES, ids=lambda case: case.name)
def test_check_tells_a_broken_file(case: Broken, tmp_path: Path) -> None:
    path = case.write(tmp_path)
    error_line(["check", str(path)], path)


@pytest.mark.parametrize("case", data.CASES, ids=lambda case: case.name)
def test_check_tells_broken_data(case: Broken, tmp_path: Path, model: Path) -> None:
    path = case.write(tmp_path)
    error_line(["check", str(path), "--model", str(model)], path)


def test_check_goes_on_after_a_broken_file(tmp_path: Path, model: Path) -> None:
    torn = tmp_path / "torn.npz"
    torn.write_bytes(model_bytes()[:100])
    result = CliRunner().invoke(APP, ["check", str(torn), str(model), str(yamls.CHIP)])
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1
    assert [line.split(":")[0] for line in result.stdout.splitlines()] == [
        str(model),
        str(yamls.CHIP),
    ]


def test_run_names_the_broken_one_of_its_files(tmp_path: Path, model: Path) -> None:
    good = tmp_path / "data.npz"
    np.savez(good, **data.good_arrays())
    cases = {
        "model": next(case for case in arrays.CASES if case.name == "pole_unstable"),
        "chip": next(case for case in yamls.CHIPS if case.name == "chip_unit_pJ"),
        "data": next(case for case in data.CASES if case.name == "data_nan"),
    }
    for part, case in cases.items():
        files = {"model": model, "chip": yamls.CHIP, "data": good} | {part: case.write(tmp_path)}
        arguments = ["run", str(files["model"]), "--chip", str(files["chip"])]
        line = error_line([*arguments, "--data", str(files["data"])], files[part])
        assert all(text in line for text in case.says)


def test_the_process_itself_ends_with_2(tmp_path: Path) -> None:
    path = tmp_path / "torn.npz"
    path.write_bytes(model_bytes()[:100])
    done = subprocess.run(
        [sys.executable, "-c", "from aimc_sim.cli import main; main()", "check", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith(f"aimc: {path}: not a readable .npz file: a torn zip")
    assert done.stderr.count("\n") == 1


def test_the_cases_are_distinct_files(tmp_path: Path) -> None:
    cases = [*FILES, *data.CASES]
    assert len({case.name for case in cases}) == len(cases) > 200
    contents = [path.read_bytes() for case in cases if (path := case.write(tmp_path)).is_file()]
    assert len(contents) > 200
    assert len(set(contents)) == len(contents) - 2  # three are empty
