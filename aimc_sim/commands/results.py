"""Results files of all kinds as trees: the JSON of runs, studies and questions, and `.sqlite`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aimc_sim.report.results.page import Named, file_name
from aimc_sim.report.results.read import checked, read_results
from aimc_sim.spec import InputError
from aimc_sim.study.store import Store
from aimc_sim.study.summary import study_json


def read_all(paths: Sequence[str]) -> list[Named]:
    """Return name and tree of everything that some results files hold.

    Raises
    ------
    InputError
        One of them cannot be read, or holds no results.
    """
    found: list[Named] = []
    for path in paths:
        trees = study_trees(path) if path.endswith(".sqlite") else [read_results(path)]
        found += [(file_name(path), checked(tree, path)) for tree in trees]
    return found


def study_trees(path: str) -> list[dict[str, Any]]:
    """Return the JSON of every study of a results file.

    Raises
    ------
    InputError
        It cannot be read.
    """
    with Store(path) as store:
        found = [study_json(store, study) for study, _ in store.studies()]
    if not found:
        raise InputError(f"{path}: holds no study yet")
    return found
