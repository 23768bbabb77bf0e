"""Figures as files for print: PNG, SVG and PDF, each with its data as CSV."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from aimc_sim.report.figure import KINDS, Figure
from aimc_sim.report.files import write_bytes, write_text
from aimc_sim.report.results.page import main_figures
from aimc_sim.report.results.section import Section
from aimc_sim.spec import InputError


def write_figures(folder: str | Path, sections: Sequence[Section]) -> list[Path]:
    """Write every figure of some sections as PNG (300 dpi), SVG and PDF, and its data as CSV.

    Parameters
    ----------
    folder : path
        Made where it is missing; files of the same names are replaced.
    sections : sequence of Section
        From `aimc_sim.report.results.page.sections_of`.

    Returns
    -------
    list of path
        The files, named by section and figure; the same bytes for the same results.

    Raises
    ------
    InputError
        The folder or a file cannot be written.
    """
    target = Path(folder)
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"--figures {folder}: cannot be written ({error.strerror})") from None
    written: list[Path] = []
    for section in sections:
        for figure in section.figures:
            written += _write(target / f"{section.name}-{figure.name}", figure)
    return written


def _write(stem: Path, figure: Figure) -> list[Path]:
    paths = []
    for kind in KINDS:
        path = stem.with_name(f"{stem.name}.{kind}")
        write_bytes(path, figure.picture(kind))
        paths.append(path)
    if figure.head:
        path = stem.with_name(f"{stem.name}.csv")
        write_text(path, figure.csv())
        paths.append(path)
    return paths


def check_plot(option: str, path: str | Path) -> str:
    """Return the kind of picture that a name asks for.

    Raises
    ------
    InputError
        It ends in none of .svg, .png and .pdf.
    """
    kind = Path(path).suffix.lower().removeprefix(".")
    if kind not in KINDS:
        allowed = ", ".join(f".{kind}" for kind in KINDS)
        raise InputError(f"{option} {path}: expected a name that ends in {allowed}")
    return kind


def write_figures_of(tree: Mapping[str, Any], path: str | Path) -> None:
    """Write the main figure of a run, a study or the answer to a question.

    Parameters
    ----------
    tree : mapping
        Its JSON.
    path : path
        Target, replaced whole or not at all; its suffix says the kind: .svg, .png, .pdf.

    Raises
    ------
    InputError
        Another suffix, nothing to draw, or it cannot be written.
    """
    kind = check_plot("--plot", path)
    figures = main_figures(tree)
    if not figures:
        raise InputError(f"--plot {path}: there is nothing to draw")
    write_bytes(path, figures[0].picture(kind))


__all__ = ["check_plot", "write_figures", "write_figures_of"]
