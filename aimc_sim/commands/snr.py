"""`aimc study snr`: closed-form SNR of every kernel, beside its Monte Carlo and a real run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from aimc_sim.analysis.snr_json import Judges, snr_json
from aimc_sim.chip import load_chip
from aimc_sim.commands.options import at_least, parse_changes
from aimc_sim.commands.telling import check_json, tell
from aimc_sim.crossbar.calibrate import calibrate
from aimc_sim.crossbar.ranges import check_calibrated
from aimc_sim.crossbar.tile import program
from aimc_sim.data import load_data
from aimc_sim.display import text_table
from aimc_sim.duration import parse_time_s
from aimc_sim.mapping.mapper import map_model
from aimc_sim.model.npz import load_model
from aimc_sim.report.figure_files import check_plot, write_figures_of
from aimc_sim.report.files import check_writable

_WORST = 5


@dataclass(frozen=True)
class SnrOptions:
    """The options of `aimc study snr`, as typed; see ``aimc study snr --help``."""

    model: str
    chip: str
    data: str
    after: str = "0s"
    mapping: str | None = None
    changes: tuple[str, ...] = ()
    limit: int = 20
    chips: int = 100
    draws: int = 100
    seed: int = 0
    json: str | None = None
    plot: str | None = None
    quiet: bool = False


def snr_command(options: SnrOptions) -> None:
    """Do what `aimc study snr` does."""
    for name, value, least in (
        ("--limit", options.limit, 1), ("--monte-carlo", options.chips, 0),
        ("--draws", options.draws, 1), ("--seed", options.seed, 0),
    ):  # fmt: skip
        at_least(name, value, least)
    if options.plot:
        check_plot("--plot", options.plot)
        check_writable("--plot", options.plot)
    check_json(options.json)
    changes, age_s = parse_changes(options.changes, options.mapping), parse_time_s(options.after)
    model = load_model(options.model)
    chip = load_chip(options.chip, changes)
    data = load_data(options.data, model).rows(0, options.limit)
    data = data.steps(0, int(data.lengths.max()))
    plan = map_model(model, chip.hardware)
    check_calibrated(plan)
    tiles = program(plan, chip.hardware, seed=options.seed)
    tiles = calibrate(tiles, age_s=age_s, seed=options.seed)
    judges = Judges(options.chips, options.draws, bool(options.chips), options.seed)
    tree = snr_json(model, chip, tiles, data, age_s=age_s, judges=judges)
    tree = {**tree, "model": Path(options.model).stem}
    if options.plot:
        write_figures_of(tree, options.plot)
    tell(tree, lambda: snr_table(tree), json=options.json, quiet=options.quiet)


def snr_table(tree: Mapping[str, Any]) -> str:
    """Return the layers as a table, and the modes that a device breaks first."""
    judged = bool(tree["n_chips"])
    head = ["layer", "mapping", "modes", "in range", "stable", "per read", "static", "both"]
    rows = [[*head, *(["in a run", "off by"] if judged else [])]]
    worst: list[str] = []
    for name, layer in tree["layers"].items():
        modes, channels = layer["modes"], layer["channels"]
        row = [name, layer["mapping"], str(len(modes)), _count(modes, "is_in_range"),
               _count(modes, "is_mean_square_stable")]  # fmt: skip
        row += [_median(channels, key) for key in ("per_read_dB", "static_dB", "total_dB")]
        if judged:
            row += [_median(channels, "measured_dB"), _off(modes)]
        rows.append(row)
        broken = sorted((m for m in modes if not m["is_in_range"]), key=lambda m: -m["ratio"])
        worst += [
            f"  {name} channel {m['channel']} mode {m['mode']}: |a| {m['radius']:.5f}, "
            f"{m['time_constant_steps']:.3g} steps, spread {m['ratio']:.2g} of 1 - |a|"
            for m in broken[:_WORST]
        ]
    lines = [text_table(rows), "", "SNR in dB, median over channels; per read: white noise, "
             "converters, rounding; static: writing, drift, lasting 1/f noise."]  # fmt: skip
    if judged:
        lines.append(
            f"off by: largest distance to Monte Carlo, per read over stable modes "
            f"({tree['n_draws']} draws) / static over modes in range ({tree['n_chips']} chips), "
            "its own error included."
        )
    if worst:
        lines += ["Beyond first order, where static figures are a guess:", *worst]
    return "\n".join(lines) + "\n"


def _count(modes: list[Mapping[str, Any]], name: str) -> str:
    return str(sum(mode[name] for mode in modes))


def _median(rows: list[Mapping[str, Any]], name: str) -> str:
    values = [row[name] for row in rows if row[name] is not None]
    return f"{np.median(values):.1f}" if values else "–"


def _off(modes: list[Mapping[str, Any]]) -> str:
    """Return the largest distance of closed form and Monte Carlo, where the first holds [dB]."""
    texts = []
    for part, holds in (("per_read", "is_mean_square_stable"), ("static", "is_in_range")):
        pairs = [(m[f"{part}_dB"], m[f"monte_carlo_{part}_dB"]) for m in modes if m[holds]]
        gaps = [abs(a - b) for a, b in pairs if a is not None and b is not None]
        texts.append(f"{max(gaps):.2f}" if gaps else "–")
    return " / ".join(texts)
