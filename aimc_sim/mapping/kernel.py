"""Linear layers and the tensors of S4D kernels as matrices of their own."""

from __future__ import annotations

import numpy as np

from aimc_sim.mapping.matrix import Block, Indices, Matrix, Phase, Vector
from aimc_sim.model.layers import S4D, Linear
from aimc_sim.model.signal import Ints, Signal


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


def mode_block(layer: S4D, start: int, stop: int) -> Ints:
    """Return A of some modes as a real matrix [x, x'], parts (real, imaginary) one after another.

    ``x'_re = A_re x_re - A_im x_im``, ``x'_im = A_im x_re + A_re x_im``: a diagonal of 2x2 blocks.
    """
    a = np.diag(layer.A_re[start:stop])
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


def separate_matrices(layer: S4D, source: Signal, tensors: str) -> tuple[Matrix, ...]:
    """Return the tensors named ("ABC" or "BC") as matrices of their own, in channel order.

    A has a block for each mode, B and C one for each channel.
    """
    starts, parts = channel_starts(layer), 2 if layer.is_complex else 1
    n_x, H = parts * layer.n_modes, layer.n_out
    channels = [(int(starts[h]), int(starts[h + 1])) for h in range(H)]
    modes = [(i, i + 1) for i in range(layer.n_modes)]
    by_channel = _lines([state_index(layer, *c) for c in channels], n_x)
    by_mode = _lines([state_index(layer, *m) for m in modes], n_x)
    state, plain = layer.state, np.arange(H)
    out = []
    if "A" in tensors:
        blocks = tuple(Block(parts * i, parts * i, mode_block(layer, i, j)) for i, j in modes)
        out.append(
            Matrix(
                layer.name,
                "A",
                n_x,
                n_x,
                {("x", "x"): largest_code(layer.A_re, layer.A_im)},
                blocks,
                (Vector("x", state.bits, True, by_mode),),
                (Vector("x", 0, True, by_mode),),
                (Phase("A", ("x",), ("x",)),),
            )
        )
    if "B" in tensors:
        blocks = tuple(
            Block(h, parts * i, input_row(layer, i, j))
            for h, (i, j) in enumerate(channels)
            if j > i
        )
        out.append(
            Matrix(
                layer.name,
                "B",
                H,
                n_x,
                {("u", "x"): largest_code(layer.B_re, layer.B_im)},
                blocks,
                (Vector("u", source.bits, source.signed, plain),),
                (Vector("x", 0, True, by_channel),),
                (Phase("B", ("u",), ("x",)),),
            )
        )
    if "C" in tensors:
        blocks = tuple(
            Block(parts * i, h, output_column(layer, i, j))
            for h, (i, j) in enumerate(channels)
            if j > i
        )
        out.append(
            Matrix(
                layer.name,
                "C",
                n_x,
                H,
                {("x", "y"): largest_code(layer.C_re, layer.C_im)},
                blocks,
                (Vector("x", state.bits, True, by_channel),),
                (Vector("y", 0, True, plain),),
                (Phase("C", ("x",), ("y",)),),
            )
        )
    return tuple(out)
