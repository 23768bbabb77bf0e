"""The training loop: epochs in an order that the seed fixes, a checkpoint after each."""

from __future__ import annotations

import ctypes
import dataclasses
import pathlib
import time
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import torch
from datasets import Split, augmented_inputs, shuffled
from tasks import Task
from torch import Tensor, nn

ToInput = Callable[[np.ndarray], Tensor]
Prepare = Callable[[int, int], None]
"""Called before each batch with the seed of the epoch and the number of the batch."""


def keep_memory() -> None:
    """Let glibc keep what is freed: batches of megabytes otherwise take new pages each time.

    A sixth of an epoch at 784 steps; elsewhere than glibc nothing happens.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        m_trim_threshold, m_mmap_threshold = -1, -3
        mallopt(m_trim_threshold, 1 << 30)
        mallopt(m_mmap_threshold, 32 << 20)  # the most that older versions take


@dataclasses.dataclass(frozen=True)
class Run:
    """One training run.

    Parameters
    ----------
    task
        Data, batch size, clipping.
    seed
        Of the order of the sequences, shifts and noise.
    n_epochs
        Epochs, over which the learning rate falls to 0 as a cosine.
    folder
        Where `last.pt` is kept.
    recipe
        What else makes this run: a checkpoint of another recipe is refused.
    """

    task: Task
    seed: int
    n_epochs: int
    folder: pathlib.Path
    recipe: str = ""


def train_epoch(
    model: nn.Module,
    optimiser: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler,
    task: Task,
    train: Split,
    epoch_seed: int,
    to_input: ToInput,
    prepare: Prepare | None = None,
) -> float:
    """Run one epoch in an order that only `epoch_seed` fixes; return the mean loss."""
    model.train()
    inputs = augmented_inputs(task, train, epoch_seed)
    order = shuffled(len(train.labels), epoch_seed)
    total = 0.0
    for start in range(0, len(order), task.batch_size):
        pick = order[start : start + task.batch_size]
        lengths = train.lengths[pick]
        batch = to_input(inputs[pick, : lengths.max()])
        labels = torch.from_numpy(train.labels[pick])
        if prepare is not None:
            prepare(epoch_seed, start // task.batch_size)
        loss = nn.functional.cross_entropy(model(batch, torch.from_numpy(lengths)), labels)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), task.clip_norm)
        optimiser.step()
        schedule.step()
        total += loss.item() * len(pick)
    return total / len(order)


def run_epochs(
    run: Run,
    model: nn.Module,
    optimiser: torch.optim.Optimizer,
    train: Split,
    to_input: ToInput,
    accuracy: Callable[[], float],
    prepare: Prepare | None = None,
) -> Iterable[float]:
    """Train, or go on with training; the model of the last epoch is the result.

    Raises
    ------
    SystemExit
        The checkpoint in the folder is of another run.
    """
    run.folder.mkdir(parents=True, exist_ok=True)
    keep_memory()
    n_batches = -(-len(train.labels) // run.task.batch_size)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, run.n_epochs * n_batches)
    parts: dict[str, Any] = {"model": model, "optimiser": optimiser, "schedule": schedule}
    wanted = {"seed": run.seed, "n_epochs": run.n_epochs, "recipe": run.recipe}
    first, last = 0, run.folder / "last.pt"
    losses: list[float] = []
    if last.exists():
        saved = torch.load(last, weights_only=True)
        found = {key: saved[key] for key in wanted}
        if found != wanted:
            raise SystemExit(f"{last}: of another run: {found}, expected {wanted}")
        first, losses = saved["epoch"] + 1, saved["losses"]
        for name, part in parts.items():
            part.load_state_dict(saved[name])
    for epoch in range(first, run.n_epochs):
        start_s = time.time()
        loss = train_epoch(
            model, optimiser, schedule, run.task, train, 1000 * run.seed + epoch, to_input, prepare
        )
        losses.append(loss)
        state = {name: part.state_dict() for name, part in parts.items()}
        partial = last.with_suffix(".part")
        torch.save({**state, **wanted, "epoch": epoch, "losses": losses}, partial)
        partial.replace(last)
        print(
            f"{run.folder.name} epoch {epoch + 1}/{run.n_epochs} loss {loss:.4f} "
            f"test accuracy {accuracy():.4f} ({time.time() - start_s:.0f} s)",
            flush=True,
        )
    return losses
