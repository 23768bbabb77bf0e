"""Cluster: tasks on the workers of a Dask scheduler, through its futures."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

from aimc_sim.extras import extra
from aimc_sim.spec import InputError
from aimc_sim.study.engine import TICK_S, Evaluate, Finished
from aimc_sim.study.materials import Materials
from aimc_sim.study.numerics import numerics_digest
from aimc_sim.study.task import Outcome, Task

CONNECT_S = 10.0
"""How long the scheduler may take to answer [s]."""
SILENT_S = 30.0
"""How long it may be out of reach before the study stops [s]."""
_ONE = threading.Lock()


class Cluster:
    """Workers of a Dask scheduler.

    Parameters
    ----------
    materials : Materials
        Sent once to each worker.
    evaluate : callable
        Importable by its name on every worker.
    address : str
        Of the scheduler.

    Raises
    ------
    InputError
        Dask is missing, nobody answers, or there are no workers.

    Notes
    -----
    A worker that dies has its tasks done by another; a scheduler that dies stops the study with one
    line, and the same command goes on with what is missing.
    """

    def __init__(self, materials: Materials, evaluate: Evaluate, address: str) -> None:
        Client = extra("distributed", "cluster").Client
        self.evaluate, self.address = evaluate, address
        try:
            self._client = Client(address, timeout=CONNECT_S, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as error:
            raise InputError(f"--dask {address}: nobody answers ({error})") from None
        try:
            self.n_workers = sum(self._client.nthreads().values())
            if not self.n_workers:
                raise InputError(f"--dask {address}: the scheduler has no workers")
            self._materials = self._client.scatter(materials, broadcast=True)
        except BaseException:
            self.close()
            raise

    def run(self, tasks: Iterator[Task]) -> Iterator[Finished | None]:
        """Yield tasks with their outcomes as they are finished."""
        from distributed import wait

        flying: dict[Any, Task] = {}
        silent_s, more = 0.0, True
        while more or flying:
            while more and len(flying) < 2 * self.n_workers:
                task = next(tasks, None)
                if task is None:
                    more = False
                else:
                    flying[self._submit(task)] = task
            if not flying:
                break
            try:
                with self._client.as_current():
                    done = wait(list(flying), TICK_S, "FIRST_COMPLETED").done
            except TimeoutError:
                done = set()
            except Exception as error:  # what Dask raises where the scheduler is gone varies
                raise self._lost(error) from None
            silent_s = 0.0 if self._client.status == "running" else silent_s + TICK_S
            if silent_s > SILENT_S:
                raise self._lost("no answer")
            if not done:
                yield None
            for future in done:
                task = flying.pop(future)
                yield task, self._outcome(future)

    def _submit(self, task: Task) -> Any:
        try:
            return self._client.submit(
                do, self._materials, self.evaluate, task, key=f"aimc-{task.digest}", pure=False
            )
        except Exception as error:
            raise self._lost(error) from None

    def _outcome(self, future: Any) -> Outcome:
        """Return what a task gave; faults of the task itself are raised as they are.

        Raises
        ------
        InputError
            Workers died of it, or the scheduler is gone.
        """
        if future.status == "finished":
            try:
                outcome: Outcome = future.result(timeout=CONNECT_S)
            except Exception as error:
                raise self._lost(error) from None
            return outcome
        if future.status == "error":
            fault = future.exception(timeout=CONNECT_S)
            if type(fault).__module__.startswith("distributed"):
                raise InputError(
                    f"--dask {self.address}: workers died of one task again and again ({fault})"
                )
            raise fault
        raise self._lost(f"a task was {future.status}")

    def _lost(self, why: object) -> InputError:
        text = str(why).partition("\n")[0].strip(" :.")
        return InputError(
            f"--dask {self.address}: the scheduler is lost ({text}); what was finished is kept: "
            "the same command goes on"
        )

    def close(self) -> None:
        """Leave the cluster; what it still does is not waited for."""
        self._client.close(timeout=1)


def do(materials: Materials, evaluate: Evaluate, task: Task) -> Outcome:
    """Do a task on a worker: one at a time in a process, on one thread.

    Raises
    ------
    InputError
        The worker has other code than the one who asks.
    """
    import numba

    own = numerics_digest()
    if own != materials.numerics:
        raise InputError(
            f"worker has another version of aimc_sim (numerics {own[:8]}, expected "
            f"{materials.numerics[:8]}); install the same on all machines"
        )
    with _ONE:
        before = numba.get_num_threads()
        numba.set_num_threads(1)
        try:
            return evaluate(materials, task)
        finally:
            numba.set_num_threads(before)
