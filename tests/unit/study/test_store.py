"""The results file: what is committed stays, whatever the disk and other processes do."""

from __future__ import annotations

import resource
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from aimc_sim.spec import InputError
from aimc_sim.study.claims import Claims, own_name
from aimc_sim.study.points import ModelKey
from aimc_sim.study.store import Store
from aimc_sim.study.task import Outcome, Task

DONE = Outcome({"accuracy.analog.mean": 0.1 + 0.2}, None, 1.5, "here:1")


def task(chip: int) -> Task:
    """A task of the first point."""
    return Task(f"digest{chip:03d}", 0, chip, ModelKey("m.npz", "", "cartesian"), {}, 0.0)


def filled(path: Path, n: int = 3) -> Store:
    """A file with one study, n tasks, the first of them finished."""
    store = Store(path, create=True)
    store.add_study("s", "name", {"study": {}})
    store.add_points("s", [(0, {"after": 1.0})])
    store.add_tasks("s", [task(chip) for chip in range(n)])
    store.put(task(0).digest, DONE)
    return store


def read(path: Path) -> int:
    """Read every finished task of a file."""
    with Store(path) as store:
        return len(list(store.rows("s")))


def test_what_is_put_comes_back(tmp_path: Path) -> None:
    filled(tmp_path / "r.sqlite").close()
    with Store(tmp_path / "r.sqlite") as store:
        (row,) = store.rows("s")
        assert (row.point, row.chip, row.metrics, row.refused) == (0, 0, DONE.metrics, None)
        assert store.count("s") == (3, 1, 0)
        assert store.done([task(c).digest for c in range(3)]) == {task(0).digest}
        assert store.studies() == [("s", "name")]
        assert store.coordinates("s") == {0: {"after": 1.0}}


def test_the_first_answer_stays(tmp_path: Path) -> None:
    with filled(tmp_path / "r.sqlite") as store:
        store.put(task(0).digest, Outcome({"accuracy.analog.mean": 9.0}, None, 1.0, "there:2"))
        (row,) = store.rows("s")
        assert row.metrics == DONE.metrics


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "there is no such results file"),
        (b"hello, this is no database at all" * 40, "is not a results file, or is torn"),
        (b"", "is not a results file of aimc study"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, content: bytes | None, says: str) -> None:
    path = tmp_path / "r.sqlite"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=says):
        Store(path)


def test_databases_of_others_and_later_versions_are_refused(tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "other.sqlite")
    other.execute("CREATE TABLE t (x)")
    other.close()
    with pytest.raises(InputError, match="is not a results file of aimc study"):
        Store(tmp_path / "other.sqlite", create=True)
    filled(tmp_path / "r.sqlite").close()
    later = sqlite3.connect(tmp_path / "r.sqlite")
    later.execute("PRAGMA user_version = 9")
    later.close()
    with pytest.raises(InputError, match="found version 9; this aimc_sim reads up to 1"):
        Store(tmp_path / "r.sqlite")


def test_a_torn_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "r.sqlite"
    filled(path, n=400).close()
    path.write_bytes(path.read_bytes()[:9000])
    with pytest.raises(InputError, match="is torn"):
        read(path)


def test_a_transaction_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def broken(store: Store) -> None:
        with store.writing() as db:
            db.execute("DELETE FROM result")
            raise KeyboardInterrupt

    with filled(tmp_path / "r.sqlite") as store:
        before = store.count("s")
        with pytest.raises(KeyboardInterrupt):
            broken(store)
        assert store.count("s") == before
        store.put(task(1).digest, DONE)


def test_a_locked_file_is_told_and_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "r.sqlite"
    filled(path).close()
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with Store(path, create=True, wait_s=0.1) as store:
        with pytest.raises(InputError, match="is locked by another process") as error:
            store.put(task(1).digest, DONE)
        holder.execute("ROLLBACK")
        assert str(path) in str(error.value)
        store.put(task(1).digest, DONE)
        assert store.count("s")[1] == 2
    holder.close()


FULL = """
import sys
from pathlib import Path
from tests.unit.study.test_store import DONE, filled, task
from aimc_sim.spec import InputError
from aimc_sim.study.store import Store
import resource, signal
path = Path(sys.argv[1])
filled(path, n=5000).close()
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
store = Store(path, create=True)
limit = path.stat().st_size + 30_000
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
n = 1
try:
    while n < 5000:
        store.put(task(n).digest, DONE)
        n += 1
except InputError as error:
    print(n, error)
"""


@pytest.mark.skipif(not hasattr(resource, "RLIMIT_FSIZE"), reason="no limit of file size here")
def test_a_full_disk_is_told_and_loses_nothing(tmp_path: Path) -> None:
    assert signal.SIGXFSZ
    path = tmp_path / "r.sqlite"
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(path)], capture_output=True, text=True, check=False,
        cwd=Path(__file__).parents[3],
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    n, text = done.stdout.split(" ", 1)
    assert text.startswith(f"{path}: the disk fails or is full (disk I/O error)")
    assert len(text.splitlines()) == 1
    with Store(path, create=True) as store:
        assert store.count("s")[1] == int(n) > 1
        store.put(task(4999).digest, DONE)


def test_claims_keep_two_processes_apart(tmp_path: Path) -> None:
    names = [task(chip).digest for chip in range(3)]
    with filled(tmp_path / "r.sqlite") as store:
        here, there = Claims(store), Claims(store)
        there.owner = own_name().replace("|", "-other-machine|", 1)
        assert here.take(names[:2]) == [names[1]]
        assert there.take(names) == [names[2]]
        assert here.take(names) == []
        there.drop()
        assert here.take(names) == [names[2]]


def test_claims_of_the_dead_and_old_claims_are_free(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    names = [task(chip).digest for chip in range(3)]
    with filled(tmp_path / "r.sqlite") as store:
        dead, old, here = Claims(store), Claims(store), Claims(store)
        machine = own_name().split("|")[0]
        dead.owner = f"{machine}|{gone.pid}|1"
        assert dead.take(names[:2]) == [names[1]]
        old.owner = f"{machine}-other|1|1"
        assert old.take(names[2:]) == [names[2]]
        with store.writing() as db:
            db.execute("UPDATE claim SET until_s = 1.0 WHERE owner = ?", (old.owner,))
        assert here.take(names) == names[1:]


def test_a_process_whose_number_was_given_out_again_is_dead(tmp_path: Path) -> None:
    machine, number, _ = own_name().split("|")
    with filled(tmp_path / "r.sqlite") as store:
        before = Claims(store)
        before.owner = f"{machine}|{number}|before"
        assert before.take([task(1).digest])
        assert Claims(store).take([task(1).digest]) == [task(1).digest]


def test_claims_are_renewed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with filled(tmp_path / "r.sqlite") as store:
        claims = Claims(store)
        claims.take([task(1).digest])
        with store.writing() as db:
            db.execute("UPDATE claim SET until_s = 1.0")
        claims.renew()
        with store.writing() as db:
            (until_s,) = db.execute("SELECT until_s FROM claim").fetchone()
        assert until_s > 1.0e9
