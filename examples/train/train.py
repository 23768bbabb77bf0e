"""Train one float model and export it.

    python examples/train/train.py digits --seed 0 -o examples/train/runs/digits

Writes a checkpoint after every epoch (`DIR/last.pt`) and continues from it when started again.
The model of the last epoch is the result: the test split chooses nothing.
"""

from __future__ import annotations

import argparse
import pathlib
import time

import torch
from datasets import Split, augmented_inputs, load_split, raw_values, shuffled
from evaluate import accuracy
from export import export_model
from s4d import Classifier
from tasks import TASKS, Task


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


def train_epoch(
    model: Classifier,
    optimiser: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler,
    task: Task,
    train: Split,
    epoch_seed: int,
) -> float:
    """Run one epoch in an order that only `epoch_seed` fixes; return the mean loss."""
    model.train()
    inputs = augmented_inputs(task, train, epoch_seed)
    order = shuffled(len(train.labels), epoch_seed)
    total = 0.0
    for start in range(0, len(order), task.batch_size):
        pick = order[start : start + task.batch_size]
        lengths = train.lengths[pick]
        batch = torch.from_numpy(raw_values(inputs[pick, : lengths.max()]))
        labels = torch.from_numpy(train.labels[pick])
        loss = torch.nn.functional.cross_entropy(model(batch, torch.from_numpy(lengths)), labels)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), task.clip_norm)
        optimiser.step()
        schedule.step()
        total += loss.item() * len(pick)
    return total / len(order)


def fit(task: Task, seed: int, n_epochs: int, folder: pathlib.Path) -> Classifier:
    """Train, or continue training, and return the model of the last epoch."""
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    model = Classifier(task)
    train, test = load_split(task)
    n_batches = -(-len(train.labels) // task.batch_size)
    optimiser = torch.optim.AdamW(parameter_groups(model, task))
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, n_epochs * n_batches)
    parts = {"model": model, "optimiser": optimiser, "schedule": schedule}
    first, last = 0, folder / "last.pt"
    if last.exists():
        saved = torch.load(last, weights_only=True)
        if (saved["seed"], saved["n_epochs"]) != (seed, n_epochs):
            raise SystemExit(f"{last}: of another run (seed {saved['seed']}, {saved['n_epochs']})")
        first = saved["epoch"] + 1
        for name, part in parts.items():
            part.load_state_dict(saved[name])
    for epoch in range(first, n_epochs):
        start_s = time.time()
        loss = train_epoch(model, optimiser, schedule, task, train, 1000 * seed + epoch)
        state = {name: part.state_dict() for name, part in parts.items()}
        torch.save({**state, "epoch": epoch, "seed": seed, "n_epochs": n_epochs}, last)
        print(
            f"{task.name} epoch {epoch + 1}/{n_epochs} loss {loss:.4f} "
            f"test accuracy {accuracy(model, test):.4f} ({time.time() - start_s:.0f} s)",
            flush=True,
        )
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
    model = fit(task, args.seed, n_epochs, args.output)
    _, test = load_split(task)
    command = f"python examples/train/train.py {task.name} --seed {args.seed} --epochs {n_epochs}"
    found = export_model(model, task, test, args.seed, command, args.output)
    print(f"{task.name}: float accuracy {found:.4f} on {len(test.labels)} test sequences")


if __name__ == "__main__":
    main()
