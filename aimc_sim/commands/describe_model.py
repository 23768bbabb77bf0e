"""What `aimc inspect` says of a model: layers, bits, sizes, poles, tiles."""

from __future__ import annotations

from typing import Any

from aimc_sim.chip import Chip
from aimc_sim.commands.describe import Description, Section, line_of
from aimc_sim.commands.describe_s4d import s4d_section, s4d_tree
from aimc_sim.display import percent
from aimc_sim.mapping.mapper import map_model
from aimc_sim.model.layers import GLU, S4D, Affine, Layer, LayerNorm, Linear, Table
from aimc_sim.model.network import Model
from aimc_sim.model.signal import Signal


def describe_model(model: Model, chip: Chip | None = None, *, poles: bool = False) -> Description:
    """Return the description of a model.

    Parameters
    ----------
    model : Model
        The model.
    chip : Chip, optional
        Tiles that the model would take on it are told.
    poles : bool
        List every pole.
    """
    tree: dict[str, Any] = {
        "kind": "model",
        "digest": model.digest,
        "n_input": model.n_input,
        "n_classes": model.n_classes,
        "input": _signal(model.input),
        "n_parameters": sum(n_parameters(layer) for layer in model.layers),
        "layers": [_layer(layer, model) for layer in model.layers],
        "s4d": {
            layer.name: s4d_tree(layer, chip.hardware.adc.width if chip else None, poles=poles)
            for layer in model.layers
            if isinstance(layer, S4D)
        },
        "meta": dict(model.meta),
    }
    sections = [
        Section("layers", _layer_rows(tree)),
        *(s4d_section(name, s4d) for name, s4d in tree["s4d"].items()),
    ]
    if chip is not None:
        tree["tiles"] = tiles_tree(model, chip)
        sections.append(_tiles_section(tree["tiles"]))
    return Description(line_of(model), tree, tuple(sections))


def n_parameters(layer: Layer) -> int:
    """Return the trained numbers of a layer; multipliers, shifts and tables do not count."""
    if isinstance(layer, Linear):
        return int(layer.weight.size + layer.bias.size)
    if isinstance(layer, S4D):
        return (6 if layer.is_complex else 3) * layer.n_modes + layer.n_out
    if isinstance(layer, Affine):
        return int(layer.m.size + layer.bias.size)
    return 2 * layer.n_out if isinstance(layer, LayerNorm) else 0


def tiles_tree(model: Model, chip: Chip) -> dict[str, Any]:
    """Return the tiles that a model takes on a chip."""
    plan = map_model(model, chip.hardware)
    shape = chip.hardware.tile
    cells = shape.n_wordlines * shape.n_bitlines
    by_layer = {}
    for layer in plan.layers:
        tiles = [tile for m in layer.matrices for tile in m.tiles]
        if tiles:
            n_weights = sum(m.matrix.n_weights for m in layer.matrices)
            used = sum(
                m.matrix.n_weights * m.layout.lines_per_column(shape) for m in layer.matrices
            )
            by_layer[layer.layer] = {
                "mapping": layer.mapping,
                "count": len(tiles),
                "n_weights": n_weights,
                "utilisation": used / (cells * len(tiles)),
            }
    return {
        "chip": chip.name,
        "n_wordlines": shape.n_wordlines,
        "n_bitlines": shape.n_bitlines,
        "count": plan.n_sites,
        "utilisation": plan.utilisation,
        "by_layer": by_layer,
    }


def _signal(signal: Signal) -> dict[str, Any]:
    return {"bits": signal.bits, "signed": signal.signed, "scale": signal.scale}


def _layer(layer: Layer, model: Model) -> dict[str, Any]:
    tree: dict[str, Any] = {
        "name": layer.name,
        "kind": layer.kind,
        "input": layer.input,
        "n_in": model.widths[layer.input],
        "n_out": model.widths[layer.name],
        "n_parameters": n_parameters(layer),
        "output": _signal(layer.output),
    }
    if isinstance(layer, Linear):
        tree["weight_bits"] = layer.weight_bits
    if isinstance(layer, S4D):
        tree["weight_bits"] = max(layer.bits.values())
    if isinstance(layer, (Table, GLU)):
        tree["n_entries"] = len(layer.table)
    return tree


def _layer_rows(tree: dict[str, Any]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [
        ("name", "kind", "input", "in", "out", "weights", "output", "parameters")
    ]
    for layer in tree["layers"]:
        output, bits = layer["output"], layer.get("weight_bits")
        rows.append(
            (
                layer["name"],
                layer["kind"],
                layer["input"],
                str(layer["n_in"]),
                str(layer["n_out"]),
                f"{bits} bits" if bits else "",
                f"{output['bits']} bits{'' if output['signed'] else ', unsigned'}",
                f"{layer['n_parameters']:,}",
            )
        )
    return rows


def _tiles_section(tree: dict[str, Any]) -> Section:
    rows = [("layer", "mapping", "tiles", "weights", "used")]
    rows += [
        (
            name,
            part["mapping"],
            str(part["count"]),
            f"{part['n_weights']:,}",
            percent(part["utilisation"], 1),
        )
        for name, part in tree["by_layer"].items()
    ]
    rows.append(("all", "", str(tree["count"]), "", percent(tree["utilisation"], 1)))
    return Section(
        f"tiles on {tree['chip']}, each {tree['n_wordlines']} x {tree['n_bitlines']}", rows
    )
