"""Ten thousand trivial tasks, and a million rows."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path

import pytest

from aimc_sim.study.frame import frame_of, write_frame
from aimc_sim.study.store import Store
from tests.unit.study.study_case import conduct, make_study, rows_of, toy

pytestmark = pytest.mark.study


def test_ten_thousand_tasks_cost_under_two_milliseconds_each(tmp_path: Path) -> None:
    study = make_study(tmp_path, chips=2500)
    start = time.perf_counter()
    conduct(study, tmp_path / "r.sqlite", workers=2, evaluate=toy)
    each_s = (time.perf_counter() - start) / 10_000
    rows = rows_of(tmp_path / "r.sqlite")
    print(f"{1e3 * each_s:.2f} ms a task, {len(rows)} tasks, workers started and all told")
    assert len(rows) == 10_000
    assert all(row[4] for row in rows)
    assert each_s < 2.0e-3


def test_a_million_rows_open_and_export_within_a_minute(tmp_path: Path) -> None:
    path = tmp_path / "r.sqlite"
    digest = conduct(make_study(tmp_path, chips=1), path, evaluate=toy)
    with Store(path, create=True) as store, store.writing() as db:
        db.execute("DELETE FROM task")
        db.execute("DELETE FROM result")
        metrics = {n: i / 7.0 for i, n in enumerate(store.content(digest)["study"]["metrics"])}
        text = json.dumps(metrics)
        db.executemany(
            "INSERT INTO task VALUES (?, ?, ?, ?)",
            ((digest, i % 4, i // 4, f"{i:032x}") for i in range(1_000_000)),
        )
        db.executemany(
            "INSERT INTO result VALUES (?, ?, NULL, 0.5, 'machine:1')",
            ((f"{i:032x}", text) for i in range(1_000_000)),
        )
    start = time.perf_counter()
    with Store(path) as store:
        frame = frame_of(store, digest)
        opened_s = time.perf_counter() - start
    write_frame(frame, tmp_path / "r.csv")
    csv_s = time.perf_counter() - start - opened_s
    write_frame(frame, tmp_path / "r.parquet")
    all_s = time.perf_counter() - start
    print(f"opened {opened_s:.1f} s, CSV {csv_s:.1f} s, Parquet {all_s - opened_s - csv_s:.1f} s")
    assert len(frame) == 1_000_000
    assert all_s < 60.0


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="mounts a small disk")
def test_a_disk_that_is_full(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no mounts here")
    try:
        from aimc_sim.spec import InputError

        study = make_study(tmp_path, chips=2500)
        with pytest.raises(InputError, match="the disk is full") as error:
            conduct(study, disk / "r.sqlite", evaluate=toy)
        assert len(str(error.value).splitlines()) == 1
        kept = [row for row in rows_of(disk / "r.sqlite") if row[4]]
        subprocess.run(["mount", "-o", "remount,size=30m", str(disk)], check=True)
        conduct(study, disk / "r.sqlite", evaluate=toy)
        conduct(study, tmp_path / "calm.sqlite", evaluate=toy)
        rows = rows_of(disk / "r.sqlite")
        assert rows == rows_of(tmp_path / "calm.sqlite")
        assert set(kept) <= set(rows)
    finally:
        subprocess.run(["umount", str(disk)], check=True)
