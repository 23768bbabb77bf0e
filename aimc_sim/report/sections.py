"""Sections of the page that not every run has: the error budget, and the S4D layers on the chip."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from aimc_sim.analysis.s4d import LayerPicture
from aimc_sim.analysis.s4d_drawn import drawn_picture
from aimc_sim.display import percent
from aimc_sim.report.budget import HEAD, budget_rows, exactness, score_name
from aimc_sim.report.sortable import Table

if TYPE_CHECKING:
    from aimc_sim.report.figure import Figure


def s4d_figures(pictures: Mapping[str, LayerPicture]) -> list[Figure]:
    """Return the pictures of every S4D layer, on all chips."""
    from aimc_sim.report import figures_s4d as draw

    found: list[Figure] = []
    for picture in pictures.values():
        found.append(draw.pole_figure(picture, _pole_text(picture, "on all chips")))
        found.append(draw.kernel_figure(picture, _kernel_text(picture)))
    return found


def s4d_figures_of(tree: Mapping[str, Any]) -> list[Figure]:
    """Return the pictures of every S4D layer from the JSON of a run, on its first chip."""
    from aimc_sim.report import figures_s4d as draw

    found: list[Figure] = []
    for name, layer in (tree["poles"] or {}).items():
        picture = drawn_picture(name, layer)
        if picture is None:
            continue
        every = layer["drawn"]["every"]
        which = "on the first chip" + (f", of one mode in {every}" if every > 1 else "")
        found.append(draw.pole_figure(picture, _pole_text(picture, which)))
        found.append(draw.kernel_figure(picture, _kernel_text(picture)))
    return found


def _pole_text(picture: LayerPicture, which: str) -> str:
    from aimc_sim.report.figures_s4d import sampled

    if picture.mapping == "hybrid":
        return (
            "Mapping hybrid keeps A digital: its poles are those of the codes on every chip. B and "
            "C are analog; what that does to the kernels stands beside."
        )
    stage = next(iter(picture.stages.values()))
    assert stage.poles is not None
    every = sampled(stage.poles[..., 0].ravel()).step
    shown = "" if every == 1 else f" One in {every} is drawn."
    return (
        f"Eigenvalues of the block of conductance pairs that holds a mode, {which}; below, "
        "their magnitude against the time constant that was meant: above 1 a mode grows until its "
        f"state clips.{shown}"
    )


def _kernel_text(picture: LayerPicture) -> str:
    from aimc_sim.report.figures_s4d import MOST_CHIPS

    n_chips, n_steps = len(next(iter(picture.stages.values())).kernels), picture.kernels.shape[1]
    chips = f" of {MOST_CHIPS} of {n_chips} chips" if n_chips > MOST_CHIPS else ""
    return (
        f"Output codes{chips} after an impulse of one input code, unrounded, as long as the kernel "
        f"lasts. Below, the RMS deviation of each channel's kernel over its RMS, over {n_steps} "
        "steps and all chips; an arrow is 1000 % or more, a kernel that grows."
    )


def s4d_table(tree: Mapping[str, Any]) -> Table | None:
    """Return what becomes of the S4D layers as a table; None without them."""
    poles = tree["poles"]
    if not poles:
        return None
    stages = list(next(iter(poles.values()))["stages"])
    trained = any(layer["n_outside"]["trained"] is not None for layer in poles.values())
    head = ["layer", "modes", *(["trained"] if trained else []), "quantised", *stages]
    head += [f"kernel error, {name}" for name in stages]
    rows = []
    for name, layer in poles.items():
        outside = layer["n_outside"]
        row = [name, str(layer["n_modes"])]
        row += [_count(outside["trained"])] if trained else []
        row += [_count(outside["quantised"])]
        row += [_mean_count(layer["stages"][stage]["n_outside"]) for stage in stages]
        row += [_error(layer["stages"][stage]["kernel_error"]["median"]) for stage in stages]
        rows.append(row)
    text = (
        "Modes with a pole on or outside the unit circle, mean over chips (– where A is "
        "digital), and the median error of a kernel over channels and chips."
    )
    return Table("S4D layers on the chip", head, rows, text)


def _count(n: int | None) -> str:
    return "–" if n is None else str(n)


def _mean_count(counts: list[int] | None) -> str:
    return "–" if counts is None else f"{sum(counts) / len(counts):g}"


def _error(value: float | None) -> str:
    """Return a share in per cent; beyond ten times, as it is.

    Examples
    --------
    >>> _error(0.25), _error(1.5e6), _error(None)
    ('25.0 %', '> 1000 %', '–')
    """
    return "> 1000 %" if value is not None and value > 10.0 else percent(value, 1)


def budget_figures(tree: Mapping[str, Any]) -> list[Figure]:
    """Return the picture of the error budget, where there is one with sources."""
    budget = tree["budget"]
    if not budget or not budget["sources"]:
        return []
    from aimc_sim.report.figures_budget import budget_figure

    return [budget_figure(budget)]


def budget_table(tree: Mapping[str, Any]) -> Table | None:
    """Return the error budget as a table; None without one."""
    budget = tree["budget"]
    if not budget:
        return None
    text = (
        f"In {score_name(budget)}: the chip with one source alone and what that costs, the "
        "chip without it and what that wins, in percentage points with 95 % intervals over chips; "
        "error is the RMS output error over all steps, in parts of the RMS output. "
        f"{budget['n_sequences']} sequences. {exactness(budget)}"
    )
    return Table("Error budget in figures", HEAD, budget_rows(budget), text)
