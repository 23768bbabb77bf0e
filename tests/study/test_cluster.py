"""A real Dask cluster on this machine: scheduler and two worker processes."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from aimc_sim.spec import InputError
from aimc_sim.study.store import Store
from tests.unit.study.study_case import conduct, make_study, rows_of, slow_toy, toy

pytest.importorskip("distributed")
ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.study


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        number: int = s.getsockname()[1]
        return number


class DaskCluster:
    """A scheduler and two workers, as the commands of Dask start them."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.address = folder, f"tcp://127.0.0.1:{free_port()}"
        port = self.address.rpartition(":")[2]
        self.scheduler = self._start("scheduler", "--host", "127.0.0.1", "--port", port)
        self.workers = [
            self._start("worker", self.address, "--nthreads", "1", "--no-nanny") for _ in range(2)
        ]

    def _start(self, *words: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"{words[0]}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "dask", *words, "--no-dashboard"],
                cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=log, stderr=log,
            )  # fmt: skip

    def replace_worker(self) -> None:
        """Start another worker."""
        self.workers.append(self._start("worker", self.address, "--nthreads", "1", "--no-nanny"))

    def close(self) -> None:
        """Stop everything."""
        for process in (*self.workers, self.scheduler):
            if process.poll() is None:
                for child in psutil.Process(process.pid).children(recursive=True):
                    child.kill()
                process.kill()
            process.wait()


@contextmanager
def cluster(folder: Path) -> Iterator[DaskCluster]:
    """Yield a cluster that has both workers."""
    from distributed import Client

    found = DaskCluster(folder)
    try:
        with Client(found.address, timeout=60, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=60)
        yield found
    finally:
        found.close()


def begin(study: Path, results: Path, address: str, evaluate: str) -> subprocess.Popen[bytes]:
    """Run a study on a cluster in a process of its own."""
    text = (
        "import sys\nfrom pathlib import Path\n"
        f"from tests.unit.study.study_case import conduct, {evaluate}\n"
        "from aimc_sim.spec import InputError\n"
        "try:\n"
        "    study, results = map(Path, sys.argv[1:3])\n"
        f"    conduct(study, results, dask=sys.argv[3], evaluate={evaluate})\n"
        "except InputError as error:\n"
        "    sys.exit(str(error))\n"
    )
    return subprocess.Popen(
        [sys.executable, "-c", text, str(study), str(results), address],
        cwd=ROOT, stderr=subprocess.PIPE,
    )  # fmt: skip


def wait_for(results: Path, n: int) -> None:
    """Wait until a file has so many results."""
    until = time.monotonic() + 120.0
    while time.monotonic() < until:
        time.sleep(0.1)
        try:
            with Store(results) as store:
                if sum(store.count(d)[1] for d, _ in store.studies()) >= n:
                    return
        except InputError:
            pass
    raise AssertionError(f"{results} has no {n} results yet")


def test_real_tiles_give_the_same_rows(tmp_path: Path) -> None:
    study = make_study(tmp_path)
    with cluster(tmp_path) as found:
        conduct(study, tmp_path / "dask.sqlite", dask=found.address)
    conduct(study, tmp_path / "here.sqlite")
    assert rows_of(tmp_path / "dask.sqlite") == rows_of(tmp_path / "here.sqlite")


def test_a_killed_worker_is_survived(tmp_path: Path) -> None:
    study, results = make_study(tmp_path, chips=100), tmp_path / "dask.sqlite"
    with cluster(tmp_path) as found:
        process = begin(study, results, found.address, "slow_toy")
        wait_for(results, 20)
        os.kill(found.workers[0].pid, signal.SIGKILL)
        _, text = process.communicate(timeout=120)
    assert process.returncode == 0, text
    conduct(study, tmp_path / "here.sqlite", evaluate=toy)
    assert rows_of(results) == rows_of(tmp_path / "here.sqlite")


def test_a_killed_scheduler_stops_with_one_line_and_is_resumed_from(tmp_path: Path) -> None:
    study, results = make_study(tmp_path, chips=100), tmp_path / "dask.sqlite"
    with cluster(tmp_path) as found:
        process = begin(study, results, found.address, "slow_toy")
        wait_for(results, 20)
        os.kill(found.scheduler.pid, signal.SIGKILL)
        _, text = process.communicate(timeout=120)
    assert process.returncode == 1
    line = [line for line in text.decode().splitlines() if line.startswith("--dask")]
    assert line, text.decode()
    assert "what was finished is kept: the same command goes on" in line[0]
    kept = [row for row in rows_of(results) if row[4]]
    assert 20 <= len(kept) < 400
    with cluster(tmp_path) as found:
        conduct(study, results, dask=found.address, evaluate=slow_toy)
    conduct(study, tmp_path / "here.sqlite", evaluate=toy)
    assert rows_of(results) == rows_of(tmp_path / "here.sqlite")


def test_nobody_at_the_address(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("aimc_sim.study.cluster.CONNECT_S", 1.0)
    with pytest.raises(InputError, match="nobody answers"):
        conduct(make_study(tmp_path), tmp_path / "r.sqlite", dask=f"tcp://127.0.0.1:{free_port()}")
