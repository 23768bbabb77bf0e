"""Make the zoo: every model of `zoo_recipes.py`, resumable, each kept as soon as it is finished.

    python examples/train/zoo.py                       # all; hours on two cores
    python examples/train/zoo.py digits smnist196      # these tasks
    python examples/train/zoo.py --list                # what there is and what is missing

A model is `examples/models/zoo/TASK/NAME_seedK.npz` with a `.json` beside it that says how it was
made and what the integer reference finds on the whole test split. What is there already with the
same recipe is left alone; training goes on from the checkpoint of its last epoch. With --commit
each finished model is committed to git at once.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import pathlib
import shutil
import subprocess
from collections.abc import Iterator

import numpy as np
import torch
import train
from datasets import load_split
from evaluate import logits_of
from export import export_model, load_float
from integer_model import IntegerModel
from loop import Run
from prune import Shares, prune
from qat import against_chips, fit, reference_accuracy
from tasks import TASKS, Task
from zoo_recipes import SEEDS, Recipe, recipes

from aimc_sim import load_chip, load_model
from aimc_sim.commands.options import parse_changes
from aimc_sim.duration import parse_time_s
from aimc_sim.model.calibration import load_calibration
from aimc_sim.model.network import Model
from aimc_sim.model.quantize import quantize_file

ROOT = pathlib.Path(__file__).resolve().parents[2]
ZOO = ROOT / "examples/models/zoo"
RUNS = ROOT / "examples/train/runs/zoo"


def calibration_of(task: Task) -> pathlib.Path:
    """Return the calibration batch of a task."""
    return ROOT / f"examples/data/{task.name}_calibration.npz"


def float_model(task: Task, seed: int) -> pathlib.Path:
    """Return where the float checkpoint of a seed is; that of seed 0 may be the bundled one."""
    if seed == 0 and not task.n_epochs_more:
        return ROOT / f"examples/models/{task.name}_float.safetensors"
    return ZOO / task.name / f"float_seed{seed}.safetensors"


def make_float(task: Task, seed: int) -> pathlib.Path:
    """Train a float model, or go on with training; return its checkpoint."""
    folder = RUNS / task.name / f"float_seed{seed}"
    bundled = ROOT / f"examples/models/{task.name}_float.safetensors"
    if seed == 0 and bundled.exists():
        model = load_float(bundled)[0].float()
    else:
        model = train.fit(Run(task, seed, task.n_epochs, folder))
    if task.n_epochs_more:
        model = train.go_on(Run(task, seed, task.n_epochs_more, folder / "more"), model)
    command = f"python examples/train/zoo.py {task.name}"
    export_model(model, task, load_split(task)[1], seed, command, folder)
    path = float_model(task, seed)
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(folder / f"{task.name}_float.safetensors", path)
    return path


def note_float(task: Task, seed: int) -> None:
    """Write beside a float checkpoint, if it is not there, which class it gives each sequence."""
    path = ZOO / task.name / f"float_seed{seed}.json"
    if not path.exists():
        model, header = load_float(float_model(task, seed))
        _, test = load_split(task)
        classes = np.argmax(logits_of(model, test), axis=1)
        note = {
            "name": "float",
            "task": task.name,
            "seed": seed,
            "command": header["command"],
            "accuracy": float(np.mean(classes == test.labels)),
            "n_test": len(classes),
            "classes": "".join(map(str, classes)),
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(note, indent=1, sort_keys=True) + "\n")


def start_of(task: Task, recipe: Recipe, seed: int) -> Model:
    """Return the integer model that training starts from."""
    if recipe.start:
        start = load_model(ZOO / task.name / f"{recipe.start}_seed{seed}.npz")
    else:
        path, calibration = float_model(task, seed), calibration_of(task)
        start, _ = quantize_file(path, calibration, recipe.bits, a_grid=recipe.a_grid)
    if recipe.states < 1.0:
        start = prune(start, load_calibration(calibration_of(task)), Shares(recipe.states))
    return start


def make_model(task: Task, recipe: Recipe, seed: int) -> pathlib.Path:
    """Make one integer model; return its file, which is written last of all."""
    path = ZOO / task.name / f"{recipe.name}_seed{seed}.npz"
    start = start_of(task, recipe, seed)
    model = start
    if recipe.n_epochs:
        folder = RUNS / task.name / f"{recipe.name}_seed{seed}"
        run = Run(task, seed, recipe.n_epochs, folder, str(dataclasses.astuple(recipe)))
        against = None
        if recipe.chip:
            chip = load_chip(ROOT / recipe.chip, parse_changes(recipe.changes))
            against = against_chips(chip, parse_time_s(recipe.after))
        model = fit(run, start, recipe.rate, against)
    _, test = load_split(task)
    note = {
        **told(recipe),
        "task": task.name,
        "seed": seed,
        "command": f"python examples/train/zoo.py {task.name}",
        "accuracy": reference_accuracy(model, test),
        "accuracy_of_the_start": reference_accuracy(start, test),
        "n_test": len(test.labels),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.with_suffix(".json").write_text(json.dumps(note, indent=1, sort_keys=True) + "\n")
    IntegerModel(model).write(path)
    print(f"{task.name} {recipe.name} seed {seed}: {note['accuracy']:.4f}", flush=True)
    return path


def told(recipe: Recipe) -> dict[str, object]:
    """Return a recipe as its note holds it."""
    fields = dataclasses.asdict(recipe)
    return {**fields, "changes": list(recipe.changes), "seeds": list(recipe.seeds)}


def is_made(task: Task, recipe: Recipe, seed: int) -> bool:
    """Return whether the zoo has this model, made by this recipe."""
    path = ZOO / task.name / f"{recipe.name}_seed{seed}.npz"
    if not path.exists():
        return False
    note = json.loads(path.with_suffix(".json").read_text())
    wanted = {**told(recipe), "seeds": note["seeds"]}
    return all(note[key] == value for key, value in wanted.items())


def missing(tasks: list[str]) -> Iterator[tuple[Task, Recipe | None, int]]:
    """Yield what is still to be made, in order; None stands for a float model."""
    for name in tasks:
        task = TASKS[name]
        for seed in sorted({seed for recipe in recipes(name) for seed in recipe.seeds}):
            if not float_model(task, seed).exists():
                yield task, None, seed
        for recipe in recipes(name):
            for seed in recipe.seeds:
                if not is_made(task, recipe, seed):
                    yield task, recipe, seed


def commit(path: pathlib.Path) -> None:
    """Commit a finished model and its note, and nothing else."""
    files = [str(p) for p in (path, path.with_suffix(".json")) if p.exists()]
    subprocess.run(["git", "add", *files], cwd=ROOT, check=True)
    text = f"Zoo: {path.parent.name} {path.stem}"
    subprocess.run(["git", "commit", "-q", "-m", text, "--", *files], cwd=ROOT, check=True)


def main() -> None:
    """Make what is missing."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("tasks", nargs="*", choices=[[], *TASKS], metavar="TASK")
    parser.add_argument("--list", action="store_true", help="print what is missing, make nothing")
    parser.add_argument(
        "--only", default="", metavar="NAME", help="only models whose name starts so"
    )
    parser.add_argument("--seeds", nargs="*", type=int, default=SEEDS, help="only these")
    parser.add_argument("--commit", action="store_true", help="commit each model when finished")
    args = parser.parse_args()
    torch.set_num_threads(1)
    for task, recipe, seed in missing(args.tasks or list(TASKS)):
        name = recipe.name if recipe else "float"
        if seed not in args.seeds or not name.startswith(args.only):
            continue
        if args.list:
            print(f"{task.name} {name} seed {seed}")
            continue
        path = make_float(task, seed) if recipe is None else make_model(task, recipe, seed)
        note_float(task, seed)
        if args.commit:
            commit(path)


if __name__ == "__main__":
    main()
