"""Write the float checkpoint as `.safetensors` with the keys of the reference code."""

from __future__ import annotations

import json
import pathlib

import numpy as np
import torch
from datasets import Split
from evaluate import logits_of
from s4d import Classifier
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from tasks import TASKS, Task


def in_float64(model: Classifier, task: Task) -> Classifier:
    """Return a float64 copy of the model."""
    copy = Classifier(task).double()
    copy.load_state_dict(model.state_dict())
    return copy


def export_model(
    model: Classifier, task: Task, test: Split, seed: int, command: str, folder: pathlib.Path
) -> float:
    """Write `FOLDER/NAME_float.safetensors`; return its accuracy, measured in float64."""
    logits = logits_of(in_float64(model, task), test)
    found = float(np.mean(np.argmax(logits, axis=1) == test.labels))
    header = {
        "activation": "relu",
        "norm": "batch",
        "norm_eps": 1e-5,
        "prenorm": True,
        "glu": False,
        "residual": True,
        "pooling": "mean",
        "discretization": "zoh",
        "a_imag_sign": 1,
        "task": task.name,
        "seed": seed,
        "float_accuracy": round(found, 6),
        "n_test": len(test.labels),
        "command": command,
    }
    tensors = {name: t.contiguous() for name, t in model.state_dict().items()}
    path = folder / f"{task.name}_float.safetensors"
    save_file(tensors, path, metadata={"aimc_sim": json.dumps(header, sort_keys=True)})
    return found


def load_float(path: pathlib.Path) -> tuple[Classifier, dict[str, object]]:
    """Return the float64 model of a checkpoint and its header."""
    with safe_open(path, "pt") as file:
        header = json.loads(file.metadata()["aimc_sim"])
    task = TASKS[header["task"]]
    model = Classifier(task).double()
    model.load_state_dict({k: t.to(torch.float64) for k, t in load_file(path).items()})
    return model, header
