"""`aimc check`: one line a file, good or bad."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from aimc_sim.commands.describe import line_of
from aimc_sim.commands.describe_study import StudyFile
from aimc_sim.commands.exits import BAD_INPUT, OK, complain
from aimc_sim.commands.kinds import load_any, load_context
from aimc_sim.commands.telling import check_json, tell
from aimc_sim.spec import InputError


def check_command(
    paths: Sequence[str], model: str | None, chip: str | None, json: str | None
) -> int:
    """Do what `aimc check` does; return the exit code."""
    check_json(json)
    context = load_context(model, chip)
    found: list[dict[str, Any]] = []
    for path in paths:
        try:
            content = load_any(path, context)
            line = content.line() if isinstance(content, StudyFile) else line_of(content)
        except InputError as error:
            complain(str(error))
            found.append({"file": path, "ok": False, "error": str(error)})
            continue
        found.append({"file": path, "ok": True, "is": line})
        if json != "-":
            sys.stdout.write(f"{path}: OK: {line}\n")
    tell(found, json=json)
    return OK if all(row["ok"] for row in found) else BAD_INPUT
