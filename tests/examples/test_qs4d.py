"""examples/qs4d: the tables and figures of docs/qs4d.md are those of the committed rows."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_the_page_is_what_the_rows_say(tmp_path: Path) -> None:
    page = tmp_path / "qs4d.md"
    shutil.copy(ROOT / "docs/qs4d.md", page)
    emptied = re.sub(
        r"<!-- (\w+): begin -->.*?<!-- \1: end -->",
        lambda m: m[0] if m[1] == "g" else f"<!-- {m[1]}: begin --><!-- {m[1]}: end -->",
        page.read_text(encoding="utf-8"),
        flags=re.DOTALL,
    )
    page.write_text(emptied, encoding="utf-8")
    done = subprocess.run(
        [
            sys.executable,
            str(ROOT / "examples/qs4d/report.py"),
            "--page",
            str(page),
            "-o",
            tmp_path,
        ],
        env={**os.environ, "PYTHONWARNINGS": "error"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert page.read_text(encoding="utf-8") == (ROOT / "docs/qs4d.md").read_text(encoding="utf-8")
    names = {path.name for path in tmp_path.glob("*.png")}
    assert names == {f"qs4d_{name}.png" for name in ("bits", "tensors", "noise", "pruning")}
