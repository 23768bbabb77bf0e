"""Train and measure, by the integer reference, every model that the claims of QS4D need.

    python examples/qs4d/make.py                  # all of spoken digits, three seeds; resumable
    python examples/qs4d/make.py --claims a b     # these claims
    python examples/qs4d/make.py --task vowels    # of another task of the zoo

Each model starts from the float model of its seed in `examples/models/zoo`, which is quantised as
`aimc quantize` does it, pruned where the claim asks for it, and trained on as integers. Models go
to `examples/train/runs/qs4d` (git-ignored; training goes on from the last epoch), what was
measured to `results/TASK.jsonl`.
"""

from __future__ import annotations

import pathlib
from typing import Any

import kit
import torch
from chips import TRAINED_AT, chip_file, file_of, noisy_chip
from datasets import load_split
from digital_machines import energy_of_step
from loop import Run
from options import parser_of
from prune import Shares, prune
from qat import Disturbance, against_chips, fit, rate_for, reference_accuracy
from rows import Rows
from settings import CLAIMS, Setting
from tasks import TASKS, Task
from zoo import calibration_of, float_model

from aimc_sim import load_chip, load_model, write_model
from aimc_sim.cost.complexity import complexity_of
from aimc_sim.model.calibration import load_calibration
from aimc_sim.model.network import Model
from aimc_sim.model.quantize import quantize_file


def disturbance() -> Disturbance:
    """Return what noise-aware models are trained against."""
    return against_chips(load_chip(chip_file("pcm_256"), noisy_chip(TRAINED_AT)), 0.0)


def start_of(task: Task, setting: Setting, seed: int) -> Model:
    """Return the model that training starts from, or that is left after quantisation."""
    if setting.training == "noise":
        trained = Setting(setting.what, setting.bits, "qat", setting.states)
        return load_model(made(task, trained, seed))
    model, _ = quantize_file(
        float_model(task, seed), calibration_of(task), setting.widths, a_grid=setting.a_grid
    )
    if setting.states < 1.0:
        model = prune(model, load_calibration(calibration_of(task)), Shares(setting.states))
    return model


def made(task: Task, setting: Setting, seed: int) -> pathlib.Path:
    """Make a model if it is not there; return its file."""
    path = file_of(task.name, setting, seed)
    if not path.exists():
        model = start_of(task, setting, seed)
        if setting.training != "ptq":
            run = Run(task, seed, setting.n_epochs, path.parent, setting.widths)
            against = disturbance() if setting.training == "noise" else None
            model = fit(run, model, rate_for(setting.bits), against)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_model(path, model)
    return path


def measured(task: Task, setting: Setting, seed: int) -> dict[str, Any]:
    """Return accuracy on the whole test split, complexity, and energy of a step off the chip."""
    path = made(task, setting, seed)
    model = load_model(path)
    _, test = load_split(task)
    tree = complexity_of(model).to_json()
    return {
        "accuracy": [reference_accuracy(model, test)],
        "n_test": len(test.labels),
        "complexity": {kind: tree[kind] for kind in ("integer", "float")},
        "machine_J": {
            kind: energy_of_step(path, is_float=kind == "float") for kind in ("integer", "float")
        },
    }


def row_of(setting: Setting, seed: int) -> dict[str, Any]:
    """Return what names a row."""
    return {
        "what": setting.what,
        "bits": setting.bits,
        "training": setting.training,
        "states": setting.states,
        "seed": seed,
    }


def main() -> None:
    """Make what is missing."""
    args = parser_of(__doc__, CLAIMS).parse_args()
    torch.set_num_threads(1)
    task = TASKS[args.task]
    rows = Rows(kit.RESULTS / f"{task.name}.jsonl")
    for seed in args.seeds:
        for claim in args.claims:
            for setting in CLAIMS[claim]():
                rows.measured(
                    row_of(setting, seed),
                    lambda setting=setting, seed=seed: measured(task, setting, seed),
                )


if __name__ == "__main__":
    main()
