"""Files that are no results give one line that says what is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from aimc_sim.cli import APP
from aimc_sim.spec import with_override
from tests.unit.cli_case import one_line
from tests.unit.report import trees
from tests.unit.study.study_case import conduct, make_study


def call(*words: object) -> Any:
    return CliRunner().invoke(APP, ["report", *map(str, words)])


def refusal(tmp_path: Path, text: str | bytes) -> str:
    path = tmp_path / "results.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    line = one_line(call(path, "-o", tmp_path / "out.html"))
    assert not (tmp_path / "out.html").exists()
    return line.replace(str(path), "FILE")


def changed(tree: dict[str, Any], path: str, value: Any) -> str:
    return json.dumps(with_override(tree, path, value))


STUDY = trees.study([trees.axis(trees.BITS, (4, 6))], n_chips=1)
POINT = STUDY["points"][0]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "FILE: it is no JSON, or torn: line 1"),
        (json.dumps(STUDY)[:900], "FILE: it is no JSON, or torn: line 1"),
        (b"\xff\xfe\x00SQLite", "FILE: it is no text"),
        ("[" * 200_000, "FILE: its JSON is nested too deeply"),
        ("[1]", "FILE: found no object"),
        ("{}", "FILE: schema: found None; expected 1"),
        ('{"schema": 2, "kind": "study"}', "FILE: schema: found 2; expected 1"),
        ('{"schema": 1, "kind": "cost"}', "FILE: kind: found 'cost'; expected one of: run, study"),
        ('{"schema": 1, "kind": []}', "FILE: kind: found []; expected one of"),
        ('{"schema": 1}', "FILE: accuracy: required key is missing"),
        (json.dumps(STUDY).replace("0.96", "NaN"), "FILE: found NaN; expected finite numbers"),
        (json.dumps(STUDY).replace("0.96", "1e999"), "FILE: points"),
        (changed(STUDY, "metrics", ["accuracy.reference", "x"]), "point 0 has no 'x'"),
        (changed(STUDY, "axes", [trees.axis("b", (1,))]), "point 0 has no 'b'"),
        (changed(STUDY, "points", 3), "FILE: points: found 3"),
        (changed(STUDY, "points", [POINT | {"n_chips": "4"}]), "FILE: points.0.n_chips: found '4'"),
        (changed(trees.spec(), "holds", "much"), "found value 'much'; expected a number"),
        (changed(trees.pareto(), "objectives", []), "FILE: objectives"),
        (changed(trees.sensitivity(), "metrics", {}), "FILE: metrics"),
        (changed(trees.chip_yield(), "least", None), "FILE: least: found None"),
    ],
)
def test_strange_files_are_one_line(tmp_path: Path, text: str, says: str) -> None:
    assert says in refusal(tmp_path, text)


def test_files_that_cannot_be_read_or_written(tmp_path: Path) -> None:
    good = tmp_path / "study.json"
    good.write_text(json.dumps(STUDY))
    out = tmp_path / "out.html"
    assert "none.json: cannot be read" in one_line(call(tmp_path / "none.json", "-o", out))
    assert "there is no folder" in one_line(call(good, "-o", tmp_path / "none/out.html"))
    assert "only --json writes to standard output" in one_line(call(good, "-o", "-"))
    assert "expected a folder" in one_line(call(good, "-o", out, "--figures", good))
    assert "cannot be written" in one_line(call(good, "-o", out, "--figures", good / "x"))


def test_the_command_says_what_it_wrote(tmp_path: Path) -> None:
    good, out = tmp_path / "study.json", tmp_path / "out.html"
    good.write_text(json.dumps(STUDY))
    done = call(good, "-o", out, "--title", "Mine & yours")
    assert done.exit_code == 0, done.output
    assert "1 result, 2 figures" in done.stdout
    assert "<h1>Mine &amp; yours</h1>" in out.read_text()
    assert call(good, "-o", out, "--quiet").stdout == ""


def test_results_files_of_studies_are_read(tmp_path: Path) -> None:
    conduct(make_study(tmp_path), tmp_path / "tiny.sqlite")
    done = call(tmp_path / "tiny.sqlite", "-o", tmp_path / "out.html")
    assert done.exit_code == 0, done.output
    assert '<h2 id="study-tiny">Study tiny</h2>' in (tmp_path / "out.html").read_text()
    torn = tmp_path / "torn.sqlite"
    torn.write_bytes((tmp_path / "tiny.sqlite").read_bytes()[:5000])
    assert "torn.sqlite" in one_line(call(torn, "-o", tmp_path / "out.html"))
    assert "none.sqlite" in one_line(call(tmp_path / "none.sqlite", "-o", tmp_path / "out.html"))
    assert not (tmp_path / "none.sqlite").exists()
