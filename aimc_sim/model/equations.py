"""What each layer means, in integers: requantisation, recurrence, activation, pooling."""

from __future__ import annotations

from functools import singledispatch

import numpy as np

from aimc_sim.model.layers import GLU, S4D, Affine, Layer, LayerNorm, Linear, Pool, Residual, Table
from aimc_sim.model.network import Model
from aimc_sim.model.signal import Floats, Ints, Requant, Signal, spread


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


def state_product(layer: S4D, x: Ints) -> Ints:
    """Return ``A x`` of state codes [sequence, part, mode]; a complex product in real integers."""
    if layer.A_im is None:
        return layer.A_re * x
    return np.stack(
        [layer.A_re * x[:, 0] - layer.A_im * x[:, 1], layer.A_re * x[:, 1] + layer.A_im * x[:, 0]],
        axis=1,
    )


def input_product(layer: S4D, u: Ints) -> Ints:
    """Return ``B u`` of input codes [sequence, channel], shape [sequence, part, mode]."""
    u_mode = u[:, layer.channel_of_mode]
    parts = [layer.B_re * u_mode]
    if layer.B_im is not None:
        parts.append(layer.B_im * u_mode)
    return np.stack(parts, axis=1)


def output_product(layer: S4D, x: Ints) -> Ints:
    """Return ``Re(C x)`` summed over the modes of each channel, shape [sequence, channel]."""
    products = layer.C_re * x[:, 0]
    if layer.C_im is not None:
        products = products - layer.C_im * x[:, 1]
    return sum_modes(products, layer)


def round_sum(total: Ints, K: Ints, signal: Signal) -> Ints:
    """Return ``clip((total + 2^(K-1)) >> K)``."""
    return clip((total + np.left_shift(np.int64(1), K - 1)) >> K, signal)


def next_state(layer: S4D, Ax: Ints, Bu: Ints) -> Ints:
    """Return ``requant((A x) m_A 2^(K-k_A) + (B u) m_B 2^(K-k_B))`` at shift K."""
    channel = layer.channel_of_mode
    m_A, m_B, K = common_shift(layer.requant_A, layer.requant_B)
    return round_sum(
        Ax * spread(m_A, channel) + Bu * spread(m_B, channel), spread(K, channel), layer.state
    )


def output_code(layer: S4D, Cx: Ints, Du: Ints) -> Ints:
    """Return ``requant(2 Re(C x) m_C ... + (D u) m_D ...)``; the 2 only for complex modes."""
    m_C, m_D, K = common_shift(layer.requant_C, layer.requant_D)
    factor = 2 if layer.is_complex else 1
    return round_sum(factor * Cx * m_C + Du * m_D, K, layer.output)


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
    """
    x_new = next_state(layer, state_product(layer, x), input_product(layer, u))
    read = x_new if layer.readout == "new" else x
    return output_code(layer, output_product(layer, read), layer.D * u), x_new


@singledispatch
def apply_layer(
    layer: Layer, x: Ints, model: Model, lengths: Ints, skip: Ints | None = None
) -> Ints:
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
    code: Floats = np.floor(z * layer.gamma + layer.beta + 0.5)
    return np.clip(code, layer.output.code_min, layer.output.code_max).astype(np.int64)


def pool_result(layer: Pool, total: Ints, lengths: Ints) -> Ints:
    """Return pooled codes from the sum over valid steps (or the last step) and the lengths."""
    if layer.rule != "mean":
        return clip(total, layer.output)
    n = lengths[:, None]
    return clip((2 * total * layer.m + (n << layer.k)) // (n << (layer.k + 1)), layer.output)
