"""Model files whose arrays are wrong: missing, misspelt, wrong dtype, shape or codes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.broken.corpus import Arrays, Broken, Header, from_arrays, from_both, layer


def _cast(name: str, dtype: Any) -> Callable[[Arrays], None]:
    return lambda arrays: arrays.update({name: arrays[name].astype(dtype)})


def _put(name: str, value: Any) -> Callable[[Arrays], None]:
    return lambda arrays: arrays.update({name: np.array(value)})


def _entry(name: str, value: Any, dtype: Any = np.int64) -> Callable[[Arrays], None]:
    """Set the last entry of an array."""

    def change(arrays: Arrays) -> None:
        array = arrays[name].astype(dtype)
        array.reshape(-1)[-1] = value
        arrays[name] = array

    return change


def _drop(name: str) -> Callable[[Arrays], None]:
    def change(arrays: Arrays) -> None:
        del arrays[name]

    return change


def _rename(old: str, new: str) -> Callable[[Arrays], None]:
    return lambda arrays: arrays.update({new: arrays.pop(old)})


def _shaped(name: str, change: Callable[[np.ndarray], np.ndarray]) -> Callable[[Arrays], None]:
    return lambda arrays: arrays.update({name: change(arrays[name])})


def _wrap(arrays: Arrays) -> None:
    """Mode counts whose int64 sum wraps round to the right number."""
    arrays["kernel.n_states"] = np.array([2**62, 2**62], dtype=np.int64)


def _wide_state(header: Header, arrays: Arrays) -> None:
    layer(header, "kernel")["state"]["bits"] = 24
    arrays["kernel.m_A"], arrays["kernel.k_A"] = np.array(2**30), np.array(39)


def _odd_gate(header: Header, arrays: Arrays) -> None:
    layer(header, "mix")["n_out"] = 3
    arrays["mix.weight"], arrays["mix.bias"] = arrays["mix.weight"][:, :3], arrays["mix.bias"][:3]
    arrays["mix.m"] = arrays["mix.m"][:3]
    arrays["mix.k"] = arrays["mix.k"][:3]


def _other_width(header: Header, arrays: Arrays) -> None:
    layer(header, "add")["skip"] = "input"


def _large_readout(header: Header, arrays: Arrays) -> None:
    layer(header, "kernel")["tied"] = False
    arrays["kernel.m_C"] = np.array([2**31 - 1, 2**31 - 1])
    layer(header, "kernel")["state"]["bits"] = 24


def _wide_norm(header: Header, arrays: Arrays) -> None:
    """A LayerNorm over so many channels that its sum of squares leaves 64 bits."""
    n = 3000
    header["input"].update(channels=n, bits=16)
    norm, pool = layer(header, "norm"), layer(header, "sum")
    norm["input"], header["layers"] = "input", [norm, pool]
    arrays.clear()
    arrays.update({"norm.gamma": np.ones(n), "norm.beta": np.zeros(n)})


# fmt: off
CATALOGUE = (
    from_arrays("array_missing", _drop("kernel.B_im"), "'kernel.B_im'", "is missing",
                "expected shape (3,)"),
    from_arrays("bias_missing", _drop("head.bias"), "'head.bias'", "is missing"),
    from_arrays("table_missing", _drop("act.table"), "'act.table'", "is missing", "(256,)"),
    from_arrays("multiplier_missing", _drop("kernel.m_A"), "'kernel.m_A'", "is missing"),
    from_arrays("array_extra", _put("weights", [1, 2]), "'weights'", "not expected"),
    from_arrays("layer_array_extra", _put("head.bias2", [1, 2]), "'head.bias2'", "not expected",
                "did you mean 'head.bias'"),
    from_arrays("array_misspelt", _rename("encoder.weight", "encoder.wieght"), "'encoder.weight'",
                "is missing"),
    from_arrays("float_weights", _cast("encoder.weight", float), "'encoder.weight'",
                "found dtype float64", "expected an integer"),
    from_arrays("complex_poles", _cast("kernel.A_re", complex), "'kernel.A_re'",
                "found dtype complex128", "integer"),
    from_arrays("bool_weights", _cast("kernel.B_re", bool), "'kernel.B_re'", "found dtype bool",
                "integer"),
    from_arrays("uint64_bias", _cast("head.bias", np.uint64), "'head.bias'",
                "found dtype uint64", "up to int64"),
    from_arrays("text_weights", _cast("head.weight", str), "'head.weight'", "found dtype <U",
                "integer"),
    from_arrays("date_shift", _put("head.k", np.datetime64("2024-01-01")), "'head.k'",
                "found dtype datetime64", "integer"),
    from_arrays("structured_weights", _put("kernel.D", np.zeros(2, dtype=[("a", "i4")])),
                "'kernel.D'", "found dtype", "integer"),
    from_arrays("transposed", _shaped("encoder.weight", np.transpose), "'encoder.weight'",
                "found shape (2, 3)", "expected (3, 2)"),
    from_arrays("extra_axis", _shaped("encoder.weight", lambda w: w[..., None]),
                "'encoder.weight'", "found shape (3, 2, 1)", "expected (3, 2)"),
    from_arrays("short_poles", _shaped("kernel.A_im", lambda a: a[:-1]), "'kernel.A_im'",
                "found shape (2,)", "expected (3,)"),
    from_arrays("scalar_bias", _put("head.bias", 3), "'head.bias'", "found shape ()",
                "expected (4,)"),
    from_arrays("multiplier_per_other_axis", _put("kernel.m_B", [1, 1, 1]), "'kernel.m_B'",
                "found shape (3,)", "expected () or (2,)"),
    from_arrays("empty_states", _put("kernel.n_states", np.zeros(0, int)), "'kernel.n_states'",
                "found shape (0,)", "expected (2,)"),
)

CODES = (
    from_arrays("weight_too_large", _entry("encoder.weight", 128), "'encoder.weight'",
                "found code 128 at [2, 1]", "allowed -127..127"),
    from_arrays("weight_asymmetric", _entry("encoder.weight", -128), "'encoder.weight'",
                "found code -128", "allowed -127..127"),
    from_arrays("pole_code_too_large", _entry("kernel.A_re", 512), "'kernel.A_re'",
                "found code 512 at [2]", "allowed -511..511"),
    from_arrays("D_too_large", _entry("kernel.D", -128), "'kernel.D'", "found code -128"),
    from_arrays("bias_too_large", _entry("head.bias", 2**53 + 1), "'head.bias'",
                "found code 9007199254740993", "allowed"),
    from_arrays("bias_smallest_int64", _entry("bn.bias", -(2**63)), "bn"),
    from_arrays("multiplier_zero", _put("mix.m", 0), "'mix.m'", "found code 0",
                "allowed 1..2147483647"),
    from_arrays("multiplier_negative", _put("mix.m", -5), "'mix.m'", "found code -5"),
    from_arrays("multiplier_32_bits", _put("mix.m", 2**31), "'mix.m'", "found code 2147483648"),
    from_arrays("shift_zero", _put("mix.k", 0), "'mix.k'", "found code 0", "allowed 1..61"),
    from_arrays("shift_negative", _put("add.k", -3), "'add.k'", "found code -3", "allowed 1..61"),
    from_arrays("shift_62", _put("kernel.k_C", 62), "'kernel.k_C'", "found code 62",
                "allowed 1..61"),
    from_arrays("residual_multiplier", _entry("add.m_skip", 2**40), "'add.m_skip'",
                "found code 1099511627776", "allowed"),
    from_arrays("affine_multiplier", _entry("bn.m", -(2**31)), "'bn.m'",
                "found code -2147483648", "allowed"),
    from_arrays("states_negative", _put("kernel.n_states", [4, -1]), "'kernel.n_states'",
                "found -1", "negative"),
    from_arrays("states_wrong_sum", _put("kernel.n_states", [2, 2]), "'kernel.n_states'",
                "sums to 4 modes", "n_modes 3"),
    from_arrays("states_wrapped_sum", _wrap, "'kernel.n_states'", "n_modes 3"),
    from_arrays("table_short", _shaped("act.table", lambda t: t[:128]), "'act.table'",
                "found 128 entries", "one for each code"),
    from_arrays("table_odd_length", _shaped("act.table", lambda t: t[:-1]), "'act.table'",
                "found shape (255,)", "expected"),
    from_arrays("table_entry_too_large", _entry("act.table", 256), "'act.table'",
                "found code 256 at [255]", "allowed 0..255"),
    from_arrays("table_entry_negative", _entry("act.table", -1), "'act.table'", "found code -1"),
    from_arrays("gate_entry_too_large", _entry("glu.table", 300), "'glu.table'",
                "found code 300", "allowed 0..255", gated=True),
    from_arrays("gate_short", _shaped("glu.table", lambda t: t[:64]), "'glu.table'",
                "found 64 entries", gated=True),
)

MEANING = (
    from_arrays("pole_unstable", _put("kernel.A_im", [300, 480, 90]), "'kernel'",
                "pole 2", "|Abar| = 1.0018693", "unstable", "allowed at most 1"),
    from_arrays("pole_far_out", _put("kernel.k_A", 7), "'kernel'", "|Abar| = 3.9",
                "allowed at most 1"),
    from_arrays("not_tied", _put("kernel.m_B", 3), "'kernel'", "tied is true", "A and B",
                "power of two"),
    from_arrays("not_tied_readout", _put("kernel.m_D", [3, 7]), "'kernel'", "tied is true",
                "C and D", "channel 1"),
    from_both("state_overflow", _wide_state, "'kernel'", "state accumulator of channel 0",
              "2^62"),
    from_both("output_overflow", _large_readout, "'kernel'", "output accumulator", "2^62"),
    from_arrays("common_shift_overflow", _put("kernel.k_D", [61, 61]), "'kernel'", "2^62"),
    from_arrays("linear_overflow",
                lambda a: a.update({"head.bias": np.full(4, 2**53), "head.m": np.array(2**20)}),
                "'head'", "accumulator", "2^62"),
    from_arrays("affine_overflow", _entry("bn.bias", 2**62), "'bn'", "2^62"),
    from_arrays("layernorm_nan", _entry("norm.gamma", np.nan, float), "'norm.gamma'", "NaN",
                "expected finite", gated=True),
    from_arrays("layernorm_infinite", _entry("norm.beta", -np.inf, float), "'norm.beta'",
                "infinity", "expected finite", gated=True),
    from_arrays("layernorm_integers", _cast("norm.gamma", np.int64), "'norm.gamma'",
                "found dtype int64", "expected float64", gated=True),
    from_both("layernorm_overflow", _wide_norm, "'norm'", "sum of squares", "2^62", gated=True),
    from_both("gate_odd_width", _odd_gate, "'glu'", "found 3 input channels", "even",
              gated=True),
    from_both("residual_widths", _other_width, "'add'", "2 channels, skip 3", "the same"),
)

CASES: tuple[Broken, ...] = (*CATALOGUE, *CODES, *MEANING)
