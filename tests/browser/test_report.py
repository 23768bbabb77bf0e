"""The page of a run in a headless browser: whole on a phone, no label cut, dark is dark.

Needs Chromium (`apt-get install chromium`); without it these tests are skipped and say so.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.chromium import CUT, MARKS, Tab, brightness, chromium
from tests.unit.cli_case import make_case

pytestmark = MARKS


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of one run."""
    case = make_case(tmp_path_factory.mktemp("case"))
    path = case.folder / "run.html"
    words = ("--mapping", "split", "--set", "hardware.mapping.allow_narrow_state=true", "--budget")
    done = case.run("--quiet", "--chips", 3, "--after", "1d", *words, "--html", path)
    assert done.exit_code == 0
    return path


@pytest.fixture(scope="module")
def tab(page: Path) -> Iterator[Tab]:
    """One browser for all tests."""
    with chromium(page.parent) as tab:
        yield tab


@pytest.mark.parametrize("width", [320, 400, 800, 1280])
def test_nothing_sticks_out(page: Path, tab: Tab, width: int) -> None:
    tab.open(page, width)
    assert tab.ask("document.querySelectorAll('svg').length") == 9
    assert tab.ask("document.documentElement.scrollWidth") <= width
    assert tab.ask(CUT) == []
    assert tab.complaints == []
    assert tab.asked_for == [page.as_uri()]


def test_light_is_light_and_dark_is_dark(page: Path, tab: Tab) -> None:
    for scheme in ("light", "dark"):
        tab.open(page, scheme=scheme)
        body = "getComputedStyle(document.body)"
        ink, paper = (brightness(tab.ask(f"{body}.{of}")) for of in ("color", "backgroundColor"))
        dim, bright = (ink, paper) if scheme == "light" else (paper, ink)
        assert dim < 60 < 200 < bright
        label = tab.ask("getComputedStyle(document.querySelector('svg text')).fill")
        assert label == tab.ask(f"{body}.color")
