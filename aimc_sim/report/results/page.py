"""One self-contained page about any results: runs, studies, and answers to questions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from aimc_sim.report.figure import Figure, slug
from aimc_sim.report.results.chip_yield import yield_section
from aimc_sim.report.results.compare import run_comparison
from aimc_sim.report.results.pareto import pareto_section
from aimc_sim.report.results.read import kind_of
from aimc_sim.report.results.run import run_section
from aimc_sim.report.results.section import Section
from aimc_sim.report.results.sensitivity import sensitivity_section
from aimc_sim.report.results.snr import snr_section
from aimc_sim.report.results.spec_search import spec_section
from aimc_sim.report.results.study import study_section
from aimc_sim.report.template import page_of
from aimc_sim.version import VERSION

Named = tuple[str, Mapping[str, Any]]  # name of a file without its suffix, and its tree

SECTIONS: Mapping[str, Callable[[Mapping[str, Any], str], Section]] = {
    "study": study_section,
    "sensitivity": sensitivity_section,
    "spec": spec_section,
    "yield": yield_section,
    "pareto": pareto_section,
    "snr": snr_section,
}
"""By kind of tree, what a page says of it; that of a run has no kind and takes its file's name."""


def sections_of(results: Sequence[Named]) -> list[Section]:
    """Return a section for each tree, with names that differ.

    Parameters
    ----------
    results : sequence of pairs
        Name of a file, and a tree that `aimc_sim.report.results.read.checked` has passed.
    """
    found: list[Section] = []
    taken: set[str] = set()
    for file, tree in results:
        kind = str(kind_of(tree))
        title = str(tree.get("name") or tree.get("study") or file)
        stem = f"{kind}-{slug(title)}"
        n = next(n for n in range(1, len(results) + 2) if _numbered(stem, n) not in taken)
        name = _numbered(stem, n)
        taken.add(name)
        if kind == "run":
            found.append(run_section(tree, name, f"Run {file}"))
        else:
            found.append(SECTIONS[kind](tree, name))
    return found


def _numbered(stem: str, n: int) -> str:
    return stem if n == 1 else f"{stem}-{n}"


def main_figures(tree: Mapping[str, Any]) -> Sequence[Figure]:
    """Return the figures of one tree, the main one first."""
    (section,) = sections_of([("run", tree)])
    return section.figures


def results_page(
    results: Sequence[Named], sections: Sequence[Section], title: str | None = None
) -> str:
    """Return the page as text, the same for the same results.

    Parameters
    ----------
    results : sequence of pairs
        Names and trees.
    sections : sequence of Section
        What `sections_of` made of them.
    title : str, optional
        Heading; by default the names of the files.
    """
    runs = [(name, tree) for name, tree in results if kind_of(tree) == "run"]
    runs += [(f"{tree['name']}, base chip", tree["record"]) for _, tree in results
             if kind_of(tree) == "study" and tree.get("record")]  # fmt: skip
    files = list(dict.fromkeys(name for name, _ in results))
    more = f" and {len(files) - 3} more" if len(files) > 3 else ""
    several = "1 result" if len(sections) == 1 else f"{len(sections)} results"
    return page_of(
        "results.html.j2",
        title=title or f"Results: {', '.join(files[:3])}{more}",
        text=f"{several} from {', '.join(files)}; aimc_sim {VERSION}",
        sections=sections,
        comparison=run_comparison(runs),
    )


def file_name(path: str | Path) -> str:
    """Return what a results file is called on a page."""
    return Path(path).stem or str(path)


__all__ = ["SECTIONS", "Named", "file_name", "main_figures", "results_page", "sections_of"]
