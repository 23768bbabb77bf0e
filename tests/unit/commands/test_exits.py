"""How commands end when they are interrupted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from aimc_sim.commands.exits import guarded

LOST = """
import os, signal, sys, time
from aimc_sim.commands.exits import guarded
signal.signal(signal.SIGINT, signal.default_int_handler)
with guarded(False):
    for _ in range(2):
        try:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(30)
        except KeyboardInterrupt:
            pass  # as a callback of a library does
    time.sleep(30)
print("not interrupted")
"""


def test_an_interruption_that_is_lost_comes_again() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOST], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "aimc: interrupted\n")


COMPILING = """
import os, signal, sys, types
from aimc_sim.commands.exits import guarded
signal.signal(signal.SIGINT, signal.default_int_handler)
compiler = types.ModuleType("llvmlite.binding")
exec('''
import os, signal, time
def work():
    os.kill(os.getpid(), signal.SIGINT)
    end = time.monotonic() + 0.5
    while time.monotonic() < end:
        pass
    print("finished", flush=True)
''', compiler.__dict__)
with guarded(False):
    compiler.work()
    signal.pause()
"""


def test_a_compiler_is_not_interrupted() -> None:
    done = subprocess.run(
        [sys.executable, "-c", COMPILING], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (
        130, "finished\n", "aimc: interrupted\n"
    )  # fmt: skip


def interrupted() -> None:
    with guarded(False):
        os.kill(os.getpid(), signal.SIGINT)
        signal.pause()


def test_handlers_are_as_before() -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGALRM)
    with guarded(False):
        pass
    with pytest.raises(SystemExit, match="130"):
        interrupted()
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGALRM)) == before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
