"""Axes: grids, places in a sampled design, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from aimc_sim.spec import InputError, validate
from aimc_sim.study.axis import Axis, axes_of


def axis(**fields: Any) -> Axis:
    """An axis of plain data."""
    return validate(Axis, {"path": "hardware.adc.bits"} | fields, "study")


@pytest.mark.parametrize(
    ("fields", "grid"),
    [
        ({"values": [4, 6, "x", True]}, [4, 6, "x", True]),
        ({"range": {"first": 4, "last": 8, "step": 2}}, [4, 6, 8]),
        ({"range": {"first": 0.0, "last": 0.3, "n": 4}}, [0, 0.1, 0.2, 0.3]),
        ({"range": {"first": 0, "last": 0.35, "step": 0.1}}, [0, 0.1, 0.2, 0.3]),
        ({"log": {"first": 1.0e-3, "last": 1.0, "n": 4}}, [1e-3, 1e-2, 1e-1, 1.0]),
        ({"path": "after", "values": ["0s", "1h", 5]}, [0.0, 3600.0, 5.0]),
        ({"path": "after", "log": {"first": "1s", "last": "100s", "n": 3}}, [1.0, 10.0, 100.0]),
    ],
)
def test_grids(fields: dict[str, Any], grid: list[Any]) -> None:
    found = axis(**fields).grid()
    assert found == [pytest.approx(v) if isinstance(v, float) else v for v in grid]


@pytest.mark.parametrize(
    ("fields", "low", "high"),
    [
        ({"distribution": {"kind": "uniform", "low": 2.0, "high": 4.0}}, 2.0, 4.0),
        ({"distribution": {"kind": "loguniform", "low": 1.0, "high": 100.0}}, 1.0, 100.0),
        ({"distribution": {"kind": "integers", "low": 3, "high": 5}}, 3, 5),
        (
            {"distribution": {"kind": "normal", "mean": 1.0, "sd": 2.0, "low": 0.0, "high": 3.0}},
            0.0,
            3.0,
        ),
        ({"range": {"first": 1.0, "last": 2.0, "n": 3}}, 1.0, 2.0),
        ({"values": [1, 2, 7]}, 1, 7),
    ],
)
def test_places_lie_within_and_reach_the_ends(
    fields: dict[str, Any], low: float, high: float
) -> None:
    found = [axis(**fields).at(u) for u in np.linspace(0.0, 1.0 - 1.0e-12, 1001)]
    assert found == sorted(found)
    assert found[0] == pytest.approx(low, abs=1e-6)
    assert found[-1] == pytest.approx(high, rel=1e-6)


def test_normal_quantiles_are_those_of_a_normal() -> None:
    law = axis(distribution={"kind": "normal", "mean": 1.0, "sd": 2.0})
    assert law.at(0.5) == pytest.approx(1.0)
    assert law.at(0.8413447460685429) == pytest.approx(3.0)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({}, "found none; expected one of values, range, log, distribution"),
        ({"values": [1], "log": {"first": 1, "last": 2, "n": 2}}, "found values and log"),
        ({"values": [1, 1]}, "one is given twice"),
        ({"values": []}, "values"),
        ({"path": "adc.bits", "values": [1]}, "'adc.bits' is no path"),
        ({"path": [], "values": [1]}, "at least one path"),
        ({"range": {"first": 2, "last": 1, "n": 2}}, "must be below last"),
        ({"range": {"first": 1, "last": 2}}, "either n or step"),
        ({"log": {"first": 0.0, "last": 2.0, "n": 2}}, "must be above 0"),
        ({"distribution": {"kind": "gauss", "mean": 0.0}}, "allowed: 'uniform'"),
        ({"path": "after", "values": ["soon"]}, "expected a time such as 30s"),
    ],
)
def test_wrong_axes(fields: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError, match="study: ") as error:
        axis(**fields)
    assert says in str(error.value)


def test_a_mapping_of_paths_is_a_list_of_axes() -> None:
    found = axes_of({"after": ["1s"], "bits.b": {"range": {"first": 1, "last": 2, "n": 2}}, "a": 3})
    assert found == [
        {"path": "after", "values": ["1s"]},
        {"path": "bits.b", "range": {"first": 1, "last": 2, "n": 2}},
        {"path": "a", "values": [3]},
    ]


@pytest.mark.parametrize(
    ("fields", "scale"),
    [
        ({"values": [1, 2]}, "linear"),
        ({"values": ["a"]}, "category"),
        ({"values": [True]}, "category"),
        ({"log": {"first": 1, "last": 2, "n": 2}}, "log"),
        ({"distribution": {"kind": "loguniform", "low": 1, "high": 2}}, "log"),
    ],
)
def test_scales(fields: dict[str, Any], scale: str) -> None:
    assert axis(**fields).scale == scale
