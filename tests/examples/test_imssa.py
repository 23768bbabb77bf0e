"""examples/imssa: a shortened run gives what its page says, and the page shows its results."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "examples/imssa"
pytestmark = pytest.mark.slow
Row = dict[str, Any]


def call(script: str, *words: str | Path) -> str:
    """Run a script of the example with warnings as errors; what it printed."""
    done = subprocess.run(
        [sys.executable, str(FOLDER / script), *map(str, words)],
        env={**os.environ, "PYTHONWARNINGS": "error"},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> list[Row]:
    """The rows of the shortened run."""
    out = tmp_path_factory.mktemp("imssa") / "quick.json"
    call("situation.py", "--quick", "--out", out)
    found: list[Row] = json.loads(out.read_text(encoding="utf-8"))["rows"]
    return found


def only(rows: list[Row], **fields: Any) -> Row:
    """The one row that has these fields."""
    (row,) = (r for r in rows if fields.items() <= r.items())
    return row


def test_exact_devices_and_converters_are_the_reference(rows: list[Row]) -> None:
    """No noise, no faults, as many levels as codes, an ideal ADC: law 1."""
    row = only(rows, sigma_write_uS=0, n_levels=1 << 16)
    assert row["error"] == 0.0
    assert row["mean"] == row["reference"] > 0.9


def test_converters_and_levels_leave_an_error(rows: list[Row]) -> None:
    """Small beside that of write noise."""
    quiet = only(rows, sigma_write_uS=0, n_levels=64)
    noisy = only(rows, sigma_write_uS=30, mapping="fused", erring="all")
    assert 0.0 < quiet["error"] < 0.5 * noisy["error"]


def test_each_change_is_made(rows: list[Row]) -> None:
    """The mapping, the region that errs, and both kinds of stuck devices move the outputs."""
    assert len({row["error"] for row in rows}) == len(rows)


def test_stuck_high_is_worse_than_stuck_low(rows: list[Row]) -> None:
    """At one device in ten."""
    on, off = only(rows, stuck_on=0.1), only(rows, stuck_off=0.1)
    assert on["mean"] < off["mean"] - 0.2


def test_page_shows_the_results(tmp_path: Path) -> None:
    """Each table that the committed results give is in README.md as it is; plots are drawn."""
    printed = call("report.py", FOLDER / "results.json", "-o", tmp_path, "--format", "png")
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    found = [text for text in printed.split("\n\n") if text.strip()]
    assert len(found) == 8
    for text in found:
        assert text.strip() in page
    assert {p.name for p in tmp_path.iterdir()} == {"write_noise.png", "stuck_devices.png"}


def test_ternary_kernels_bear_more_than_those_of_5_bits(tmp_path: Path) -> None:
    text = call("zero_one.py", "-o", tmp_path / "zero_one.png")
    row = next(line for line in text.splitlines() if line.startswith("| 40 |"))
    ternary, five = (float(cell.split("±")[0]) for cell in row.split("|")[2:4])
    assert ternary > five + 5.0
    assert (tmp_path / "zero_one.png").stat().st_size > 10_000
