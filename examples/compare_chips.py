"""One model on several chips and on digital machines: energy, latency, area and accuracy.

``python examples/compare_chips.py [--limit N] [--set PATH=VALUE] [--png FILE] [--json FILE]``: the
bundled sequential-MNIST model (784 steps) on hermes_core, neurram and rram_64. Prints the table and
writes the figure of docs/chips.md. Energy, latency and accuracy are of the same run.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aimc_sim as a
from aimc_sim.commands.options import parse_changes
from aimc_sim.commands.progress import progress_bar
from aimc_sim.cost.baseline_file import load_baselines
from aimc_sim.crossbar.calibrate import calibrate
from aimc_sim.display import percent, si, text_table

ROOT = Path(__file__).resolve().parent
CHIPS = ("hermes_core", "neurram", "rram_64")


def on_chip(name: str, model: a.Model, data: a.Data, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Run the model on one chip; return its figures."""
    chip = a.load_chip(ROOT / f"chips/{name}.yaml", changes)
    plan = a.map_model(model, chip.hardware)
    with progress_bar(quiet=False) as progress:
        tiles = calibrate(a.program(plan, chip.hardware, seed=0), age_s=0.0, seed=0)
        result = a.run(model, tiles, data, seed=0, progress=progress)
    bill = a.cost_of(result.events, chip.costs, plan)
    energy_J, share = bill.energy_J, bill.energy_J.per_inference / bill.energy_J.total
    return {
        "name": name,
        "energy_J": energy_J.per_inference,
        "interval_J": [share * end for end in energy_J.interval],
        "latency_per_step_s": bill.latency_s.per_step,
        "area_m2": bill.area_m2.total,
        "accuracy": result.accuracy_per_chip[0],
        "by_component_J": {part: share * e for part, e in energy_J.by_component.items()},
        "n_tiles": plan.n_sites,
    }


def on_machines(model: a.Model, data: a.Data, accuracy: float) -> list[dict[str, Any]]:
    """Return the figures of the digital baselines, which compute the integers exactly."""
    bills = [machine.bill(model, float(data.lengths.mean())) for machine in load_baselines()]
    return [
        {
            "name": bill.name,
            "energy_J": bill.energy_per_inference_J,
            "interval_J": bill.interval_J,
            "latency_per_step_s": bill.latency_per_step_s,
            "area_m2": bill.area_m2,
            "accuracy": accuracy,
            "by_component_J": dict(bill.by_component),
            "n_tiles": None,
        }
        for bill in bills
    ]


def table(rows: list[dict[str, Any]]) -> str:
    """Return the figures as text."""
    lines = [("", "energy per inference", "latency per step", "area", "tiles", "accuracy")]
    for row in rows:
        energy, ends = si(row["energy_J"], "J"), row["interval_J"]
        if ends and ends[0] != ends[1]:
            energy += f" ({si(ends[0], 'J')} to {si(ends[1], 'J')})"
        lines.append(
            (row["name"], energy, si(row["latency_per_step_s"], "s"), si(row["area_m2"], "m2"),
             str(row["n_tiles"] or "–"), percent(row["accuracy"], 1))
        )  # fmt: skip
    return text_table(lines)


def draw(rows: list[dict[str, Any]], path: Path) -> None:
    """Write four panels, one a figure, machines as rows."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    from aimc_sim.report.svg import PAPER, drawing

    panels = (("energy_J", "energy per inference", "J", True),
              ("latency_per_step_s", "latency of a step", "s", True),
              ("area_m2", "area", "m2", True), ("accuracy", "accuracy", "", False))  # fmt: skip
    with drawing(11.0, 3.0, PAPER) as figure:
        axes = figure.subplots(1, 4, sharey=True)
        for ax, (key, title, unit, logarithmic) in zip(axes, panels, strict=True):
            known = [row[key] for row in rows if row[key]]
            for i, row in enumerate(rows):
                if row[key] is None:
                    ax.text(min(known), i, " not known", va="center", fontsize=8)
                    continue
                analog = row["n_tiles"] is not None
                ax.barh(i, row[key], color=PAPER.main if analog else PAPER.second, height=0.62)
                ends = row["interval_J"] if key == "energy_J" else None
                if ends and ends[0] != ends[1]:
                    ax.plot(ends, (i, i), "|-", color=PAPER.ink, lw=1.0)
                text = si(row[key], unit) if unit else percent(row[key], 1)
                right = max(row[key], *(ends or (0.0,)))
                ax.text(right * (1.25 if logarithmic else 1.02), i, text, va="center", fontsize=8)
            if logarithmic:
                ax.set_xscale("log")
                ax.set_xlim(min(known) / 3.0, max(known) * 300.0)
                ax.set_xticks([])
                ax.minorticks_off()
            else:
                ax.set_xlim(0, 1.45)
                ax.set_xticks([0, 0.5, 1.0], ["0 %", "50 %", "100 %"])
            ax.set_title(f"{title}, log scale" if logarithmic else title)
            ax.tick_params(axis="y", length=0)
        axes[0].set_yticks(range(len(rows)), [row["name"] for row in rows])
        axes[0].invert_yaxis()
        FigureCanvasAgg(figure).print_png(path)  # type: ignore[no-untyped-call]


def main() -> None:
    """Run the chips, print the table, write picture and JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--limit", type=int, default=8, help="sequences that are run")
    parser.add_argument(
        "--set", action="append", default=[], metavar="PATH=VALUE", help="a value of all chips"
    )
    parser.add_argument("--png", type=Path, help="figure to write")
    parser.add_argument("--json", type=Path, help="figures to write")
    options = parser.parse_args()
    model = a.load_model(ROOT / "models/smnist784.npz")
    data = a.load_data(ROOT / "data/smnist784_test.npz", model).rows(0, options.limit)
    changes = parse_changes(options.set)
    rows = [on_chip(name, model, data, changes) for name in CHIPS]
    reference = a.run_reference(model, data.x_code, data.lengths).y_code.argmax(axis=1)
    rows += on_machines(model, data, float((reference == data.labels).mean()))
    print(table(rows))
    if options.png:
        draw(rows, options.png)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
