"""One self-contained page about a run: figures, tables, and where every number comes from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aimc_sim.analysis.run_json import run_json
from aimc_sim.analysis.s4d import LayerPicture
from aimc_sim.chip import Chip
from aimc_sim.cost.bill import Bill
from aimc_sim.crossbar.tile import Tiles
from aimc_sim.display import percent, si
from aimc_sim.report.files import write_text
from aimc_sim.report.sections import budget_figures, budget_table, s4d_figures, s4d_table
from aimc_sim.report.sources import SourceRow, chip_sources, device_sources
from aimc_sim.report.table import (
    chips_text,
    half_width,
    headline_rows,
    per_inference,
    tiles_text,
)
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
    name = title or (f"Run on {chip.name}" if chip else "Run on simulated tiles")
    return page_of(
        "report.html.j2",
        title=name,
        tree=tree,
        headline=[tuple(map(_unbroken, card)) for card in _headline(tree)],
        rows=headline_rows(tree),
        figures=_figures(tree, tiles, pictures),
        tables=[t for t in (budget_table(tree), s4d_table(tree)) if t],
        saturation=_saturation(tree),
        sources=_sources(tiles, chip),
        provenance=_provenance(tree, command),
    )


def _headline(tree: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return value, name and remark of the figures at the top."""
    energy_J, latency_s, analog = tree["energy_J"], tree["latency_s"], tree["accuracy"]["analog"]
    half = half_width(analog)
    chips = chips_text(tree["run"]["chips"])
    spread = chips if half is None else f"± {100 * half:.2f} % (95 %) over {chips}"
    return [
        (percent(analog["mean"]), "analog accuracy", spread),
        (
            percent(tree["accuracy"]["reference"]),
            "integer reference",
            f"agreement {percent(tree['agreement'])}",
        ),
        (
            si(energy_J["per_inference"], "J"),
            "energy per inference",
            f"programming {si(energy_J['programming'], 'J')}, {chips}",
        ),
        (
            si(latency_s["per_inference"], "s"),
            "latency per inference",
            f"{si(latency_s['per_step'], 's')} a step",
        ),
        (si(tree["area_m2"]["total"], "m2"), "area of a chip", tiles_text(tree["tiles"])),
    ]


def _unbroken(text: str) -> str:
    """Return text in which a figure keeps its unit on the same line."""
    return re.sub(r"(?<=[\d±]) (?=[%\w±])", "\u00a0", text)


def _figures(
    tree: Mapping[str, Any], tiles: Tiles | None, pictures: Mapping[str, LayerPicture] | None
) -> list[dict[str, Any]]:
    """Return the figures, each with heading and remark, SVG marked as safe."""
    from markupsafe import Markup

    from aimc_sim.report import figures as draw

    found: list[tuple[str, str, str]] = []
    accuracy = tree["accuracy"]
    if accuracy["analog"]["mean"] is not None:
        found.append(
            (
                "Accuracy per chip",
                draw.accuracy_figure(accuracy, tree["run"]["chips"]),
                "Each chip instance is programmed anew; the band is Student's t over them.",
            )
        )
    found += budget_figures(tree)
    if tree["error_by_step"]:
        found.append(
            (
                "Output error against step",
                draw.error_figure(tree["error_by_step"]),
                "Of the last layer before the pool, over chips and sequences that still run.",
            )
        )
    for split, name in (("by_component", "component"), ("by_layer", "layer")):
        if parts := per_inference(tree, split):
            svg = draw.parts_figure(f"energy-{name}", f"energy by {name}", parts, "J")
            found.append((f"Energy per inference by {name}", svg, "Without programming."))
    if tree["area_m2"]["total"]:
        svg = draw.parts_figure("area", "area by component", tree["area_m2"]["by_component"], "m2")
        found.append(("Area by component", svg, "Of one chip."))
    if tiles is not None and tiles.plan.tiles:
        found.append(("A tile", draw.tile_figure(tiles, tree["run"]["age_s"]), _tile_text(tiles)))
    found += s4d_figures(pictures or {})
    return [{"title": title, "svg": Markup(svg), "text": text} for title, svg, text in found]


def _tile_text(tiles: Tiles) -> str:
    from aimc_sim.report.figures import largest_tile

    tile, shape = largest_tile(tiles), tiles.hardware.tile
    fit = tiles.layouts[tile.tile_id].columns_that_fit(shape)
    return (
        f"Tile {tile.tile_id} ({tile.layer}, {tile.name}) of chip {tiles.chips[0]}, that with "
        f"the most weights: {tile.n_wordlines} of {shape.n_wordlines} wordlines and "
        f"{tile.n_columns} of {fit} weight columns are used and shown."
    )


def _saturation(tree: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    return [
        (name, f"{row['total']:,}", percent(row["share"], 4))
        for name, row in tree["saturated"]["by_layer"].items()
    ]


def _sources(tiles: Tiles | None, chip: Chip | None) -> list[SourceRow]:
    if chip is not None:
        return chip_sources(chip)
    return device_sources(tiles.hardware.device) if tiles is not None else []


def _provenance(tree: Mapping[str, Any], command: str | None) -> list[tuple[str, str]]:
    seed, run = tree["seed"], tree["run"]
    rows = [("command", command)] if command else []
    rows += [(f"digest of {name}", value) for name, value in tree["digests"].items()]
    rows += [
        ("seeds", f"build {seed['build']}, run {seed['run']}"),
        ("sequences", f"{run['n_sequences']:,} of up to {run['n_steps']:,} steps"),
        ("age of the devices", "–" if run["age_s"] is None else f"{run['age_s']:g} s"),
        ("mapping of S4D", run["mapping"] or "–"),
        ("read noise", f"one draw a {tree['noise_form']}, generator {tree['rng_version']}"),
        ("version", f"aimc_sim {tree['version']}"),
        ("machine", ", ".join(f"{key} {value}" for key, value in tree["machine"].items())),
    ]
    if tree["runtime_s"] is not None:
        rows.append(("runtime", si(tree["runtime_s"], "s")))
    return rows
