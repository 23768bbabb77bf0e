"""Model files whose JSON header is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tests.broken.corpus import (
    Arrays,
    Broken,
    Header,
    from_both,
    from_header,
    layer,
    parts,
    put,
)


def _set(key: str, value: Any) -> Callable[[Header], None]:
    return lambda header: header.update({key: value})


def _drop(key: str, of: str | None = None) -> Callable[[Header], None]:
    return lambda header: void_pop(layer(header, of) if of else header, key)


def void_pop(item: Header, key: str) -> None:
    """Take a key out."""
    del item[key]


def _output(name: str, **values: Any) -> Callable[[Header], None]:
    return lambda header: layer(header, name)["output"].update(values)


def _state(**values: Any) -> Callable[[Header], None]:
    return lambda header: layer(header, "kernel")["state"].update(values)


def _text(old: str, new: str) -> Callable[[Header], str]:
    """Change the JSON text itself."""

    def change(header: Header) -> str:
        text = json.dumps(header)
        assert old in text
        return text.replace(old, new, 1)

    return change


def _raw_header(name: str, array: np.ndarray, *says: str) -> Broken:
    def make(path: Path) -> None:
        np.savez_compressed(path, header=array, **parts()[1])

    return Broken(name, make, says)


def _no_header(path: Path) -> None:
    np.savez_compressed(path, **parts()[1])


def _remove(header: Header, arrays: Arrays, name: str) -> None:
    header["layers"].remove(layer(header, name))
    for key in [key for key in arrays if key.startswith(f"{name}.")]:
        del arrays[key]


def _second_pool(header: Header) -> None:
    at = header["layers"].index(layer(header, "mean"))
    again = json.loads(json.dumps(header["layers"][at])) | {"name": "again", "input": "mean"}
    header["layers"].insert(at + 1, again)


def _twice(header: Header) -> None:
    layer(header, "bn")["name"] = "encoder"


def _move(name: str, at: int) -> Callable[[Header], None]:
    def change(header: Header) -> None:
        item = layer(header, name)
        header["layers"].remove(item)
        header["layers"].insert(at, item)

    return change


def _bits(**values: int) -> Callable[[Header], None]:
    return lambda header: layer(header, "kernel")["bits"].update(values)


# fmt: off
TEXT = (
    Broken("header_missing", _no_header, ("'header'", "is missing", "expected a JSON text")),
    _raw_header("header_number", np.array(7), "'header'", "int64", "expected one text"),
    _raw_header("header_list", np.array(["{}", "{}"]), "'header'", "(2,)", "shape ()"),
    _raw_header("header_bytes", np.array(b"{}"), "'header'", "expected one text"),
    from_header("json_torn", lambda h: json.dumps(h)[:-9], "'header'", "not valid JSON"),
    from_header("json_list", lambda h: [h], "expected a JSON object", "found list"),
    from_header("json_deep", lambda h: "[" * 100_000, "'header'", "not valid JSON"),
    from_header("json_nan", _text('"scale": 0.03125', '"scale": NaN'), "NaN is not allowed"),
    from_header("json_infinity", _text('"scale": 0.03125', '"scale": -Infinity'), "-Infinity"),
    from_header("json_overflow", _text('"scale": 0.03125', '"scale": 1e400'), "scale",
                "finite"),
    from_header("json_key_twice", _text('"name": "bn"', '"name": "bn", "name": "bm"'), "'name'",
                "given twice"),
    from_header("json_single_quotes", lambda h: str(h), "not valid JSON"),
)

TOP = (
    from_header("format_wrong", _set("format", "onnx"), "format: found 'onnx'", "'aimc-s4d'"),
    from_header("format_missing", _drop("format"), "format: found None", "'aimc-s4d'"),
    from_header("version_future", _set("version", "2.0"), "version: found '2.0'", "'1.0'"),
    from_header("version_minor_future", _set("version", "1.9"), "version: found '1.9'"),
    from_header("version_unknown", _set("version", "beta"), "version: found 'beta'"),
    from_header("version_number", _set("version", 1.0), "version: found 1.0", "'1.0'"),
    from_header("version_missing", _drop("version"), "version: found None"),
    from_header("key_unknown", _set("author", "x"), "author: unknown key", "allowed:"),
    from_header("key_misspelt", lambda h: h.update(inputs=h.pop("input")),
                "inputs: unknown key", "did you mean 'input'"),
    from_header("key_with_line_break", _set("a\nb", 1), "a\\nb: unknown key"),
    from_header("layers_empty", _set("layers", []), "layers", "at least 1"),
    from_header("layers_number", _set("layers", 3), "layers", "found 3", "list"),
    from_header("layer_not_an_object", lambda h: h["layers"].append("relu"), "layers.8",
                "found 'relu'"),
    from_header("meta_list", _set("meta", []), "meta", "found []"),
    from_header("input_missing", _drop("input"), "input: required key is missing"),
    from_header("input_channels_zero", lambda h: h["input"].update(channels=0),
                "input.channels: found 0", "greater than or equal to 1"),
    from_header("input_bits_17", lambda h: h["input"].update(bits=17), "input.bits: found 17",
                "16"),
)

LAYERS = (
    from_header("kind_unknown", put("act", kind="lstm"), "kind: found 'lstm'", "allowed: linear"),
    from_header("kind_misspelt", put("act", kind="tabel"), "'tabel'", "did you mean 'table'"),
    from_header("kind_missing", _drop("kind", "act"), "kind: found None", "allowed:"),
    from_header("layer_key_misspelt", put("head", weigth_bits=4), "weigth_bits: unknown key",
                "did you mean 'weight_bits'"),
    from_header("layer_key_missing", _drop("weight_bits", "head"), "weight_bits: required key"),
    from_header("name_twice", _twice, "'encoder'", "twice"),
    from_header("name_reserved", put("encoder", name="input"), "found 'input'", "another name"),
    from_header("name_with_dot", put("encoder", name="a.b"), "name: found 'a.b'", "pattern"),
    from_header("name_empty", put("encoder", name=""), "name: found ''"),
    from_header("input_unknown", put("kernel", input="bm"), "'kernel'", "'bm'", "known here:"),
    from_header("input_of_later_layer", _move("act", 0), "'act'", "'kernel'", "known here:"),
    from_header("skip_unknown", put("add", skip="nothing"), "'add'", "'nothing'", "known"),
    from_header("input_across_the_pool", put("head", input="bn"), "'head'", "'bn'",
                "after the pool"),
    from_header("pool_twice", _second_pool, "found 2 layers of kind 'pool'", "exactly one"),
    from_both("pool_missing", lambda h, a: (_remove(h, a, "mean"), put("head", input="add")(h))[1],
              "found 0 layers of kind 'pool'", "exactly one"),
    from_header("pool_rule", put("mean", rule="max"), "rule: found 'max'", "'mean'"),
    from_header("pool_multiplier_zero", put("mean", m=0), "m: found 0", "greater than"),
    from_header("pool_shift_negative", put("mean", k=-1), "k: found -1", "greater than"),
    from_header("pool_last_changes_signal", put("mean", rule="last"), "'mean'", "rule 'last'"),
    from_header("output_missing", _drop("output", "act"), "output: required key is missing"),
    from_header("output_bits_1", _output("act", bits=1), "output.bits: found 1", "equal to 2"),
    from_header("output_bits_33", _output("head", bits=33), "output.bits: found 33", "32"),
    from_header("output_bits_inside", _output("encoder", bits=25), "'encoder'", "found 25 bits",
                "at most 24"),
    from_header("output_bits_negative", _output("act", bits=-8), "output.bits: found -8"),
    from_header("output_bits_text", _output("act", bits="eight"), "output.bits: found 'eight'"),
    from_header("output_bits_broken", _output("act", bits=7.5), "output.bits: found 7.5"),
    from_header("scale_zero", _output("act", scale=0.0), "output.scale: found 0.0",
                "greater than 0"),
    from_header("scale_negative", _output("act", scale=-0.1), "output.scale: found -0.1"),
    from_header("scale_null", _output("act", scale=None), "output.scale: found None"),
    from_header("scale_missing", lambda h: void_pop(layer(h, "act")["output"], "scale"),
                "output.scale: required key"),
    from_header("signal_key_unknown", _output("act", zero_point=3), "zero_point: unknown key"),
    from_header("n_out_zero", put("head", n_out=0), "n_out: found 0"),
    from_header("n_out_wrong", put("head", n_out=5), "'head.weight'", "found shape (2, 4)",
                "expected (2, 5)"),
    from_header("weight_bits_17", put("head", weight_bits=17), "weight_bits: found 17", "16"),
    from_header("weight_bits_1", put("head", weight_bits=1), "weight_bits: found 1"),
    from_header("weight_bits_too_few", put("encoder", weight_bits=3), "'encoder.weight'",
                "found code", "allowed -3..3"),
    from_header("epsilon_zero", put("norm", epsilon=0), "epsilon: found 0", gated=True),
    from_header("bias_times_length_misplaced", put("encoder", bias_times_length=True),
                "'encoder'", "bias_times_length", "sum"),
)

KERNEL = (
    from_header("readout_unknown", put("kernel", readout="next"), "readout: found 'next'", "'new'"),
    from_header("grid_unknown", put("kernel", grid="log"), "grid: found 'log'", "'polar'"),
    from_header("complex_false", put("kernel", complex=False), "'kernel.A_im'", "not expected"),
    from_header("n_modes_wrong", put("kernel", n_modes=4), "'kernel.n_states'", "3 modes",
                "n_modes 4"),
    from_header("n_modes_negative", put("kernel", n_modes=-3), "n_modes: found -3"),
    from_header("bits_of_D_missing", lambda h: void_pop(layer(h, "kernel")["bits"], "D"),
                "bits", "A, B, C and D"),
    from_header("bits_of_A_17", _bits(A=17), "bits", "2..16"),
    from_header("bits_of_A_1", _bits(A=1), "bits", "2..16"),
    from_header("bits_of_E", _bits(E=4), "bits.E"),
    from_header("bits_of_A_text", put("kernel", bits="8"), "bits: found '8'"),
    from_header("bits_of_A_too_few", _bits(A=9), "'kernel.A_re'", "found code 400",
                "allowed -255..255"),
    from_header("state_unsigned", _state(signed=False), "'kernel'", "state", "signed"),
    from_header("state_25_bits", _state(bits=25), "'kernel'", "state", "24 bits"),
    from_header("state_missing", _drop("state", "kernel"), "state: required key is missing"),
    from_both("s4d_after_pool",
              lambda h, a: (_remove(h, a, "mean"),
                            h["layers"].insert(0, {
                                "name": "mean", "kind": "pool", "input": "input", "rule": "last",
                                "output": {k: h["input"][k] for k in ("bits", "signed", "scale")}}),
                            put("encoder", input="mean")(h), put("head", input="add")(h))[3],
              "'kernel'", "after the pool", "no steps"),
)

CASES: tuple[Broken, ...] = (*TEXT, *TOP, *LAYERS, *KERNEL)
