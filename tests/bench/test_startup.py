"""Start-up: import, help, the first call of `aimc run` with compiled kernels and without."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
AIMC = Path(sys.executable).with_name("aimc")
RUN = (
    AIMC, "run", EXAMPLES / "models/digits.npz", "--chip", EXAMPLES / "chips/pcm_256.yaml",
    "--data", EXAMPLES / "data/digits_test.npz", "--limit", "8",
)  # fmt: skip
PROMISED_S = {"import": 0.5, "help": 0.5, "warm": 3.0}
SAYS = {"import": "0.", "help": "Usage", "warm": "per inference"}
COMMANDS: dict[str, tuple[str | Path, ...]] = {
    "import": (sys.executable, "-c", "import aimc_sim; print(aimc_sim.__version__)"),
    "help": (AIMC, "--help"),
    "warm": RUN,
}


def call(command: tuple[str | Path, ...], **env: str) -> str:
    return subprocess.run(
        [str(word) for word in command], check=True, capture_output=True, text=True,
        env=os.environ | env,
    ).stdout  # fmt: skip


@pytest.mark.parametrize("name", list(COMMANDS))
def test_start(beside: Any, name: str) -> None:
    assert SAYS[name] in beside(lambda: call(COMMANDS[name]), PROMISED_S[name])


def test_first_run_without_kernels(beside: Any, tmp_path: Path) -> None:
    """Forty seconds of compiling are allowed; each round has a cache of its own."""
    caches = iter(tmp_path / str(i) for i in range(9))
    said = beside(lambda: call(RUN, NUMBA_CACHE_DIR=str(next(caches))), 40.0, rounds=1)
    assert SAYS["warm"] in said
