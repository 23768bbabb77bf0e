"""The support matrix: pairs of choices do what docs/support.md says, and triples do not break."""

from __future__ import annotations

from itertools import combinations

import pytest

from tests.support.choices import ENCODINGS, MAPPINGS, NON_IDEALITIES, Choice
from tests.support.outcome import outcome
from tests.support.page import PAGE, keys, parse, refusals, render

TEXT = PAGE.read_text(encoding="utf-8")
TOLD = parse(TEXT)
STALE = "docs/support.md is not what is found: python -m tests.support.page > docs/support.md"


def pairs(*groups: tuple[Choice, ...]) -> list[pytest.param]:
    """Return parameters of all pairs, first with second group, or within one."""
    one, two = groups
    found = combinations(one, 2) if one is two else ((a, b) for a in one for b in two)
    return [pytest.param(a, b, id=f"{a.name}-{b.name}") for a, b in found]


@pytest.mark.parametrize(
    ("table", "row", "column"),
    [pytest.param(t, a, b, id=f"{a.name}-{b.name}") for t, a, b in keys()],
)
def test_two_choices_do_what_the_page_says(table: str, row: Choice, column: Choice) -> None:
    assert outcome(row, column) == TOLD.get((table, row.name, column.name)), STALE


def test_the_page_holds_nothing_else() -> None:
    assert render(TOLD) == TEXT, STALE
    assert set(TOLD) == {(table, row.name, column.name) for table, row, column in keys()}, STALE


def test_every_choice_is_told_apart() -> None:
    names = [choice.name for choice in (*NON_IDEALITIES, *ENCODINGS, *MAPPINGS)]
    assert len(set(names)) == len(names)


@pytest.mark.slow
@pytest.mark.parametrize(("noise", "encoding"), pairs(NON_IDEALITIES, ENCODINGS))
def test_three_choices_run_or_are_refused(noise: Choice, encoding: Choice) -> None:
    for mapping in MAPPINGS:
        found = outcome(noise, encoding, mapping)
        assert found.kind in ("runs", "no effect", "either", "refused"), mapping.name
        assert not found.reason or found.reason in refusals(TEXT), mapping.name


@pytest.mark.slow
@pytest.mark.parametrize(("one", "two"), pairs(ENCODINGS, ENCODINGS))
def test_two_encodings_are_exact_in_every_mapping_or_refused(one: Choice, two: Choice) -> None:
    for mapping in MAPPINGS:
        found = outcome(one, two, mapping)
        assert found.kind in ("exact", "either", "refused"), mapping.name
        assert not found.reason or found.reason in refusals(TEXT), mapping.name
