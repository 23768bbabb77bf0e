"""The page of studies in a headless browser: quiet, whole on a phone, light and dark, with keys.

Needs Chromium (`apt-get install chromium`); without it these tests are skipped and say so.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from aimc_sim.report.results.page import results_page, sections_of
from tests.browser.chromium import CUT, MARKS, Tab, brightness, chromium
from tests.unit.report import trees

pytestmark = MARKS
CROSSED = """
[...document.querySelectorAll("svg")].flatMap((svg) => {
  const straight = (t) => !(t.getAttribute("transform") ?? "").match(/rotate\\(-?35/);
  const boxes = [...svg.querySelectorAll("text")].filter(straight)
    .map((t) => [t, t.getBoundingClientRect()]);
  return boxes.flatMap(([one, a], i) => boxes.slice(i + 1).filter(([, b]) =>
    a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1
  ).map(([other]) => svg.ariaLabel + ": " + one.textContent + " / " + other.textContent));
})
"""
FOCUS = "document.activeElement.textContent"
COLUMN = """
[...document.querySelector("table.sortable").tBodies[0].rows].map((r) => r.cells[%d].textContent)
"""
SORTED = """
[...document.querySelectorAll("table.sortable")[0].tHead.rows[0].cells].map((c) => c.ariaSort)
"""
TREES = (
    trees.two_axes(),
    trees.study([trees.axis("after", (0, 3600, 86400, 31536000))], name="drift"),
    trees.study([trees.axis("hardware.device.of_a_long_name", tuple(f"device_{i}_of_a_long_name"
                 for i in range(8)))], name="words"),
    trees.study([trees.axis("hardware.x_S", None, scale="log"), trees.axis("c", None)],
                n_sampled=20),
    trees.sensitivity(),
    trees.spec(),
    trees.chip_yield(),
    trees.pareto(),
)  # fmt: skip


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One page of everything."""
    results = [(f"file{i}", tree) for i, tree in enumerate(TREES)]
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(results_page(results, sections_of(results)), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def tab(page: Path) -> Iterator[Tab]:
    """One browser for all tests."""
    with chromium(page.parent) as tab:
        yield tab


@pytest.mark.parametrize("width", [320, 360, 800, 1280])
def test_nothing_sticks_out_or_complains(page: Path, tab: Tab, width: int) -> None:
    tab.open(page, width)
    assert tab.ask("document.documentElement.scrollWidth") <= width
    assert tab.ask(CUT) == []
    assert tab.complaints == []
    assert tab.asked_for == [page.as_uri()]
    assert tab.ask("document.querySelectorAll('svg').length") > 12


def test_labels_do_not_cross(page: Path, tab: Tab) -> None:
    tab.open(page, 1280)
    assert tab.ask(CROSSED) == []


def test_light_is_light_and_dark_is_dark(page: Path, tab: Tab) -> None:
    seen = {}
    for scheme in ("light", "dark"):
        tab.open(page, scheme=scheme)
        label = "getComputedStyle(document.querySelector('figure svg text')).fill"
        ground = "getComputedStyle(document.querySelector('figure')).backgroundColor"
        seen[scheme] = brightness(tab.ask(label)), brightness(tab.ask(ground))
    assert seen["light"][0] < 60 < 200 < seen["light"][1]
    assert seen["dark"][1] < 60 < 200 < seen["dark"][0]


def test_tables_are_sorted_with_keys(page: Path, tab: Tab) -> None:
    tab.open(page)
    tab.press("Tab")
    assert tab.ask(FOCUS) == "Skip to the results"
    assert tab.ask("document.activeElement.getBoundingClientRect().left") >= 0
    for _ in range(60):
        tab.press("Tab")
        if tab.ask(FOCUS) == "accuracy":
            break
    assert tab.ask(FOCUS) == "accuracy"
    assert tab.ask("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    before = tab.ask(COLUMN % 4)
    values = [float(text.split()[0]) for text in before if text != "–"]
    assert values != sorted(values)
    tab.press("Enter")
    assert tab.ask(SORTED) == [None, None, None, None, "ascending", None]
    expected = sorted((text for text in before if text != "–"), key=lambda t: float(t.split()[0]))
    assert tab.ask(COLUMN % 4) == [*expected, "–"]  # what is not known stays last
    tab.press(" ")
    assert tab.ask(SORTED) == [None, None, None, None, "descending", None]
    assert tab.ask(COLUMN % 4) == [*reversed(expected), "–"]
    tab.ask("document.querySelectorAll('table.sortable th button')[0].click()")
    assert tab.ask(SORTED) == ["ascending", None, None, None, None, None]
    assert tab.ask(COLUMN % 0) == [str(i) for i in range(12)]  # as numbers, not as text


def test_without_scripts_all_is_there(page: Path, tab: Tab) -> None:
    tab.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        tab.open(page)
        assert tab.ask("document.querySelectorAll('th button').length") == 0
        assert tab.ask("document.querySelector('table.sortable').tBodies[0].rows.length") == 12
        assert tab.complaints == []
    finally:
        tab.call("Emulation.setScriptExecutionDisabled", value=False)


def test_the_data_of_a_figure_can_be_saved(page: Path, tab: Tab, tmp_path: Path) -> None:
    tab.open(page)
    tab.call("Page.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
    tab.ask("document.querySelector('.data a').click()")
    saved = tmp_path / "study-demo-curve-accuracy-analog-mean.csv"
    end = time.monotonic() + 20.0
    while not saved.exists() and time.monotonic() < end:
        time.sleep(0.1)
    figure = sections_of([("x", TREES[0])])[0].figures[0]
    assert saved.read_text(encoding="utf-8") == figure.csv()
