"""Make hand-made faults one by one and check that the test named for each notices.

``python tests/mutants/run.py [WORD]``: all mutations, or those whose label holds WORD. Each is made
in a copy of the tree; the named test must pass without it and fail with it. A test that cannot be
collected does not count as one that fails. Ends with ``N passed, M failed``; exit code 1 on a
failure.
"""

from __future__ import annotations

import os
import queue
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from mutations import MUTATIONS, Mutation

ROOT = Path(__file__).resolve().parents[2]
JOBS = 2
TIMEOUT_S = 300
ALL_TIMEOUT_S = 1500
FAILED = 1
"""Exit code of pytest: tests ran and some failed (2 to 5: interrupted, broken, none found)."""


def copy_tree(target: Path) -> Path:
    """Copy what git does not ignore, as it is now; times are kept for Numba's cache."""
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z", "-co", "--exclude-standard"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split("\0")
    for name in filter(None, listed):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    return target


def pytest(
    tree: Path, tests: list[str], compiled: bool, timeout_s: float
) -> subprocess.CompletedProcess[str]:
    """Run tests in a tree; kernels that change run uncompiled, which saves compiling each anew."""
    env = os.environ | {
        "NUMBA_CACHE_DIR": str(tree / ".numba"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "HYPOTHESIS_PROFILE": "unshrunk",
        "NUMBA_DISABLE_JIT": "0" if compiled else "1",
    }
    options = [
        "-q",
        "-x",
        "-p",
        "no:xdist",
        "-p",
        "no:cacheprovider",
        "--tb=line",
        "--assert=plain",
    ]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *options, *tests],
        cwd=tree, env=env, check=False, capture_output=True, text=True, timeout=timeout_s,
    )  # fmt: skip


def is_compiled(mutation: Mutation) -> bool:
    """Whether the test of a mutation runs compiled kernels: the uncompiled ones are few reads."""
    return mutation.file != "crossbar/kernels.py"


def baseline(tree: Path, mutations: list[Mutation]) -> list[str]:
    """Run all named tests without a mutation; return what failed."""
    problems = []
    for compiled in (True, False):
        tests = sorted({m.test for m in mutations if is_compiled(m) == compiled})
        done = pytest(tree, tests, compiled, ALL_TIMEOUT_S) if tests else None
        if done is not None and done.returncode != 0:
            problems.append(f"a named test fails without a mutation:\n{done.stdout[-2000:]}")
    return problems


def try_mutation(tree: Path, mutation: Mutation) -> str:
    """Make one mutation, run its test, undo it; return "" if noticed, else what is wrong."""
    path = tree / "aimc_sim" / mutation.file
    text, times = path.read_text(encoding="utf-8"), path.stat()
    found = text.count(mutation.old)
    if found != 1:
        return f"its text stands {found} times in {mutation.file}; expected once"
    try:
        path.write_text(text.replace(mutation.old, mutation.new), encoding="utf-8")
        done = pytest(tree, [mutation.test], is_compiled(mutation), TIMEOUT_S)
    except subprocess.TimeoutExpired:
        return f"its test did not end within {TIMEOUT_S} s"
    finally:
        path.write_text(text, encoding="utf-8")
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    if done.returncode == FAILED:
        return ""
    return "SURVIVED" if done.returncode == 0 else f"its test did not run:\n{done.stdout[-2000:]}"


def main(words: list[str]) -> int:
    """Run the mutations; return the exit code."""
    started = time.monotonic()
    mutations = [m for m in MUTATIONS if all(word in m.label for word in words)]
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        trees: queue.Queue[Path] = queue.Queue()
        for i in range(JOBS):
            trees.put(copy_tree(Path(folder) / f"tree{i}"))

        def one(mutation: Mutation) -> str:
            tree = trees.get()
            try:
                return try_mutation(tree, mutation)
            finally:
                trees.put(tree)

        with ThreadPoolExecutor(JOBS) as pool:
            problems = baseline(trees.queue[0], mutations)
            for problem in problems:
                print(problem)
            outcomes = pool.map(one, [] if problems else mutations)
            failed = len(problems)
            for mutation, outcome in zip(mutations, outcomes, strict=False):
                failed += bool(outcome)
                print(f"{'FAIL' if outcome else 'ok  '}  {mutation.label:<44} "
                      f"{mutation.test.rsplit('::', 1)[1]}", flush=True)  # fmt: skip
                if outcome:
                    print(f"      {outcome}", flush=True)
    passed = 0 if problems else len(mutations) - failed
    print(f"{time.monotonic() - started:.0f} s")
    print(f"{passed} passed, {failed} failed")
    return int(failed > 0 or passed == 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
