"""BLAS on one thread while kernels run, and as before afterwards."""

from __future__ import annotations

import numba
from threadpoolctl import threadpool_info

from aimc_sim.blas import LARGEST, SMALLEST, blas_threads_of, one_blas_thread, share_of


def threads_of_blas() -> list[int]:
    return [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]


def test_all_libraries_are_held_and_let_go() -> None:
    with one_blas_thread():
        pass
    before = threads_of_blas()
    assert len(before) >= 2  # NumPy's own and SciPy's, which kernels call
    with one_blas_thread():
        assert set(threads_of_blas()) == {1}
        with one_blas_thread():
            pass
        assert set(threads_of_blas()) == {1}
    assert threads_of_blas() == before


def test_one_sequence_has_the_threads_to_itself() -> None:
    """Its tiles are shared among them; blocks of several sequences have a thread each."""
    before = numba.get_num_threads()
    try:
        for n_threads in (1, numba.config.NUMBA_NUM_THREADS):
            numba.set_num_threads(n_threads)
            with one_blas_thread():
                with blas_threads_of(1):
                    assert set(threads_of_blas()) == {n_threads}
                with blas_threads_of(2):
                    assert set(threads_of_blas()) == {1}
                assert set(threads_of_blas()) == {1}
    finally:
        numba.set_num_threads(before)


def test_shares_cover_a_batch_evenly() -> None:
    n_threads = numba.get_num_threads()
    for n in (1, 7, SMALLEST * n_threads, 100, 512, 5000):
        share = share_of(n)
        assert SMALLEST <= share <= LARGEST
        if SMALLEST * n_threads <= n <= LARGEST * n_threads:
            assert -(-n // share) == n_threads
