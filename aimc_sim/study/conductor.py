"""Conductor: does the tasks that a results file lacks, on any engine."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from aimc_sim.analysis.run_json import machine
from aimc_sim.spec import InputError, canonical_json, digest_of
from aimc_sim.study.claims import Claims
from aimc_sim.study.content import content_of
from aimc_sim.study.engine import Engine, Evaluate, Here, Pool
from aimc_sim.study.evaluate import evaluate as evaluate_task
from aimc_sim.study.evaluate import record_of
from aimc_sim.study.materials import Materials, load_materials
from aimc_sim.study.points import Point, describe_point, point_at
from aimc_sim.study.store import Store
from aimc_sim.study.study import Study
from aimc_sim.study.task import DIGITS, Outcome, Prepared, Task, prepare
from aimc_sim.version import VERSION

PART = 64
"""Tasks that are claimed together."""
POLL_S = 1.0
"""How often tasks that another process works on are looked after [s]."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Settings:
    """How a study is run, which moves no figure.

    Parameters
    ----------
    workers : int
        Processes; 1 is this one.
    dask : str, optional
        Address of a Dask scheduler, which takes the place of processes.
    command : str
        For the record.
    progress : callable, optional
        Called with (tasks finished, all of them).
    evaluate : callable
        What does a task; importable by its name.
    record : bool
        Whether one run of the base is kept in full, for reports.
    """

    workers: int = 1
    dask: str | None = None
    command: str = ""
    progress: Progress | None = None
    evaluate: Evaluate = evaluate_task
    record: bool = True


class Conductor:
    """A study that is being run into a results file; use it as a context.

    Parameters
    ----------
    study : Study
        The study.
    folder : path
        Where its paths start from.
    store : Store
        The results file.
    settings : Settings
        How to run it.
    points : sequence of Point
        The design; `add` gives further ones, of models that a point here has.
    question : str
        What is asked, where points follow from answers; part of the study's digest.

    Raises
    ------
    InputError
        A file that is missing or wrong; not one point has a chip.
    """

    def __init__(
        self,
        study: Study,
        folder: str | Path,
        store: Store,
        settings: Settings,
        points: Sequence[Point],
        question: str = "",
    ) -> None:
        self.study, self.store, self.settings = study, store, settings
        self.materials: Materials = load_materials(study, folder, points)
        self.points = [] if question else [prepare(self.materials, point) for point in points]
        refused = [p for p in self.points if p.refused]
        if refused and len(refused) == len(self.points):
            text = describe_point(study.axes, refused[0].point)
            raise InputError(f"{self.materials.chip_path}: {text}: {refused[0].refused}")
        self.content = content_of(study, self.materials)
        names = [p.name for p in self.points] or [prepare(self.materials, points[0]).name]
        self.digest = digest_of([self.content["study"], question, names])[:DIGITS]
        self._places = {_place(p.point): p for p in self.points}
        self._tasks: dict[str, Task] = {}
        self._claims = Claims(store)
        self._engine: Engine | None = None
        self._counted = (0, 0)

    def __enter__(self) -> Conductor:
        content = {
            "command": self.settings.command,
            "machine": machine(),
            "version": VERSION,
            "began": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        }
        self.store.add_study(self.digest, self.study.name, self.content)
        self.store.add_points(
            self.digest, [(p.point.index, p.point.coordinates) for p in self.points]
        )
        self.store.add_session(self.digest, content)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._engine is not None:
            self._engine.close()
        self._claims.drop()

    def add(self, values: Sequence[Any]) -> Prepared:
        """Return the point with these values of the axes, a new one where there was none."""
        point = point_at(self.study, len(self.points), values)
        found = self._places.get(_place(point))
        if found is None:
            found = prepare(self.materials, point)
            self.points.append(found)
            self._places[_place(point)] = found
            self.store.add_points(self.digest, [(point.index, point.coordinates)])
        return found

    def do(self, wanted: Mapping[int, Iterable[int]]) -> None:
        """Do what is missing of the chips of points.

        Parameters
        ----------
        wanted : mapping
            Index of a point to the chip instances it should have.
        """
        tasks = [self.points[i].task(chip) for i, chips in wanted.items() for chip in chips]
        self._write_down([task for task in tasks if task.digest not in self._tasks])
        while missing := self._missing(tasks):
            self._engine = self._engine or self._new_engine()
            if not self._work(self._engine, missing):
                time.sleep(POLL_S)

    def values(self, metric: str) -> dict[int, list[float]]:
        """Return the known values of a metric of every point, in order of the chips."""
        found: dict[int, list[float]] = {i: [] for i in range(len(self.points))}
        for row in self.store.rows(self.digest):
            if row.metrics and row.point in found and row.metrics.get(metric) is not None:
                found[row.point].append(row.metrics[metric])
        return found

    def keep_record(self) -> None:
        """Keep one run of the base in full, for reports; a base that cannot run has none."""
        if not self.settings.record or self.store.record(self.digest) is not None:
            return
        base = point_at(self.study.model_copy(update={"axes": ()}), 0, ())
        if base.model not in self.materials.models:
            base = self.points[0].point
        try:
            task = prepare(self.materials, base).task(0)
            self.store.put_record(self.digest, record_of(self.materials, task))
        except InputError:
            return

    def _write_down(self, new: Sequence[Task]) -> None:
        """Write tasks into the file; those of a chip that cannot be are finished at once."""
        self._tasks |= {task.digest: task for task in new}
        self.store.add_tasks(self.digest, new)
        for task in new:
            if (refused := self.points[task.point].refused) is not None:
                self.store.put(task.digest, Outcome(None, refused, 0.0, ""))

    def _missing(self, tasks: Sequence[Task]) -> list[Task]:
        done = self.store.done([task.digest for task in tasks])
        everything, finished, _ = self.store.count(self.digest)
        self._counted = (finished, everything)
        self._tell(0)
        return [task for task in tasks if task.digest not in done]

    def _new_engine(self) -> Engine:
        settings = self.settings
        if settings.dask is not None:
            from aimc_sim.study.cluster import Cluster

            return Cluster(self.materials, settings.evaluate, settings.dask)
        if settings.workers > 1:
            return Pool(self.materials, settings.evaluate, settings.workers)
        return Here(self.materials, settings.evaluate)

    def _work(self, engine: Engine, missing: Sequence[Task]) -> int:
        """Do those tasks that no other process works on; return how many."""
        n = 0
        for finished in engine.run(self._claimed(missing)):
            self._claims.renew()
            if finished is not None:
                task, outcome = finished
                self.store.put(task.digest, outcome)
                n += 1
                self._tell(n)
        return n

    def _claimed(self, missing: Sequence[Task]) -> Iterator[Task]:
        part = max(min(PART, len(missing) // 8), 1)
        for start in range(0, len(missing), part):
            names = [task.digest for task in missing[start : start + part]]
            yield from (self._tasks[name] for name in self._claims.take(names))

    def _tell(self, n: int) -> None:
        if self.settings.progress is not None:
            self.settings.progress(self._counted[0] + n, self._counted[1])


def _place(point: Point) -> str:
    return canonical_json(dict(point.coordinates))
