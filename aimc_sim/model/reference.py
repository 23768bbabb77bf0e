"""The plain integer NumPy golden model, step by step, without tricks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import singledispatch

import numpy as np

from aimc_sim.model.layers import (
    GLU,
    S4D,
    Affine,
    Ints,
    Layer,
    LayerNorm,
    Linear,
    Model,
    Pool,
    Requant,
    Residual,
    Signal,
    Table,
    spread,
)


def clip(acc: Ints, signal: Signal) -> Ints:
    """Clip to the code range of a signal."""
    return np.clip(acc, signal.code_min, signal.code_max)


def requant(acc: Ints, m: Ints | int, k: Ints | int, signal: Signal) -> Ints:
    """Return ``clip((acc*m + 2^(k-1)) >> k)``: the one rounding rule, ties go up.

    Examples
    --------
    >>> requant(np.array([3, -3]), 1, 1, Signal(8, True, 1.0))
    array([ 2, -1])
    """
    half = np.left_shift(np.int64(1), np.asarray(k, dtype=np.int64) - 1)
    return clip((acc * m + half) >> k, signal)


@dataclass
class StepState:
    """What a layer keeps from step to step: an array of codes, shape [sequence, part, n]."""

    x: Ints


def common_shift(a: Requant, b: Requant) -> tuple[Ints, Ints, Ints]:
    """Return multipliers of two accumulators at their common shift K, and K.

    ``a.m * 2^(K - k_a)``, ``b.m * 2^(K - k_b)``, ``K = max(k_a, k_b)``, per tensor or per channel.
    """
    K = np.maximum(a.k, b.k)
    return a.m << (K - a.k), b.m << (K - b.k), K


def sum_modes(products: Ints, layer: S4D) -> Ints:
    """Sum [..., n_modes] over the modes of each channel: [..., H]; a channel may have none."""
    out = np.zeros((*products.shape[:-1], layer.n_out), dtype=np.int64)
    filled = layer.n_states > 0
    starts = np.concatenate([[0], np.cumsum(layer.n_states)[:-1]])[filled]
    if starts.size:
        out[..., filled] = np.add.reduceat(products, starts, axis=-1)
    return out


def s4d_step(layer: S4D, u: Ints, x: Ints) -> tuple[Ints, Ints]:
    """Advance the recurrence by one step.

    Parameters
    ----------
    layer : S4D
        The kernel.
    u : int array, shape (n_sequences, H)
        Input codes.
    x : int array, shape (n_sequences, parts, n_modes)
        State codes; parts = 2 (real, imaginary) for a complex diagonal, else 1.

    Returns
    -------
    tuple of int arrays
        Output codes (n_sequences, H) and the new state.

    Notes
    -----
    ``x' = requant((A x) m_A 2^(K-k_A) + (B u) m_B 2^(K-k_B))`` at shift K, and
    ``y = requant(2 Re(C x) m_C ... + (D u) m_D ...)``; the factor 2 only for complex modes.
    """
    channel = layer.channel_of_mode
    u_mode = u[:, channel]
    if layer.A_im is not None and layer.B_im is not None:
        Ax = np.stack([layer.A_re * x[:, 0] - layer.A_im * x[:, 1],
                       layer.A_re * x[:, 1] + layer.A_im * x[:, 0]], axis=1)
        Bu = np.stack([layer.B_re * u_mode, layer.B_im * u_mode], axis=1)
    else:
        Ax = layer.A_re * x
        Bu = (layer.B_re * u_mode)[:, None]
    m_A, m_B, K = common_shift(layer.requant_A, layer.requant_B)
    half = np.left_shift(np.int64(1), K - 1)
    acc = Ax * spread(m_A, channel) + Bu * spread(m_B, channel) + spread(half, channel)
    x_new = clip(acc >> spread(K, channel), layer.state)
    y = s4d_output(layer, u, x_new if layer.readout == "new" else x)
    return y, x_new


def s4d_output(layer: S4D, u: Ints, x: Ints) -> Ints:
    """Return ``y = requant(C x + D u)`` from state codes x."""
    products = layer.C_re * x[:, 0]
    if layer.C_im is not None:
        products = 2 * (products - layer.C_im * x[:, 1])
    m_C, m_D, K = common_shift(layer.requant_C, layer.requant_D)
    half = np.left_shift(np.int64(1), K - 1)
    acc = sum_modes(products, layer) * m_C + layer.D * u * m_D + half
    return clip(acc >> K, layer.output)


@singledispatch
def apply_layer(layer: Layer, x: Ints, model: Model, lengths: Ints,
                skip: Ints | None = None) -> Ints:
    """Return the output codes of a layer without state, shape (n_sequences, n_out)."""
    raise TypeError(f"{type(layer).__name__} keeps state; it is not a function of its input")


@apply_layer.register
def _(layer: Linear, x: Ints, model: Model, lengths: Ints, skip: Ints | None = None) -> Ints:
    bias = layer.bias * lengths[:, None] if layer.bias_times_length else layer.bias
    return requant(x @ layer.weight + bias, layer.requant.m, layer.requant.k, layer.output)


@apply_layer.register
def _(layer: Affine, x: Ints, model: Model, lengths: Ints, skip: Ints | None = None) -> Ints:
    half = np.left_shift(np.int64(1), layer.k - 1)
    return clip((x * layer.m + layer.bias + half) >> layer.k, layer.output)


@apply_layer.register
def _(layer: Table, x: Ints, model: Model, lengths: Ints, skip: Ints | None = None) -> Ints:
    return layer.table[x - model.signal(layer.input).code_min]


@apply_layer.register
def _(layer: GLU, x: Ints, model: Model, lengths: Ints, skip: Ints | None = None) -> Ints:
    half = x.shape[1] // 2
    gate = layer.table[x[:, half:] - model.signal(layer.input).code_min]
    return requant(x[:, :half] * gate, layer.requant.m, layer.requant.k, layer.output)


@apply_layer.register
def _(layer: Residual, x: Ints, model: Model, lengths: Ints, skip: Ints | None = None) -> Ints:
    assert skip is not None
    half = np.left_shift(np.int64(1), layer.k - 1)
    return clip((x * layer.m + skip * layer.m_skip + half) >> layer.k, layer.output)


@apply_layer.register
def _(layer: LayerNorm, x: Ints, model: Model, lengths: Ints, skip: Ints | None = None) -> Ints:
    n = x.shape[1]
    deviation = n * x - x.sum(axis=1, keepdims=True)
    square = (deviation * deviation).sum(axis=1, keepdims=True)
    variance = square.astype(np.float64) / float(n**3) + layer.epsilon
    z = (deviation.astype(np.float64) / float(n)) / np.sqrt(variance)
    code = np.floor(z * layer.gamma + layer.beta + 0.5)
    return np.clip(code, layer.output.code_min, layer.output.code_max).astype(np.int64)


def pool_result(layer: Pool, total: Ints, lengths: Ints) -> Ints:
    """Return pooled codes from the sum over valid steps (or the last step) and the lengths."""
    if layer.rule != "mean":
        return clip(total, layer.output)
    n = lengths[:, None]
    return clip((2 * total * layer.m + (n << layer.k)) // (n << (layer.k + 1)), layer.output)


@dataclass
class ReferenceState:
    """Where a reference run stands: next step, states and pooled sum of every sequence."""

    step: int
    x: dict[str, Ints]
    pooled: Ints


@dataclass(frozen=True)
class ReferenceResult:
    """Output codes of the reference.

    Parameters
    ----------
    y_code : int array, shape (n_sequences, n_classes)
        Codes of the last layer after the last valid step given.
    probes : mapping
        Layer name, or ``layer/x`` for a state, to codes [sequence, step, ...]; 0 where padded.
    state : ReferenceState
        Continues the run.
    """

    y_code: Ints
    probes: Mapping[str, Ints]
    state: ReferenceState


def first_state(model: Model, n_sequences: int) -> ReferenceState:
    """Return the state before the first step: zeros."""
    x = {layer.name: np.zeros((n_sequences, 2 if layer.is_complex else 1, layer.n_modes), np.int64)
         for layer in model.layers if isinstance(layer, S4D)}
    pool = model.layers[model.pool_index]
    width = model.widths[pool.input]
    return ReferenceState(0, x, np.zeros((n_sequences, width), dtype=np.int64))


def run_reference(model: Model, x_code: Ints, lengths: Ints | None = None, *,
                  state: ReferenceState | None = None, probes: tuple[str, ...] = (),
                  on_step: Callable[[int, dict[str, Ints]], None] | None = None
                  ) -> ReferenceResult:
    """Run the integer model over a batch.

    Parameters
    ----------
    model : Model
        What to compute.
    x_code : int array, shape (n_sequences, n_steps, n_input)
        Input codes.
    lengths : int array, optional
        Valid steps of each sequence, counted from the very first step; all by default.
    state : ReferenceState, optional
        Continue from here; `x_code` then holds the steps from ``state.step`` on.
    probes : tuple of str
        Layer names (output codes) and ``name/x`` (state codes) to record at every step.
    on_step : callable, optional
        Called with the step and the codes of every layer; for observers that keep no history.

    Examples
    --------
    See `aimc_sim.model.npz.write_model` for a model to run.
    """
    n, n_steps = x_code.shape[:2]
    state = state or first_state(model, n)
    first = state.step
    if lengths is None:
        lengths = np.full(n, first + n_steps, dtype=np.int64)
    x = {name: value.copy() for name, value in state.x.items()}
    pooled = state.pooled.copy()
    recorded = {name: _empty_probe(model, name, n, n_steps) for name in probes}
    for t in range(n_steps):
        rows = np.flatnonzero(lengths > first + t)
        values = _one_step(model, x_code[rows, t].astype(np.int64), x, rows, lengths)
        pool = model.layers[model.pool_index]
        assert isinstance(pool, Pool)
        if pool.rule == "last":
            pooled[rows] = values[pool.input]
        else:
            pooled[rows] += values[pool.input]
        for name, store in recorded.items():
            store[rows, t] = x[name[:-2]][rows] if name.endswith("/x") else values[name]
        if on_step:
            on_step(first + t, values)
    y_code = _after_pool(model, pooled, np.minimum(lengths, first + n_steps))
    return ReferenceResult(y_code, recorded, ReferenceState(first + n_steps, x, pooled))


def _one_step(model: Model, x_in: Ints, x: dict[str, Ints], rows: Ints,
              lengths: Ints) -> dict[str, Ints]:
    values = {"input": x_in}
    for layer in model.layers[:model.pool_index]:
        source = values[layer.input]
        if isinstance(layer, S4D):
            values[layer.name], x[layer.name][rows] = s4d_step(layer, source, x[layer.name][rows])
        else:
            skip = values[layer.skip] if isinstance(layer, Residual) else None
            values[layer.name] = apply_layer(layer, source, model, lengths[rows], skip)
    return values


def _after_pool(model: Model, pooled: Ints, lengths: Ints) -> Ints:
    pool = model.layers[model.pool_index]
    assert isinstance(pool, Pool)
    values = {pool.name: pool_result(pool, pooled, np.maximum(lengths, 1))}
    last = pool.name
    for layer in model.layers[model.pool_index + 1:]:
        skip = values[layer.skip] if isinstance(layer, Residual) else None
        values[layer.name] = apply_layer(layer, values[layer.input], model, lengths, skip)
        last = layer.name
    return values[last]


def _empty_probe(model: Model, name: str, n: int, n_steps: int) -> Ints:
    if name.endswith("/x"):
        layer = model.by_name[name[:-2]]
        assert isinstance(layer, S4D)
        return np.zeros((n, n_steps, 2 if layer.is_complex else 1, layer.n_modes), dtype=np.int64)
    return np.zeros((n, n_steps, model.widths[name]), dtype=np.int64)


def classify(y_code: Ints) -> Ints:
    """Return the class of each sequence: argmax of its codes, lowest index on ties."""
    return np.asarray(np.argmax(y_code, axis=-1), dtype=np.int64)
