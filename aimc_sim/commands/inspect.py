"""`aimc inspect`: describe any file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from aimc_sim.chip import Chip
from aimc_sim.commands.batch import Batch
from aimc_sim.commands.describe import Description, Section, line_of
from aimc_sim.commands.describe_chip import describe_chip, describe_device
from aimc_sim.commands.describe_model import describe_model
from aimc_sim.commands.describe_plan import describe_plan, with_floor_plan
from aimc_sim.commands.describe_study import StudyFile
from aimc_sim.commands.kinds import Content, Context, load_any, load_context
from aimc_sim.commands.options import parse_changes
from aimc_sim.commands.telling import check_json, tell
from aimc_sim.cost.baseline_file import Baselines
from aimc_sim.devices import DeviceFile
from aimc_sim.mapping.io import read_plan
from aimc_sim.mapping.mapper import map_model
from aimc_sim.mapping.plan import Plan
from aimc_sim.mapping.plan_file import PlanFile
from aimc_sim.model.float_model import FloatModel
from aimc_sim.model.network import Model
from aimc_sim.report.floor_plan import check_picture, write_floor_plan
from aimc_sim.spec import InputError


@dataclass(frozen=True)
class InspectOptions:
    """Options of `aimc inspect` as given; `describe` says what they do."""

    path: str
    model: str | None
    chip: str | None
    changes: tuple[str, ...]
    poles: bool
    plan: str | None
    json: str | None


def inspect_command(options: InspectOptions) -> None:
    """Do what `aimc inspect` does."""
    json = options.json
    check_json(json)
    check_picture("--plan", options.plan)
    context = load_context(options.model, options.chip, parse_changes(options.changes))
    content = load_any(options.path, context)
    if context.changes and context.chip is None and not isinstance(content, Chip):
        raise InputError("--set: there is no chip whose values it could change; add --chip")
    description = describe(content, context, poles=options.poles)
    if options.plan:
        plan = _placed(options.path, content, context)
        description = with_floor_plan(description, plan)
        write_floor_plan(options.plan, plan, f"Floor plan of {Path(options.path).name}")
    tell(description.tree, lambda: f"{options.path}: {description.text()}", json=json)


def _placed(path: str, content: Content, context: Context) -> Plan:
    """Return where weights lie: as a plan file says, or as the chip maps a model."""
    chip = context.chip
    if isinstance(content, Model) and chip is not None:
        return map_model(content, chip.hardware)
    if isinstance(content, PlanFile) and context.model is not None and chip is not None:
        return read_plan(path, context.model, chip.hardware)
    raise InputError(
        "--plan: a floor plan takes a model and --chip, or a plan file, --model and --chip"
    )


def describe(content: Content, context: Context, *, poles: bool = False) -> Description:
    """Return the description of what a file holds."""
    if isinstance(content, Model):
        return describe_model(content, context.chip, poles=poles)
    if isinstance(content, Chip):
        return describe_chip(content)
    if isinstance(content, DeviceFile):
        return describe_device(content)
    if isinstance(content, Batch):
        return _batch(content)
    if isinstance(content, PlanFile):
        return describe_plan(content)
    if isinstance(content, Baselines):
        return _baselines(content)
    if isinstance(content, StudyFile):
        return content.describe()
    return _checkpoint(content)


def _batch(batch: Batch) -> Description:
    tree = batch.tree()
    arrays = [
        (name, " x ".join(map(str, a["shape"])), a["dtype"]) for name, a in tree["arrays"].items()
    ]
    lengths, inputs = tree["lengths"], tree["inputs"]
    rows = [
        ("lengths", f"{lengths['min']} to {lengths['max']}, mean {lengths['mean']:.1f}"),
        (f"inputs, {inputs['are']}", f"{inputs['min']:g} to {inputs['max']:g}"),
    ]
    if "sequences_of_class" in tree:
        rows.append(("sequences of class", ", ".join(map(str, tree["sequences_of_class"]))))
    if "n_clipped" in tree:
        rows.append(("values clipped to the code range", str(tree["n_clipped"])))
    return Description(line_of(batch), tree, (Section("arrays", arrays), Section("values", rows)))


def _baselines(machines: Baselines) -> Description:
    tree = {"kind": "machines", **machines.model_dump(mode="json")}
    sections = [
        Section(
            machine["name"],
            [(key, _words(value)) for key, value in machine.items() if key != "name"],
        )
        for machine in tree["baselines"]
    ]
    return Description(line_of(machines), tree, tuple(sections))


def _words(value: object) -> str:
    """Return a value of a file; of a source who said it and its grade."""
    return f"{value['cite']} ({value['grade']})" if isinstance(value, dict) else str(value)


def _checkpoint(model: FloatModel) -> Description:
    tree = {
        "kind": "checkpoint",
        "digest": model.digest,
        "n_blocks": len(model.blocks),
        "n_input": model.encoder_weight.shape[0],
        "n_classes": model.decoder_weight.shape[1],
        "architecture": model.arch.model_dump(mode="json"),
        "meta": dict(model.meta),
    }
    rows = [(key, str(value)) for key, value in tree["architecture"].items()]
    return Description(line_of(model), tree, (Section("architecture", rows),))
