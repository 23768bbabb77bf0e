"""Read the versioned model file; docs/formats.md states its rules for exporters."""

from __future__ import annotations

from pathlib import Path

from aimc_sim.model.archive import Archive
from aimc_sim.model.check import check_model
from aimc_sim.model.heads import (
    FORMAT,
    HEADS,
    VERSION,
    LayerHead,
    ModelHead,
)
from aimc_sim.model.layer_reader import LayerReader
from aimc_sim.model.layers import GLU
from aimc_sim.model.network import Model
from aimc_sim.model.signal import Signal
from aimc_sim.spec import InputError, nearest, validate


def load_model(path: str | Path) -> Model:
    """Read and check a model file.

    Parameters
    ----------
    path : path
        An `.npz` in the format of docs/formats.md.

    Returns
    -------
    Model
        Checked: shapes, dtypes, code ranges, overflow bounds, stability of every pole.

    Raises
    ------
    InputError
        One line: file, array or key, found, expected.

    Examples
    --------
    >>> load_model("missing.npz")
    Traceback (most recent call last):
    aimc_sim.spec.InputError: missing.npz: no such file
    """
    with Archive(path) as archive:
        head, heads = _read_heads(archive)
        widths: dict[str, int] = {"input": head.input.channels}
        layers = []
        used = {"header"}
        for layer_head in heads:
            if layer_head.input not in widths:
                raise InputError(
                    f"{path}: header: layer {layer_head.name!r} takes its input from "
                    f"{layer_head.input!r}; known here: {', '.join(widths)}"
                )
            layer = LayerReader(archive, layer_head, widths[layer_head.input], used).read()
            layers.append(layer)
            width = getattr(layer, "n_out", widths[layer_head.input])
            widths[layer_head.name] = width // 2 if isinstance(layer, GLU) else width
        for name in archive.headers:
            if name not in used:
                near = nearest(name, used)
                hint = f"; did you mean {near!r}" if near else ""
                raise archive.fail(name, f"is not expected here{hint}")
    signal = Signal(head.input.bits, head.input.signed, head.input.scale)
    model = Model(head.input.channels, signal, tuple(layers), head.meta)
    check_model(model, str(path))
    return model


def _read_heads(archive: Archive) -> tuple[ModelHead, list[LayerHead]]:
    tree = archive.read_json("header")
    where = f"{archive.path}: header"
    if not isinstance(tree, dict):
        raise InputError(f"{where}: expected a JSON object, found {type(tree).__name__}")
    found = tree.get("format")
    if found != FORMAT:
        raise InputError(f"{where}: format: found {found!r}; expected {FORMAT!r}")
    version = tree.get("version")
    if version != VERSION:
        raise InputError(f"{where}: version: found {version!r}; this reader knows {VERSION!r}")
    head = validate(ModelHead, tree, where)
    heads: list[LayerHead] = []
    for i, layer in enumerate(head.layers):
        kind = layer.get("kind")
        if kind not in HEADS:
            near = nearest(str(kind), HEADS)
            hint = f"; did you mean {near!r}" if near else ""
            raise InputError(
                f"{where}: layers.{i}.kind: found {kind!r}{hint}; allowed: {', '.join(HEADS)}"
            )
        name = layer.get("name")
        if name == "input" or name in [other.name for other in heads]:
            raise InputError(
                f"{where}: layers.{i}.name: found {name!r}, which is given twice or "
                f"is the model's input; expected another name"
            )
        shown = f" ({name})" if isinstance(name, str) and name.isidentifier() else ""
        heads.append(validate(HEADS[kind], layer, f"{where}: layers.{i}{shown}"))
    return head, heads
