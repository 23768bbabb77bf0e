"""The search for a full scale, and the sample that it is made on."""

from __future__ import annotations

import numpy as np
import pytest

from aimc_sim.analysis import range_record
from aimc_sim.analysis.range_search import least_error_scale, quantile_scale, square_error
from aimc_sim.crossbar.ranges import ReadRanges


@pytest.mark.parametrize("ends", [(-32, 31), (-2, 1), (0, 63), (-2048, 2047)])
@pytest.mark.parametrize("spread", ["normal", "heavy", "integers"])
def test_the_least_error_beats_its_neighbours(ends, spread):
    rng = np.random.default_rng(5)
    values = {
        "normal": rng.normal(0.0, 3.0, 4000),
        "heavy": rng.standard_t(3, 4000),
        "integers": np.floor(rng.normal(0.0, 40.0, 4000) + 0.5),
    }[spread]
    if ends[0] == 0:
        values = np.abs(values)
    peak = float(np.abs(values).max())
    best = least_error_scale(np.sort(values), peak, *ends)
    error = square_error(values, best, *ends)
    for factor in (0.25, 0.5, 0.8, 0.9, 1.1, 1.25, 2.0, 4.0):
        assert error <= square_error(values, best * factor, *ends) * (1.0 + 1e-9)
    assert error <= square_error(values, quantile_scale(values, 99.99, peak), *ends) * 1.001


def test_the_error_is_that_of_the_converter():
    """Half a step within the range, all of the rest beyond it; ties go up."""
    values = np.array([0.5, -0.5, 1.2, 9.0, -9.0])
    codes = np.array([1.0, 0.0, 1.0, 3.0, -4.0])
    assert square_error(values, 3.0, -4, 3) == pytest.approx(np.square(codes - values).mean())


def test_the_sample_is_even_over_sequences_and_steps():
    ranges = _one_range()
    record = range_record.ReadRecord(ranges, 1 << 20)
    record.add(np.arange(1 << 20, dtype=np.float64)[:, None], np.arange(1 << 20))
    (values,) = record.values()
    assert len(values) == pytest.approx(range_record.N_KEPT, abs=8)
    gaps = np.diff(values)
    assert (gaps.min(), gaps.max()) == (5, 13)  # Fibonacci numbers: no period of 2^k to fall into
    assert record.peaks() == [2.0**20 - 1]


def _one_range():
    one = np.ones(1)
    return ReadRanges(one, np.zeros(1, dtype=np.intp), -8, 7, one, one)
