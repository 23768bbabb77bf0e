"""Linear layers and the tensors of S4D kernels as matrices of their own."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from aimc_sim.mapping.matrix import Block, Indices, Matrix, Phase, Vector
from aimc_sim.model.layers import S4D, Linear
from aimc_sim.model.signal import Ints, Signal, spread
from aimc_sim.spec import InputError


def largest_code(*codes: Ints | None) -> int:
    """Return the largest absolute code of some tensors, at least 1: it takes the whole window.

    Examples
    --------
    >>> largest_code(np.array([3, -5]), None)
    5
    """
    return max([1, *(int(np.abs(c).max(initial=0)) for c in codes if c is not None)])


def linear_matrix(layer: Linear, source: Signal) -> Matrix:
    """Return the weight matrix of a linear layer: one block, one phase."""
    n_in, n_out = layer.weight.shape
    return Matrix(
        layer.name,
        "weight",
        n_in,
        n_out,
        {("u", "y"): largest_code(layer.weight)},
        (Block(0, 0, layer.weight),),
        (Vector("u", source.bits, source.signed, np.arange(n_in)),),
        (Vector("y", 0, True, np.arange(n_out)),),
        (Phase("y", ("u",), ("y",)),),
    )


def channel_starts(layer: S4D) -> Ints:
    """Return the first mode of each channel, and the end: shape (H + 1,)."""
    return np.concatenate([[0], np.cumsum(layer.n_states)]).astype(np.int64)


def identity_codes(layer: S4D, a_stored: str) -> Ints:
    """Return the code of A, per mode, that is kept digital: 0, or that of the identity.

    Any integer gives the same sums, ``(A - one) x + one x``; the nearest to ``2^k_A / m_A`` makes
    what is stored small.
    """
    if a_stored == "A":
        return np.zeros(layer.n_modes, dtype=np.int64)
    m, k = layer.requant_A.m.astype(np.float64), layer.requant_A.k.astype(np.float64)
    one = np.maximum(np.rint(np.ldexp(1.0, k.astype(np.int64)) / m), 1.0)
    if one.max() * layer.state.magnitude * layer.requant_A.m.max() >= 2.0**60:
        raise InputError(
            f"layer {layer.name!r}: its identity, {one.max():.3g} codes of A, times a state would "
            f"leave 62 bits; use hardware.mapping.a_stored=A"
        )
    return spread(one.astype(np.int64), layer.channel_of_mode)


def mode_block(layer: S4D, start: int, stop: int, one: Ints | None = None) -> Ints:
    """Return A of some modes as a real matrix [x, x'], parts (real, imaginary) one after another.

    ``x'_re = A_re x_re - A_im x_im``, ``x'_im = A_im x_re + A_re x_im``: a diagonal of 2x2 blocks.
    The codes `one` (of all modes) are taken from the diagonal.
    """
    a = np.diag(layer.A_re[start:stop] - (0 if one is None else one[start:stop]))
    if layer.A_im is None:
        return a
    b = np.diag(layer.A_im[start:stop])
    return np.block([[a, b], [-b, a]])


def input_row(layer: S4D, start: int, stop: int) -> Ints:
    """Return B of some modes as one row [u, x']."""
    parts = [layer.B_re[start:stop]]
    if layer.B_im is not None:
        parts.append(layer.B_im[start:stop])
    return np.concatenate(parts)[None, :]


def output_column(layer: S4D, start: int, stop: int) -> Ints:
    """Return C of some modes as one column [x, y]: ``C_re x_re - C_im x_im``."""
    parts = [layer.C_re[start:stop]]
    if layer.C_im is not None:
        parts.append(-layer.C_im[start:stop])
    return np.concatenate(parts)[:, None]


def state_index(layer: S4D, start: int, stop: int) -> Indices:
    """Return indices into the flat state [part, mode] of some modes, parts one after another."""
    parts = 2 if layer.is_complex else 1
    return np.concatenate([np.arange(start, stop) + part * layer.n_modes for part in range(parts)])


def _lines(index: list[Indices], size: int) -> Indices:
    """Return, for each element of a vector, its line, from the elements in order of the lines."""
    lines = np.empty(size, dtype=np.intp)
    order = np.concatenate(index) if index else np.empty(0, dtype=np.intp)
    lines[order] = np.arange(size)
    return lines


def _channels(layer: S4D) -> list[tuple[int, int]]:
    """Return first mode and end of each channel."""
    starts = channel_starts(layer)
    return [(int(a), int(b)) for a, b in pairwise(starts)]


def _state_vector(layer: S4D, ranges: list[tuple[int, int]], bits: int) -> Vector:
    """Return the state, its lines in order of some ranges of modes, parts inside each."""
    size = (2 if layer.is_complex else 1) * layer.n_modes
    return Vector("x", bits, True, _lines([state_index(layer, *r) for r in ranges], size))


def column_groups(layer: S4D, outputs: tuple[Vector, ...]) -> tuple[Ints, Ints]:
    """Return the channel of each column, and its mode, or -1 for one of the output."""
    n_cols = sum(len(v.lines) for v in outputs)
    kernel, mode = np.zeros(n_cols, dtype=np.int64), np.full(n_cols, -1, dtype=np.int64)
    parts = 2 if layer.is_complex else 1
    for vector in outputs:
        if vector.name == "x":
            kernel[vector.lines] = np.tile(layer.channel_of_mode, parts)
            mode[vector.lines] = np.tile(np.arange(layer.n_modes), parts)
        else:
            kernel[vector.lines] = np.arange(layer.n_out)
    return kernel, mode


def state_matrix(layer: S4D, a_stored: str) -> Matrix:
    """Return A, or A - I, as a matrix of its own, a block for each mode."""
    one = identity_codes(layer, a_stored)
    parts = 2 if layer.is_complex else 1
    modes = [(i, i + 1) for i in range(layer.n_modes)]
    blocks = tuple(Block(parts * i, parts * i, mode_block(layer, i, j, one)) for i, j in modes)
    inputs = (_state_vector(layer, modes, layer.state.bits),)
    outputs = (_state_vector(layer, modes, 0),)
    full = {("x", "x"): largest_code(layer.A_re - one, layer.A_im)}
    n_x, phases = parts * layer.n_modes, (Phase("A", ("x",), ("x",)),)
    groups, kept = column_groups(layer, outputs), one if one.any() else None
    return Matrix(layer.name, "A", n_x, n_x, full, blocks, inputs, outputs, phases, *groups, kept)


def input_matrix(layer: S4D, source: Signal) -> Matrix:
    """Return B as a matrix of its own, a block for each channel that has modes."""
    parts, channels = 2 if layer.is_complex else 1, _channels(layer)
    blocks = tuple(
        Block(h, parts * i, input_row(layer, i, j)) for h, (i, j) in enumerate(channels) if j > i
    )
    inputs = (Vector("u", source.bits, source.signed, np.arange(layer.n_out)),)
    outputs = (_state_vector(layer, channels, 0),)
    full = {("u", "x"): largest_code(layer.B_re, layer.B_im)}
    n_x, phases = parts * layer.n_modes, (Phase("B", ("u",), ("x",)),)
    groups = column_groups(layer, outputs)
    return Matrix(layer.name, "B", layer.n_out, n_x, full, blocks, inputs, outputs, phases, *groups)


def output_matrix(layer: S4D) -> Matrix:
    """Return C as a matrix of its own, a block for each channel that has modes."""
    parts, channels = 2 if layer.is_complex else 1, _channels(layer)
    blocks = tuple(
        Block(parts * i, h, output_column(layer, i, j))
        for h, (i, j) in enumerate(channels)
        if j > i
    )
    inputs = (_state_vector(layer, channels, layer.state.bits),)
    outputs = (Vector("y", 0, True, np.arange(layer.n_out)),)
    full = {("x", "y"): largest_code(layer.C_re, layer.C_im)}
    n_x, phases = parts * layer.n_modes, (Phase("C", ("x",), ("y",)),)
    groups = column_groups(layer, outputs)
    return Matrix(layer.name, "C", n_x, layer.n_out, full, blocks, inputs, outputs, phases, *groups)
