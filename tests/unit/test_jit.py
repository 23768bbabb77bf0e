"""aimc_sim.jit: the cache sees an edited callee, survives an unwritable home, stays local."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from aimc_sim import jit

PACKAGE = Path(jit.__file__).parent
CALLEE = """
from aimc_sim.jit import njit

@njit
def gain(x):
    return {gain} * x
"""
CALLER = """
from aimc_sim.jit import njit
from aimc_sim.callee_kernels import gain

@njit
def amplify(x):
    return gain(x) + 1.0
"""
REPORT = """
import numba
before = numba.config.CACHE_DIR
from aimc_sim.caller_kernels import amplify
from aimc_sim.jit import cache_dir, cache_is_cold
cold = cache_is_cold()
y = amplify(10.0)
print(y, cold, sum(amplify.stats.cache_hits.values()), cache_dir(), sep="|")
"""


def start(code: str, tree: Path, *, strict: bool = True, **environ: str) -> tuple[list[str], str]:
    """Run code with that tree's aimc_sim; the fields it printed, and what it said on stderr."""
    env = {k: v for k, v in os.environ.items() if k not in ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME")}
    flags = ["-W", "error"] if strict else []
    done = subprocess.run(
        [sys.executable, *flags, "-c", code],
        env={**env, "PYTHONPATH": str(tree), **environ},
        cwd=tree,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip().split("|"), done.stderr


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the package's jit.py with a caller and a callee in two kernel files."""
    package = tmp_path / "tree" / "aimc_sim"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    shutil.copy(PACKAGE / "jit.py", package)
    (package / "callee_kernels.py").write_text(CALLEE.format(gain="2.0"), encoding="utf-8")
    (package / "caller_kernels.py").write_text(CALLER, encoding="utf-8")
    return package.parent


def test_an_edited_callee_is_seen(tree: Path, tmp_path: Path) -> None:
    """The caller's file is unchanged: Numba alone would go on with the old callee."""
    home = str(tmp_path / "home")
    first, _ = start(REPORT + "assert numba.config.CACHE_DIR == before", tree, HOME=home)
    again, _ = start(REPORT, tree, HOME=home)
    (tree / "aimc_sim/callee_kernels.py").write_text(CALLEE.format(gain="3.0"), encoding="utf-8")
    edited, _ = start(REPORT, tree, HOME=home)
    assert first[:3] == ["21.0", "True", "0"]
    assert again[:3] == ["21.0", "False", "1"]
    assert edited[:3] == ["31.0", "True", "0"]
    assert first[3] == again[3] != edited[3]
    assert edited[3].startswith(home)


@pytest.mark.parametrize("variable", ["NUMBA_CACHE_DIR", "XDG_CACHE_HOME"])
def test_the_users_directory_is_used(tree: Path, tmp_path: Path, variable: str) -> None:
    """Both variables name a parent; the digest's directory is made below it."""
    chosen = tmp_path / "chosen"
    fields, _ = start(REPORT, tree, **{variable: str(chosen)})
    assert Path(fields[3]).is_relative_to(chosen)
    assert list(chosen.rglob("*.nbi"))


def test_an_installation_that_nobody_may_write_to_is_enough(tree: Path, tmp_path: Path) -> None:
    """Compiled kernels go to the user's directory, and the second process finds them there."""
    for path in (*tree.rglob("*"), tree):
        path.chmod(0o555 if path.is_dir() else 0o444)
    before = {path: path.stat().st_mtime_ns for path in tree.rglob("*")}
    home, silent = str(tmp_path / "home"), {"PYTHONDONTWRITEBYTECODE": "1"}
    first, again = (start(REPORT, tree, HOME=home, **silent)[0] for _ in range(2))
    assert (first[1], again[1]) == ("True", "False")
    assert again[2] == "1"
    assert {path: path.stat().st_mtime_ns for path in tree.rglob("*")} == before


def test_unwritable_home_warns_once_and_works(tree: Path, tmp_path: Path) -> None:
    """The home lies below a plain file, which not even root can write to."""
    (tmp_path / "file").touch()
    child = REPORT + (
        "import subprocess, sys; from aimc_sim.jit import cache_dir\n"
        "code = 'from aimc_sim.jit import cache_dir; print(cache_dir())'\n"
        "out = subprocess.run([sys.executable, '-W', 'error', '-c', code],"
        " check=True, capture_output=True, text=True).stdout\n"
        "print('|', out.strip() == str(cache_dir()))"
    )
    fields, stderr = start(child, tree, strict=False, HOME=str(tmp_path / "file" / "home"))
    assert fields[0] == "21.0"
    assert stderr.count("RuntimeWarning") == 1
    assert stderr.count("compiled kernels cannot be kept in") == 1
    assert fields[-1].strip() == "True"  # a worker process shares the directory and is silent
    assert not Path(fields[3].strip()).exists()  # and it goes away at the end


def test_threads_wait_passively(tree: Path) -> None:
    """The waiting policy is set before Numba loads, and the user's own choice stays."""
    code = "import os, aimc_sim.jit; print(os.environ['OMP_WAIT_POLICY'], sep='|')"
    env = {"OMP_WAIT_POLICY": "", "HOME": str(tree)}
    unset = f"import os; del os.environ['OMP_WAIT_POLICY']; {code}"
    assert start(unset, tree, **env)[0] == ["passive"]
    assert start(code, tree, **{**env, "OMP_WAIT_POLICY": "active"})[0] == ["active"]


def test_digest_counts_kernel_sources_only(tree: Path) -> None:
    """A new or changed kernel file moves it, also in a subpackage; another module does not."""
    package = tree / "aimc_sim"
    seen = [jit.source_digest(package)]
    (package / "plain.py").write_text("x = 1\n", encoding="utf-8")
    assert jit.source_digest(package) == seen[0]
    (package / "room").mkdir()
    for text in ("x = 1\n", "x = 2\n"):
        (package / "room" / "more_kernels.py").write_text(text, encoding="utf-8")
        seen.append(jit.source_digest(package))
    assert len(set(seen)) == 3


@pytest.mark.parametrize("option", ["cache", "error_model", "fastmath"])
@pytest.mark.parametrize("decorator", [jit.njit, jit.pnjit])
def test_fixed_options_are_refused(decorator: object, option: str) -> None:
    """No kernel may have another error model or fastmath."""
    with pytest.raises(TypeError, match=option):
        decorator(**{option: True})  # type: ignore[operator]


def _ramp(x: np.ndarray) -> None:
    for i in jit.prange(x.size):
        x[i] /= i


def test_division_by_zero_is_numpys_and_pnjit_is_parallel() -> None:
    """error_model="numpy" gives inf where Python would raise; both forms of decorator compile."""
    for kernel in (jit.njit(_ramp), jit.pnjit(_ramp), jit.pnjit(nogil=True)(_ramp)):
        x = np.ones(4)
        kernel(x)
        np.testing.assert_array_equal(x, [np.inf, 1.0, 1 / 2, 1 / 3])
    assert jit.pnjit(_ramp).targetoptions["parallel"] is True
    assert "parallel" not in jit.njit(_ramp).targetoptions


def test_only_jit_py_configures_numba() -> None:
    """Kernels take their decorators from aimc_sim.jit; nothing else asks Numba to compile."""
    asks = re.compile(r"numba\.(njit|jit|vectorize|guvectorize|config)\b|from numba import")
    found = [p for p in PACKAGE.rglob("*.py") if asks.search(p.read_text(encoding="utf-8"))]
    assert found == [PACKAGE / "jit.py"]


def test_jitted_code_lives_in_kernel_files() -> None:
    """The digest reads files named *kernels*.py: a kernel elsewhere could go stale."""
    uses = re.compile(r"^\s*@(jit\.)?p?njit\b", re.MULTILINE)
    for path in PACKAGE.rglob("*.py"):
        if path.name != "jit.py" and uses.search(path.read_text(encoding="utf-8")):
            assert "kernels" in path.name, f"{path} must be named *kernels*.py"
