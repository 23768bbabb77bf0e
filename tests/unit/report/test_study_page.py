"""The page of studies: whole, self-contained, escaped, small, and the same every time."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Any
from urllib.parse import unquote

import pytest

from aimc_sim.report.results.page import results_page, sections_of
from aimc_sim.report.results.read import checked
from tests.unit.report import trees
from tests.unit.report.test_html import Reader

HOSTILE = """<script>alert("1")</script>&$x^2$'"""


def page_of(*found: Mapping[str, Any], title: str | None = None) -> str:
    results = [(f"file{i}", checked(tree, "x.json")) for i, tree in enumerate(found)]
    return results_page(results, sections_of(results), title)


def headings(page: str) -> list[int]:
    return [int(level) for level in re.findall(r"<h([1-6])[ >]", page)]


def data_of(page: str, name: str) -> list[list[str]]:
    """The rows behind the link to a figure's data."""
    (link,) = re.findall(rf'href="data:text/csv;charset=utf-8,([^"]*)" download="{name}.csv"', page)
    return [line.split(",") for line in unquote(link).splitlines()]


EVERY = {
    "two axes": trees.two_axes(),
    "one axis": trees.study([trees.axis("after", (0, 3600, 86400))]),
    "words": trees.study([trees.axis("hardware.mapping.s4d", ("fused", "split"))]),
    "three axes": trees.study(
        [trees.axis(trees.BITS, (4, 6)), trees.axis(trees.ROWS, (64, 128)), trees.axis("b", (1, 2))]
    ),
    "sampled": trees.study(
        [trees.axis("hardware.x_S", None, scale="log"), trees.axis("c", None)], n_sampled=12
    ),
    "one point": trees.study([trees.axis(trees.BITS, (6,))]),
    "one chip": trees.study([trees.axis(trees.BITS, (4, 6))], n_chips=1),
    "no axis": trees.study([]),
    "sections": trees.study([trees.axis("hardware.adc", ({"bits": 4}, {"bits": 6}, [1, 2]))]),
    "switch": trees.study([trees.axis("hardware.x", (True, False))]),
    "sensitivity": trees.sensitivity(),
    "spec": trees.spec(),
    "spec of a list": trees.spec("list"),
    "yield": trees.chip_yield(),
    "yields": trees.yields(),
    "pareto": trees.pareto(),
}


@pytest.mark.parametrize("name", EVERY)
def test_every_kind_is_whole_and_self_contained(name: str) -> None:
    page, reader = page_of(EVERY[name]), Reader()
    reader.feed(page)
    assert reader.wrong == reader.open == []
    assert all(link.startswith(("#", "data:")) for link in reader.links)
    inside = {link[1:] for link in reader.links if link.startswith("#")}
    inside |= set(re.findall(r"url\(#([^)]+)\)", page))
    assert inside <= set(reader.ids)
    assert max(reader.ids.values()) == 1
    assert not re.search(r"@import|url\((?!#)|<script [^>]|\bon[a-z]+=", page)
    assert not re.search("#010203|#040506|#070809|#0a0b0c|#0d0e0f", page)
    levels = headings(page)
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))
    for svg in re.findall("<svg[^>]*>", page):
        assert re.search('role="img" aria-label="[^"]{8,}"', svg)
    figures = page.count("<figure")
    assert figures >= 1
    assert page.count(">data (CSV)</a>") == figures


def test_the_page_is_the_same_again() -> None:
    assert page_of(trees.spec()) == page_of(trees.spec())


def test_only_the_one_script_may_run() -> None:
    page = page_of(trees.two_axes())
    (script,) = re.findall("<script>(.*?)</script>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{digest}'" in page.replace("&#39;", "'")  # fmt: skip  # noqa: E501
    assert "<main" in page
    assert 'class="skip" href="#main"' in page


def test_text_from_outside_is_escaped() -> None:
    tree = trees.study(
        [trees.axis(trees.BITS, (4, 6), HOSTILE), trees.axis("m", (HOSTILE, "b"), HOSTILE)],
        name=HOSTILE,
    )
    tree["description"] = HOSTILE
    trees.refuse(tree, 0, HOSTILE)
    tree["provenance"]["commands"] = [HOSTILE]
    search = trees.spec() | {"label": HOSTILE, "verdict": HOSTILE, "study": HOSTILE}
    factors = trees.sensitivity()
    for indices in factors["metrics"].values():
        for order in ("first", "total"):
            indices[order] = {HOSTILE: {"value": 0.5, "ci95": None}}
    page, reader = page_of(tree, search, factors, title=HOSTILE), Reader()
    reader.feed(page)
    assert reader.wrong == reader.open == []
    assert page.count("<script>") == 1
    assert "&lt;script&gt;alert(" in page
    drawn = re.findall("<text[^>]*>([^<]*)</text>", page)
    assert sum("$x^2$" in text for text in drawn) >= 3  # no mathematics is made of it


def test_what_a_study_says() -> None:
    tree = trees.two_axes(10)
    page = page_of(tree)
    titles = re.findall("<h3>(.*?)</h3>", page)
    assert titles[:2] == ["Accuracy against bits and n wordlines", "Map of accuracy"]
    assert titles[-3:] == ["Points", "Refused points", "Provenance"]
    assert not any("reference" in title or "Area" in title for title in titles)
    assert (
        "The same at all points: area of a chip 2.1 mm², accuracy of the integer reference 96.00 %."
        in page
    )
    assert "adc.bits: too few for the tile" in page
    for value in ("a" * 64, "b" * 64, "c" * 64, "d" * 64, "aimc study run demo.yaml", "n_cores 2"):
        assert value in page
    head, *rows = data_of(page, "study-demo-curve-accuracy-analog-mean")
    assert head[:5] == ["point", trees.BITS, trees.ROWS, "n_chips", "mean"]
    assert head[-1] == "chip_9"
    assert len(rows) == 12
    shown = tree["points"][3]["metrics"]["accuracy.analog.mean"]
    assert [float(v) for v in rows[3][4:7]] == [shown["mean"], *shown["ci95"]]
    assert [float(v) for v in rows[3][8:]] == shown["per_chip"]
    assert rows[2][4] == ""


def test_many_second_values_give_a_map_alone() -> None:
    tree = trees.study([trees.axis("a", (1, 2)), trees.axis("b", range(1, 9))])
    titles = re.findall("<h3>(.*?)</h3>", page_of(tree))
    assert titles[0] == "Map of accuracy"


def test_numbers_in_cells_are_the_means() -> None:
    tree = trees.two_axes()
    page = page_of(tree)
    svg = page[page.index("Map of accuracy") :]
    svg = svg[: svg.index("</svg>")]
    for point in tree["points"]:
        mean = point["metrics"]["accuracy.analog.mean"]["mean"]
        assert mean is None or f"{100 * mean:.1f} %" in svg
    assert svg.count("×") == 1


def test_nothing_known_is_said_not_drawn_wrong() -> None:
    tree = trees.two_axes()
    for i in range(len(tree["points"])):
        trees.refuse(tree, i)
    page = page_of(tree)
    assert "No point has a value." in page
    assert "12 refused" in page


def test_results_of_one_name_stand_apart() -> None:
    page, reader = page_of(trees.two_axes(), trees.two_axes()), Reader()
    reader.feed(page)
    assert max(reader.ids.values()) == 1
    assert {"study-demo", "study-demo-2"} <= set(reader.ids)
    assert page.count('<li><a href="#study-demo') == 2


def test_what_the_questions_say() -> None:
    page = page_of(trees.sensitivity(), trees.spec(), trees.chip_yield(), trees.pareto())
    assert "Write noise of 0.03 keeps accuracy within 1 point." in page
    assert "80.0 % of chips" in page or "82.5 % of chips" in page
    assert "chips on the front" in page
    head, *rows = data_of(page, "pareto-demo-pareto")
    assert head[-2:] == ["is_on_front", "refused"]
    assert sum(row[-2] == "True" for row in rows) == 5
    assert len(data_of(page, "sensitivity-demo-sobol-accuracy-analog-mean")) == 7
    assert [row[-1] for row in data_of(page, "spec-demo-spec-hardware-device-sigma")[1:]] == [
        "holds", "fails", "holds", "undecided", "fails",
    ]  # fmt: skip


def test_a_yield_of_several_points_has_them_all() -> None:
    page = page_of(trees.yields())
    assert re.findall("<h3>(.*?)</h3>", page)[0] == "Yield at each point"
    assert [row[3] for row in data_of(page, "yield-demo-yield-by-point")[1:]] == [
        str(0.1 * bits) for bits in (6, 7, 8)
    ]
    assert "bits 7" in page


def test_a_metric_without_indices_is_told_not_drawn() -> None:
    tree = trees.sensitivity() | {"labels": {trees.BITS: "bits of the ADC"}}
    nothing = {name: {"value": None, "ci95": None} for name in tree["factors"]}
    tree["metrics"]["energy_J.per_inference"] |= {
        "first": nothing, "total": nothing, "note": "it does not vary", "n_missing": 2,
    }  # fmt: skip
    page = page_of(tree)
    assert "energy per inference: it does not vary." in page
    assert "2 base points were left out" in page
    assert page.count("<figure") == 1
    assert "bits of the ADC" in page


def test_a_large_study_is_small() -> None:
    """Item 5 of what must hold: under 2 MB."""
    tree = trees.study([trees.axis(trees.BITS, range(3, 13)), trees.axis(trees.ROWS, range(1, 7))],
                       n_chips=10)  # fmt: skip
    assert len(tree["points"]) == 60
    assert len(page_of(tree).encode()) < 1_000_000


def test_the_tree_is_not_changed() -> None:
    tree = trees.two_axes()
    before = json.dumps(tree)
    page_of(tree)
    assert json.dumps(tree) == before
