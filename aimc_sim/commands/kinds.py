"""Which kind of file it is, and what it holds, checked."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aimc_sim.chip import Chip, load_chip
from aimc_sim.commands.batch import Batch, load_batch
from aimc_sim.commands.describe_study import StudyFile, load_study_file
from aimc_sim.cost.baseline_file import Baselines, read_baselines
from aimc_sim.devices import DeviceFile, load_device
from aimc_sim.mapping.io import read_plan, read_plan_file
from aimc_sim.mapping.plan_file import PlanFile
from aimc_sim.model import torch_file
from aimc_sim.model.archive import Archive
from aimc_sim.model.checkpoint import load_checkpoint
from aimc_sim.model.float_model import FloatModel
from aimc_sim.model.network import Model
from aimc_sim.model.npz import load_model
from aimc_sim.spec import InputError, nearest, read_yaml

Content = Model | Batch | Chip | DeviceFile | FloatModel | PlanFile | Baselines | StudyFile


@dataclass(frozen=True)
class Context:
    """What a file may belong to."""

    model: Model | None = None
    chip: Chip | None = None
    changes: Mapping[str, Any] = field(default_factory=dict)


def load_context(
    model: str | None, chip: str | None, changes: Mapping[str, Any] | None = None
) -> Context:
    """Read the model and the chip that were named, if any; values of a chip may be changed."""
    return Context(
        load_model(model) if model else None,
        load_chip(chip, changes) if chip else None,
        changes or {},
    )


def load_any(path: str, context: Context) -> Content:
    """Read and check any file of aimc_sim; what it is follows from its content.

    Raises
    ------
    InputError
        It is none of them, or it is wrong.
    """
    start = _first_bytes(path)
    if Path(path).suffix in (".safetensors", *torch_file.SUFFIXES):
        return load_checkpoint(path)
    if start[:2] == b"PK" or path.endswith(".npz"):
        return _load_archive(path, context)
    if start.lstrip()[:1] == b"{" or path.endswith(".json"):
        return _load_plan(path, context)
    return _load_yaml(path, context.changes)


def _first_bytes(path: str) -> bytes:
    try:
        with Path(path).open("rb") as file:
            return file.read(64)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None


def _load_archive(path: str, context: Context) -> Content:
    with Archive(path) as archive:
        names = set(archive.headers)
    if "header" in names:
        return load_model(path)
    if any(re.search(r"(^|\.)(encoder|s4_layers|decoder)\.", n) for n in names):
        return load_checkpoint(path)
    if names & {"inputs", "labels", "lengths", "logits"}:
        return load_batch(path, context.model)
    raise InputError(
        f"{path}: holds the arrays {', '.join(sorted(names)[:6]) or 'none'}; expected "
        f"'header' (a model) or 'inputs' (data)"
    )


def _load_plan(path: str, context: Context) -> PlanFile:
    plan = read_plan_file(path)
    if context.model is not None and context.chip is not None:
        read_plan(path, context.model, context.chip.hardware)
    return plan


def _load_yaml(path: str, changes: Mapping[str, Any]) -> Content:
    readers: Mapping[str, Callable[[str], Chip | DeviceFile | Baselines | StudyFile]] = {
        "aimc-chip": lambda chip: load_chip(chip, changes),
        "aimc-device": load_device,
        "aimc-baselines": read_baselines,
        "aimc-study": load_study_file,
    }
    found: Any = read_yaml(path).get("format")
    if found not in readers:
        near = nearest(str(found), readers)
        hint = f"; did you mean {near!r}" if near else ""
        raise InputError(f"{path}: format: found {found!r}{hint}; allowed: {', '.join(readers)}")
    return readers[found](path)
