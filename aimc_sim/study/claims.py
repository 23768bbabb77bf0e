"""Claims: which process works on which task, so that two that share a file do not do it twice."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Sequence
from pathlib import Path

from aimc_sim.study.store import Store

LEASE_S = 60.0
"""How long a claim holds unless it is renewed [s]."""


def own_name() -> str:
    """Return the name of this process: machine, number, and when it began."""
    return f"{platform.node()}|{os.getpid()}|{_began(os.getpid())}"


def is_dead(owner: str) -> bool:
    """Tell whether a process of this machine is over; of others nothing is known."""
    machine, number, began = owner.split("|")
    if machine != platform.node():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return _began(int(number)) != began


def _began(number: int) -> str:
    """Return when a process began, where the system tells: numbers are given out again."""
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[19]
    except OSError:
        return ""


class Claims:
    """The claims of one process on the tasks of a file."""

    def __init__(self, store: Store) -> None:
        self.store, self.owner = store, own_name()
        self._renewed_s = 0.0

    def take(self, tasks: Sequence[str]) -> list[str]:
        """Claim those of the tasks that are neither finished nor claimed by a living process."""
        now = time.time()
        taken: list[str] = []
        with self.store.writing() as db:
            for (owner,) in db.execute("SELECT DISTINCT owner FROM claim").fetchall():
                if owner != self.owner and is_dead(owner):
                    db.execute("DELETE FROM claim WHERE owner = ?", (owner,))
            db.execute("DELETE FROM claim WHERE until_s < ?", (now,))
            for task in tasks:
                if db.execute("SELECT 1 FROM result WHERE task = ?", (task,)).fetchone():
                    continue
                row = (task, self.owner, now + LEASE_S)
                if db.execute("INSERT OR IGNORE INTO claim VALUES (?, ?, ?)", row).rowcount:
                    taken.append(task)
        return taken

    def renew(self) -> None:
        """Keep what is claimed; called often, it writes now and then."""
        now = time.time()
        if now - self._renewed_s < LEASE_S / 4:
            return
        with self.store.writing() as db:
            values = (now + LEASE_S, self.owner)
            db.execute("UPDATE claim SET until_s = ? WHERE owner = ?", values)
        self._renewed_s = now

    def drop(self) -> None:
        """Give up everything that is claimed."""
        with self.store.writing() as db:
            db.execute("DELETE FROM claim WHERE owner = ?", (self.owner,))
