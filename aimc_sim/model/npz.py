"""Read and write the versioned model file; docs/formats.md states its rules for exporters."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from aimc_sim.model.archive import Archive, smallest_ints, write_archive
from aimc_sim.model.check import check_model
from aimc_sim.model.heads import (
    FORMAT,
    HEADS,
    VERSION,
    AffineHead,
    GLUHead,
    LayerHead,
    LayerNormHead,
    LinearHead,
    ModelHead,
    PoolHead,
    ResidualHead,
    S4DHead,
    TableHead,
)
from aimc_sim.model.layers import (
    GLU,
    S4D,
    Affine,
    Layer,
    LayerNorm,
    Linear,
    Model,
    Pool,
    Requant,
    Residual,
    Signal,
    Table,
)
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
            layer = _LayerReader(archive, layer_head, widths[layer_head.input], used).read()
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


class _LayerReader:
    """Reads the arrays of one layer, each checked against what its header promises."""

    def __init__(self, archive: Archive, head: LayerHead, n_in: int, used: set[str]) -> None:
        self.archive, self.head, self.n_in, self.used = archive, head, n_in, used

    def array(self, name: str, *shapes: tuple[int, ...], kind: str = "i") -> npt.NDArray[Any]:
        """Return ``<layer>.<name>``; its shape must be one of `shapes`."""
        full = f"{self.head.name}.{name}"
        if full not in self.archive.headers:
            raise self.archive.fail(full, f"is missing; expected shape {_or(shapes)}")
        shape, dtype = self.archive.headers[full]
        wanted = "iu" if kind == "i" else "f"
        if dtype.kind not in wanted or dtype == np.uint64:
            expected = "an integer dtype up to int64" if kind == "i" else "float64"
            raise self.archive.fail(full, f"found dtype {dtype}; expected {expected}")
        if shape not in shapes:
            raise self.archive.fail(full, f"found shape {shape}; expected {_or(shapes)}")
        self.used.add(full)
        values = self.archive.read(full)
        if kind == "f":
            if not np.isfinite(values).all():
                raise self.archive.fail(full, "holds NaN or infinity; expected finite numbers")
            return values.astype(np.float64)
        return values.astype(np.int64)

    def requant(self, n: int, suffix: str = "") -> Requant:
        """Return multiplier and shift, per tensor or per channel."""
        return Requant(self.array("m" + suffix, (), (n,)), self.array("k" + suffix, (), (n,)))

    def read(self) -> Layer:
        """Return the layer."""
        head = self.head
        name, source, output = head.name, head.input, head.output.signal()
        if isinstance(head, LinearHead):
            n = head.n_out
            return Linear(
                name,
                source,
                self.array("weight", (self.n_in, n)),
                head.weight_bits,
                self.array("bias", (n,)),
                self.requant(n),
                output,
                head.bias_times_length,
            )
        if isinstance(head, S4DHead):
            return self._s4d(head)
        if isinstance(head, AffineHead):
            n = self.n_in
            return Affine(
                name,
                source,
                self.array("m", (n,)),
                self.array("k", (), (n,)),
                self.array("bias", (n,)),
                output,
            )
        if isinstance(head, TableHead):
            return Table(name, source, self._table(), output)
        if isinstance(head, GLUHead):
            if self.n_in % 2:
                raise InputError(
                    f"{self.archive.path}: header: layer {name!r}: found {self.n_in} "
                    f"input channels; a GLU needs an even number"
                )
            return GLU(
                name,
                source,
                self._table(),
                head.gate.signal(),
                self.requant(self.n_in // 2),
                output,
            )
        if isinstance(head, ResidualHead):
            n = self.n_in
            return Residual(
                name,
                source,
                head.skip,
                self.array("m", (), (n,)),
                self.array("m_skip", (), (n,)),
                self.array("k", (), (n,)),
                output,
            )
        if isinstance(head, LayerNormHead):
            n = self.n_in
            return LayerNorm(
                name,
                source,
                self.array("gamma", (n,), kind="f"),
                self.array("beta", (n,), kind="f"),
                head.epsilon,
                output,
            )
        assert isinstance(head, PoolHead)
        return Pool(name, source, head.rule, head.m, head.k, output)

    def _table(self) -> npt.NDArray[np.int64]:
        """Return the table; its length 2^bits is checked where the input's width is known."""
        full = f"{self.head.name}.table"
        shape, _ = self.archive.headers.get(full, ((0,), None))
        sizes = [(1 << b,) for b in range(2, 17)]
        return self.array("table", shape if shape in sizes else sizes[6])

    def _s4d(self, head: S4DHead) -> S4D:
        H, M = self.n_in, (head.n_modes,)
        n_states = self.array("n_states", (H,))
        counts = [int(count) for count in n_states]
        if min(counts) < 0:
            raise self.archive.fail(
                f"{head.name}.n_states", f"found {min(counts)}; no entry may be negative"
            )
        if sum(counts) != head.n_modes:
            raise self.archive.fail(
                f"{head.name}.n_states",
                f"sums to {sum(counts)} modes; expected n_modes {head.n_modes} of the header",
            )
        codes: dict[str, Any] = {}
        for tensor in "ABC":
            codes[f"{tensor}_re"] = self.array(f"{tensor}_re", M)
            codes[f"{tensor}_im"] = self.array(f"{tensor}_im", M) if head.complex else None
        return S4D(
            name=head.name,
            input=head.input,
            n_states=n_states,
            D=self.array("D", (H,)),
            bits={str(k): v for k, v in head.bits.items()},
            requant_A=self.requant(H, "_A"),
            requant_B=self.requant(H, "_B"),
            requant_C=self.requant(H, "_C"),
            requant_D=self.requant(H, "_D"),
            state=head.state.signal(),
            output=head.output.signal(),
            readout=head.readout,
            tied=head.tied,
            grid=head.grid,
            **codes,
        )


def _or(shapes: tuple[tuple[int, ...], ...]) -> str:
    return " or ".join(str(shape) for shape in shapes)


_JSON_FIELDS: dict[type[Layer], tuple[str, ...]] = {
    Linear: ("weight_bits", "bias_times_length"),
    S4D: ("readout", "tied", "grid"),
    Residual: ("skip",),
    LayerNorm: ("epsilon",),
    Pool: ("rule", "m", "k"),
}


def write_model(path: str | Path, model: Model) -> None:
    """Check and write a model file; the same model gives the same bytes.

    Parameters
    ----------
    path : path
        Target, replaced whole or not at all.
    model : Model
        What to write.
    """
    check_model(model, str(path))
    heads, arrays = [], {}
    for layer in model.layers:
        head, layer_arrays = _split(layer)
        heads.append(head)
        arrays.update({f"{layer.name}.{key}": value for key, value in layer_arrays.items()})
    header = {
        "format": FORMAT,
        "version": VERSION,
        "meta": dict(model.meta),
        "layers": heads,
        "input": {"channels": model.n_input, **_signal(model.input)},
    }
    text = json.dumps(header, allow_nan=False, sort_keys=True)
    write_archive(path, {"header": np.array(text), **arrays})


def _signal(signal: Signal) -> dict[str, Any]:
    return {"bits": signal.bits, "signed": signal.signed, "scale": signal.scale}


def _split(layer: Layer) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
    """Split a layer into its JSON head and its arrays."""
    head: dict[str, Any] = {
        "name": layer.name,
        "kind": layer.kind,
        "input": layer.input,
        "output": _signal(layer.output),
    }
    head |= {key: getattr(layer, key) for key in _JSON_FIELDS.get(type(layer), ())}
    arrays: dict[str, npt.NDArray[Any]] = {}
    for key, value in vars(layer).items():
        if isinstance(value, np.ndarray) and key in type(layer).__dataclass_fields__:
            arrays[key] = smallest_ints(value) if value.dtype.kind == "i" else value
        elif isinstance(value, Requant):
            suffix = key.removeprefix("requant")
            arrays["m" + suffix] = smallest_ints(value.m)
            arrays["k" + suffix] = smallest_ints(value.k)
    if isinstance(layer, Linear):
        head["n_out"] = layer.n_out
    if isinstance(layer, S4D):
        head |= {
            "complex": layer.is_complex,
            "bits": dict(layer.bits),
            "n_modes": layer.n_modes,
            "state": _signal(layer.state),
        }
    if isinstance(layer, GLU):
        head["gate"] = _signal(layer.gate)
    return head, arrays
