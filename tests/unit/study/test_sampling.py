"""Sampled points: deterministic, balanced, and which of them stay."""

from __future__ import annotations

import numpy as np
import pytest

from aimc_sim.spec import InputError
from aimc_sim.study.sampling import unit_points


@pytest.mark.parametrize("kind", ["lhs", "sobol"])
def test_points_depend_on_the_seed_alone(kind):
    points = unit_points(kind, 16, 3, seed=4)
    assert points.shape == (16, 3)
    assert points.min() >= 0.0
    assert points.max() < 1.0
    np.random.seed(1)  # noqa: NPY002
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    assert (unit_points(kind, 16, 3, seed=4) == points).all()
    assert (np.random.get_state()[1] == before).all()  # noqa: NPY002
    assert (unit_points(kind, 16, 3, seed=5) != points).any()


@pytest.mark.parametrize(("kind", "n"), [("lhs", 100), ("sobol", 64)])
def test_each_axis_has_one_point_in_each_nth(kind, n):
    cells = np.sort((unit_points(kind, n, 4, seed=1) * n).astype(int), axis=0)
    assert (cells == np.arange(n)[:, None]).all()


def test_the_first_points_of_sobol_stay_and_those_of_lhs_do_not():
    assert (unit_points("sobol", 8, 3, 1) == unit_points("sobol", 64, 3, 1)[:8]).all()
    assert (unit_points("lhs", 8, 3, 1) != unit_points("lhs", 64, 3, 1)[:8]).all()


@pytest.mark.parametrize(
    ("n", "line"), [(100, "64 or 128"), (3, "2 or 4"), (0, "takes a power of two")]
)
def test_sobol_wants_a_power_of_two(n, line):
    with pytest.raises(InputError, match=rf"sampling.n: found {n}; .*{line}"):
        unit_points("sobol", n, 2, seed=1)
    assert unit_points("sobol", 1, 2, seed=1).shape == (1, 2)
