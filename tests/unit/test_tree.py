"""Values at dotted paths of plain trees."""

from __future__ import annotations

import pytest

from aimc_sim.spec import InputError
from aimc_sim.tree import value_at


def test_paths_take_keys_with_dots_and_numbers() -> None:
    tree = {"events": {"adc.convert": 3, "adc": {"step": 4}}, "per_chip": [{"x": 5}, 6]}
    assert value_at(tree, "events.adc.convert") == 3
    assert value_at(tree, "events.adc.step") == 4
    assert value_at(tree, "per_chip.0.x") == 5
    assert value_at(tree, "per_chip.1") == 6


@pytest.mark.parametrize("path", ["b", "a.c", "a.b.c", "list.2", "list.-1", "a."])
def test_paths_that_lead_nowhere(path: str) -> None:
    with pytest.raises(InputError, match="is not there"):
        value_at({"a": {"b": 1}, "list": [1, 2]}, path)
