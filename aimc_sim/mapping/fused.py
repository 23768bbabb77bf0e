"""The fused mapping: A, B and C of each kernel on one crossbar, stepped read by read."""

from __future__ import annotations

import numpy as np

from aimc_sim.hardware import Hardware
from aimc_sim.mapping.kernel import (
    channel_starts,
    column_groups,
    identity_codes,
    input_matrix,
    input_row,
    largest_code,
    mode_block,
    output_column,
    output_matrix,
    state_index,
    state_matrix,
)
from aimc_sim.mapping.matrix import Block, Matrix, Phase, Vector
from aimc_sim.model.bounds import effective_multipliers
from aimc_sim.model.layers import S4D
from aimc_sim.model.signal import Ints, Signal

SHARED_LIMIT = 1 << 44


def tied_factors(layer: S4D) -> tuple[list[int], list[int], list[int]]:
    """Return factors of A and B on a shared bitline and the unit it counts in, per channel.

    ``A x m_A 2^(K-k_A) + B u m_B 2^(K-k_B) = (A x f_A + B u f_B) * unit``; for tied multipliers all
    three are integers and one of the factors is 1.
    """
    f_A, f_B, units = [], [], []
    for m_A, m_B, _ in effective_multipliers(layer.requant_A, layer.requant_B, layer.n_out):
        unit = min(m_A, m_B)
        f_A.append(m_A // unit)
        f_B.append(m_B // unit)
        units.append(unit)
    return f_A, f_B, units


def shares_bitlines(layer: S4D, source: Signal, a_stored: str = "A") -> bool:
    """Return whether one read may sum A x and B u on the bitlines of the next state.

    The multipliers must be tied by powers of two, and the largest sum in common units stay below
    2^44, so that float64 keeps it exact beside the pedestal and the conductance grid; otherwise
    each input is read in a phase of its own.
    """
    if not layer.tied:
        return False
    f_A, f_B, _ = tied_factors(layer)
    stored = layer.A_re - identity_codes(layer, a_stored)
    peak_A = 2 * largest_code(stored, layer.A_im) * layer.state.magnitude
    peak_B = largest_code(layer.B_re, layer.B_im) * source.magnitude
    return max(a * peak_A + b * peak_B for a, b in zip(f_A, f_B, strict=True)) < SHARED_LIMIT


def lead_of_input(layer: S4D, dac_bits: int | None) -> int:
    """Return by how many bits the input codes lead the state's on a shared bitline.

    Where every factor of B is a multiple of ``2^lead``, the input is driven together with a higher
    slice of the state, and B is stored 2^lead times smaller: that keeps A and B alike in size, so
    that both use the conductance window. A lead is a whole number of slices.
    """
    if dac_bits is None or not layer.n_modes:
        return 0
    free = min((b & -b).bit_length() - 1 for b in tied_factors(layer)[1])
    slices_of_state = -(-layer.state.bits // dac_bits)
    return dac_bits * min(free // dac_bits, slices_of_state - 1)


def fused_matrix(layer: S4D, source: Signal, dac_bits: int | None, a_stored: str = "A") -> Matrix:
    """Return A (or A - I), B and C of all kernels as a block-diagonal matrix; D stays digital.

    Rows of a kernel are [x_re x_im u], columns [x'_re x'_im y].

    Parameters
    ----------
    layer : S4D
        The kernels.
    source : Signal
        Input codes.
    dac_bits : int, optional
        Width of an input slice; None for a converter of any width, or of uneven slices.
    a_stored : {"A", "A_minus_I"}
        What the crossbar holds of A.
    """
    one = identity_codes(layer, a_stored)
    starts, parts = channel_starts(layer), 2 if layer.is_complex else 1
    shared = shares_bitlines(layer, source, a_stored)
    lead = lead_of_input(layer, dac_bits) if shared else 0
    f_A, f_B, _ = tied_factors(layer) if shared else ([1] * layer.n_out, [1] * layer.n_out, [])
    blocks, x_lines, u_lines = [], np.empty(parts * layer.n_modes, dtype=np.intp), []
    full, offset = {("x", "x"): 1, ("u", "x"): 1, ("x", "y"): 1, ("u", "y"): 1}, 0
    for h in range(layer.n_out):
        i, j = int(starts[h]), int(starts[h + 1])
        a, b = mode_block(layer, i, j, one) * f_A[h], input_row(layer, i, j) * (f_B[h] >> lead)
        c = output_column(layer, i, j)
        for pair, codes in ((("x", "x"), a), (("u", "x"), b), (("x", "y"), c)):
            full[pair] = max(full[pair], largest_code(codes))
        blocks.append(_kernel_block(offset, a, b, c, parts))
        x_lines[state_index(layer, i, j)] = np.arange(offset, offset + len(a))
        u_lines.append(offset + len(a))
        offset += len(a) + 1
    if shared:
        full["x", "x"] = full["u", "x"] = max(full["x", "x"], full["u", "x"])
    full["u", "y"] = full["x", "y"]  # unused cells, on bitlines that C is read from
    u = np.array(u_lines, dtype=np.intp)
    inputs = (
        Vector("x", layer.state.bits, True, x_lines),
        Vector("u", source.bits, source.signed, u),
    )
    outputs = (Vector("x", 0, True, x_lines), Vector("y", 0, True, u))
    phases, groups = fused_phases(layer, shared, lead), column_groups(layer, outputs)
    kept = one * np.array(f_A, dtype=np.int64)[layer.channel_of_mode] if one.any() else None
    return Matrix(
        layer.name, "kernel", offset, offset, full, tuple(blocks), inputs, outputs, phases, *groups,
        kept,
    )  # fmt: skip


def _kernel_block(offset: int, a: Ints, b: Ints, c: Ints, parts: int) -> Block:
    """Return one kernel: [x, u] rows, [x', y] columns; only the 2x2 blocks of A hold weights."""
    n = len(a)
    codes = np.zeros((n + 1, n + 1), dtype=np.int64)
    codes[:n, :n], codes[n:, :n], codes[:n, n:] = a, b, c
    used = np.ones((n + 1, n + 1), dtype=np.bool_)
    used[:n, :n] = np.tile(np.eye(n // parts, dtype=np.bool_), (parts, parts))
    used[n, n] = False
    return Block(offset, offset, codes, used)


def fused_phases(layer: S4D, shared: bool, lead: int) -> tuple[Phase, ...]:
    """Return the reads of one step of a fused kernel, in order."""
    if shared and layer.readout == "old":
        return (Phase("all", ("x", "u"), ("x", "y"), (0, lead)),)
    if shared:
        return (Phase("state", ("x", "u"), ("x",), (0, lead)), Phase("C", ("x",), ("y",)))
    u = Phase("u", ("u",), ("x",))
    if layer.readout == "old":
        return (Phase("x", ("x",), ("x", "y")), u)
    return (Phase("x", ("x",), ("x",)), u, Phase("C", ("x",), ("y",)))


def s4d_matrices(layer: S4D, source: Signal, hardware: Hardware) -> tuple[Matrix, ...]:
    """Return the matrices of an S4D layer, as ``hardware.mapping`` asks."""
    mapping = hardware.mapping
    if mapping.s4d == "fused":
        return (fused_matrix(layer, source, hardware.dac.even_width, mapping.a_stored),)
    analog_A = (state_matrix(layer, mapping.a_stored),) if mapping.s4d == "split" else ()
    return (*analog_A, input_matrix(layer, source), output_matrix(layer))
