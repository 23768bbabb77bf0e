"""What a page says of one run, from its JSON alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from aimc_sim.display import percent, si
from aimc_sim.report.sections import budget_figures, budget_table, s4d_figures_of, s4d_table
from aimc_sim.report.sortable import Cell, Table
from aimc_sim.report.table import chips_text, half_width, headline_rows, per_inference, tiles_text

if TYPE_CHECKING:
    from aimc_sim.report.figure import Figure

Card = tuple[str, str, str]


def run_headline(tree: Mapping[str, Any]) -> list[Card]:
    """Return value, name and remark of the figures at the top."""
    energy_J, latency_s, analog = tree["energy_J"], tree["latency_s"], tree["accuracy"]["analog"]
    half = half_width(analog)
    chips = chips_text(tree["run"]["chips"])
    spread = chips if half is None else f"± {100 * half:.2f} % (95 %) over {chips}"
    cards = [
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
    return [(unbroken(value), unbroken(name), unbroken(remark)) for value, name, remark in cards]


def unbroken(text: str) -> str:
    """Return text in which a figure keeps its unit on the same line."""
    return re.sub(r"(?<=[\d±]) (?=[%\w±])", "\u00a0", text)


def run_figures(tree: Mapping[str, Any]) -> list[Figure]:
    """Return the figures of every run: accuracy, budget, error, energy, area."""
    from aimc_sim.report import figures as draw

    found: list[Figure] = []
    accuracy = tree["accuracy"]
    if accuracy["analog"]["mean"] is not None:
        found.append(draw.accuracy_figure(accuracy, tree["run"]["chips"]))
    found += budget_figures(tree)
    if tree["error_by_step"]:
        found.append(draw.error_figure(tree["error_by_step"]))
    for split, name in (("by_component", "component"), ("by_layer", "layer")):
        if parts := per_inference(tree, split):
            title = f"Energy per inference by {name}"
            found.append(
                draw.parts_figure(f"energy-{name}", title, parts, "J", "Without programming.")
            )
    if tree["area_m2"]["total"]:
        parts = tree["area_m2"]["by_component"]
        found.append(draw.parts_figure("area", "Area by component", parts, "m2", "Of one chip."))
    return found


def run_figures_of(tree: Mapping[str, Any]) -> list[Figure]:
    """Return all figures that can be drawn from the JSON alone: poles and kernels, too."""
    return run_figures(tree) + s4d_figures_of(tree)


def run_tables(tree: Mapping[str, Any]) -> list[Table]:
    """Return the tables: all figures, saturated conversions, error budget, S4D layers."""
    found: list[Table | None] = [Table("All figures", ("figure", "value"), headline_rows(tree))]
    by_layer = tree["saturated"]["by_layer"]
    if by_layer:
        rows = [
            (
                name,
                Cell(f"{row['total']:,}", row["total"]),
                Cell(percent(row["share"], 4), row["share"]),
            )
            for name, row in by_layer.items()
        ]
        found.append(Table("Saturated conversions", ("layer", "conversions", "share"), rows))
    found += [budget_table(tree), s4d_table(tree)]
    return [table for table in found if table]


def run_provenance(tree: Mapping[str, Any], command: str | None = None) -> list[tuple[str, str]]:
    """Return where a run comes from: name and value."""
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
        ("machine", machine_text(tree["machine"])),
    ]
    if tree["runtime_s"] is not None:
        rows.append(("runtime", si(tree["runtime_s"], "s")))
    return rows


def machine_text(machine: Mapping[str, Any]) -> str:
    """Return what a run was made on, in a line."""
    return ", ".join(f"{key} {value}" for key, value in machine.items())


__all__ = [
    "Card",
    "machine_text",
    "run_figures",
    "run_figures_of",
    "run_headline",
    "run_provenance",
    "run_tables",
    "unbroken",
]
