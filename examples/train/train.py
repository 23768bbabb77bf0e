"""Train one float model and export it.

    python examples/train/train.py digits --seed 0 -o examples/train/runs/digits

Writes a checkpoint after every epoch (`DIR/last.pt`) and continues from it when started again.
The model of the last epoch is the result: the test split chooses nothing.
"""

from __future__ import annotations

import argparse
import dataclasses
import pathlib

import numpy as np
import torch
from datasets import load_split, raw_values
from evaluate import accuracy
from export import export_model
from loop import Run, run_epochs
from s4d import Classifier
from tasks import TASKS, Task
from torch import Tensor


def parameter_groups(model: Classifier, task: Task) -> list[dict[str, object]]:
    """Split parameters: those of the recurrence learn slowly and do not decay."""
    slow = ("kernel.B", "kernel.log_dt", "kernel.log_A_real", "kernel.A_imag")
    named = list(model.named_parameters())
    ssm = [p for name, p in named if name.endswith(slow)]
    rest = [p for name, p in named if not name.endswith(slow)]
    return [
        {"params": rest, "lr": task.learning_rate, "weight_decay": task.weight_decay},
        {"params": ssm, "lr": task.learning_rate_ssm, "weight_decay": 0.0},
    ]


def go_on(run: Run, model: Classifier) -> Classifier:
    """Train a model on, from half the learning rates, or go on with that."""
    task = dataclasses.replace(
        run.task,
        learning_rate=run.task.learning_rate / 2,
        learning_rate_ssm=run.task.learning_rate_ssm / 2,
    )
    train, test = load_split(task)
    optimiser = torch.optim.AdamW(parameter_groups(model, task))
    run_epochs(run, model, optimiser, train, as_values, lambda: accuracy(model, test))
    return model


def as_values(inputs: np.ndarray) -> Tensor:
    """Return what the float network sees."""
    return torch.from_numpy(raw_values(inputs))


def fit(run: Run) -> Classifier:
    """Train, or continue training, and return the model of the last epoch."""
    torch.manual_seed(run.seed)
    model = Classifier(run.task)
    train, test = load_split(run.task)
    optimiser = torch.optim.AdamW(parameter_groups(model, run.task))
    run_epochs(run, model, optimiser, train, as_values, lambda: accuracy(model, test))
    return model


def main() -> None:
    """Parse the command line, train, print the accuracy, export."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("task", choices=sorted(TASKS))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, help="default: the recipe's")
    parser.add_argument("-o", "--output", type=pathlib.Path, required=True, metavar="DIR")
    args = parser.parse_args()
    task = TASKS[args.task]
    n_epochs = args.epochs or task.n_epochs
    torch.set_num_threads(1)
    model = fit(Run(task, args.seed, n_epochs, args.output))
    _, test = load_split(task)
    command = f"python examples/train/train.py {task.name} --seed {args.seed} --epochs {n_epochs}"
    found = export_model(model, task, test, args.seed, command, args.output)
    print(f"{task.name}: float accuracy {found:.4f} on {len(test.labels)} test sequences")


if __name__ == "__main__":
    main()
