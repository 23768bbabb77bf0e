"""Everything in examples/, and each command and Python block of the first pages, runs as it is.

Slow: run by `make examples`, not by `make test`. examples/train needs torch and has its own tests.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
AIMC = Path(sys.executable).with_name("aimc")
SCRIPTS = sorted(EXAMPLES.glob("*.py"))
CHIPS = sorted(EXAMPLES.glob("chips/*.yaml"))
MODELS = sorted(EXAMPLES.glob("models/*.npz"))
BATCHES = sorted(EXAMPLES.glob("data/*.npz"))
STUDIES = sorted(EXAMPLES.glob("studies/*.yaml"))
DEVICES = sorted(ROOT.glob("device_models/*.yaml"))
PAGES = [ROOT / "README.md", ROOT / "docs/start.md", ROOT / "docs/api.md"]
PAIRS = [
    (model, chip)
    for i, model in enumerate(MODELS)
    for j, chip in enumerate(CHIPS)
    if i == 0 or i == 1 + j % (len(MODELS) - 1) or os.environ.get("HYPOTHESIS_PROFILE") == "full"
]
"""The first model on every chip, the others in turn; all of them in `make test-full`."""
pytestmark = pytest.mark.slow


def call(*command: str | Path, cwd: Path) -> str:
    """Run a command in that directory with warnings as errors; what it printed."""
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env={**os.environ, "PYTHONWARNINGS": "error"},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def name(path: Path) -> str:
    """The path as a test's name."""
    return str(path.relative_to(ROOT))


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """An empty directory beside examples/ as a user sees them."""
    (tmp_path / "examples").symlink_to(EXAMPLES)
    return tmp_path


def test_the_examples_are_there() -> None:
    """So that no list below is empty for a wrong reason."""
    assert {p.stem for p in CHIPS} >= {"pcm_256", "rram_64"}
    assert {p.stem for p in MODELS} >= {"digits", "digits01", "smnist196", "smnist784", "vowels"}
    assert {p.stem for p in BATCHES} >= {f"{p.stem}_test" for p in MODELS}
    assert {p.stem for p in SCRIPTS} >= {"demo"}
    assert len(DEVICES) >= 4  # ideal, PCM, RRAM, TaOx
    assert len(STUDIES) >= 3


def test_every_file_passes_check(place: Path) -> None:
    """`aimc check` accepts what the project ships."""
    paths = [*CHIPS, *MODELS, *BATCHES, *DEVICES, *STUDIES]
    told = call(AIMC, "check", *paths, cwd=place)
    assert told.count(": OK: ") == len(paths)


@pytest.mark.parametrize("path", MODELS, ids=name)
def test_every_model_is_described(path: Path, place: Path) -> None:
    """`aimc inspect` prints more than a line about it."""
    assert len(call(AIMC, "inspect", path, cwd=place).splitlines()) > 5


@pytest.mark.parametrize(("model", "chip"), PAIRS, ids=name)
def test_models_run_on_chips(model: Path, chip: Path, place: Path) -> None:
    """Four sequences, and figures of a size that can be."""
    data = EXAMPLES / "data" / f"{model.stem}_test.npz"
    out = place / "run.json"
    call(
        *(AIMC, "run", model, "--chip", chip, "--data", data, "--limit", "4", "--json", out),
        cwd=place,
    )
    report = json.loads(out.read_text(encoding="utf-8"))
    assert 0.5 <= report["accuracy"]["reference"] <= 1.0
    assert 0.0 <= report["accuracy"]["analog"]["mean"] <= 1.0
    assert 0.0 < report["tiles"]["utilisation"] <= 1.0
    assert report["energy_J"]["total"] > 0.0


@pytest.mark.parametrize("script", SCRIPTS, ids=name)
def test_every_script_runs(script: Path, place: Path) -> None:
    """From a directory of the user's own."""
    assert call(sys.executable, script, cwd=place).strip()


def test_the_budget_script_passes_and_fails(place: Path) -> None:
    """Exit code 0 within the budget, 1 beyond it; the page shows the script as it is."""
    script = EXAMPLES / "check_budget.sh"
    env = {**os.environ, "PATH": f"{AIMC.parent}{os.pathsep}{os.environ['PATH']}"}
    words: list[tuple[str, ...]] = [(), ("--set", "hardware.adc.bits=10")]
    codes = [
        subprocess.run(["bash", script, *more], cwd=place, env=env, check=False).returncode
        for more in words
    ]
    assert codes == [0, 1]
    assert script.read_text() in blocks(ROOT / "docs/scripts.md", "bash")


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of that language on a page."""
    fence = rf"^```{language}\n(.*?)^```"
    return re.findall(fence, page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def aimc_commands(page: Path) -> list[list[str]]:
    """The words of each `$ aimc ...` line of a page, continued lines joined."""
    text = "\n".join(blocks(page, "console")).replace("\\\n", " ")
    found = re.findall(r"^\$ (?:\.venv/bin/)?aimc (.*)$", text, re.MULTILINE)
    return [shlex.split(line) for line in found]


def shortened(words: list[str]) -> list[str]:
    """The same with two chip instances where it says more; all of them in `make test-full`."""
    if "--chips" not in words or os.environ.get("HYPOTHESIS_PROFILE") == "full":
        return words
    place = words.index("--chips") + 1
    return [*words[:place], str(min(int(words[place]), 2)), *words[place + 1 :]]


def test_pages_are_read() -> None:
    """The first pages hold a command and a Python block each that the tests below find."""
    assert aimc_commands(ROOT / "docs/start.md")
    assert all(blocks(page, "python") for page in PAGES[1:])


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_commands_of_the_page_run(page: Path, place: Path) -> None:
    """Each `aimc` command, in order, in one directory."""
    for words in aimc_commands(page):
        call(AIMC, *shortened(words), cwd=place)


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_python_of_the_page_runs(page: Path, place: Path) -> None:
    """The Python blocks of a page, in order, are one program."""
    call(sys.executable, "-c", "\n".join(blocks(page, "python")), cwd=place)
