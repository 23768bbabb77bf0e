"""Figures as files: for print, the same bytes every time, with their data beside them."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from aimc_sim.report.figure_files import write_figures, write_figures_of
from aimc_sim.report.results.page import sections_of
from aimc_sim.spec import InputError
from tests.unit.report import trees

ROOT = Path(__file__).resolve().parents[3]
WRITE = """
import json, sys
from aimc_sim.report.figure_files import write_figures_of
tree = json.load(open(sys.argv[1]))
for path in sys.argv[2:]:
    write_figures_of(tree, path)
"""


def test_every_figure_is_four_files(tmp_path: Path) -> None:
    tree = trees.study([trees.axis(trees.BITS, (4, 6))])
    sections = sections_of([("x", tree)])
    paths = write_figures(tmp_path / "new/figures", sections)
    stems = [figure.name for figure in sections[0].figures]
    assert len(stems) == 2
    assert {p.name for p in paths} == {
        f"study-demo-{stem}.{kind}" for stem in stems for kind in ("png", "svg", "pdf", "csv")
    }
    assert all(path.stat().st_size > 100 for path in paths)
    csv = (tmp_path / "new/figures/study-demo-curve-energy-j-per-inference.csv").read_text()
    assert csv == sections[0].figures[1].csv()


@pytest.mark.parametrize("name", ["two_axes", "sensitivity", "spec", "chip_yield", "pareto"])
def test_the_main_figure_of_a_tree(name: str, tmp_path: Path) -> None:
    tree = getattr(trees, name)()
    png, svg, pdf = (tmp_path / f"x.{kind}" for kind in ("png", "svg", "pdf"))
    for path in (png, svg, pdf):
        write_figures_of(tree, path)
    width, _ = struct.unpack(">II", png.read_bytes()[16:24])
    assert width == 1050  # 3.5 inch at 300 dpi
    text = svg.read_text(encoding="utf-8")
    assert 'width="3.5in"' in text
    assert "var(--" not in text
    assert "font: 8px" in text or "8px" in text
    assert pdf.read_bytes().startswith(b"%PDF")
    assert b"CreationDate" not in pdf.read_bytes()


def test_bytes_are_the_same_in_another_process(tmp_path: Path) -> None:
    source = tmp_path / "tree.json"
    source.write_text(json.dumps(trees.spec()))
    for seed in ("1", "2"):
        paths = [str(tmp_path / f"{seed}.{kind}") for kind in ("pdf", "svg")]
        env = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        subprocess.run([sys.executable, "-c", WRITE, source, *paths], env=env, check=True)
    for kind in ("pdf", "svg"):
        assert (tmp_path / f"1.{kind}").read_bytes() == (tmp_path / f"2.{kind}").read_bytes()


def test_other_names_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"expected a name that ends in \.svg, \.png, \.pdf"):
        write_figures_of(trees.spec(), tmp_path / "x.jpg")
    nothing = trees.study([])
    trees.refuse(nothing, 0)
    with pytest.raises(InputError, match="nothing to draw"):
        write_figures_of(nothing, tmp_path / "x.svg")
