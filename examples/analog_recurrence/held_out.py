"""All 2,000 held-out sequences of sequential MNIST, L = 784, on chips of an age of a day.

    python examples/analog_recurrence/held_out.py             # goes on where it was stopped
    python examples/analog_recurrence/held_out.py --table     # the table, from the rows kept
    python examples/analog_recurrence/held_out.py --device taox_64x64 --cases 1 7

Five chips, each of which classifies 400 of the sequences, one day after programming and calibrated
then; three training seeds. Differences to the float model of the same seed are paired, sequence by
sequence.
"""

from __future__ import annotations

import argparse
import json
import pathlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from choices import ANALOG_GAINS, HYBRID, HYBRID_GAINS, Choice
from measure import DAY_S, ROOT, ZOO, classes_on_chip
from paired import paired
from rows import Rows

from aimc_sim import load_data, load_model
from aimc_sim.study.student import mean_of

DATA = ROOT / "examples/data/smnist784_full.npz"
RESULTS = pathlib.Path(__file__).parent / "results"
PCM = "pcm_joshi2020"
N_CHIPS, N_SEQUENCES = 5, 2000
SEEDS = (0, 1, 2)
CASES: tuple[tuple[str, Choice, int], ...] = (
    ("noise_hybrid", HYBRID, 1),
    ("noise_hybrid", HYBRID_GAINS, 1),
    ("noise_hybrid", HYBRID_GAINS, 2),
    ("qat8", HYBRID_GAINS, 2),
    ("noise_hybrid", ANALOG_GAINS, 4),
    ("noise_analog", ANALOG_GAINS, 2),
    ("noise_hybrid", HYBRID_GAINS, 4),
    ("noise_hybrid", ANALOG_GAINS, 1),
)
Classes = npt.NDArray[np.int64]


def rows_of(device: str) -> Rows:
    """Return the rows of a device."""
    return Rows(RESULTS / ("held_out.jsonl" if device == PCM else f"held_out_{device}.jsonl"))


def measured(
    rows: Rows, device: str, seeds: Sequence[int], model: str, choice: Choice, copies: int
) -> None:
    """Measure what is missing of a case, of the models that are there."""
    paths = [ZOO / f"{model}_seed{seed}.npz" for seed in seeds]
    n = N_SEQUENCES // N_CHIPS
    for path in filter(pathlib.Path.exists, paths):
        for chip in range(N_CHIPS):
            of = {
                "model": path.stem,
                "choice": choice.name,
                "devices a weight": copies,
                "chip": chip,
            }

            def measure(path: pathlib.Path = path, chip: int = chip) -> Mapping[str, Any]:
                changes = {**choice.changes(copies), "hardware.device": device}
                part = range(chip * n, (chip + 1) * n)
                return classes_on_chip(path, DATA, changes, part, chip=chip, age_s=DAY_S)

            rows.measured(of, measure)


def gathered(rows: Rows, model: str, choice: Choice, copies: int, seed: int) -> Classes | None:
    """Return the classes of all sequences, or None where chips are missing."""
    wanted = {
        "model": f"{model}_seed{seed}",
        "choice": choice.name,
        "devices a weight": copies,
    }
    parts = {
        row["of"]["chip"]: row["classes"]
        for row in rows.found.values()
        if wanted.items() <= row["of"].items()
    }
    if len(parts) < N_CHIPS:
        return None
    return as_classes("".join(parts[chip] for chip in range(N_CHIPS)))


def as_classes(digits: str) -> Classes:
    """Return the classes that a row holds as digits."""
    return np.array(list(digits)).astype(np.int64)


def table(rows: Rows) -> Iterator[str]:
    """Yield the lines of the table."""
    first = load_model(ZOO / "qat8_seed0.npz")
    labels = load_data(DATA, first).labels
    floats = [json.loads((ZOO / f"float_seed{s}.json").read_text())["classes"] for s in SEEDS]
    right_float = np.array([as_classes(text) == labels for text in floats])
    own = [float(x) for x in right_float.mean(axis=1)]
    yield (
        "| model | mapping | devices a side | accuracy by seed | mean | against float |"
        " nJ a step | mm² |"
    )
    yield "|---" * 8 + "|"
    yield f"| float | | | {_percents(own)} | {100 * mean_of(own):.2f} | | | |"
    for model, choice, copies in CASES:
        found = {s: gathered(rows, model, choice, copies, s) for s in SEEDS}
        whole = {seed: classes for seed, classes in found.items() if classes is not None}
        if not whole:
            continue
        right = np.array([classes == labels for classes in whole.values()])
        difference, half = paired(right, right_float[list(whole)])
        wanted = {"choice": choice.name, "devices a weight": copies}
        one = next(
            row
            for row in rows.found.values()
            if wanted.items() <= row["of"].items() and row["of"]["model"].startswith(model)
        )
        seeds = [float(x) for x in right.mean(axis=1)]
        yield (
            f"| `{model}` | {choice.name} | {copies} | {_percents(seeds)} |"
            f" {100 * mean_of(seeds):.2f} | {100 * difference:+.2f} ± {100 * half:.2f} |"
            f" {one['energy_per_step_J'] * 1e9:.1f} | {one['area_m2'] * 1e6:.2f} |"
        )


def _percents(values: list[float]) -> str:
    return " / ".join(f"{100 * value:.2f}" for value in values)


def main() -> None:
    """Measure what is missing, or print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--table", action="store_true", help="print the table, measure nothing")
    parser.add_argument("--device", default=PCM, help="whose chips")
    parser.add_argument("--cases", nargs="*", type=int, default=range(len(CASES)), metavar="N",
                        help="only these, counted from 0")  # fmt: skip
    parser.add_argument("--seeds", nargs="*", type=int, default=SEEDS, help="only these")
    args = parser.parse_args()
    rows = rows_of(args.device)
    if not args.table:
        for i in args.cases:
            measured(rows, args.device, args.seeds, *CASES[i])
    print("\n".join(table(rows)))


if __name__ == "__main__":
    main()
