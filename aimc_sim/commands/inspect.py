"""`aimc inspect`: describe any file."""

from __future__ import annotations

import sys

from aimc_sim.chip import Chip
from aimc_sim.commands.batch import Batch
from aimc_sim.commands.describe import Description, Section, line_of
from aimc_sim.commands.describe_chip import describe_chip, describe_device
from aimc_sim.commands.describe_model import describe_model
from aimc_sim.commands.kinds import Content, Context, load_any, load_context
from aimc_sim.devices import DeviceFile
from aimc_sim.mapping.io import PlanFile
from aimc_sim.model.float_model import FloatModel
from aimc_sim.model.network import Model
from aimc_sim.report.files import check_writable, write_text
from aimc_sim.report.json import to_text


def inspect_command(
    path: str, model: str | None, chip: str | None, poles: bool, json: str | None
) -> None:
    """Do what `aimc inspect` does."""
    check_writable("--json", None if json == "-" else json)
    context = load_context(model, chip)
    description = describe(load_any(path, context), context, poles=poles)
    if json == "-":
        sys.stdout.write(to_text(description.tree))
        return
    if json:
        write_text(json, to_text(description.tree))
    sys.stdout.write(f"{path}: {description.text()}")


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
        return _plan(content)
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


def _plan(plan: PlanFile) -> Description:
    tree = {"kind": "plan", **plan.model_dump(mode="json")}
    rows: list[tuple[str, ...]] = [("tile", "layer", "matrix", "pieces", "weights")]
    rows += [
        (
            str(t.tile_id),
            t.layer,
            f"{t.matrix}/{t.index}",
            str(len(t.pieces)),
            f"{sum(p.n_rows * p.n_cols for p in t.pieces):,}",
        )
        for t in plan.tiles
    ]
    return Description(line_of(plan), tree, (Section("tiles", rows),))


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
