"""S4D kernels and linear layers as matrices, for the three mappings."""

from __future__ import annotations

import numpy as np

from aimc_sim.mapping.matrix import Block, Indices, Matrix, Phase, Vector
from aimc_sim.model.check import effective_multipliers
from aimc_sim.model.layers import S4D, Ints, Linear, Signal

UNIT_LIMIT = 1 << 48
SHARED_LIMIT = 1 << 44


def full_code(bits: int) -> int:
    """Return the largest weight code of a width.

    Examples
    --------
    >>> full_code(8)
    127
    """
    return (1 << (bits - 1)) - 1


def linear_matrix(layer: Linear, source: Signal) -> Matrix:
    """Return the weight matrix of a linear layer: one block, one phase."""
    n_in, n_out = layer.weight.shape
    return Matrix(
        layer.name,
        "weight",
        n_in,
        n_out,
        {("u", "y"): full_code(layer.weight_bits)},
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
                {("x", "x"): full_code(layer.bits["A"])},
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
                {("u", "x"): full_code(layer.bits["B"])},
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
                {("x", "y"): full_code(layer.bits["C"])},
                blocks,
                (Vector("x", state.bits, True, by_channel),),
                (Vector("y", 0, True, plain),),
                (Phase("C", ("x",), ("y",)),),
            )
        )
    return tuple(out)


def tied_units(layer: S4D) -> tuple[Ints, Ints, Ints, Ints, Ints, Ints] | None:
    """Return factors of A, B, C, D on shared bitlines, and the units they count in, per channel.

    ``A x e_A + B u e_B = (A x f_A + B u f_B) * unit_x``, likewise for C, D and ``unit_y`` (the
    factor 2 of complex modes included). None where bitlines cannot be shared: multipliers that are
    not tied, or a scaled weight code that would not stay below 2^48.
    """
    if not layer.tied:
        return None
    parts = 2 if layer.is_complex else 1
    state = effective_multipliers(layer.requant_A, layer.requant_B, layer.n_out)
    output = effective_multipliers(layer.requant_C, layer.requant_D, layer.n_out)
    rows = []
    for (m_A, m_B, _), (m_C, m_D, _) in zip(state, output, strict=True):
        unit_x, unit_y = min(m_A, m_B), min(parts * m_C, m_D)
        rows.append(
            (m_A // unit_x, m_B // unit_x, parts * m_C // unit_y, m_D // unit_y, unit_x, unit_y)
        )
    for tensor, factors in zip("ABCD", zip(*rows, strict=True), strict=False):
        if max(factors) * full_code(layer.bits[tensor]) >= UNIT_LIMIT:
            return None
    f_A, f_B, f_C, f_D, unit_x, unit_y = np.array(rows, dtype=np.int64).T
    return f_A, f_B, f_C, f_D, unit_x, unit_y


def shared_units(layer: S4D, source: Signal) -> tuple[Ints, Ints, Ints, Ints, Ints, Ints] | None:
    """Return `tied_units` where one read can sum what shares a bitline, else None.

    The largest sum in common units has to stay below 2^44, so that float64 keeps it exact beside
    the pedestal and the conductance grid; otherwise each input is read in a phase of its own.
    """
    units = tied_units(layer)
    if units is None:
        return None
    f_A, f_B, f_C, f_D = (int(f.max(initial=1)) for f in units[:4])
    x, u = layer.state.magnitude, source.magnitude
    n = int(layer.n_states.max(initial=1)) * (2 if layer.is_complex else 1)
    full = {tensor: full_code(bits) for tensor, bits in layer.bits.items()}
    peak = max(
        2 * f_A * full["A"] * x + f_B * full["B"] * u, n * f_C * full["C"] * x + f_D * full["D"] * u
    )
    return units if peak < SHARED_LIMIT else None


def fused_matrix(layer: S4D, source: Signal) -> Matrix:
    """Return A, B, C and D of all kernels as one block-diagonal matrix.

    Rows of a kernel are [x_re x_im u], columns [x'_re x'_im y]. Multipliers tied by powers of two
    let one read sum all that shares a bitline (`shared_units`); otherwise each input is read in a
    phase of its own.
    """
    starts, parts = channel_starts(layer), 2 if layer.is_complex else 1
    one = np.ones(layer.n_out, dtype=np.int64)
    units = shared_units(layer, source)
    f_A, f_B, f_C, f_D = units[:4] if units else (one, one, one, one)
    blocks, x_lines, u_lines = [], np.empty(parts * layer.n_modes, dtype=np.intp), []
    offset = 0
    for h in range(layer.n_out):
        i, j = int(starts[h]), int(starts[h + 1])
        n = parts * (j - i)
        codes = np.zeros((n + 1, n + 1), dtype=np.int64)
        used = np.ones((n + 1, n + 1), dtype=np.bool_)
        used[:n, :n] = np.tile(np.eye(j - i, dtype=np.bool_), (parts, parts))
        codes[:n, :n] = mode_block(layer, i, j) * f_A[h]
        codes[n:, :n] = input_row(layer, i, j) * f_B[h]
        codes[:n, n:] = output_column(layer, i, j) * f_C[h]
        codes[n, n] = layer.D[h] * f_D[h]
        blocks.append(Block(offset, offset, codes, used))
        x_lines[state_index(layer, i, j)] = np.arange(offset, offset + n)
        u_lines.append(offset + n)
        offset += n + 1
    full = {
        pair: full_code(layer.bits[tensor]) * int(factor.max(initial=1))
        for tensor, factor, pair in zip(
            "ABCD",
            (f_A, f_B, f_C, f_D),
            (("x", "x"), ("u", "x"), ("x", "y"), ("u", "y")),
            strict=True,
        )
    }
    if units:
        full = dict.fromkeys(full, max(full.values()))
    u = np.array(u_lines)
    inputs = (
        Vector("x", layer.state.bits, True, x_lines),
        Vector("u", source.bits, source.signed, u),
    )
    outputs = (Vector("x", 0, True, x_lines), Vector("y", 0, True, u))
    return Matrix(
        layer.name,
        "kernel",
        offset,
        offset,
        full,
        tuple(blocks),
        inputs,
        outputs,
        fused_phases(layer, units is not None),
    )


def fused_phases(layer: S4D, shared: bool) -> tuple[Phase, ...]:
    """Return the reads of one step of a fused kernel, in order."""
    if shared and layer.readout == "old":
        return (Phase("all", ("x", "u"), ("x", "y")),)
    if shared:
        return (Phase("state", ("x", "u"), ("x",)), Phase("output", ("x", "u"), ("y",)))
    if layer.readout == "old":
        return (Phase("x", ("x",), ("x", "y")), Phase("u", ("u",), ("x", "y")))
    return (Phase("x", ("x",), ("x",)), Phase("u", ("u",), ("x", "y")), Phase("C", ("x",), ("y",)))


def s4d_matrices(layer: S4D, source: Signal, mapping: str) -> tuple[Matrix, ...]:
    """Return the matrices of an S4D layer in a mapping ("hybrid", "split" or "fused")."""
    if mapping == "fused":
        return (fused_matrix(layer, source),)
    return separate_matrices(layer, source, "ABC" if mapping == "split" else "BC")
