"""Values of a search."""

from __future__ import annotations

import itertools

import pytest

from aimc_sim.spec import InputError
from aimc_sim.study.scale import integer_scale, linear_scale, list_scale, log_scale


def test_linear_values_are_at_most_the_resolution_apart():
    values = linear_scale(0.1, 1.0, 0.07, "up").values
    assert (values[0], values[-1], len(values)) == (0.1, 1.0, 14)
    assert all(0.06 < b - a <= 0.07 for a, b in itertools.pairwise(values))
    assert linear_scale(0.0, 0.3, 0.1, "up").values == (0.0, 0.1, 0.2, 0.3)


def test_neighbours_on_a_log_scale_are_within_the_ratio():
    values = log_scale(1e-9, 1e-6, 1.1, "up").values
    assert (values[0], values[-1]) == (1e-9, 1e-6)
    assert all(1.09 < b / a <= 1.1 for a, b in itertools.pairwise(values))


def test_looser_goes_either_way():
    assert integer_scale(3, 5, "up").values == (3, 4, 5)
    assert integer_scale(3, 5, "down").values == (5, 4, 3)
    assert list_scale((1, 4, 2), "down").values == (2, 4, 1)
    assert log_scale(1.0, 4.0, 2.0, "down").values == (4.0, 2.0, 1.0)
    assert linear_scale(0.0, 1.0, 5.0, "up").values == (0.0, 1.0)


@pytest.mark.parametrize(
    ("make", "line"),
    [
        (lambda: linear_scale(1.0, 1.0, 0.1, "up"), "first must be below the last"),
        (lambda: linear_scale(0.0, float("inf"), 0.1, "up"), "first must be below the last"),
        (lambda: linear_scale(0.0, 1.0, 0.0, "up"), "resolution: found 0"),
        (lambda: log_scale(0.0, 1.0, 2.0, "up"), "values above 0"),
        (lambda: log_scale(0.1, 1.0, 1.0, "up"), "ratio above 1"),
        (lambda: linear_scale(0.0, 1.0, 1e-9, "up"), "at most 10000 values"),
        (lambda: integer_scale(0, 10**9, "up"), "at most 10000 values"),
        (lambda: list_scale([1], "up"), "at least two"),
        (lambda: list_scale([1, 2, 1], "up"), "given twice"),
    ],
)
def test_what_is_no_scale(make, line):
    with pytest.raises(InputError, match=line):
        make()
