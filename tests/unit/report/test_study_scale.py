"""Values on axes, and metrics: names, units, and where they stand."""

from __future__ import annotations

import re
from typing import Any

import pytest

from aimc_sim.report.results.metric import Metric
from aimc_sim.report.results.scale import Scale
from aimc_sim.report.results.study import study_figures
from tests.unit.report import trees


@pytest.mark.parametrize(
    ("axis", "kind", "texts"),
    [
        (trees.axis("a.bits", (8, 4, 6)), "linear", ["4", "6", "8"]),
        (trees.axis("after", (0, 3600, 86400)), "category", ["0s", "1h", "1d"]),
        (trees.axis("rows", (16, 64, 1024, 4096)), "log", ["16", "64", "1024", "4096"]),
        (trees.axis("x", (0, 1, 2), scale="log"), "category", ["0", "1", "2"]),
        (trees.axis("g_S", (1e-6, 2e-6)), "linear", ["1 µS", "2 µS"]),
        (trees.axis("x", (True, False)), "category", ["true", "false"]),
        (trees.axis("x", ("b", 1)), "category", ["b", "1"]),
    ],
)
def test_values_stand_where_they_can_be_told_apart(axis: Any, kind: str, texts: list[str]) -> None:
    scale = Scale.of(axis, [])
    assert scale.kind == kind
    assert [scale.text(v) for v in scale.values] == texts
    places = [scale.place(v) for v in scale.values]
    assert places == sorted(set(places))


def test_values_that_only_the_points_have_are_kept() -> None:
    scale = Scale.of(trees.axis("x", None), [3.0, 1.0, 3])
    assert scale.values == (1.0, 3.0)


@pytest.mark.parametrize(
    ("name", "title", "text"),
    [
        ("accuracy.analog.mean", "accuracy", "12.35 %"),
        ("tiles.utilisation", "tiles utilisation", "12.35 %"),
        ("energy_J.by_component.adc", "energy by component adc", "123 mJ"),
        ("area_m2.total", "area of a chip", "0.123 m²"),
        ("effective_state_bits.min", "effective state bits min", "0.1235"),
    ],
)
def test_metrics_have_names_and_units(name: str, title: str, text: str) -> None:
    assert Metric(name).title == title
    assert Metric(name).text(0.12345) == text


def test_a_line_joins_values_that_have_an_order_only() -> None:
    for values, joined in (((1, 2, 3), True), (("a", "b", "c"), False)):
        tree = trees.study([trees.axis("x", values)])
        svg = study_figures(tree)[0].svg()
        line = re.search(r'<path d="M[^"]*L[^"]*L[^"]*" [^>]*stroke: var\(--main\)', svg)
        assert (line is not None) is joined
