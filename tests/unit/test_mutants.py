"""The mutations of `make mutants` fit the sources, and its runner tells survivors."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

FOLDER = Path("tests/mutants")


@pytest.fixture
def runner(monkeypatch):
    """Return tests/mutants/run.py as a module; its folder is no package."""
    monkeypatch.syspath_prepend(str(FOLDER.resolve()))
    spec = importlib.util.spec_from_file_location("mutants_run", FOLDER / "run.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    sys.modules.pop("mutations")


def test_each_text_stands_once_and_each_test_exists(runner):
    assert len(runner.MUTATIONS) >= 15
    assert len({m.label for m in runner.MUTATIONS}) == len(runner.MUTATIONS)
    for mutation in runner.MUTATIONS:
        text = (Path("aimc_sim") / mutation.file).read_text(encoding="utf-8")
        assert text.count(mutation.old) == 1, mutation.label
        assert mutation.old != mutation.new
        file, name = mutation.test.split("::")
        assert f"def {name.partition('[')[0]}(" in Path(file).read_text(encoding="utf-8")


def test_a_survivor_and_a_missing_text_fail_the_runner(runner, monkeypatch, capsys):
    kind = type(runner.MUTATIONS[0])
    test = "tests/unit/converters/test_dac.py::test_number_of_slices"
    monkeypatch.setattr(runner, "MUTATIONS", [
        kind("a harmless change", "converters/slices.py", "Largest absolute", "Peak", test),
        kind("no such text", "converters/slices.py", "nowhere to be found", "", test),
        kind("a real fault", "converters/slices.py", "while start < bits:",
             "while start <= bits - 2:", test),
    ])  # fmt: skip
    assert runner.main([]) == 1
    printed = capsys.readouterr().out
    assert "SURVIVED" in printed
    assert "stands 0 times" in printed
    assert printed.endswith("1 passed, 2 failed\n")
