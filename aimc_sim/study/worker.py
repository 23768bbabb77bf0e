"""What a process of the pool does; nothing is imported here that would start threads."""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import os
import pickle
import signal
import threading
from typing import Any

THREADS = ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_STATE: dict[str, Any] = {}


def begin(load: bytes) -> None:
    """Make a worker ready: one thread, deaf to Ctrl-C, gone when its parent is.

    Parameters
    ----------
    load : bytes
        The materials and what evaluates a task, pickled; unpacked after the threads are set.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.update(dict.fromkeys(THREADS, "1"))
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_follow, args=(parent.sentinel,), daemon=True).start()
    _STATE["materials"], _STATE["evaluate"] = pickle.loads(load)


def do(task: Any) -> Any:
    """Do a task."""
    return _STATE["evaluate"](_STATE["materials"], task)


def _follow(sentinel: int) -> None:
    """End with the parent, even one that was killed."""
    multiprocessing.connection.wait([sentinel])
    os._exit(1)
