"""JSON files of results, read with suspicion: torn, strange and unknown ones give one line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from pydantic import ValidationError

from aimc_sim.report.results.forms import FORMS
from aimc_sim.spec import InputError, describe

SCHEMA = 1


def read_results(path: str | Path) -> dict[str, Any]:
    """Return the tree of a JSON file of a run, a study or a question.

    Raises
    ------
    InputError
        It cannot be read, is no JSON, or no such results.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise InputError(
            f"{path}: it is no text; expected JSON or a .sqlite results file"
        ) from None

    def refuse(name: str) -> NoReturn:
        raise InputError(f"{path}: found {name}; expected finite numbers")

    try:
        tree = json.loads(text, parse_constant=refuse)
    except json.JSONDecodeError as error:
        raise InputError(
            f"{path}: it is no JSON, or torn: line {error.lineno}: {error.msg}"
        ) from None
    except RecursionError:
        raise InputError(f"{path}: its JSON is nested too deeply") from None
    return checked(tree, str(path))


def checked(tree: Any, where: str) -> dict[str, Any]:
    """Return a tree whose form is known.

    Parameters
    ----------
    tree : object
        Plain data.
    where : str
        Name of the file, for the message.

    Raises
    ------
    InputError
        With file, dotted path, value, and what is allowed.
    """
    if not isinstance(tree, dict):
        raise InputError(f"{where}: found no object; expected the JSON of a run or of a study")
    if tree.get("schema") != SCHEMA:
        raise InputError(f"{where}: schema: found {tree.get('schema')!r}; expected {SCHEMA}")
    kind = kind_of(tree)
    if not isinstance(kind, str) or kind not in FORMS:
        raise InputError(f"{where}: kind: found {kind!r}; expected one of: {', '.join(FORMS)}")
    try:
        FORMS[kind].model_validate(tree)
    except ValidationError as error:
        raise InputError(f"{where}: {describe(error, FORMS[kind])}") from None
    return tree


def kind_of(tree: Mapping[str, Any]) -> Any:
    """Return what a tree is of; that of a run has no ``kind``."""
    return tree.get("kind", "run")
