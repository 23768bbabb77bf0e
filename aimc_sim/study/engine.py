"""Engines: in this process, or in a pool of processes with one thread each."""

from __future__ import annotations

import multiprocessing
import pickle
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Protocol

from aimc_sim.spec import InputError
from aimc_sim.study import worker
from aimc_sim.study.materials import Materials
from aimc_sim.study.task import Outcome, Task

Evaluate = Callable[[Materials, Task], Outcome]
Finished = tuple[Task, Outcome]

BREAKS = 5
"""So often in a row workers may die without one task finished between."""
TICK_S = 1.0
"""How often an engine looks up from waiting [s]."""


class Engine(Protocol):
    """What does tasks, in any order."""

    n_workers: int

    def run(self, tasks: Iterator[Task]) -> Iterator[Finished | None]:
        """Yield what is finished; None now and then while nothing is."""

    def close(self) -> None:
        """Let the workers go, whatever they do."""


class Here:
    """In this process, one task after another; kernels use all threads."""

    n_workers = 1

    def __init__(self, materials: Materials, evaluate: Evaluate) -> None:
        self.materials, self.evaluate = materials, evaluate

    def run(self, tasks: Iterator[Task]) -> Iterator[Finished | None]:
        """Yield every task with its outcome."""
        for task in tasks:
            yield task, self.evaluate(self.materials, task)

    def close(self) -> None:
        """Nothing to let go."""


class Pool:
    """In processes of this machine, each with one thread.

    Parameters
    ----------
    materials : Materials
        Sent once to each worker.
    evaluate : callable
        Importable by its name.
    n_workers : int
        Processes.

    Notes
    -----
    Workers are started anew (spawn): a fork after compiled loops have run would hang. Where one
    dies, the pool is made again and what was in flight is done again.
    """

    def __init__(self, materials: Materials, evaluate: Evaluate, n_workers: int) -> None:
        self.n_workers = n_workers
        self._load = pickle.dumps((materials, evaluate))
        self._breaks = 0
        self._pool = self._new()

    def _new(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            self.n_workers,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=worker.begin,
            initargs=(self._load,),
        )

    def run(self, tasks: Iterator[Task]) -> Iterator[Finished | None]:
        """Yield tasks with their outcomes as they are finished."""
        flying: dict[Future[Outcome], Task] = {}
        again: list[Task] = []
        more = True
        while more or flying or again:
            while len(flying) < 2 * self.n_workers and (again or more):
                task = again.pop() if again else next(tasks, None)
                if task is None:
                    more = False
                elif not self._submit(task, flying):
                    again.append(task)
                    break
            done, _ = wait(flying, timeout=TICK_S, return_when=FIRST_COMPLETED)
            if not done:
                yield None
            broken = False
            for future in done:
                task = flying.pop(future)
                try:
                    outcome = future.result()
                except BrokenProcessPool:
                    broken = True
                    again.append(task)
                    continue
                self._breaks = 0
                yield task, outcome
            if broken:
                again += flying.values()
                flying.clear()
                self._mend()

    def _submit(self, task: Task, flying: dict[Future[Outcome], Task]) -> bool:
        """Send a task; False where the pool has broken."""
        try:
            flying[self._pool.submit(worker.do, task)] = task
        except BrokenProcessPool:
            if not flying:
                self._mend()
            return False
        return True

    def _mend(self) -> None:
        """Make the pool again.

        Raises
        ------
        InputError
            Workers die again and again, and no task is finished between.
        """
        self._breaks += 1
        if self._breaks > BREAKS:
            raise InputError(
                f"workers died {self._breaks} times in a row (killed, or out of memory); fewer "
                "--workers need less memory; what was finished is kept"
            )
        self.close()
        self._pool = self._new()

    def close(self) -> None:
        """Stop all workers at once."""
        processes = list((self._pool._processes or {}).values())
        self._pool.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.kill()
        for process in processes:
            process.join()
