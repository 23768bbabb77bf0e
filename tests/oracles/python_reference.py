"""A second reference in Python's unbounded integers: scalar loops, lists, no NumPy in the way.

It reads the fields of a `Model` and shares no code with `aimc_sim.model.reference`; every rule is
written out again from docs/formats.md. Slow, and so plain that it can be checked by eye.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

Codes = list[int]


@dataclass
class Trace:
    """What one sequence gave: every layer and state at every valid step, and the last layer."""

    y: Codes = field(default_factory=list)
    layers: dict[str, list[Codes]] = field(default_factory=dict)
    states: dict[str, list[list[Codes]]] = field(default_factory=dict)


def run_sequence(model: Any, steps: list[Codes]) -> Trace:
    """Run one sequence of input codes [step][channel] from the zero state."""
    trace, length = Trace(), len(steps)
    before, after = _around_pool(model)
    pool = model.layers[len(before)]
    states = {layer.name: _zeros(layer) for layer in before if layer.kind == "s4d"}
    total: Codes = []
    for u in steps:
        values = {"input": u}
        for layer in before:
            if layer.kind == "s4d":
                values[layer.name] = _s4d(layer, values[layer.input], states[layer.name])
                trace.states.setdefault(layer.name, []).append(
                    [list(part) for part in states[layer.name]]
                )
            else:
                values[layer.name] = _layer(layer, values, model, length)
            trace.layers.setdefault(layer.name, []).append(values[layer.name])
        new = values[pool.input]
        total = (
            new
            if pool.rule == "last" or not total
            else [a + b for a, b in zip(total, new, strict=True)]
        )
    values = {pool.name: [_pooled(pool, s, length) for s in total]}
    for layer in after:
        values[layer.name] = _layer(layer, values, model, length)
    trace.y = values[model.layers[-1].name]
    return trace


def _around_pool(model: Any) -> tuple[list[Any], list[Any]]:
    index = [layer.kind for layer in model.layers].index("pool")
    return list(model.layers[:index]), list(model.layers[index + 1 :])


def _zeros(layer: Any) -> list[Codes]:
    n = sum(int(v) for v in layer.n_states)
    return [[0] * n for _ in range(1 if layer.A_im is None else 2)]


def _at(values: Any, i: int) -> int:
    """Entry i of a per-channel array, or the only entry of a per-tensor one."""
    return int(values) if values.ndim == 0 else int(values[i])


def _clip(value: int, signal: Any) -> int:
    low = -(2 ** (signal.bits - 1)) if signal.signed else 0
    high = 2 ** (signal.bits - 1) - 1 if signal.signed else 2**signal.bits - 1
    return min(max(value, low), high)


def _shift(acc: int, k: int) -> int:
    """floor(acc / 2^k + 1/2) for k >= 1."""
    return (acc + 2 ** (k - 1)) // 2**k


def _two_terms(first: int, rq_first: Any, second: int, rq_second: Any, i: int, out: Any) -> int:
    """Requantise the sum of two accumulators at their common, larger shift."""
    k1, k2 = _at(rq_first.k, i), _at(rq_second.k, i)
    K = max(k1, k2)
    acc = first * _at(rq_first.m, i) * 2 ** (K - k1) + second * _at(rq_second.m, i) * 2 ** (K - k2)
    return _clip(_shift(acc, K), out)


def _s4d(layer: Any, u: Codes, x: list[Codes]) -> Codes:
    """Advance `x` in place and return the output codes."""
    old = [list(part) for part in x]
    mode = 0
    for h, count in enumerate(int(v) for v in layer.n_states):
        for n in range(mode, mode + count):
            a_re, b_re = int(layer.A_re[n]), int(layer.B_re[n])
            if layer.A_im is None:
                x[0][n] = _two_terms(
                    a_re * old[0][n], layer.requant_A, b_re * u[h], layer.requant_B, h, layer.state
                )
                continue
            a_im, b_im = int(layer.A_im[n]), int(layer.B_im[n])
            re = a_re * old[0][n] - a_im * old[1][n]
            im = a_re * old[1][n] + a_im * old[0][n]
            x[0][n] = _two_terms(re, layer.requant_A, b_re * u[h], layer.requant_B, h, layer.state)
            x[1][n] = _two_terms(im, layer.requant_A, b_im * u[h], layer.requant_B, h, layer.state)
        mode += count
    return _s4d_output(layer, u, x if layer.readout == "new" else old)


def _s4d_output(layer: Any, u: Codes, x: list[Codes]) -> Codes:
    y, mode = [], 0
    for h, count in enumerate(int(v) for v in layer.n_states):
        acc = 0
        for n in range(mode, mode + count):
            if layer.C_im is None:
                acc += int(layer.C_re[n]) * x[0][n]
            else:
                acc += 2 * (int(layer.C_re[n]) * x[0][n] - int(layer.C_im[n]) * x[1][n])
        mode += count
        y.append(
            _two_terms(
                acc, layer.requant_C, int(layer.D[h]) * u[h], layer.requant_D, h, layer.output
            )
        )
    return y


def _layer(layer: Any, values: dict[str, Codes], model: Any, length: int) -> Codes:
    """Return the output codes of a layer without state."""
    x, out = values[layer.input], layer.output
    if layer.kind == "linear":
        return _linear(layer, x, length)
    if layer.kind == "affine":
        return [
            _clip(_shift(v * int(layer.m[i]) + int(layer.bias[i]), _at(layer.k, i)), out)
            for i, v in enumerate(x)
        ]
    if layer.kind == "table":
        low = _lowest(model, layer.input)
        return [int(layer.table[v - low]) for v in x]
    if layer.kind == "glu":
        low, half = _lowest(model, layer.input), len(x) // 2
        return [
            _clip(
                _shift(
                    x[i] * int(layer.table[x[half + i] - low]) * _at(layer.requant.m, i),
                    _at(layer.requant.k, i),
                ),
                out,
            )
            for i in range(half)
        ]
    if layer.kind == "residual":
        skip = values[layer.skip]
        return [
            _clip(
                _shift(v * _at(layer.m, i) + skip[i] * _at(layer.m_skip, i), _at(layer.k, i)), out
            )
            for i, v in enumerate(x)
        ]
    assert layer.kind == "layernorm", layer.kind
    return _layernorm(layer, x)


def _lowest(model: Any, name: str) -> int:
    signal = model.signal(name)
    return -(2 ** (signal.bits - 1)) if signal.signed else 0


def _linear(layer: Any, x: Codes, length: int) -> Codes:
    y = []
    for j in range(layer.weight.shape[1]):
        bias = int(layer.bias[j]) * (length if layer.bias_times_length else 1)
        acc = sum(v * int(layer.weight[i, j]) for i, v in enumerate(x)) + bias
        y.append(
            _clip(_shift(acc * _at(layer.requant.m, j), _at(layer.requant.k, j)), layer.output)
        )
    return y


def _layernorm(layer: Any, x: Codes) -> Codes:
    """Integers up to the sum of squares, then float64: divide, add, root, multiply, add, floor."""
    n, total = len(x), sum(x)
    deviation = [n * v - total for v in x]
    square = sum(d * d for d in deviation)
    root = math.sqrt(float(square) / float(n**3) + layer.epsilon)
    y = []
    for i, d in enumerate(deviation):
        z = (float(d) / float(n)) / root
        y.append(
            _clip(math.floor(z * float(layer.gamma[i]) + float(layer.beta[i]) + 0.5), layer.output)
        )
    return y


def _pooled(pool: Any, total: int, length: int) -> int:
    if pool.rule == "mean":  # floor(total*m / (length*2^k) + 1/2)
        total = (2 * total * pool.m + length * 2**pool.k) // (length * 2 ** (pool.k + 1))
    return _clip(total, pool.output)
