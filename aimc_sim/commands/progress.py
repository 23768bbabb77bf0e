"""How far a run is: a bar on standard error with steps a second and the time left."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Tell(Protocol):
    """Told how much is done, of how much, and what runs."""

    def __call__(self, done: int, everything: int, text: str | None = None, /) -> None:
        """Move the bar."""


@contextmanager
def progress_bar(quiet: bool, verb: str = "running", unit: str = "steps") -> Iterator[Tell | None]:
    """Yield what is called with (done, all) or (done, all, what runs); None if nobody looks on."""
    from rich.console import Console

    console = Console(file=sys.stderr)
    if quiet or not console.is_terminal:
        yield None
        return
    from rich.progress import BarColumn, Progress, ProgressColumn, Task, TimeRemainingColumn
    from rich.text import Text

    class Speed(ProgressColumn):
        """What is done in a second."""

        def render(self, task: Task) -> Text:
            if not task.speed:
                return Text("starting")
            return Text(f"{task.speed:,.{0 if task.speed >= 10.0 else 1}f} {unit}/s")

    if _kernels_are_cold():
        console.print("Compiling kernels, once for this version; takes up to a minute.")
    columns = (
        "{task.description}",
        BarColumn(),
        "{task.percentage:>3.0f} %",
        Speed(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("running", total=None)

        def tell(done: int, everything: int, text: str | None = None, /) -> None:
            bar.update(task, completed=done, total=everything, description=text or verb)

        yield tell


def _kernels_are_cold() -> bool:
    from aimc_sim.jit import cache_is_cold

    return cache_is_cold()


@contextmanager
def threads(n: int | None) -> Iterator[None]:
    """Run kernels on `n` threads; None leaves it as it is.

    Raises
    ------
    InputError
        Fewer than one, or more than there are.
    """
    if n is None:
        yield
        return
    import numba

    from aimc_sim.spec import InputError

    before = numba.get_num_threads()
    if not 1 <= n <= before:
        raise InputError(f"--threads: found {n}; allowed 1..{before}")
    numba.set_num_threads(n)
    try:
        yield
    finally:
        numba.set_num_threads(before)
