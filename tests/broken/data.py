"""Broken data files for the good model of corpus.py: 3 channels, 8 signed bits, 4 classes."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tests.broken.corpus import Arrays, Broken, npy, void

N, STEPS = 5, 6


def good_arrays() -> Arrays:
    """Return the arrays of a good data file, all optional ones included."""
    inputs = np.arange(N * STEPS * 3).reshape(N, STEPS, 3) % 256 - 128
    return {
        "inputs": inputs.astype(np.int8),
        "labels": np.arange(N) % 4,
        "lengths": np.array([6, 1, 3, 4, 6]),
        "logits": np.zeros((N, 4), dtype=np.int64),
        "float_logits": np.zeros((N, 4)),
        "index": np.arange(N),
    }


def _data(name: str, change: Callable[[Arrays], object], *says: str) -> Broken:
    def make(path: Path) -> None:
        arrays = good_arrays()
        change(arrays)
        np.savez_compressed(path, allow_pickle=True, **arrays)

    return Broken(f"data_{name}", make, says)


def _set(
    name: str, place: tuple[int, ...], value: float, dtype: type | None = None
) -> Callable[[Arrays], None]:
    """Set one entry of an array, which is cast first."""

    def change(arrays: Arrays) -> None:
        array = arrays[name].astype(dtype or arrays[name].dtype)
        array[place] = value
        arrays[name] = array

    return change


def _put(name: str, value: object) -> Callable[[Arrays], None]:
    return lambda arrays: arrays.update({name: np.array(value)})


def _torn(path: Path) -> None:
    out = io.BytesIO()
    np.savez_compressed(out, **good_arrays())
    path.write_bytes(out.getvalue()[:-300])


# fmt: off
CASES: tuple[Broken, ...] = (
    Broken("data_missing_file", lambda path: None, ("no such file",)),
    Broken("data_torn", _torn, ("torn zip",)),
    Broken("data_bare_npy", lambda path: void(path.write_bytes(npy(np.zeros((2, 2, 3))))),
           ("expected a zip",)),
    _data("no_inputs", lambda a: a.pop("inputs"), "'inputs'", "is missing",
          "[sequence, step, channel]"),
    _data("misspelt", lambda a: a.update(input=a.pop("inputs")), "'input'", "not expected",
          "did you mean 'inputs'"),
    _data("extra", _put("weights", [1]), "'weights'", "not expected", "known: inputs"),
    _data("channels", lambda a: a.update(inputs=a["inputs"][..., :2]), "'inputs'",
          "found shape (5, 6, 2)", "expected (any, any, 3)"),
    _data("no_channel_axis", lambda a: a.update(inputs=a["inputs"][..., 0]), "'inputs'",
          "found shape (5, 6)", "expected (any, any, 3)"),
    _data("no_sequence", lambda a: a.update(inputs=a["inputs"][:0]), "'inputs'",
          "found shape (0, 6, 3)", "at least one"),
    _data("no_step", lambda a: a.update(inputs=a["inputs"][:, :0]), "'inputs'",
          "found shape (5, 0, 3)", "at least one"),
    _data("complex", lambda a: a.update(inputs=a["inputs"].astype(complex)), "'inputs'",
          "found dtype complex128", "integer or float"),
    _data("bool", lambda a: a.update(inputs=a["inputs"] > 0), "'inputs'", "found dtype bool"),
    _data("uint64", lambda a: a.update(inputs=a["inputs"].astype(np.uint64)), "'inputs'",
          "found dtype uint64"),
    _data("text", lambda a: a.update(inputs=a["inputs"].astype(str)), "'inputs'",
          "found dtype <U"),
    _data("pickled", _put("labels", [{}, 1, 2, 3, 0]), "'labels'", "object dtype", "pickle"),
    _data("code_too_large", _set("inputs", (2, 1, 0), 300, np.int16), "'inputs'",
          "found code 300 at [2, 1, 0]", "allowed -128..127"),
    _data("nan", _set("inputs", (0, 4, 2), np.nan, float), "'inputs'", "NaN", "[0, 4, 2]",
          "expected finite"),
    _data("infinity", _set("inputs", (4, 5, 1), -np.inf, float), "'inputs'", "infinity",
          "[4, 5, 1]"),
    _data("lengths_zero", _set("lengths", (1,), 0), "'lengths'", "found 0 at entry 1",
          "allowed 1..6"),
    _data("lengths_too_long", _set("lengths", (3,), 7), "'lengths'", "found 7 at entry 3",
          "allowed 1..6"),
    _data("lengths_float", lambda a: a.update(lengths=a["lengths"] * 1.0), "'lengths'",
          "found dtype float64", "expected integer"),
    _data("lengths_short", lambda a: a.update(lengths=a["lengths"][:-1]), "'lengths'",
          "found shape (4,)", "expected (5,)"),
    _data("label_too_large", _set("labels", (2,), 4), "'labels'", "found 4 at entry 2",
          "allowed 0..3"),
    _data("label_negative", _set("labels", (0,), -1), "'labels'", "found -1", "allowed 0..3"),
    _data("labels_one_hot", _put("labels", np.eye(5, 4, dtype=int)), "'labels'",
          "found shape (5, 4)", "expected (5,)"),
    _data("labels_text", _put("labels", list("abcde")), "'labels'", "found dtype <U1"),
    _data("logits_classes", _put("logits", np.zeros((5, 3), dtype=int)), "'logits'",
          "found shape (5, 3)", "expected (5, 4)"),
    _data("logits_float", _put("logits", np.zeros((5, 4))), "'logits'", "found dtype float64",
          "expected integer"),
    _data("logits_model_short", _put("logits_model", "12ab"), "'logits_model'", "found '12ab'",
          "64 digits"),
    _data("logits_model_number", _put("logits_model", 7), "'logits_model'", "found int64",
          "expected one text"),
    _data("logits_model_alone", lambda a: a.update(logits_model=np.array("0" * 64),
          labels=a.pop("logits")[:, 0]), "'logits_model'", "'logits', which is missing"),
    _data("logits_of_another_model_float", lambda a: a.update(logits_model=np.array("0" * 64),
          logits=np.zeros((5, 7))), "'logits'", "found dtype float64"),
    _data("float_logits_int", _put("float_logits", np.zeros((5, 4), int)), "'float_logits'",
          "found dtype int64", "expected float"),
    _data("index_shape", _put("index", [[1]]), "'index'", "found shape (1, 1)",
          "expected (5,)"),
)
