"""What no simulator can avoid, measured in the same run: products, Gaussians, bytes."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from aimc_sim.blas import one_blas_thread
from aimc_sim.crossbar.flicker import LANES
from aimc_sim.model.network import Model
from aimc_sim.runner.chip_run import ChipRun

GAUSSIAN_NS = 2.5
"""A vectorised counter-based Gaussian on one thread [ns]: the project's own allowance."""


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
        Of a byte read and written [ns].
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
        low_a, low_b, low_out = (m.astype(np.float32) for m in (a, b, out))
        block = np.ones(1 << 20)
        target = np.empty_like(block)
        with one_blas_thread():
            gemm_s = best_s(lambda: np.dot(a, b, out=out), 50)
            sgemm_s = best_s(lambda: np.dot(low_a, low_b, out=low_out), 50)
        copy_s = best_s(lambda: np.copyto(target, block))
        return cls(gemm_s / 256**3 * 1e9, sgemm_s / 256**3 * 1e9, copy_s / (2 * block.nbytes) * 1e9)

    def limit_s(self, products: float, draws: float, n_bytes: float = 0.0) -> float:
        """Return the time of what cannot be avoided [s]."""
        ns = products * self.gemm_ns + draws * GAUSSIAN_NS + n_bytes * self.copy_ns
        return ns * 1e-9


def product_s(n: int, n_rows: int, n_columns: int) -> float:
    """Return the time of one product of that shape, a matrix and a vector where n is 1 [s]."""
    rng = np.random.default_rng(0)
    x, g = rng.normal(size=(n, n_rows)), rng.normal(size=(n_rows, n_columns))
    out = np.empty((n, n_columns))
    left, to = (x, out) if n > 1 else (x[0], out[0])
    with one_blas_thread():
        return best_s(lambda: np.dot(left, g, out=to), 50)


def work_of_a_step(chip: ChipRun, model: Model) -> tuple[float, float]:
    """Return products and draws of all analog reads of a step of one sequence.

    Notes
    -----
    A product is a cell that conducts, twice where its noise goes with the square of the input. A
    draw is a Gaussian of a bitline, or of a device whose 1/f noise moves on at this step.
    """
    products = draws = 0.0
    for layer in model.layers[: model.pool_index]:
        for phase in chip.bound[layer.name].phases.values():
            for read in phase.reads:
                n_reads = len(read.slices)
                cells = np.count_nonzero(read.g)
                noisy = read.variance is not None
                products += n_reads * cells * (1 + noisy)
                draws += n_reads * len(np.unique(read.lane)) if noisy else 0.0
                if read.flicker is not None:
                    moves = np.minimum(1.0 / read.flicker.period, 1.0).sum(axis=0)
                    draws += float(moves @ np.bincount(read.flicker.slot // LANES))
                    products += n_reads * len(read.flicker.entries.number)
    return products, draws
