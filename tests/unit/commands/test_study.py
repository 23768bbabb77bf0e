"""`aimc study`: from a file to rows, tables, JSON and pictures; what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner

from aimc_sim.cli import APP
from aimc_sim.spec import write_yaml
from tests.unit.cli_case import one_line
from tests.unit.study.study_case import conduct, make_study, toy


def call(*words: object) -> Any:
    """Run `aimc study` with these words."""
    return CliRunner().invoke(APP, ["study", *map(str, words)])


def answered(*words: object) -> dict[str, Any]:
    """Return the JSON of a call."""
    result = call(*words, "--json", "-", "--workers", 1)
    assert result.exit_code == 0, result.output
    tree: dict[str, Any] = json.loads(result.stdout)
    return tree


def test_run_status_export_merge(tmp_path: Path) -> None:
    study, results = make_study(tmp_path), tmp_path / "r.sqlite"
    done = call("run", study, "-o", results, "--workers", 1, "--limit", 2, "--chips", 1)
    assert done.exit_code == 0, done.output
    assert "adc" not in done.stdout.splitlines()[0]
    assert len(done.stdout.splitlines()) == 7
    assert str(results) in done.stdout
    again = answered("run", study, "-o", results, "--limit", 2, "--chips", 1)
    assert again["kind"] == "study"
    assert [p["n_chips"] for p in again["points"]] == [1] * 4
    assert len(again["provenance"]["commands"]) >= 1
    status = call("status", results)
    assert "4 (100.0 %)" in status.stdout
    tree = json.loads(call("status", results, "--json", "-").stdout)
    assert [s["n_done"] for s in tree["studies"]] == [4]
    csv, parquet, out = (tmp_path / f"x.{kind}" for kind in ("csv", "parquet", "json"))
    done = call("export", results, "--csv", csv, "--parquet", parquet, "--json", out)
    assert done.exit_code == 0, done.output
    frame = pd.read_csv(csv)
    assert list(frame.columns[:4]) == ["point", "hardware.adc.bits", "after", "chip"]
    pd.testing.assert_frame_equal(
        frame.drop(columns="refused"), pd.read_parquet(parquet).drop(columns="refused")
    )
    shown = json.loads(out.read_text())
    assert shown["points"] == again["points"]
    assert frame["accuracy.analog.mean"].tolist() == [
        p["metrics"]["accuracy.analog.mean"]["mean"] for p in shown["points"]
    ]
    merged = call("merge", results, "-o", tmp_path / "m.sqlite")
    assert "4 results added" in merged.stdout


def test_a_frame_has_the_figures(tmp_path: Path) -> None:
    import aimc_sim as a

    study, results = make_study(tmp_path, chips=1), tmp_path / "r.sqlite"
    frame = a.run_study(study, results)
    assert frame["hardware.adc.bits"].tolist() == [6, 6, 8, 8]
    pd.testing.assert_frame_equal(a.load_results(results), frame)
    loaded = a.load_study(study)
    assert "<table>" in loaded._repr_html_()
    assert "hardware.adc.bits" in loaded._repr_html_()


def test_questions_from_the_command_line(tmp_path: Path) -> None:
    study, results = make_study(tmp_path), tmp_path / "r.sqlite"
    tree = answered("yield", study, "-o", results, "--at-least", 0.5)
    assert len(tree["points"]) == 4
    sensitivity = answered("sensitivity", study, "-o", results, "--samples", 8, "--chips", 1)
    assert sensitivity["factors"] == ["hardware.adc.bits", "after"]
    assert sensitivity["n_tasks"] == 32
    make_study(tmp_path, axes={"hardware.adc.bits": [5, 7, 8]})
    spec = answered("spec", study, "-o", results, "--within", 50, "--most", 4)
    assert spec["looser"] == "down"
    assert spec["reference"] == 1.0
    make_study(tmp_path)
    pareto = answered("pareto", study, "-o", results, "--trials", 4, "--chips", 1)
    assert pareto["n_trials"] == 4
    assert any(t["is_on_front"] for t in pareto["trials"])


def test_answers_are_drawn(tmp_path: Path) -> None:
    study = make_study(tmp_path, axes={"hardware.adc.bits": [8]})
    for kind, start in {"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF"}.items():
        plot = tmp_path / f"y.{kind}"
        words = ("-o", tmp_path / "r.sqlite", "--at-least", 0.5, "--plot", plot, "--workers", 1)
        done = call("yield", study, *words)
        assert done.exit_code == 0, done.output
        assert "chips with accuracy.analog.mean of at least 0.5" in done.stdout
        assert plot.read_bytes().startswith(start)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("run", "{study}", "--workers", 0), "--workers: found 0"),
        (("run", "{study}", "--chips", 0), "--chips: found 0"),
        (("run", "{study}", "--workers", 2, "--dask", "tcp://x:1"), "both are given"),
        (("run", "{study}", "--ci", 0), "adaptive.ci: found 0"),
        (("run", "nowhere.yaml"), "nowhere.yaml: cannot be read"),
        (("status", "nowhere.sqlite"), "there is no such results file"),
        (("status", "{study}"), "is not a results file"),
        (("export", "{results}"), "nothing to write"),
        (("export", "{results}", "--csv", "x.txt"), "expected a name that ends in .csv"),
        (("export", "{results}", "--study", "x", "--csv", "x.csv"), "found 0 studies named 'x'"),
        (("merge", "{study}", "-o", "m.sqlite"), "is not a results file"),
        (
            ("yield", "{study}", "--at-least", 1, "--plot", "y.gif"),
            "--plot y.gif: expected a name",
        ),
        (("sensitivity", "{study}", "--samples", 3), "--samples: found 3"),
        (("sensitivity", "{study}", "--samples", 12), "power of two"),
        (("sensitivity", "{study}", "--chip-seed", "x"), "--chip-seed: found 'x'"),
        (("spec", "{study}"), "found 2; a specification is that of one parameter"),
        (("spec", "{study}", "--within", 200), "--within: found 200"),
        (("spec", "{study}", "--confidence", 5), "--confidence: found 5"),
        (("spec", "{study}", "--looser", "left"), "--looser: found 'left'"),
        (("pareto", "{study}", "--trials", 0), "--trials: found 0"),
        (("pareto", "{study}", "--objectives", "speed"), "--objectives: found 'speed'"),
    ],
)
def test_what_is_refused(tmp_path: Path, words: tuple[object, ...], says: str) -> None:
    study, results = make_study(tmp_path), tmp_path / "r.sqlite"
    conduct(study, results, evaluate=toy)
    places = {"study": study, "results": results}
    result = call(*(str(word).format(**places) for word in words))
    assert says in one_line(result)


def test_a_metric_that_is_not_there(tmp_path: Path) -> None:
    study = make_study(tmp_path, metrics=["accuracy.analogue.mean"])
    line = one_line(call("run", study, "-o", tmp_path / "r.sqlite", "--workers", 1))
    assert "metrics: accuracy.analogue.mean" in line
    assert "did you mean 'analog'" in line or "known: " in line


def test_adaptive_repeats_stop_where_the_interval_is_narrow(tmp_path: Path) -> None:
    study = make_study(tmp_path)
    tree = answered("run", study, "-o", tmp_path / "r.sqlite", "--ci", 100)
    assert [p["n_chips"] for p in tree["points"]] == [8] * 4


def test_check_and_inspect_know_studies(tmp_path: Path) -> None:
    study = make_study(tmp_path, axes={"hardware.adc.bits": [6, 99]})
    done = CliRunner().invoke(APP, ["check", str(study)])
    assert "study tiny, 2 points, 1 of them refused, 2 chips each" in done.stdout
    shown = CliRunner().invoke(APP, ["inspect", str(study), "--json", "-"])
    assert "found 99" in json.loads(shown.stdout)["refused"][0]
    write_yaml(study, {"format": "aimc-study", "version": "1.0"})
    assert CliRunner().invoke(APP, ["check", str(study)]).exit_code == 2
