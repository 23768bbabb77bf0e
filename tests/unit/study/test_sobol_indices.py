"""Sobol indices against known answers; what happens where there is none."""

from __future__ import annotations

import json

import numpy as np
import pytest

from aimc_sim.spec import InputError
from aimc_sim.study.sobol_indices import saltelli_points, sobol_indices

WEIGHTS = np.array([4.0, 2.0, 1.0])


def linear(points):
    return points @ WEIGHTS


def test_linear():
    """Uniform factors: first order and total are both weight^2 / sum of weight^2."""
    found = sobol_indices(linear(saltelli_points(3, 512, seed=2)), ["a", "b", "c"], 512, seed=2)
    for name, share in zip("abc", WEIGHTS**2 / (WEIGHTS**2).sum(), strict=True):
        for kind in ("first", "total"):
            entry = found[kind][name]
            assert entry["value"] == pytest.approx(share, abs=0.01)
            assert entry["ci95"][0] < share < entry["ci95"][1]
    assert found["mean"] == pytest.approx(3.5, abs=0.01)
    assert found["variance"] == pytest.approx((WEIGHTS**2).sum() / 12.0, rel=0.01)
    assert (found["n_missing"], found["note"]) == (0, None)


def test_a_product_is_all_interaction():
    """y = (2 a - 1)(2 b - 1): no factor has a share of its own, both have all in total."""
    points = saltelli_points(2, 1024, seed=1)
    found = sobol_indices((2 * points - 1).prod(axis=1), ["a", "b"], 1024, seed=1)
    for name in "ab":
        assert found["first"][name]["value"] == pytest.approx(0.0, abs=0.05)
        assert found["total"][name]["value"] == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize("seed", [0, 1])
def test_no_global_generator_is_used_or_moved(seed):
    """SALib takes seed 0 for no seed, and then draws from the global generator."""
    state = None
    found = []
    for disturbance in (5, 6):
        np.random.seed(disturbance)  # noqa: NPY002
        state = np.random.get_state()[1].copy()  # noqa: NPY002
        points = saltelli_points(3, 64, seed=seed)
        found.append((points.tolist(), sobol_indices(linear(points), list("abc"), 64, seed=seed)))
        assert (np.random.get_state()[1] == state).all()  # noqa: NPY002
    assert found[0] == found[1]
    assert (saltelli_points(3, 64, seed=seed + 1) != found[0][0]).any()


def test_longer_designs_keep_their_rows():
    assert (saltelli_points(3, 16, seed=1) == saltelli_points(3, 64, seed=1)[: 16 * 5]).all()


@pytest.mark.parametrize("value", [0.0, 1.0, 0.1, 1e-12])
def test_a_constant_has_no_indices_and_says_so(value):
    found = sobol_indices([value] * 64 * 5, list("abc"), 64, seed=1)
    assert found["first"]["a"] == found["total"]["c"] == {"value": None, "ci95": None}
    assert "does not vary" in found["note"]
    assert found["mean"] == pytest.approx(value)
    json.dumps(found, allow_nan=False)


def test_missing_rows_take_their_block_along():
    points = saltelli_points(3, 256, seed=1)
    whole = linear(points)
    kept = np.ones(256, dtype=bool)
    kept[[3, 17, 200]] = False
    holes = [None if i in (3 * 5, 17 * 5 + 4) else v for i, v in enumerate(whole.tolist())]
    holes[200 * 5 + 2] = float("nan")
    found = sobol_indices(holes, list("abc"), 256, seed=1)
    expected = sobol_indices(whole.reshape(256, 5)[kept].reshape(-1), list("abc"), 253, seed=1)
    assert found == expected | {"n_missing": 3}


def test_too_few_rows_say_so():
    y = linear(saltelli_points(3, 8, seed=1)).tolist()
    assert sobol_indices(y, list("abc"), 8, seed=1)["note"] is None
    found = sobol_indices([None, *y[1:]], list("abc"), 8, seed=1)
    assert "7 of 8 base points" in found["note"]
    assert found["first"]["a"]["value"] is None
    none = sobol_indices([None] * 40, list("abc"), 8, seed=1)
    assert (none["mean"], none["variance"], none["n_missing"]) == (None, None, 8)
    json.dumps([found, none], allow_nan=False)


def test_a_metric_that_hardly_varies_gives_numbers():
    """One chip in hundreds differs: wide intervals, no NaN, no warning."""
    y = [0.0] * 40 * 5
    y[5 * 7] = 1.0
    json.dumps(sobol_indices(y, list("abc"), 40, seed=1), allow_nan=False)


def test_what_cannot_be_asked():
    with pytest.raises(InputError, match=r"sampling.n: found 100; .* 64 or 128"):
        saltelli_points(3, 100, seed=1)
    with pytest.raises(ValueError, match="found 7 values; expected 8 x 5"):
        sobol_indices([0.0] * 7, list("abc"), 8, seed=1)
