"""Database: an SQLite file that is ours, its transactions, and its complaints in one line."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aimc_sim.spec import InputError

WAIT_S = 30.0
"""How long a write waits for another process that writes [s]."""
APPLICATION = 0x41494D43  # "AIMC"
VERSION = 1


class Database:
    """A results file, opened.

    Parameters
    ----------
    path : path
        The file.
    create : bool
        Make it where it is missing.
    wait_s : float
        How long a write waits for another process that writes [s].

    Raises
    ------
    InputError
        In this and every method: no such file, not a results file, locked, disk full; one line.
    """

    def __init__(self, path: str | Path, *, create: bool = False, wait_s: float = WAIT_S) -> None:
        self.path = Path(path)
        if not create and not self.path.is_file():
            raise InputError(f"{path}: there is no such results file")
        with self.told():
            self.db = sqlite3.connect(self.path, timeout=wait_s, isolation_level=None)
        try:
            self._open(create)
        except BaseException:
            self.db.close()
            raise

    def _open(self, create: bool) -> None:
        with self.told():
            found = self.value("PRAGMA application_id")
            empty = self.value("SELECT count(*) FROM sqlite_master") == 0
            if found != APPLICATION and not (create and empty):
                raise InputError(f"{self.path}: is not a results file of aimc study")
            version = self.value("PRAGMA user_version")
            if version > VERSION:
                raise InputError(
                    f"{self.path}: found version {version}; this aimc_sim reads up to {VERSION}"
                )
            if create:
                self.value("PRAGMA journal_mode = WAL")
                self.value("PRAGMA synchronous = NORMAL")
                if empty:
                    self._create()

    def _create(self) -> None:
        text = files("aimc_sim.study").joinpath("schema.sql").read_text(encoding="utf-8")
        with self.writing():
            for statement in text.split(";\n"):
                self.db.execute(statement)
            self.db.execute(f"PRAGMA application_id = {APPLICATION}")
            self.db.execute(f"PRAGMA user_version = {VERSION}")

    def value(self, query: str, *values: Any) -> Any:
        """Return the first value that a query gives; None without a row."""
        row = self.db.execute(query, values).fetchone()
        return None if row is None else row[0]

    @contextmanager
    def told(self) -> Iterator[None]:
        """Turn what SQLite complains of into one line."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            raise InputError(f"{self.path}: {_told(error)}") from None

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction; nothing of it stays where it fails."""
        with self.told():
            self.db.execute("BEGIN IMMEDIATE")
            try:
                yield self.db
                self.db.execute("COMMIT")
            except BaseException:
                if self.db.in_transaction:
                    self.db.execute("ROLLBACK")
                raise

    def attach(self, path: str | Path) -> None:
        """Let queries see another file as `other`."""
        with self.told():
            self.db.execute("ATTACH DATABASE ? AS other", (str(path),))

    def detach(self) -> None:
        """Let go of the other file."""
        self.db.execute("DETACH DATABASE other")

    def close(self) -> None:
        """Close the file."""
        self.db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _told(error: sqlite3.DatabaseError) -> str:
    """Return what happened and what to do, in words."""
    text = str(error)
    if "full" in text:
        return "the disk is full; what was written is kept: make room and run the same again"
    if "I/O" in text:
        return f"the disk fails or is full ({text}); what was written is kept: run the same again"
    if "locked" in text:
        return "is locked by another process; what was written is kept: run the same again later"
    if "not a database" in text or "malformed" in text:
        return f"is not a results file, or is torn ({text})"
    if "readonly" in text or "unable to open" in text:
        return f"cannot be written ({text})"
    return text
