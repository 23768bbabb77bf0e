"""merge: results of several machines in one file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from aimc_sim.spec import InputError
from aimc_sim.study.store import Store

TABLES = ("study", "point", "task", "result")


@dataclass(frozen=True)
class Merged:
    """What a merge did.

    Parameters
    ----------
    n_new : int
        Results that were added.
    n_same : int
        Results that were there already, the same.
    n_differ : int
        Results that were there already, with other figures; those of the first file stay.
    """

    n_new: int
    n_same: int
    n_differ: int


def merge(sources: Sequence[str | Path], target: str | Path) -> Merged:
    """Add the results of files to a file, which is made where it is missing.

    Parameters
    ----------
    sources : sequence of path
        Results files, none of which is changed.
    target : path
        Results file.

    Raises
    ------
    InputError
        A file that is no results file.
    """
    for path in sources:
        Store(path).close()
        if Path(path).resolve() == Path(target).resolve():
            raise InputError(f"{path}: is the file to merge into")
    n_new = n_same = n_differ = 0
    with Store(target, create=True) as store:
        for path in sources:
            new, same, differ = _add(store, path)
            n_new, n_same, n_differ = n_new + new, n_same + same, n_differ + differ
    return Merged(n_new, n_same, n_differ)


def _add(store: Store, path: str | Path) -> tuple[int, int, int]:
    store.attach(path)
    try:
        with store.writing() as db:
            both = "FROM result AS a JOIN other.result AS b USING (task)"
            differ = "a.metrics IS NOT b.metrics OR a.refused IS NOT b.refused"
            n_both = db.execute(f"SELECT count(*) {both}").fetchone()[0]
            n_differ = db.execute(f"SELECT count(*) {both} WHERE {differ}").fetchone()[0]
            n_all = db.execute("SELECT count(*) FROM other.result").fetchone()[0]
            for table in TABLES:
                db.execute(f"INSERT OR IGNORE INTO {table} SELECT * FROM other.{table}")
            db.execute(
                "INSERT INTO session (study, content) SELECT study, content FROM other.session "
                "EXCEPT SELECT study, content FROM session"
            )
    finally:
        store.detach()
    return n_all - n_both, n_both - n_differ, n_differ
