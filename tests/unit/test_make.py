"""The Makefile's first step says in one line what is missing, and leaves nothing half made."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NEEDS = {
    "ensurepip": "sudo apt-get install -y python3-venv",
    "version_info": "needs Python 3.11 or newer",
}


def make(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run make as from a shell, although a make may have started this test."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))}
    command = ["make", *words]
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("target", ["demo", "test"])
@pytest.mark.parametrize("lacking", NEEDS)
def test_setup_names_what_is_missing(lacking: str, target: str, tmp_path: Path) -> None:
    """A Python without venv, or one that is too old, is played by a shell script."""
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    fake = tmp_path / "python"
    fake.write_text(f'#!/bin/sh\ncase "$*" in *{lacking}*) exit 1;; esac\n', encoding="utf-8")
    fake.chmod(0o755)
    done = make(f"PYTHON={fake}", target, cwd=tmp_path)
    assert done.returncode != 0
    said = [line for line in done.stderr.splitlines() if not line.startswith("make")]
    assert len(said) == 1
    assert NEEDS[lacking] in said[0]
    assert not (tmp_path / ".venv").exists()


def test_help_lists_every_target() -> None:
    """`make help` is the list that the README points to."""
    done = make("help", cwd=ROOT)
    phony = (ROOT / "Makefile").read_text(encoding="utf-8").replace("\\\n", " ")
    (line,) = (text for text in phony.splitlines() if text.startswith(".PHONY:"))
    listed = {text.split()[1] for text in done.stdout.splitlines()}
    assert listed == set(line.split()[1:])
