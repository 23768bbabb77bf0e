"""What no simulator can avoid, measured in the same run: products, Gaussians, bytes."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path

import numpy as np

from aimc_sim.blas import one_blas_thread
from aimc_sim.crossbar.flicker import LANES
from aimc_sim.model.layers import S4D, Linear
from aimc_sim.model.network import Model
from aimc_sim.runner.chip_run import ChipRun

GAUSSIAN_NS = 2.5
"""A vectorised counter-based Gaussian on one thread [ns]: the project's own allowance."""
COPIED = 1 << 25
"""Numbers of the array whose copy is timed: 256 MiB, more than caches hold."""


def best_s(work: Callable[[], object], n: int = 15) -> float:
    """Return the shortest of n times, after one that warms up [s]."""
    work()
    times = []
    for _ in range(n):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


@dataclass(frozen=True)
class Roofs:
    """Rates of this machine on one thread.

    Parameters
    ----------
    gemm_ns, sgemm_ns : float
        Of a multiply-accumulate in a product of two 256 x 256 matrices [ns].
    copy_ns : float
        Of a byte read or written, from an array that no cache holds [ns].
    """

    gemm_ns: float
    sgemm_ns: float
    copy_ns: float

    @classmethod
    def measure(cls) -> Roofs:
        """Measure them now."""
        rng = np.random.default_rng(0)
        a, b = rng.normal(size=(2, 256, 256))
        out = np.empty((256, 256))
        low_a, low_b, low_out = (m.astype(np.float32) for m in (a, b, np.zeros_like(out)))
        block = np.ones(COPIED)
        target = np.empty_like(block)
        with one_blas_thread():
            gemm_s = best_s(lambda: np.dot(a, b, out=out), 50)
            sgemm_s = best_s(lambda: np.dot(low_a, low_b, out=low_out), 50)
        copy_s = best_s(lambda: np.copyto(target, block), 5)
        return cls(gemm_s / 256**3 * 1e9, sgemm_s / 256**3 * 1e9, copy_s / (2 * block.nbytes) * 1e9)

    def limit_s(self, work: Work, n: float = 1.0) -> float:
        """Return the time of what cannot be avoided, n times [s]."""
        ns = work.products * self.gemm_ns + work.draws * GAUSSIAN_NS + work.n_bytes * self.copy_ns
        return n * ns * 1e-9

    def facts(self) -> dict[str, object]:
        """Return rates and what the machine is, for the JSON of a run."""
        model = [line for line in _cpuinfo() if line.startswith("model name")]
        return {
            **asdict(self),
            "gaussian_ns_allowed": GAUSSIAN_NS,
            "processor": model[0].split(":")[1].strip() if model else platform.processor(),
            "n_cores": len(os.sched_getaffinity(0)),
            "python": platform.python_version(),
            **{name: version(name) for name in ("numpy", "numba", "scipy")},
        }


def _cpuinfo() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text().splitlines() if path.exists() else []


@cache
def product_s(n: int, n_rows: int, n_columns: int, number: type = np.float64) -> float:
    """Return the time of one product of that shape, a matrix and a vector where n is 1 [s]."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n, n_rows)).astype(number)
    g = rng.normal(size=(n_rows, n_columns)).astype(number)
    out = np.empty((n, n_columns), dtype=number)
    left, to = (x, out) if n > 1 else (x[0], out[0])
    with one_blas_thread():
        return best_s(lambda: np.dot(left, g, out=to), 50)


@dataclass(frozen=True)
class Work:
    """What a step of one sequence cannot do without.

    Parameters
    ----------
    products, draws, n_bytes : float
        Multiply-accumulates, Gaussians, bytes.
    """

    products: float = 0.0
    draws: float = 0.0
    n_bytes: float = 0.0

    def __add__(self, other: Work) -> Work:
        return Work(
            self.products + other.products, self.draws + other.draws, self.n_bytes + other.n_bytes
        )


def work_of_a_step(chip: ChipRun, model: Model) -> Work:
    """Return what all analog reads of a step of one sequence cannot do without.

    Notes
    -----
    A product is a cell that conducts, twice where its noise goes with the square of the input. A
    draw is a Gaussian of a bitline, or of a device whose 1/f noise moves on at this step. Bytes:
    a number of 8 bytes a wordline read in, one a current written and read by its converter, one a
    code written; 4 a draw that lasts and is kept; states are read and written.
    """
    found = Work()
    for layer in model.layers[: model.pool_index]:
        if isinstance(layer, S4D):
            found += Work(n_bytes=16.0 * layer.n_modes * (1 + layer.is_complex))
        for phase in chip.bound[layer.name].phases.values():
            for read in phase.reads:
                n_reads = len(read.slices)
                cells, noisy = np.count_nonzero(read.g), read.variance is not None
                moved = 8.0 * (len(read.wordlines) + 3 * len(read.out))
                one = Work(cells * (1 + noisy), len(np.unique(read.lane)) * noisy, moved)
                found += Work(*(n_reads * part for part in (one.products, one.draws, one.n_bytes)))
                if read.flicker is not None:
                    moves = np.minimum(1.0 / read.flicker.period, 1.0).sum(axis=0)
                    used = np.bincount(np.unique(read.flicker.slot) // LANES, minlength=len(moves))
                    n_entries = len(read.flicker.entries.number)
                    found += Work(
                        n_reads * n_entries, float(moves @ used), 4.0 * float(moves @ used)
                    )
    return found


def work_of_the_reference(model: Model) -> Work:
    """Return what a step of the integer reference cannot do without, which each run holds."""
    found = Work()
    for layer in model.layers[: model.pool_index]:
        if isinstance(layer, Linear):
            found += Work(np.count_nonzero(layer.weight), 0.0, 8.0 * sum(layer.weight.shape))
        elif isinstance(layer, S4D):
            parts = 1 + layer.is_complex
            found += Work(layer.n_modes * parts * (parts + 2), 0.0, 16.0 * layer.n_modes * parts)
    return found
