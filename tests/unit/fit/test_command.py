"""`aimc fit`: files, standard output, refusals, and a chip that runs on what was fitted."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from aimc_sim import load_chip
from aimc_sim.cli import APP
from aimc_sim.devices import device_model_path, load_device
from aimc_sim.fit import fit_device, measurements_of, write_measurements
from aimc_sim.fit.family import FitOptions
from aimc_sim.report.fit_page import render
from tests.unit.cli_case import CHIPS, one_line
from tests.unit.report.test_html import Reader

TARGETS = np.array([0.0, 2.0, 5.0, 10.0, 17.0, 25.0]) * 1e-6


@pytest.fixture(scope="module")
def data():
    pcm = load_device(device_model_path("pcm_joshi2020")).device
    return measurements_of(pcm, TARGETS, [0.0, 100.0, 1e4], 20, 3, seed=1)


@pytest.fixture(scope="module")
def csv(data, tmp_path_factory):
    path = tmp_path_factory.mktemp("fit") / "measured.csv"
    write_measurements(path, data)
    return path


def call(*words):
    return CliRunner().invoke(APP, ["fit", *map(str, words)])


@pytest.mark.parametrize("family", ["table", "pcm"])
def test_files_and_table(csv, family, tmp_path):
    out = tmp_path / "My-Device 2.yaml"
    found = call(csv, "--family", family, "-o", out, "--bootstrap", 40,
                 "--html", tmp_path / "f.html", "--json", tmp_path / "f.json")  # fmt: skip
    assert found.exit_code == 0, found.output
    assert found.stderr == ""
    assert "95 % interval" in found.stdout
    assert "120 at 6 targets, 3 read times, up to 3 reads each" in found.stdout
    assert load_device(out).name == "my_device_2"
    tree = json.loads((tmp_path / "f.json").read_text())
    assert tree["provenance"]["sha256"] in load_device(out).device.programming_source.cite
    assert {p["name"] for p in tree["parameters"]} >= {"sigma_S[25 uS]", "nu_mean[25 uS]"}
    page = (tmp_path / "f.html").read_text()
    assert "aimc" in page
    chip = load_chip(CHIPS / "pcm_256.yaml", {"hardware.device": str(out)})
    assert chip.hardware.device.kind == family


def test_json_alone_and_quiet(csv, tmp_path):
    out = tmp_path / "d.yaml"
    found = call(csv, "--family", "table", "-o", out, "--bootstrap", 0, "--json", "-")
    tree = json.loads(found.stdout)
    assert tree["family"] == "table"
    assert tree["parameters"][0]["ci95"] == [None, None]
    assert tree["measurements"]["n_devices"] == 120
    quiet = call(csv, "--family", "table", "-o", out, "--bootstrap", 0, "--quiet")
    assert (quiet.exit_code, quiet.stdout) == (0, "")


def test_the_same_twice(csv, tmp_path):
    out = tmp_path / "d.yaml"
    texts = []
    for seed in (3, 3, 4):
        assert call(csv, "--family", "pcm", "-o", out, "--bootstrap", 40, "--seed", seed,
                    "--quiet").exit_code == 0  # fmt: skip
        texts.append(out.read_text())
    assert texts[0] == texts[1] != texts[2]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--family", "tabel"], "--family: found 'tabel'; did you mean 'table'; allowed: table"),
        (["--family", "table", "--bootstrap", 5], "--bootstrap: found 5; expected 40 or more"),
        (["--family", "table", "--t0", "0s"], "--t0: found '0s'; expected a time above 0"),
        (["--family", "pcm", "--t-read", 0], "--t-read: found 0; expected seconds above 0"),
        (["--family", "table", "--floor", -1], "--floor: found -1; expected siemens, 0 to 1"),
        (["--family", "rram", "--order", -1], "--order: found -1; expected 0 or more"),
        (["--family", "table", "--name", "A b"], "--name: found 'A b'; allowed: small letters"),
        (["--family", "rram"], "column time_s: found 0; for rram"),
    ],
)
def test_refusals(csv, tmp_path, words, message):
    out = tmp_path / "d.yaml"
    assert message in one_line(call(csv, "-o", out, *words))
    assert not out.exists()


def test_a_bad_file_is_told_with_its_line(tmp_path):
    path = tmp_path / "bad.csv"
    path.write_text("device,target_S,time_s,g_S\na,1e-6,0,oops\n")
    line = one_line(call(path, "--family", "table", "-o", tmp_path / "d.yaml"))
    assert line == f"{path}: line 2: column g_S: found 'oops'; expected a number from -1 to 1"


def test_the_page_is_self_contained(data):
    stuck = data.g_S.copy()
    stuck[70] = 0.0
    fit = fit_device(
        type(data)("m<1>.csv", "ab", data.devices, data.target_S, data.times_s, stuck),
        "pcm",
        name="mine",
        options=FitOptions(n_bootstrap=40),
    )
    page = render(fit, "format: aimc-device", "aimc fit")
    reader = Reader()
    reader.feed(page)
    assert not reader.wrong
    assert not reader.open
    assert max(reader.ids.values()) == 1
    assert all(link.startswith(("#", "data:")) for link in reader.links)
    assert re.findall("<h2>(.*?)</h2>", page) == [
        "Spread of programming", "Drift", "Read noise", "Notes", "Parameters", "Goodness of fit",
        "Provenance", "Device file",
    ]  # fmt: skip
    assert "m<1>" not in page
    assert "outlier d0070" in page
    assert "prefers-color-scheme: dark" in page
    assert render(fit, "format: aimc-device", "aimc fit") == page


def test_the_worked_example_of_the_docs(tmp_path, monkeypatch):
    """Every command of docs/fit.md runs, in order, and prints what is shown."""
    text = (Path(__file__).resolve().parents[3] / "docs/fit.md").read_text(encoding="utf-8")
    code = re.search(r"```python\n(.*?)```", text, re.DOTALL)
    assert code
    monkeypatch.chdir(tmp_path)
    exec(code.group(1), {})
    command = re.search(r"^    aimc fit (measured.csv.*)$", text, re.MULTILINE)
    assert command
    found = call(*command.group(1).split())
    assert found.exit_code == 0, found.output
    shown = re.search(r"```text\n(.*?)```", text, re.DOTALL)
    assert shown
    for line in shown.group(1).splitlines():
        if line.strip() and "..." not in line:
            assert line in found.stdout
