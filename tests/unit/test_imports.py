"""Importing aimc_sim, and asking for help, loads nothing heavy: each verb imports what it needs."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = {"numba", "llvmlite", "matplotlib", "scipy.stats", "pandas", "torch", "optuna", "SALib"}
LIST_MODULES = "import json, sys; print(json.dumps(sorted(sys.modules)), file=sys.stderr)"
HELP = """
from aimc_sim.cli import main
sys.argv = ["aimc", {command}"--help"]
try:
    main()
except SystemExit as leave:
    assert not leave.code, leave.code
"""


def loaded_by(code: str) -> tuple[set[str], str]:
    """Modules that a new interpreter holds after that code, and what the code printed."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", f"import sys\n{code}\n{LIST_MODULES}"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stderr)), done.stdout


def test_import_is_light() -> None:
    """Law of the front door: half a second, which Numba and Matplotlib would use up."""
    loaded, _ = loaded_by("import aimc_sim")
    assert "aimc_sim" in loaded
    assert not HEAVY & loaded


@pytest.mark.parametrize(
    "command",
    [
        "",
        *(
            f'"{name}", '
            for name in ("run", "calibrate", "check", "inspect", "quantize", "fit", "mvm")
        ),
    ],
)
def test_help_is_light(command: str) -> None:
    """Help is text; no command is set up to print it."""
    loaded, printed = loaded_by(HELP.format(command=command))
    assert "Usage" in printed
    assert not HEAVY & loaded


def test_every_public_name_resolves() -> None:
    """The lazy table of names points at names that exist, and the rest is an AttributeError."""
    code = (
        "import aimc_sim\n"
        "assert aimc_sim.__all__ and set(aimc_sim.__all__) <= set(dir(aimc_sim))\n"
        "print(*(name for name in aimc_sim.__all__ if getattr(aimc_sim, name, None) is None))\n"
        "try:\n    aimc_sim.no_such_name\n"
        "except AttributeError as error:\n    assert 'no_such_name' in str(error)\n"
        "else:\n    raise SystemExit('no_such_name was found')"
    )
    _, printed = loaded_by(code)
    assert printed.strip() == ""


def test_heavy_modules_are_noticed() -> None:
    """The look at sys.modules does see what is loaded."""
    loaded, _ = loaded_by("import scipy.stats, numba")
    assert {"scipy.stats", "numba", "llvmlite"} <= HEAVY & loaded
