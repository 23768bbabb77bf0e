"""Each case beside its own limit, measured in the same run: `make bench`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numba
import pytest

from tests.bench.roofs import Roofs


@pytest.fixture(scope="session")
def roofs() -> Roofs:
    """Rates of this machine."""
    return Roofs.measure()


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Kernels on one thread."""
    before = numba.get_num_threads()
    numba.set_num_threads(1)
    yield
    numba.set_num_threads(before)


@pytest.fixture
def beside(benchmark: Any) -> Callable[..., Any]:
    """Time a call beside a limit [s]; the share of it that the limit makes up is kept."""

    def run(work: Callable[[], Any], limit_s: float, *, rounds: int = 5) -> Any:
        result = benchmark.pedantic(work, rounds=rounds, warmup_rounds=1)
        if benchmark.stats is not None:
            took_s = benchmark.stats.stats.min
            benchmark.extra_info |= {"limit_s": limit_s, "roofline": limit_s / took_s}
        return result

    return run


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
