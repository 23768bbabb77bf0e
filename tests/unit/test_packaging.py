"""Wheel, sdist and editable install run the demo model from empty environments on every Python.

Slow (a minute for each Python): run by `make examples`, not by `make test`.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.slow

MODEL = ROOT / "examples/models/digits.npz"
CHIP = ROOT / "examples/chips/pcm_256.yaml"
DATA = ROOT / "examples/data/digits_test.npz"
PROBE = (
    "import ensurepip, sys, venv; print(*sys.version_info[:2]); assert sys.version_info >= (3, 11)"
)


def call(*command: str | Path, cwd: Path | None = None, **environ: str) -> str:
    """Run a command away from the checkout's settings; its output, or a failed test."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL_ENV"))}
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env={**env, "PIP_DISABLE_PIP_VERSION_CHECK": "1", **environ},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def candidates() -> Iterator[Path]:
    """Interpreters on PATH and below pyenv's root, the one that runs the tests first."""
    yield Path(sys.executable)
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        yield from sorted(p for p in Path(folder).glob("python3*") if _is_versioned(p))
    if pyenv := shutil.which("pyenv"):
        root = subprocess.run([pyenv, "root"], capture_output=True, text=True, check=False)
        yield from sorted(Path(root.stdout.strip()).glob("versions/*/bin/python3"))


def _is_versioned(path: Path) -> bool:
    return re.fullmatch(r"python3(\.\d+)?", path.name) is not None


@cache
def pythons() -> dict[str, Path]:
    """One interpreter of each version from 3.11 on that can make an environment."""
    found: dict[str, Path] = {}
    for path in candidates():
        done = subprocess.run(
            [path, "-I", "-c", PROBE], capture_output=True, text=True, check=False
        )
        if done.returncode == 0:
            found.setdefault(".".join(done.stdout.split()), path)
    return found


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the sdist and the wheel that was built from it."""
    out = tmp_path_factory.mktemp("dist")
    call(sys.executable, "-m", "build", "--outdir", out, ROOT)
    return out


def only(folder: Path, pattern: str) -> Path:
    """The one file of that pattern."""
    (path,) = folder.glob(pattern)
    return path


def run_demo(python: Path, folder: Path) -> dict[str, Any]:
    """The demo's JSON as the installed `aimc` writes it, less what may differ between machines."""
    where = call(python, "-c", "import aimc_sim; print(aimc_sim.__file__)", cwd=folder)
    out = folder / "run.json"
    call(
        *(python.with_name("aimc"), "run", MODEL, "--chip", CHIP, "--data", DATA),
        *("--limit", "20", "--json", out),
        cwd=folder,
        PYTHONWARNINGS="error",
    )
    report: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    assert 0.5 < report["accuracy"]["reference"] <= 1.0
    assert 0.5 < report["accuracy"]["analog"]["mean"] <= 1.0
    assert report["energy_J"]["total"] > 0.0
    for key in ("machine", "runtime_s"):
        del report[key]
    out.unlink()
    return {"where": where.strip(), "report": report}


def test_the_running_python_is_among_them() -> None:
    """So that the tests below are not an empty list."""
    assert ".".join(map(str, sys.version_info[:2])) in pythons()


def test_wheel_holds_device_models_and_nothing_else(dist: Path) -> None:
    """Every file of device_models/, the type marker and the licence; no tests, no examples."""
    names = set(zipfile.ZipFile(only(dist, "*.whl")).namelist())
    models = {p.name for p in (ROOT / "device_models").glob("*.yaml")}
    assert models
    assert {f"aimc_sim/device_models/{name}" for name in models} <= names
    sources = {str(p.relative_to(ROOT)) for p in (ROOT / "aimc_sim").rglob("*.py")}
    assert sources | {"aimc_sim/py.typed"} <= names
    assert {name.split("/")[0] for name in names} == {"aimc_sim", "aimc_sim-0.1.0.dist-info"}
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_sdist_holds_the_demo(dist: Path) -> None:
    """What the README's demo needs, with the licence of the data beside the data."""
    with tarfile.open(only(dist, "*.tar.gz")) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    wanted = [MODEL, CHIP, DATA, ROOT / "examples/data/LICENSES.md", ROOT / "README.md"]
    assert {str(path.relative_to(ROOT)) for path in wanted} <= names
    assert {f"device_models/{p.name}" for p in (ROOT / "device_models").iterdir()} <= names


@pytest.mark.parametrize("version", sorted(pythons()))
def test_wheel_and_sdist_run_the_demo(version: str, dist: Path, tmp_path: Path) -> None:
    """Both install into an empty environment and give the same figures there."""
    python = tmp_path / "env/bin/python"
    call(pythons()[version], "-m", "venv", tmp_path / "env")
    pip = (python, "-m", "pip", "install", "--quiet")
    call(*pip, only(dist, "*.whl"))
    from_wheel = run_demo(python, tmp_path)
    call(*pip, "--force-reinstall", "--no-deps", only(dist, "*.tar.gz"))
    from_sdist = run_demo(python, tmp_path)
    assert Path(from_wheel["where"]).is_relative_to(tmp_path)
    assert from_wheel == from_sdist


def test_editable_install_reads_the_checkout(tmp_path: Path) -> None:
    """It runs the demo, and a device model that is edited in the checkout is seen at once."""
    checkout = tmp_path / "checkout"
    for name in ("aimc_sim", "device_models"):
        shutil.copytree(ROOT / name, checkout / name)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, checkout)
    python = tmp_path / "env/bin/python"
    call(sys.executable, "-m", "venv", tmp_path / "env")
    call(python, "-m", "pip", "install", "--quiet", "--editable", checkout)
    first = run_demo(python, tmp_path)
    assert Path(first["where"]).is_relative_to(checkout)
    for path in (checkout / "device_models").iterdir():
        path.write_text("kind: nothing\n", encoding="utf-8")
    with pytest.raises(AssertionError, match="device_models"):
        run_demo(python, tmp_path)
