"""`aimc report`: results of all kinds on one page, and as figures for print."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from aimc_sim.commands.results import read_all
from aimc_sim.report.figure_files import write_figures
from aimc_sim.report.files import check_writable, write_text
from aimc_sim.report.results.page import results_page, sections_of
from aimc_sim.spec import InputError


@dataclass(frozen=True)
class ReportOptions:
    """The options of the command, as typed; see ``aimc report --help``."""

    results: tuple[str, ...]
    output: str
    figures: str | None = None
    title: str | None = None
    quiet: bool = False


def report_command(options: ReportOptions) -> None:
    """Do what `aimc report` does."""
    check_writable("-o", options.output)
    if options.figures and Path(options.figures).is_file():
        raise InputError(f"--figures {options.figures}: it is a file; expected a folder")
    results = read_all(options.results)
    sections = sections_of(results)
    page = results_page(results, sections, options.title)
    write_text(options.output, page)
    n_figures = sum(len(section.figures) for section in sections)
    told = (
        f"{options.output}: {len(sections)} result{'s' if len(sections) > 1 else ''}, "
        f"{n_figures} figures, {len(page.encode('utf-8')) // 1000} kB"
    )
    if options.figures:
        told += f"\n{options.figures}: {len(write_figures(options.figures, sections))} files"
    if not options.quiet:
        sys.stdout.write(told + "\n")
