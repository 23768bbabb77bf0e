"""BLAS beside compiled kernels: one thread in each part of a batch, parts on all threads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

SMALLEST, LARGEST = 16, 64
"""Sequences in a part: with fewer a matrix product is slow, with more its parts leave the cache."""


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Have BLAS use one thread: kernels call it from several of their own.

    Notes
    -----
    Two pools of threads wait for each other; a product of 64 sequences is too small to share
    anyway. No result depends on it, as sums are exact.
    """
    with _pools().limit(limits=1, user_api="blas"):
        yield


@contextmanager
def blas_threads_of(n_sequences: int) -> Iterator[None]:
    """Have BLAS share the tiles of one sequence among all threads; of several, keep to one.

    Parameters
    ----------
    n_sequences : int
        That are stepped together: blocks of several have a thread each.
    """
    from aimc_sim.jit import n_threads

    if n_sequences > 1:
        yield
        return
    with _pools().limit(limits=n_threads(), user_api="blas"):
        yield


@cache
def _pools() -> Any:
    """Return what sets the threads of all BLAS libraries; looking for them takes milliseconds."""
    import scipy.linalg.cython_blas  # noqa: F401  what kernels call; loaded, so that it is found
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def share_of(n_sequences: int) -> int:
    """Return how many sequences of a batch one thread takes at a time.

    Examples
    --------
    >>> share_of(1), share_of(10_000)
    (16, 64)
    """
    from aimc_sim.jit import n_threads

    return min(max(-(-n_sequences // n_threads()), SMALLEST), LARGEST)
