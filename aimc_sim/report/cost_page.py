"""One self-contained page about what a model costs on a chip, or a chip at its peak."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aimc_sim.chip import Chip
from aimc_sim.display import percent, si
from aimc_sim.report.cost_table import (
    baseline_rows,
    busy_rows,
    complexity_rows,
    headline_rows,
    path_rows,
    swing_rows,
)
from aimc_sim.report.files import write_text
from aimc_sim.report.sources import chip_sources
from aimc_sim.report.template import page_of


def write_cost_page(
    path: str | Path, tree: Mapping[str, Any], *, chip: Chip, title: str, command: str = ""
) -> None:
    """Write a page about a bill: one HTML file, no network, light and dark.

    Parameters
    ----------
    path : path
        Target, replaced whole or not at all.
    tree : mapping
        From `aimc_sim.report.cost_json.cost_json` or `busy_json`.
    chip : Chip
        Shows where its constants come from.
    title : str
        Heading.
    command : str
        Command line, for the record.

    Raises
    ------
    InputError
        The page cannot be written.
    """
    write_text(path, render(tree, chip=chip, title=title, command=command))


def render(tree: Mapping[str, Any], *, chip: Chip, title: str, command: str = "") -> str:
    """Return the page as text; the same for the same bill but for machine."""
    of_model = "complexity" in tree
    return page_of(
        "cost.html.j2",
        title=title,
        text=tree["run"]["what"] if of_model else tree["operation"],
        headline=_headline(tree) if of_model else _busy_headline(tree),
        figures=_figures(tree, chip) if of_model else _busy_figures(tree),
        tables=_tables(tree) if of_model else [],
        meaning=headline_rows(tree) if of_model else busy_rows(tree),
        remarks=_remarks(tree),
        sources=chip_sources(chip),
        provenance=_provenance(tree, command),
    )


def _headline(tree: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    energy, latency, derived = tree["per_inference"], tree["latency_s"], tree["derived"]
    ends = energy["interval_J"] if energy else (0.0, 0.0)
    spread = "no part of it is an interval"
    if ends[0] != ends[1]:
        spread = f"{si(ends[0], 'J')} to {si(ends[1], 'J')} with the ADCs of silicon"
    return [
        (si(energy["energy_J"] if energy else None, "J"), "energy per inference", spread),
        (
            si(latency["per_step"], "s"),
            "latency of a step",
            f"{si(latency['pipelined_interval'], 's')} between steps where layers are pipelined",
        ),
        (
            si(tree["area_m2"]["total"], "m2"),
            "area of a chip",
            f"{tree['tiles']['count']} tiles, {percent(tree['tiles']['utilisation'], 1)} used",
        ),
        (si(tree["power_W"], "W"), "power while running", "programming apart"),
        (
            si(derived["ops_per_J"], "OPS/W"),
            "operations a second and watt",
            f"{si(derived['J_per_mac'], 'J')} a MAC of the model",
        ),
    ]


def _busy_headline(tree: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    tile = tree["tile"]
    return [
        (
            si(tree["ops_per_s"], "OPS"),
            "operations a second",
            f"{tree['n_tiles']:,} tiles, all busy",
        ),
        (si(tree["ops_per_J"], "OPS/W"), "operations a second and watt", si(tree["power_W"], "W")),
        (
            si(1.0e-6 * tree["ops_per_s_m2"], "OPS/mm²"),
            "operations a second and mm²",
            si(tree["area_m2"]["total"], "m2"),
        ),
        (si(tile["energy_J"], "J"), "a product of a tile", f"{tile['macs']:,} MACs"),
        (
            si(tile["interval_s"], "s"),
            "from one to the next",
            f"latency {si(tile['latency_s'], 's')}",
        ),
    ]


def _figures(tree: Mapping[str, Any], chip: Chip) -> list[dict[str, Any]]:
    from aimc_sim.report import figures_cost as draw
    from aimc_sim.report.figures import parts_figure

    found = []
    energy = tree["per_inference"]
    if energy:
        share = energy["energy_J"] / tree["energy_J"]["total"]
        found += [
            (
                "Energy per inference by component",
                parts_figure("energy", "energy by component", energy["by_component_J"], "J").svg(),
                "Without programming.",
            ),
            (
                "Energy per inference by layer",
                draw.layers_figure(tree["energy_J"]["by_layer_and_component"], share),
                "The five largest components by colour.",
            ),
            (
                "Which constants it hangs on",
                draw.tornado_figure(tree["sensitivity"], energy["energy_J"]),
                "Each constant alone, from the low to the high end of its interval; pale where its "
                "source is assumed. Ends of grades are a rule, not statistics: measured x 0.9 to "
                "1.1, fitted x 0.7 to 1.5, assumed x 0.5 to 2.",
            ),
        ]
        ends = energy["interval_J"]
        rows = [(chip.name, energy["energy_J"], (ends[0], ends[1]))]
        rows += [
            (b["name"], b["energy_per_inference_J"], b["interval_J"]) for b in tree["baselines"]
        ]
        found.append(
            (
                "The same model on digital machines",
                draw.baseline_figure(rows),
                "Logarithmic; lines are intervals. What each leaves out stands below.",
            )
        )
    found.append(_area(tree))
    return _marked(found)


def _busy_figures(tree: Mapping[str, Any]) -> list[dict[str, Any]]:
    from aimc_sim.report.figures import parts_figure

    parts = tree["tile"]["energy_by_component_J"]
    energy = parts_figure("energy", "energy by component", parts, "J").svg()
    return _marked(
        [("Energy of a product by component", energy, "Of one tile, fully busy."), _area(tree)]
    )


def _area(tree: Mapping[str, Any]) -> tuple[str, str, str]:
    from aimc_sim.report.figures_cost import floor_figure

    svg = floor_figure(tree["area_m2"]["by_component"])
    return "Area", svg, "Of one chip, rectangles in proportion; they are no layout."


def _marked(figures: list[tuple[str, str, str]]) -> list[dict[str, Any]]:
    from markupsafe import Markup

    return [{"title": title, "svg": Markup(svg), "text": text} for title, svg, text in figures]


def _tables(tree: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = []
    for title, (head, *rows) in (
        ("Latency of a step by layer", path_rows(tree)),
        (
            "Constants that move the energy most (* interval stated, else by grade)",
            swing_rows(tree),
        ),
        ("Digital machines (ratio: how many times this chip's)", baseline_rows(tree)),
        ("Complexity", complexity_rows(tree)),
    ):
        found.append({"title": title, "head": head, "rows": rows})
    return found


def _remarks(tree: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what the figures leave out, and what was moved between nodes."""
    rows = [(f"{b['name']} leaves out", b["leaves_out"]) for b in tree.get("baselines", ())]
    rows += [
        (
            f"{name}, scaled",
            f"from {s['from_nm']:g} nm at {s['from_vdd_V']:g} V to {s['to_nm']:g} nm at "
            f"{s['to_vdd_V']:g} V: energy x {s['energy']:.3g}, area x {s['area']:.3g}, time x "
            f"{s['latency']:.3g} (Stillmaker and Baas 2017)",
        )
        for name, s in tree["scaled"].items()
    ]
    return rows + [("note", note) for note in tree["cost_notes"]]


def _provenance(tree: Mapping[str, Any], command: str) -> list[tuple[str, str]]:
    rows = [("command", command)] if command else []
    rows += [(f"digest of {name}", value) for name, value in tree["digests"].items()]
    rows += [
        ("version", f"aimc_sim {tree['version']}"),
        ("machine", ", ".join(f"{key} {value}" for key, value in tree["machine"].items())),
    ]
    return rows
