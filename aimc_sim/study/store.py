"""Store: the results file of studies, SQLite with a write-ahead log, one row a transaction."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aimc_sim.spec import canonical_json
from aimc_sim.study.database import Database
from aimc_sim.study.task import Outcome, Task

_PART = 500  # names in one query
_ROWS = (
    "SELECT point, chip, task, metrics, refused, seconds, worker FROM task "
    "JOIN result USING (task) WHERE study = ? ORDER BY point, chip"
)


@dataclass(frozen=True)
class Row:
    """One finished task of a study."""

    point: int
    chip: int
    task: str
    metrics: Mapping[str, Any] | None
    refused: str | None
    seconds: float
    worker: str


class Store(Database):
    """The results file of studies.

    Raises
    ------
    InputError
        In every method: not a results file, locked, disk full; one line.
    """

    def add_study(self, study: str, name: str, content: Mapping[str, Any]) -> None:
        """Write a study, where it is not there yet."""
        with self.writing() as db:
            values = (study, name, canonical_json(content))
            db.execute("INSERT OR IGNORE INTO study VALUES (?, ?, ?, NULL)", values)

    def add_points(self, study: str, points: Iterable[tuple[int, Mapping[str, Any]]]) -> None:
        """Write points of a study with their coordinates, where they are not there yet."""
        rows = [(study, i, canonical_json(dict(place))) for i, place in points]
        with self.writing() as db:
            db.executemany("INSERT OR IGNORE INTO point VALUES (?, ?, ?)", rows)

    def add_tasks(self, study: str, tasks: Iterable[Task]) -> None:
        """Write which tasks a study wants."""
        rows = [(study, task.point, task.chip, task.digest) for task in tasks]
        with self.writing() as db:
            db.executemany("INSERT OR IGNORE INTO task VALUES (?, ?, ?, ?)", rows)

    def add_session(self, study: str, content: Mapping[str, Any]) -> None:
        """Write who works on a study, with what."""
        with self.writing() as db:
            values = (study, canonical_json(content))
            db.execute("INSERT INTO session (study, content) VALUES (?, ?)", values)

    def put(self, task: str, outcome: Outcome) -> None:
        """Write one finished task and give up its claim; what is there already stays."""
        metrics = None if outcome.metrics is None else canonical_json(outcome.metrics)
        row = (task, metrics, outcome.refused, outcome.seconds, outcome.worker)
        with self.writing() as db:
            db.execute("INSERT OR IGNORE INTO result VALUES (?, ?, ?, ?, ?)", row)
            db.execute("DELETE FROM claim WHERE task = ?", (task,))

    def put_record(self, study: str, record: Mapping[str, Any]) -> None:
        """Write the run of the base in full."""
        with self.writing() as db:
            db.execute("UPDATE study SET record = ? WHERE study = ?", (json.dumps(record), study))

    def done(self, tasks: Sequence[str]) -> set[str]:
        """Return which of these tasks are finished."""
        found: set[str] = set()
        with self.told():
            for start in range(0, len(tasks), _PART):
                part = tasks[start : start + _PART]
                marks = ",".join("?" * len(part))
                query = f"SELECT task FROM result WHERE task IN ({marks})"
                found |= {task for (task,) in self.db.execute(query, part)}
        return found

    def studies(self) -> list[tuple[str, str]]:
        """Return digest and name of each study, in the order they were begun."""
        with self.told():
            return list(self.db.execute("SELECT study, name FROM study ORDER BY rowid"))

    def content(self, study: str) -> dict[str, Any]:
        """Return what is known of a study: itself, its digests and versions."""
        with self.told():
            text = self.value("SELECT content FROM study WHERE study = ?", study)
        found: dict[str, Any] = json.loads(text)
        return found

    def record(self, study: str) -> dict[str, Any] | None:
        """Return the run of the base in full, where it is there."""
        with self.told():
            text = self.value("SELECT record FROM study WHERE study = ?", study)
        return None if text is None else json.loads(text)

    def sessions(self, study: str) -> list[dict[str, Any]]:
        """Return who worked on a study."""
        query = "SELECT content FROM session WHERE study = ? ORDER BY session"
        with self.told():
            return [json.loads(text) for (text,) in self.db.execute(query, (study,))]

    def coordinates(self, study: str) -> dict[int, dict[str, Any]]:
        """Return the coordinates of each point."""
        query = "SELECT point, coordinates FROM point WHERE study = ? ORDER BY point"
        with self.told():
            return {i: json.loads(text) for i, text in self.db.execute(query, (study,))}

    def count(self, study: str) -> tuple[int, int, int]:
        """Return how many tasks a study has, how many are finished, how many were refused."""
        query = (
            "SELECT count(*), count(result.task), count(result.refused) FROM task "
            "LEFT JOIN result USING (task) WHERE study = ?"
        )
        with self.told():
            row = self.db.execute(query, (study,)).fetchone()
        return row[0], row[1], row[2]

    def columns(self, study: str) -> dict[str, list[Any]]:
        """Return the finished tasks of a study by point and chip, one list a column."""
        with self.told():
            rows = self.db.execute(_ROWS, (study,)).fetchall()
        names = ("point", "chip", "task", "metrics", "refused", "seconds", "worker")
        columns = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)) if rows else {}
        found = {name: columns.get(name, []) for name in names}
        texts = ("null" if text is None else text for text in found["metrics"])
        found["metrics"] = json.loads(f"[{','.join(texts)}]")
        return found

    def rows(self, study: str) -> Iterator[Row]:
        """Yield the finished tasks of a study, by point and chip."""
        with self.told():
            for point, chip, task, metrics, *rest in self.db.execute(_ROWS, (study,)):
                yield Row(point, chip, task, metrics and json.loads(metrics), *rest)
