"""The models of `make.py` on chips: accuracy against noise, what pruning saves, deployment.

    python examples/qs4d/on_chips.py                    # goes on where it was stopped
    python examples/qs4d/on_chips.py --claims e --seeds 0

Everything runs on tiles, on three chips; on 600 test sequences, for the deployment on 200. Rows go
to `results/TASK_chips.jsonl`.
"""

from __future__ import annotations

import pathlib
from collections.abc import Iterator, Mapping
from typing import Any

import kit
from chips import DEPLOYED_ON, SPREADS, chip_file, file_of, noisy_chip
from choices import ANALOG_GAINS, HYBRID, HYBRID_GAINS
from measure import DAY_S, accuracy_on_chips
from options import parser_of
from rows import Rows
from settings import Setting, noisy, pruned, smallest
from tasks import TASKS, Task

EVERYWHERE = ("ptq8", "qat8", "noise_hybrid")
MODELS = {HYBRID_GAINS: EVERYWHERE, ANALOG_GAINS: (*EVERYWHERE, "noise_analog")}
"""Models of the zoo by the mapping that they are deployed with."""
Case = tuple[dict[str, Any], pathlib.Path, Mapping[str, Any], pathlib.Path, float]
"""What names a row, model, changes of the chip, chip, age."""


def against_noise(task: Task, seed: int) -> Iterator[Case]:
    """Yield claim e: write noise of a generic device, A digital."""
    for setting in noisy():
        for spread in SPREADS:
            of = {"claim": "e", "model": setting.name, "seed": seed, "spread": spread}
            yield (
                of,
                file_of(task.name, setting, seed),
                noisy_chip(spread),
                chip_file("pcm_256"),
                0.0,
            )


def smaller(task: Task, seed: int) -> Iterator[Case]:
    """Yield claims d and f: smaller models on `pcm_256`, fresh, A digital."""
    for setting in (*pruned(), *smallest(), Setting("all", 8, "qat")):
        of = {"claim": "f", "model": setting.name, "seed": seed, "mapping": HYBRID.name}
        yield of, file_of(task.name, setting, seed), HYBRID.changes(), chip_file("pcm_256"), 0.0


def deployed(task: Task, seed: int) -> Iterator[Case]:
    """Yield claim h: both chips, two mappings, fresh and a day later."""
    for chip in DEPLOYED_ON:
        for choice, names in MODELS.items():
            for name in names:
                for age, age_s in (("fresh", 0.0), ("a day", DAY_S)):
                    model = kit.ZOO / task.name / f"{name}_seed{seed}.npz"
                    of = {"claim": "h", "chip": chip, "mapping": choice.name, "model": name,
                          "seed": seed, "age": age}  # fmt: skip
                    yield of, model, choice.changes(), chip_file(chip), age_s


CLAIMS = {"e": (against_noise, 600), "f": (smaller, 600), "h": (deployed, 200)}
"""Cases of a claim, and on how many sequences they are measured."""


def measured(
    rows: Rows,
    of: Mapping[str, Any],
    model: pathlib.Path,
    data: pathlib.Path,
    changes: Mapping[str, Any],
    chip: pathlib.Path,
    age_s: float,
) -> None:
    """Measure a row if it is not there."""
    rows.measured(
        of,
        lambda: accuracy_on_chips(
            model, data, changes,
            n_sequences=of["n"], n_chips=of["chips"], age_s=age_s, chip_file=chip,
        ),
    )  # fmt: skip


def main() -> None:
    """Measure what is missing."""
    parser = parser_of(__doc__, CLAIMS)
    parser.add_argument("--chips", type=int, default=3)
    args = parser.parse_args()
    task = TASKS[args.task]
    data = kit.ROOT / f"examples/data/{task.name}_test.npz"
    rows = Rows(kit.RESULTS / f"{task.name}_chips.jsonl")
    for seed in args.seeds:
        for claim in args.claims:
            cases, n = CLAIMS[claim]
            for of, model, *where in cases(task, seed):
                if not model.exists():
                    print(f"{model}: not there yet; make.py or the zoo makes it")
                    continue
                measured(rows, {**of, "n": n, "chips": args.chips}, model, data, *where)


if __name__ == "__main__":
    main()
