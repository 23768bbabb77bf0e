"""Studies that are run: on any engine, stopped and gone on with, the same rows."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from aimc_sim.spec import InputError
from aimc_sim.study.conductor import Conductor, Settings
from aimc_sim.study.merge import merge
from aimc_sim.study.points import points_of
from aimc_sim.study.store import Store
from aimc_sim.study.study import load_study
from aimc_sim.study.summary import pick, study_json
from tests.unit.cli_case import CHIPS
from tests.unit.study.study_case import (
    conduct,
    deadly_toy,
    fatal_toy,
    faulty_toy,
    make_study,
    rows_of,
    slow_toy,
    toy,
)


def test_a_study_on_real_tiles_here_and_in_a_pool(tmp_path: Path) -> None:
    study = make_study(tmp_path)
    here = conduct(study, tmp_path / "here.sqlite", record=True)
    conduct(study, tmp_path / "pool.sqlite", workers=2)
    rows = rows_of(tmp_path / "here.sqlite")
    assert rows == rows_of(tmp_path / "pool.sqlite")
    assert len(rows) == 8
    with Store(tmp_path / "here.sqlite") as store:
        tree = study_json(store, here)
    assert [p["n_chips"] for p in tree["points"]] == [2, 2, 2, 2]
    assert tree["record"]["run"]["n_sequences"] == 4
    assert tree["record"]["budget"]["sources"]
    assert tree["floor"]["tiles"]
    assert tree["reference"]["accuracy"] == 1.0
    energies = [p["metrics"]["energy_J.per_inference"]["mean"] for p in tree["points"]]
    assert energies[0] < energies[2]


def test_the_rows_are_those_of_aimc_run(tmp_path: Path) -> None:
    import aimc_sim as a

    study = make_study(tmp_path, axes={"hardware.adc.bits": [6]}, chips=2)
    digest = conduct(study, tmp_path / "r.sqlite")
    model = a.load_model(tmp_path / "model.npz")
    data = a.load_data(tmp_path / "data.npz", model)
    chip = a.load_chip(load_study(study).base.chip, {"hardware.adc.bits": 6})
    plan = a.map_model(model, chip.hardware)
    expected = []
    for chip_number in range(2):
        tiles = a.program(plan, chip.hardware, seed=3, first_chip=chip_number)
        result = a.run(model, tiles, data, seed=3)
        bill = a.cost_of(tiles.events + result.events, chip.costs, plan).to_json()
        expected.append((result.accuracy_per_chip[0], bill["energy_J"]["per_inference"]))
    names = ("accuracy.analog.mean", "energy_J.per_inference")
    with Store(tmp_path / "r.sqlite") as store:
        rows = [row.metrics for row in store.rows(digest) if row.metrics]
    assert [tuple(row[name] for name in names) for row in rows] == expected
    assert len(set(expected)) == 2


def test_only_what_is_missing_is_done(tmp_path: Path) -> None:
    study, results = make_study(tmp_path, chips=3), tmp_path / "r.sqlite"
    digest = conduct(study, results, evaluate=toy)
    rows = rows_of(results)
    told: list[tuple[int, int]] = []
    with Store(results, create=True) as store, store.writing() as db:
        db.execute("DELETE FROM result WHERE task = ?", (rows[4][3],))
    conduct(study, results, evaluate=toy, progress=lambda *counts: told.append(counts))
    assert rows_of(results) == rows
    assert told[0] == (11, 12)
    assert told[-1] == (12, 12)
    conduct(study, results, evaluate=faulty_toy)
    with Store(results) as store:
        assert len(store.sessions(digest)) == 3


def test_more_chips_keep_those_that_are_there(tmp_path: Path) -> None:
    results = tmp_path / "r.sqlite"
    conduct(make_study(tmp_path), results, evaluate=toy)
    first = {row[3] for row in rows_of(results)}
    conduct(make_study(tmp_path, chips=5), results, evaluate=toy)
    with Store(results) as store:
        (_, small), (_, large) = ((n, store.count(d)) for d, n in store.studies())
    assert small == (8, 8, 0)
    assert large == (20, 20, 0)
    assert len({row[3] for row in rows_of(results)} - first) == 12


def test_other_numerics_are_other_tasks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study, results = make_study(tmp_path), tmp_path / "r.sqlite"
    conduct(study, results, evaluate=toy)
    monkeypatch.setattr("aimc_sim.study.materials.numerics_digest", lambda: "other")
    conduct(study, results, evaluate=toy)
    assert len({row[3] for row in rows_of(results)}) == 16


def test_killed_workers_are_replaced(tmp_path: Path) -> None:
    (tmp_path / "chip.yaml").write_text((CHIPS / "pcm_256.yaml").read_text())
    base = {"model": "model.npz", "chip": "chip.yaml", "data": "data.npz"}
    study = make_study(tmp_path, chips=10, base=base)
    conduct(study, tmp_path / "r.sqlite", workers=2, evaluate=deadly_toy)
    conduct(study, tmp_path / "s.sqlite", evaluate=toy)
    assert (tmp_path / "chip.yaml.killed").exists()
    assert rows_of(tmp_path / "r.sqlite") == rows_of(tmp_path / "s.sqlite")


def test_workers_that_always_die_stop_the_study(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aimc_sim.study.engine.BREAKS", 1)
    with pytest.raises(InputError, match="workers died 2 times in a row"):
        conduct(make_study(tmp_path), tmp_path / "r.sqlite", workers=2, evaluate=fatal_toy)


def test_faults_of_a_task_are_told(tmp_path: Path) -> None:
    for workers in (1, 2):
        with pytest.raises(InputError, match="is not there"):
            conduct(
                make_study(tmp_path), tmp_path / "r.sqlite", workers=workers, evaluate=faulty_toy
            )


def test_points_that_cannot_be_are_kept_as_refused(tmp_path: Path) -> None:
    study = make_study(tmp_path, axes={"hardware.adc.bits": [99, 8]})
    digest = conduct(study, tmp_path / "r.sqlite", evaluate=toy)
    with Store(tmp_path / "r.sqlite") as store:
        tree = study_json(store, digest)
    first, second = tree["points"]
    assert "hardware.adc.bits: found 99" in first["refused"]
    assert first["n_chips"] == 0
    assert first["metrics"]["agreement"] == {"mean": None, "ci95": None, "per_chip": []}
    assert second["refused"] is None
    assert tree["provenance"]["n_refused"] == 2


def test_a_study_without_a_single_chip_is_refused(tmp_path: Path) -> None:
    study = make_study(tmp_path, axes={"hardware.adc.bitz": [7, 8]})
    with pytest.raises(InputError, match=r"pcm_256.yaml: hardware.adc.bitz=7: .*did you mean"):
        conduct(study, tmp_path / "r.sqlite")


TWO = """
import sys
from pathlib import Path
from tests.unit.study.study_case import conduct, slow_toy
conduct(Path(sys.argv[1]), Path(sys.argv[2]), evaluate=slow_toy)
"""


def test_two_processes_share_a_file_and_the_work(tmp_path: Path) -> None:
    study, results = make_study(tmp_path, chips=30), tmp_path / "r.sqlite"
    Store(results, create=True).close()
    command = [sys.executable, "-c", TWO, str(study), str(results)]
    both: list[Any] = [
        subprocess.Popen(command, cwd=Path(__file__).parents[3], stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    for process in both:
        assert process.wait(timeout=120) == 0, process.stderr.read()
        process.stderr.close()
    conduct(study, tmp_path / "alone.sqlite", evaluate=toy)
    assert rows_of(results) == rows_of(tmp_path / "alone.sqlite")
    with Store(results) as store:
        workers = [row.worker for row in store.rows(pick(store, None))]
    assert min(workers.count(w) for w in set(workers)) > 20
    assert len(set(workers)) == 2


def test_results_of_two_machines_merge(tmp_path: Path) -> None:
    conduct(make_study(tmp_path), tmp_path / "a.sqlite", evaluate=toy)
    conduct(make_study(tmp_path, chips=4), tmp_path / "b.sqlite", evaluate=toy)
    with Store(tmp_path / "b.sqlite", create=True) as store, store.writing() as db:
        shared = rows_of(tmp_path / "a.sqlite")[3][3]
        db.execute("UPDATE result SET metrics = '{}' WHERE task = ?", (shared,))
    done = merge([tmp_path / "a.sqlite", tmp_path / "b.sqlite"], tmp_path / "c.sqlite")
    assert (done.n_new, done.n_same, done.n_differ) == (16, 7, 1)
    assert set(rows_of(tmp_path / "a.sqlite")) <= set(rows_of(tmp_path / "c.sqlite"))
    with Store(tmp_path / "c.sqlite") as store:
        assert [store.count(d)[1] for d, _ in store.studies()] == [8, 16]
    again = merge([tmp_path / "a.sqlite"], tmp_path / "c.sqlite")
    assert (again.n_new, again.n_same + again.n_differ) == (0, 8)
    with pytest.raises(InputError, match="is the file to merge into"):
        merge([tmp_path / "c.sqlite"], tmp_path / "c.sqlite")


def test_several_studies_are_picked_by_name(tmp_path: Path) -> None:
    results = tmp_path / "r.sqlite"
    one = conduct(make_study(tmp_path), results, evaluate=toy)
    two = conduct(make_study(tmp_path, name="other"), results, evaluate=toy)
    with Store(results) as store:
        assert pick(store, "tiny") == one
        assert pick(store, two[:8]) == two
        with pytest.raises(InputError, match="found 2 studies; expected one of: tiny"):
            pick(store, None)
        with pytest.raises(InputError, match="found 0 studies named 'x'"):
            pick(store, "x")


def test_a_worker_is_gone_when_its_parent_is(tmp_path: Path) -> None:
    study, results = make_study(tmp_path, chips=50), tmp_path / "r.sqlite"
    text = TWO.replace("evaluate=", "workers=2, evaluate=")
    parent = subprocess.Popen(
        [sys.executable, "-c", text, str(study), str(results)], cwd=Path(__file__).parents[3]
    )
    until = time.monotonic() + 60.0
    while time.monotonic() < until:
        time.sleep(0.2)
        if results.exists() and rows_of_or_none(results) > 3:
            break
    children = psutil.Process(parent.pid).children(recursive=True)
    assert len(children) >= 2
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    gone, alive = psutil.wait_procs(children, timeout=20)
    assert not alive
    assert gone
    conduct(study, results, evaluate=slow_toy, workers=2)
    conduct(study, tmp_path / "alone.sqlite", evaluate=toy)
    assert rows_of(results) == rows_of(tmp_path / "alone.sqlite")


def rows_of_or_none(results: Path) -> int:
    """Return how many results there are, 0 while the file is being made."""
    try:
        with Store(results) as store:
            return sum(store.count(d)[1] for d, _ in store.studies())
    except InputError:
        return 0


def test_settings_move_no_digest(tmp_path: Path) -> None:
    study = load_study(make_study(tmp_path))
    with Store(tmp_path / "r.sqlite", create=True) as store:
        digests = {
            Conductor(
                study, tmp_path, store, Settings(workers=w, command=c), points_of(study)
            ).digest
            for w in (1, 3)
            for c in ("", "aimc study run")
        }
    assert len(digests) == 1
