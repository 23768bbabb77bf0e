"""Calibrated ranges beat the worst case by an effective bit, on data they were not found on."""

from __future__ import annotations

import pytest

from examples.adc_ranges import METHODS, MODELS, PER, Table, mean, of_model

MOST_BITS = 8.0


def check(table: Table) -> None:
    """One bit more than the worst case on average, and no matrix worse off."""
    worst = table["worst_case", "tile"]
    for method in METHODS:
        found = table[method, "tile"]
        assert mean(found) >= mean(worst) + 1.0, (method, mean(found), mean(worst))
        assert mean(found) > mean(table["two_norm", "tile"])
        assert all(a > b - 0.5 for a, b in zip(found, worst, strict=True)), (found, worst)
        assert mean(table[method, "bitline"]) >= mean(table["worst_case", "bitline"]) + 0.5
    assert max(max(bits) for bits in table.values()) < MOST_BITS + 1.0


def test_an_effective_bit_on_the_digits() -> None:
    table = of_model("digits", 64, 128)
    assert set(table) == {(n, per) for n in ("worst_case", "two_norm", *METHODS) for per in PER}
    check(table)


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_an_effective_bit_on_every_model(name: str) -> None:
    check(of_model(name, None, 512))
