"""Each case beside its own limit, measured in the same run: `make bench`."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numba
import pytest

from tests.bench.roofs import Roofs


@pytest.fixture(scope="session")
def roofs() -> Roofs:
    """Rates of this machine."""
    return Roofs.measure()


class Beside:
    """Times a call beside a limit [s]; the share of it that the limit makes up is kept."""

    def __init__(self, benchmark: Any) -> None:
        self.benchmark = benchmark

    def __call__(
        self, work: Callable[[], Any], limit_s: float, *, rounds: int = 5, n_threads: int = 1
    ) -> Any:
        before = numba.get_num_threads()
        numba.set_num_threads(n_threads)
        try:
            result = self.benchmark.pedantic(work, rounds=rounds, warmup_rounds=int(rounds > 1))
        finally:
            numba.set_num_threads(before)
        if self.benchmark.stats is not None:
            took_s = self.benchmark.stats.stats.min
            self.benchmark.extra_info |= {"limit_s": limit_s, "roofline": limit_s / took_s}
        return result

    def alone_s(self, work: Callable[[], Any]) -> float:
        """Return the shorter of two times on one thread [s]."""
        before = numba.get_num_threads()
        numba.set_num_threads(1)
        try:
            times = []
            for _ in range(3):
                start = time.perf_counter()
                work()
                times.append(time.perf_counter() - start)
        finally:
            numba.set_num_threads(before)
        return min(times)


@pytest.fixture
def beside(benchmark: Any) -> Beside:
    """What times."""
    return Beside(benchmark)


def pytest_benchmark_update_machine_info(config: Any, machine_info: dict[str, Any]) -> None:
    """Put the rates of this machine into the JSON."""
    machine_info["aimc_sim"] = Roofs.measure().facts()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print every case with its limit."""
    session = getattr(terminalreporter.config, "_benchmarksession", None)
    found = [b for b in getattr(session, "benchmarks", []) if "limit_s" in b.extra_info]
    if not found:
        return
    width = max(len(b.name) for b in found)
    terminalreporter.write_sep("=", "beside what cannot be avoided")
    terminalreporter.write_line(f"{'':{width}}  {'time':>10}  {'limit':>10}  roofline")
    for b in found:
        took, limit = b.stats.min * 1e6, b.extra_info["limit_s"] * 1e6
        terminalreporter.write_line(
            f"{b.name:{width}}  {took:7.0f} us  {limit:7.0f} us  {b.extra_info['roofline']:8.2f}"
        )
