"""Fill the tables of docs/analog_recurrence.md and draw its figures, from the committed rows.

python examples/analog_recurrence/report.py
"""

from __future__ import annotations

import argparse
import pathlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import costs
import deploy
import held_out
import matplotlib as mpl
import parts
import retrained
import survey
from choices import CHOICES
from matplotlib.figure import Figure
from measure import ROOT, ZOO, reference_accuracy
from plots import DEVICES, deployment_figure, survey_figure
from rows import Rows
from style import STYLE
from tolerable import Tolerable, curves, tolerable

from aimc_sim.study.student import half_width, mean_of

sys.path.append(str(ROOT / "examples/train"))
from marks import store

RESULTS = pathlib.Path(__file__).parent / "results"
NAMES = {"pcm": "pcm_joshi2020", "taox": "taox_64x64", "hfox": "rram_wan2022"}
Row = Mapping[str, Any]


def survey_table(rows: Sequence[Row], reference: float) -> Iterator[str]:
    """Yield lines of Markdown: what each choice bears on each device, and how often the direct."""
    devices = [d for d in DEVICES if any(r["of"]["device"] == d for r in rows)]
    found = {
        device: {name: tolerable(curve, reference) for name, curve in curves(rows, device).items()}
        for device in devices
    }
    yield "| choice | " + " | ".join(DEVICES[d] for d in devices) + " |"
    yield "|---" * (len(devices) + 1) + "|"
    for name in found[devices[0]]:
        cells = [_cell(found[d], name, percent=d == "gaussian") for d in devices]
        yield f"| {name} | " + " | ".join(cells) + " |"


def _cell(found: Mapping[str, Tolerable], name: str, *, percent: bool) -> str:
    """Return a tolerable spread with its interval and its ratio to the direct form."""
    if name not in found:
        return ""
    here, direct = found[name], found[CHOICES[0].name]
    if here.is_lost:
        return "lost at the smallest"
    scale, unit = (100.0, " %") if percent else (1.0, "")
    more = ">= " if here.is_bound else ""
    span = f"[{scale * here.low:.2g}, {scale * here.high:.2g}]"
    is_alone = here is direct or direct.is_lost
    times = "" if is_alone else f", {here.value / direct.value:.3g} times"
    return f"{more}{scale * here.value:.2g}{unit} {span}{times}"


def deploy_table(rows: Sequence[Row], device: str) -> Iterator[str]:
    """Yield lines of Markdown: accuracy at three times, and what the choice costs."""
    yield (
        "| choice | model | devices a side | fresh | a day later | calibrated again | nJ a step |"
        " mm² | kbit products a step | calibration |"
    )
    yield "|---" * 10 + "|"
    groups: dict[tuple[str, str, int], dict[str, Row]] = {}
    for row in rows:
        of = row["of"]
        if of["device"] == device:
            key = (of["choice"], of["model"], of["devices a weight"])
            groups.setdefault(key, {})[of["time"]] = row
    for (choice, model, copies), times in groups.items():
        one = next(iter(times.values()))
        cells = [
            _accuracy(times.get(t)) for t in ("fresh", "a day later", "a day later, calibrated")
        ]
        yield (
            f"| {choice} | {model} | {copies} | {' | '.join(cells)} |"
            f" {one['energy_per_step_J'] * 1e9:.1f} | {one['area_m2'] * 1e6:.2f} |"
            f" {one['multiplier_bit_products_per_step'] / 1e3:.0f} |"
            f" {one['calibration_reads']:.0f} reads, {one['calibration_J'] * 1e6:.2f} µJ |"
        )


def _accuracy(row: Row | None) -> str:
    """Return mean and 95 % interval over chips."""
    if row is None:
        return ""
    values = row["accuracy"]
    half = half_width(values, 0.025, 1.0 / row["of"]["n"])
    return f"{100 * mean_of(values):.1f} ± {100 * half:.1f}"


def tables() -> Iterator[tuple[str, Iterator[str]]]:
    """Yield name and lines of each table of the page."""
    rows = list(Rows(RESULTS / "survey.jsonl").found.values())
    reference = reference_accuracy(survey.MODEL, survey.DATA, rows[0]["of"]["n"])
    yield "survey", survey_table(rows, reference)
    yield "costs", costs.table(Rows(costs.RESULTS))
    yield "parts", parts.table(Rows(parts.RESULTS))
    yield "retrained", retrained.table(Rows(RESULTS / "retrained.jsonl"))
    for name, device in NAMES.items():
        yield f"held_out_{name}", held_out.table(held_out.rows_of(device))
    rows = list(Rows(deploy.RESULTS).found.values())
    for name, device in NAMES.items():
        if any(row["of"]["device"] == device for row in rows):
            yield f"deploy_{name}", deploy_table(rows, device)


def figures() -> Iterator[tuple[str, Figure]]:
    """Yield name and figure."""
    rows = list(Rows(RESULTS / "survey.jsonl").found.values())
    found = {d: curves(rows, d) for d in DEVICES if any(r["of"]["device"] == d for r in rows)}
    reference = reference_accuracy(survey.MODEL, survey.DATA, rows[0]["of"]["n"])
    yield "analog_recurrence", survey_figure(found, reference)
    rows = list(Rows(deploy.RESULTS).found.values())
    reference = reference_accuracy(ZOO / "ptq8_seed0.npz", deploy.DATA, rows[0]["of"]["n"])
    for device in dict.fromkeys(row["of"]["device"] for row in rows):
        yield f"analog_recurrence_{device}", deployment_figure(rows, device, reference)


def main() -> None:
    """Fill and draw."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--page", type=pathlib.Path, default=ROOT / "docs/analog_recurrence.md")
    parser.add_argument("-o", "--output", type=pathlib.Path, default=ROOT / "docs/images")
    args = parser.parse_args()
    args.output.mkdir(parents=True, exist_ok=True)
    for name, lines in tables():
        store(args.page, name, "\n".join(lines))
    with mpl.rc_context(STYLE):
        for name, figure in figures():
            figure.savefig(args.output / f"{name}.png", dpi=130)


if __name__ == "__main__":
    main()
