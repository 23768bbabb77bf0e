"""The page: self-contained, well-formed, small, and the same every time."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest

from aimc_sim import cost_of, load_chip, load_data, load_model, map_model, program, run
from aimc_sim.report.figures import error_figure, parts_figure
from aimc_sim.report.html import write_report
from aimc_sim.spec import InputError
from tests.unit.cli_case import CHIPS, Case, make_case

VOID = {"meta", "link", "br", "img", "hr"}
HEADINGS = ["Accuracy per chip", "Output error against step", "Energy per inference by component",
            "Energy per inference by layer", "Area by component", "A tile", "Poles of s4d0",
            "Kernels of s4d0", "All figures", "Saturated conversions", "S4D layers on the chip",
            "Provenance", "Where the constants come from"]  # fmt: skip


class Reader(HTMLParser):
    """Collects what a page refers to, its identifiers, and tags that do not close."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: Counter[str] = Counter()
        self.open: list[str] = []
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("href", "src", "xlink:href") and value:
                self.links.append(value)
            if name == "id" and value:
                self.ids[value] += 1
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """One set of files for all tests."""
    return make_case(tmp_path_factory.mktemp("case"))


@pytest.fixture(scope="module")
def page(case: Case) -> str:
    """The page of one run."""
    path = case.folder / "run.html"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["aimc", "run", "model.npz", "--chips", "3"])
        assert case.run("--quiet", "--chips", 3, "--after", "1d", "--html", path).exit_code == 0
    return path.read_text(encoding="utf-8")


def test_everything_is_inside(page: str) -> None:
    reader = Reader()
    reader.feed(page)
    assert reader.wrong == reader.open == []
    assert reader.links
    assert all(link.startswith(("#", "data:")) for link in reader.links)
    inside = {link[1:] for link in reader.links if link.startswith("#")}
    inside |= set(re.findall(r"url\(#([^)]+)\)", page))
    assert inside <= set(reader.ids)
    assert max(reader.ids.values()) == 1
    assert not re.search(r"@import|url\((?!#)|<script [^>]|\bon[a-z]+=", page)
    assert page.count("<script>") == 1
    assert len(page.encode()) < 2_000_000


def test_budget_and_corrected_poles_are_inside_too(case: Case, tmp_path: Path) -> None:
    path = tmp_path / "run.html"
    changes = ("hardware.mapping.allow_narrow_state=true", "hardware.calibration.kind=global")
    words = ("--mapping", "split", *(w for change in changes for w in ("--set", change)))
    done = case.run("--quiet", "--budget", *words, "--after", "1d", "--chips", 2, "--html", path)
    assert done.exit_code == 0, done.output
    text, reader = path.read_text(encoding="utf-8"), Reader()
    reader.feed(text)
    assert reader.wrong == reader.open == []
    assert max(reader.ids.values()) == 1
    found = re.findall("<h2>(.*?)</h2>", text)
    assert {"Error budget", "Error budget in figures"} <= set(found)
    assert set(found) - {"Error budget", "Error budget in figures"} == set(HEADINGS)
    assert "corrected, 1d" in text
    assert "var(--third)" in text


def test_everything_is_told(page: str, case: Case) -> None:
    assert re.findall("<h2>(.*?)</h2>", page) == HEADINGS
    tree = case.tree("--chips", 3, "--after", "1d")
    for digest in tree["digests"].values():
        assert digest in page
    assert "aimc run model.npz --chips 3" in page
    assert "assumed" in page
    assert "Joshi et al." in page
    assert "prefers-color-scheme: dark" in page
    assert "@media print" in page


def test_no_placeholder_colour_is_left(page: str) -> None:
    assert not re.search("#010203|#040506|#070809|#0a0b0c|#0d0e0f", page)
    assert "var(--main)" in page


def test_the_page_is_the_same_again(case: Case, page: str, tmp_path: Path) -> None:
    """But for machine and runtime; the command line names another file."""
    again = tmp_path / "run.html"
    case.run("--quiet", "--chips", 3, "--after", "1d", "--html", again, "--batch", 5)
    drop = re.compile(r'<tr><th scope="row">(command|runtime|machine)</th>.*?</tr>', re.DOTALL)
    first, second = (drop.sub("", text) for text in (page, again.read_text(encoding="utf-8")))
    assert first == second
    assert len(drop.findall(page)) == 3


def test_the_verb_of_the_readme(case: Case, tmp_path: Path) -> None:
    """`write_report(path, result, bill)` alone gives a page, with fewer parts."""
    model = load_model(case.folder / "model.npz")
    chip = load_chip(CHIPS / "rram_64.yaml")
    plan = map_model(model, chip.hardware)
    tiles = program(plan, chip.hardware, seed=7)
    result = run(model, tiles, load_data(case.folder / "data.npz", model), seed=11)
    bill = cost_of(tiles.events + result.events, chip.costs, plan)
    write_report(tmp_path / "out.html", result, bill)
    found = re.findall("<h2>(.*?)</h2>", (tmp_path / "out.html").read_text(encoding="utf-8"))
    needs_tiles = ("A tile", "Poles of s4d0", "Kernels of s4d0", "S4D layers on the chip")
    assert found == [h for h in HEADINGS if h not in (*needs_tiles, HEADINGS[-1])]
    with pytest.raises(InputError, match="cannot be written"):
        write_report(tmp_path / "none/out.html", result, bill)


def test_text_from_outside_is_escaped(case: Case, tmp_path: Path) -> None:
    path = tmp_path / "<b>bold.html"
    case.run("--quiet", "--html", path)
    model = case.folder / "model.npz"
    strange = tmp_path / "<i>x.npz"
    strange.write_bytes(model.read_bytes())
    words = (strange, "--chip", CHIPS / "pcm_256.yaml", "--data", case.folder / "data.npz")
    assert case.call("run", *words, "--quiet", "--html", path).exit_code == 0
    assert "<title>&lt;i&gt;x on pcm_256</title>" in path.read_text(encoding="utf-8")


def test_error_over_decades_is_drawn_on_a_logarithm() -> None:
    ticks = [error_figure(e).svg() for e in ([0.001 * 10**i for i in range(4)], [0.1, 0.2])]
    assert "0.1 %" in ticks[0]
    assert "0 %" in ticks[1]
    assert "no error at any step" in error_figure([0.0, 0.0]).svg()


def test_a_long_name_leaves_room_for_the_bars() -> None:
    svg = parts_figure("x", "parts", {"n" * 64: 1.0, "other": 2.0}, "J").svg()
    assert "n" * 9 + "…" + "n" * 8 in svg


def test_parts_are_ranked() -> None:
    svg = parts_figure("x", "parts", {"small": 1e-9, "large": 2e-9, "none": 0.0}, "J").svg()
    assert svg.index("large") < svg.index("small")
    assert "none" not in re.sub("fill: none|fill-rule|stroke: none", "", svg)
    assert "2 nJ, 66.7 %" in svg
