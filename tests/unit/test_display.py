"""SI prefixes and plain tables."""

from __future__ import annotations

import pytest

from aimc_sim.display import Displayed, html_table, percent, si, text_table


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [(1.0, "J", "1 J"), (999.4, "J", "999 J"), (999.6, "J", "1 kJ"), (1e-3, "s", "1 ms"),
     (9.996e-7, "s", "1 µs"), (1.2345e-9, "s", "1.23 ns"), (-2.5e-6, "S", "-2.5 µS"),
     (3e-21, "J", "0.003 aJ"), (5e15, "J", "5000 TJ"), (0.0, "J", "0 J"), (None, "J", "–"),
     (3.31e-6, "m2", "3.31 mm²"), (2e-9, "m2", "2000 µm²"), (1.5e-8, "m2", "0.015 mm²"),
     (0.0, "m2", "0 m²")],
)  # fmt: skip
def test_si(value: float | None, unit: str, text: str) -> None:
    assert si(value, unit) == text


def test_percent() -> None:
    assert [percent(v) for v in (1.0, 0.12345, None)] == ["100.00 %", "12.35 %", "–"]


def test_text_table_aligns_figures_to_the_right() -> None:
    rows = [("name", "value"), ("a", "10"), ("bcdef", "5 nJ")]
    assert text_table(rows) == "name   value\na         10\nbcdef   5 nJ"
    lines = text_table([("a", "10 nJ"), ("b", "5 nJ")], indent="  ").splitlines()
    assert lines == ["  a  10 nJ", "  b   5 nJ"]
    assert text_table([]) == ""


def test_html_is_escaped() -> None:
    text = html_table([("<a>", "b & c")], caption="<d>", head=("<e>", "f"))
    assert "&lt;a&gt;" in text
    assert "b &amp; c" in text
    assert "&lt;d&gt;" in text
    assert "&lt;e&gt;" in text


def test_displayed_shows_its_rows() -> None:
    class Thing(Displayed):
        def display_rows(self) -> list[tuple[str, str]]:
            return [("size", "3 <")]

    assert repr(Thing()) == "Thing\n  size  3 <"
    shown = Thing()._repr_html_()
    assert "<caption>Thing</caption>" in shown
    assert '<th scope="row">size</th><td>3 &lt;</td>' in shown
