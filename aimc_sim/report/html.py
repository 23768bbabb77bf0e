"""One self-contained page about a run: figures, tables, and where every number comes from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aimc_sim.analysis.run_json import run_json
from aimc_sim.analysis.s4d import LayerPicture
from aimc_sim.chip import Chip
from aimc_sim.cost.bill import Bill
from aimc_sim.crossbar.tile import Tiles
from aimc_sim.report.files import write_text
from aimc_sim.report.run_section import run_figures, run_headline, run_provenance, run_tables
from aimc_sim.report.sections import s4d_figures
from aimc_sim.report.sources import SourceRow, chip_sources, device_sources
from aimc_sim.report.template import page_of
from aimc_sim.runner.result import Result


def write_report(
    path: str | Path,
    result: Result,
    bill: Bill,
    *,
    tiles: Tiles | None = None,
    chip: Chip | None = None,
    summary: Mapping[str, Any] | None = None,
    pictures: Mapping[str, LayerPicture] | None = None,
    age_s: float | None = None,
    title: str | None = None,
    command: str | None = None,
) -> None:
    """Write a page about a run: one HTML file, no network, light and dark.

    Parameters
    ----------
    path : path
        Target, replaced whole or not at all.
    result : Result
        What the run gave.
    bill : Bill
        What it cost.
    tiles : Tiles, optional
        What it ran on; shows how the tiles are used, and one of them.
    chip : Chip, optional
        Shows where its constants come from.
    summary : mapping, optional
        The run's JSON, where it exists already.
    pictures : mapping, optional
        Poles and kernels of the S4D layers (`aimc_sim.analysis.s4d.s4d_pictures`).
    age_s : float, optional
        Age of the devices when the sequences started [s]; by default that of `summary`.
    title : str, optional
        Heading.
    command : str, optional
        Command line, for the record.

    Raises
    ------
    InputError
        The page cannot be written.
    """
    tree = summary or run_json(result, bill, tiles=tiles, chip=chip, pictures=pictures, age_s=age_s)
    page = render(tree, tiles=tiles, chip=chip, pictures=pictures, title=title, command=command)
    write_text(path, page)


def render(
    tree: Mapping[str, Any],
    *,
    tiles: Tiles | None = None,
    chip: Chip | None = None,
    pictures: Mapping[str, LayerPicture] | None = None,
    title: str | None = None,
    command: str | None = None,
) -> str:
    """Return the page as text; the same for the same run but for machine and runtime."""
    from aimc_sim.report.figures import tile_figure

    name = title or (f"Run on {chip.name}" if chip else "Run on simulated tiles")
    figures = run_figures(tree)
    if tiles is not None and tiles.plan.tiles:
        figures.append(tile_figure(tiles, tree["run"]["age_s"]))
    return page_of(
        "report.html.j2",
        title=name,
        tree=tree,
        headline=run_headline(tree),
        figures=figures + s4d_figures(pictures or {}),
        tables=run_tables(tree),
        sources=_sources(tiles, chip),
        provenance=run_provenance(tree, command),
    )


def _sources(tiles: Tiles | None, chip: Chip | None) -> list[SourceRow]:
    if chip is not None:
        return chip_sources(chip)
    return device_sources(tiles.hardware.device) if tiles is not None else []
