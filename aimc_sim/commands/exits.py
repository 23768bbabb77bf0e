"""How a command ends: exit codes, and one line for each fault."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from aimc_sim.spec import InputError

OK, ASSERT_FAILED, BAD_INPUT, INTERNAL, INTERRUPTED = 0, 1, 2, 3, 130
BROKEN_PIPE = 141
AGAIN_S = 2.0
"""After how long an interruption that was not heard comes again [s]."""
SOON_S = 0.05
"""After how long one that would have met a compiler at work comes again [s]."""
COMPILERS = frozenset({"numba", "llvmlite", "ctypes", "threadpoolctl"})
"""Packages that an exception from outside leaves with a lock held, or that swallow it."""


def complain(message: str) -> None:
    """Write one line to standard error."""
    sys.stderr.write("aimc: " + " ".join(message.splitlines()) + "\n")


@contextmanager
def guarded(debug: bool) -> Iterator[None]:
    """Turn every fault into one line and an exit code.

    Parameters
    ----------
    debug : bool
        Let the fault through instead, with its traceback.

    Raises
    ------
    SystemExit
        2 bad input, 3 a fault of our own, 130 interrupted, 141 nobody reads our output.
    """
    try:
        with _insistent():
            yield
            sys.stdout.flush()
    except KeyboardInterrupt:
        complain("interrupted")
        raise SystemExit(INTERRUPTED) from None
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(BROKEN_PIPE) from None
    except (InputError, OSError) as error:
        if debug:
            raise
        complain(_line(error))
        raise SystemExit(BAD_INPUT) from None
    except Exception as error:
        if debug:
            raise
        complain(f"internal error: {type(error).__name__}: {error} (use --debug to see where)")
        raise SystemExit(INTERNAL) from None


@contextmanager
def _insistent() -> Iterator[None]:
    """Have Ctrl-C wait while kernels are compiled, and come again until it is heard."""
    own = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    main = threading.current_thread() is threading.main_thread()
    if not (own and main and hasattr(signal, "setitimer")):
        yield
        return

    def interrupt(number: int, frame: FrameType | None) -> None:
        wait = _compiles(frame)
        signal.setitimer(signal.ITIMER_REAL, SOON_S if wait else AGAIN_S)
        if not wait:
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _compiles(frame: FrameType | None) -> bool:
    """Tell whether a compiler is among the callers."""
    while frame is not None:
        if str(frame.f_globals.get("__name__")).partition(".")[0] in COMPILERS:
            return True
        frame = frame.f_back
    return False


def _line(error: Exception) -> str:
    if isinstance(error, OSError):
        place = f"{error.filename}: " if error.filename else ""
        return f"{place}{error.strerror or error}"
    return str(error)
