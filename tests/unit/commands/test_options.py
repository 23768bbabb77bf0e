"""Values of options: times, changes, conditions."""

from __future__ import annotations

import pytest

from aimc_sim.commands.options import Condition, parse_changes, parse_condition
from aimc_sim.duration import parse_time_s
from aimc_sim.spec import InputError


@pytest.mark.parametrize(
    ("text", "time_s"),
    [
        ("0s", 0.0),
        ("30s", 30.0),
        ("2min", 120.0),
        ("1h", 3600.0),
        ("0.5d", 43200.0),
        ("1e3 s", 1e3),
    ],
)
def test_times(text: str, time_s: float) -> None:
    assert parse_time_s(text) == time_s


@pytest.mark.parametrize(
    "text", ["", "s", "1", "-1s", "1 day", "1e999", "inf s", "nan s", "1h30min"]
)
def test_wrong_times(text: str) -> None:
    with pytest.raises(InputError, match="--after: found"):
        parse_time_s(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [("6", 6), ("0.5", 0.5), ("ideal", "ideal"), ("true", True), ("null", None), ("'6'", "6"),
     ("", None), ("a=b", "a=b"), ("{kind: ideal}", {"kind": "ideal"})],
)  # fmt: skip
def test_changes_are_yaml_scalars_and_flat_sections(text: str, value: object) -> None:
    assert parse_changes([f"a.b={text}"]) == {"a.b": value}


@pytest.mark.parametrize("text", ["{a: {b: 1}}", "{a: [1]}", "{1: 2}", "[1]", "[", "2001-02-30"])
def test_other_yaml_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="expected a number"):
        parse_changes([f"a={text}"])


@pytest.mark.parametrize(
    ("comparison", "below", "equal", "above"),
    [(">", False, False, True), (">=", False, True, True), ("<", True, False, False),
     ("<=", True, True, False), ("==", False, True, False), ("!=", True, False, True)],
)  # fmt: skip
def test_comparisons(comparison: str, below: bool, equal: bool, above: bool) -> None:
    condition = parse_condition(f"a.b {comparison} 0.5")
    assert condition == Condition("a.b", comparison, 0.5)
    for found, holds in ((0.25, below), (0.5, equal), (0.75, above)):
        assert (condition.failure({"a": {"b": found}}) is None) == holds


@pytest.mark.parametrize("text", ["", "a", "a >", "> 1", "a > b", "a = 1", "a > 1 > 2", "a ~ 1"])
def test_wrong_conditions(text: str) -> None:
    with pytest.raises(InputError, match="--assert: found"):
        parse_condition(text)
