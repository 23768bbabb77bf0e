"""Effective bits of ADCs by how their ranges were found, on data they were not found on.

Run from anywhere: ``python examples/adc_ranges.py [--all] [--svg FILE]``. Without ``--all`` it
takes a part of the spoken digits; with it the whole batches of three bundled models: the table
and the picture of docs/ranges.md.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from aimc_sim import Model, calibrate_ranges, load_chip, load_data, load_model, map_model, program
from aimc_sim.analysis.mvm import measure_mvm
from aimc_sim.analysis.mvm_workload import Workload, model_workload
from aimc_sim.data import Data
from aimc_sim.mapping.plan import Plan

ROOT = Path(__file__).resolve().parents[1] / "examples"
MODELS = ("digits", "smnist196", "smnist784")
RULES = ("worst_case", "two_norm")
METHODS = ("percentile", "least_error")
PER = ("tile", "bitline")
Table = dict[tuple[str, str], tuple[float, ...]]
"""``(rule or method, range_per) -> effective bits of each matrix``."""


def effective_bits(plan: Plan, workload: Workload) -> tuple[float, ...]:
    """Return the effective bits of each matrix: its accumulators against exact integers."""
    tiles = program(plan, plan.hardware, seed=0)
    measure = measure_mvm(workload, plan.hardware, seed=0, tiles=tiles)
    found = (m.values("enob")[0] for m in measure.matrices)
    return tuple(bits for bits in found if bits is not None)


def compare(model: Model, calibration: Data, test: Data, n_vectors: int, bits: int = 8) -> Table:
    """Return the effective bits with every rule and every method, on devices without faults."""
    workload = model_workload(model, test, n_vectors)
    table: Table = {}
    for per in PER:
        for name in (*RULES, *METHODS):
            changes = {
                "hardware.device": "ideal",
                "hardware.adc.bits": bits,
                "hardware.adc.range_per": per,
                "hardware.adc.range": name if name in RULES else "calibrated",
            }
            hardware = load_chip(ROOT / "chips/pcm_256.yaml", changes).hardware
            plan = map_model(model, hardware)
            if name in METHODS:
                plan = calibrate_ranges(model, plan, calibration, seed=0, method=name)
            table[name, per] = effective_bits(plan, workload)
    return table


def of_model(name: str, n_calibration: int | None, n_vectors: int) -> Table:
    """Return the table of a bundled model, calibrated on one file and measured on another."""
    model = load_model(ROOT / f"models/{name}.npz")
    calibration, test = (
        load_data(ROOT / f"data/{name}_{part}.npz", model) for part in ("calibration", "test")
    )
    rows = calibration if n_calibration is None else calibration.rows(0, n_calibration)
    return compare(model, rows, test, n_vectors)


def mean(values: tuple[float, ...]) -> float:
    """Return the mean."""
    return sum(values) / len(values)


def lines(tables: dict[str, Table]) -> list[str]:
    """Return the table as Markdown: mean and least over the matrices of each model."""
    head = "| ranges | " + " | ".join(f"per {per}, {name}" for name in tables for per in PER) + " |"
    out = [head, "|---" * (1 + len(PER) * len(tables)) + "|"]
    for rule in (*RULES, *METHODS):
        cells = (table[rule, per] for table in tables.values() for per in PER)
        out.append(f"| `{rule}` | " + " | ".join(f"{mean(c):.2f} ({min(c):.2f})" for c in cells))
        out[-1] += " |"
    return out


def draw(tables: dict[str, Table], path: Path) -> None:
    """Draw bars: the mean over the matrices, and each matrix as a dot."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams.update({"svg.hashsalt": "aimc_sim", "svg.fonttype": "none", "font.size": 9.0})
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(1, len(tables), figsize=(8.0, 3.0), sharey=True, squeeze=False)
    for axis, (name, table) in zip(axes[0], tables.items(), strict=True):
        for i, rule in enumerate((*RULES, *METHODS)):
            for j, per in enumerate(PER):
                at, bits = i + 0.36 * (j - 0.5), table[rule, per]
                colour = "#9fb8d3" if j == 0 else "#2f5f8f"
                axis.bar(at, mean(bits), 0.34, color=colour, label=None if i else f"per {per}")
                axis.plot([at] * len(bits), bits, ".", color="#333333", markersize=3)
        axis.set_xticks(range(4), [n.replace("_", "\n") for n in (*RULES, *METHODS)], fontsize=7.5)
        axis.set_title(name)
        axis.spines[["top", "right"]].set_visible(False)
    axes[0][0].set_ylabel("effective bits")
    axes[0][0].legend(frameon=False, fontsize=7.5, loc="upper left")
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None, "Creator": None})


def main() -> int:
    """Print the table; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", action="store_true", help="three models, whole batches")
    parser.add_argument("--svg", type=Path, metavar="FILE", help="draw it, too")
    given = parser.parse_args()
    names = MODELS if given.all else MODELS[:1]
    size = (None, 1024) if given.all else (64, 128)
    tables = {name: of_model(name, *size) for name in names}
    print("\n".join(lines(tables)))
    if given.svg:
        draw(tables, given.svg)
    return 0


if __name__ == "__main__":
    sys.exit(main())
