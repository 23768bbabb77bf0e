"""Pages of measurements: their tables and figures are those of the committed rows."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MARKED = re.compile(r"<!-- (\w+): begin -->.*?<!-- \1: end -->", re.DOTALL)
FIGURES = {
    "qs4d": {"bits", "tensors", "complexity", "noise", "pruning", "deployment"},
    "analog_recurrence": {"pcm_joshi2020", "taox_64x64"},
}
BY_HAND = "g"
"""The table of docs/qs4d.md that another script prints."""


def call(script: str, *words: str | Path) -> str:
    """Run an example with warnings as errors; what it printed."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "examples" / script), *map(str, words)],
        env={**os.environ, "PYTHONWARNINGS": "error"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def emptied(match: re.Match[str]) -> str:
    """A table taken out, its marks left."""
    name = match[1]
    if name == BY_HAND:
        return match[0]
    return f"<!-- {name}: begin --><!-- {name}: end -->"


@pytest.mark.slow
@pytest.mark.parametrize("name", FIGURES)
def test_the_page_is_what_the_rows_say(name: str, tmp_path: Path) -> None:
    written = (ROOT / f"docs/{name}.md").read_text(encoding="utf-8")
    page = tmp_path / "page.md"
    page.write_text(MARKED.sub(emptied, written), encoding="utf-8")
    call(f"{name}/report.py", "--page", page, "-o", tmp_path)
    assert page.read_text(encoding="utf-8") == written
    wanted = {f"{name}_{figure}.png" for figure in FIGURES[name]}
    assert wanted <= {path.name for path in tmp_path.glob("*.png")}
    assert all(f"images/{path.name}" in written for path in tmp_path.glob("*.png"))


@pytest.mark.slow
def test_zero_against_one_is_what_its_studies_say(tmp_path: Path) -> None:
    printed = call("imssa/zero_one.py", "-o", tmp_path / "zero_one.png").strip()
    assert printed.count("\n") > 10
    assert printed in (ROOT / "docs/qs4d.md").read_text(encoding="utf-8")
