"""What scripts outside the package import from it exists (their whole runs are `make examples`)."""

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = [p for f in ("examples", "docs", "tests/bench") for p in sorted((ROOT / f).rglob("*.py"))]


def imported(script: Path) -> Iterator[tuple[str, str]]:
    """Each (module, name) of the package that a script takes."""
    for node in ast.walk(ast.parse(script.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "aimc_sim":
            yield from ((node.module or "", alias.name) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((a.name, "") for a in node.names if a.name.split(".")[0] == "aimc_sim")


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda p: str(p.relative_to(ROOT)))
def test_what_a_script_imports_exists(script: Path) -> None:
    for module, name in imported(script):
        found = importlib.import_module(module)
        if name and not hasattr(found, name):
            importlib.import_module(f"{module}.{name}")
