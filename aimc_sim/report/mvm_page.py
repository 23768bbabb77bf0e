"""One self-contained page about matrix-vector products: scatter, error, sweeps."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aimc_sim.analysis.mvm_measure import MvmMeasure
from aimc_sim.chip import Chip
from aimc_sim.display import percent, si
from aimc_sim.report.files import write_text
from aimc_sim.report.mvm_table import matrix_rows, sweep_rows, what
from aimc_sim.report.sources import device_sources
from aimc_sim.report.table import half_width
from aimc_sim.report.template import page_of

_MEANING = (
    ("error η", "norm of the error over norm of the exact outputs, all vectors together"),
    ("per vector", "the same of each vector, mean over the vectors"),
    ("sigma", "standard deviation of the error over the range of exact outputs, 2 max|y|"),
    (
        "ENOB",
        "effective number of bits, (SINAD − 1.76 dB) / 6.02 dB = −log2(η √1.5), IEEE Std 1241",
    ),
    ("gain, offset", "least-squares line of analog against exact; the offset in parts of max|y|"),
    ("residual", "RMS that the line leaves, over the RMS of the exact outputs"),
    ("saturated", "share of conversions that met an end of their converter"),
)


def write_mvm_page(
    path: str | Path,
    tree: Mapping[str, Any],
    measure: MvmMeasure,
    *,
    chip: Chip,
    command: str = "",
) -> None:
    """Write a page about a measurement: one HTML file, no network, light and dark.

    Parameters
    ----------
    path : path
        Target, replaced whole or not at all.
    tree : mapping
        Its JSON (`aimc_sim.report.mvm_json.mvm_json`).
    measure : MvmMeasure
        Holds the pairs of outputs.
    chip : Chip
        Shows where its constants come from.
    command : str
        Command line, for the record.

    Raises
    ------
    InputError
        The page cannot be written.
    """
    write_text(path, render(tree, measure, chip=chip, command=command))


def render(tree: Mapping[str, Any], measure: MvmMeasure, *, chip: Chip, command: str = "") -> str:
    """Return the page as text; the same for the same measurement but for machine and runtime."""
    return page_of(
        "mvm.html.j2",
        title=f"Matrix-vector products on {chip.name}",
        text=what(tree),
        headline=_headline(tree),
        figures=_figures(tree, measure),
        tables=_tables(tree),
        meaning=_MEANING,
        sources=device_sources(chip.hardware.device),
        provenance=_provenance(tree, command),
    )


def _headline(tree: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    figures, several = tree["figures"], len(tree["matrices"]) > 1
    mean = f"mean of {len(tree['matrices'])} matrices" if several else "all vectors together"
    enob = figures["enob"]["mean"]
    line = "slope of analog against exact outputs"
    gain = figures["gain"]["mean"]
    return [
        (percent(figures["eta"]["mean"]), "error η", _spread(figures["eta"], 100.0, " %", mean)),
        ("exact" if enob is None else f"{enob:.2f}", "effective number of bits",
         _spread(figures["enob"], 1.0, "", "IEEE Std 1241, from error η")),
        (percent(figures["sigma"]["mean"]), "sigma of the error", "of the range of exact outputs"),
        ("–" if gain is None else f"{gain:.4f}", "gain", line),
        (percent(figures["saturated"]["mean"]), "saturated", "of all conversions"),
    ]  # fmt: skip


def _spread(figure: Mapping[str, Any], scale: float, unit: str, otherwise: str) -> str:
    half, n = half_width(figure), len(figure["per_chip"])
    if half is None:
        return otherwise
    return f"± {scale * half:.2f}{unit} (95 %) over {n} chips; {otherwise}"


def _figures(tree: Mapping[str, Any], measure: MvmMeasure) -> list[dict[str, Any]]:
    from markupsafe import Markup

    from aimc_sim.report import figures_mvm as draw

    several = len(tree["matrices"]) > 1
    thin = " Thin: each matrix." if several else ""
    found = [
        (f"Against {draw.axis_text(sweep['axis'])}", draw.sweep_figure(f"sweep-{i}", sweep),
         f"Mean{' over the matrices' if several else ''}, bars 95 % over chips.{thin}")
        for i, sweep in enumerate(tree["against"])
    ]  # fmt: skip
    first = measure.matrices[: draw.MOST]
    rest = len(measure.matrices) - len(first)
    more = f" {rest} more matrices are in the table." if rest else ""
    error = (
        "Error of each output", draw.error_figure(first),
        f"Of all chips, over the largest exact output of its matrix.{more}",
    )  # fmt: skip
    scatters = [
        (f"Analog against exact, {m.name}", draw.scatter_figure(f"scatter-{i}", m),
         draw.scatter_text(tree["matrices"][m.name]["figures"]))
        for i, m in enumerate(first)
    ]  # fmt: skip
    every = [*scatters, error, *found] if not several else [*found, error, *scatters]
    return [{"title": t, "svg": Markup(svg), "text": text} for t, svg, text in every]


def _tables(tree: Mapping[str, Any]) -> list[dict[str, Any]]:
    head, *rows = matrix_rows(tree)
    tables = [{"title": "Figures by matrix", "head": head, "rows": rows}]
    for sweep in tree["against"]:
        head, *rows = sweep_rows(sweep)
        tables.append({"title": f"Against {sweep['axis']}", "head": head, "rows": rows})
    return tables


def _provenance(tree: Mapping[str, Any], command: str) -> list[tuple[str, str]]:
    work = tree["workload"]
    rows = [("command", command)] if command else []
    rows += [(f"digest of {name}", value) for name, value in tree["digests"].items() if value]
    if work["kind"] == "random":
        rows.append((
            "weights and inputs",
            f"{work['size'][0]} x {work['size'][1]} normal weights of {work['weight_bits']} bits, "
            f"clipped at 3 sigma; {work['inputs']} inputs of {work['input_bits']} bits",
        ))  # fmt: skip
    else:
        rows.append((
            "weights and inputs",
            f"the model's own, as its integer reference drives them in {work['n_sequences']} "
            "sequences",
        ))  # fmt: skip
    rows += [
        ("seed", str(tree["seed"])),
        ("read noise", f"one draw a {tree['noise_form']}, generator {tree['rng_version']}"),
        ("version", f"aimc_sim {tree['version']}"),
        ("machine", ", ".join(f"{key} {value}" for key, value in tree["machine"].items())),
    ]
    if tree["runtime_s"] is not None:
        rows.append(("runtime", si(tree["runtime_s"], "s")))
    return rows
