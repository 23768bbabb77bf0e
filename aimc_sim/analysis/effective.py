"""A, B and C of S4D layers as the conductances of tiles have them, in codes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from aimc_sim.analysis.tile_codes import Pair, codes_at
from aimc_sim.crossbar.tile import POLE_GAIN_BITS, PoleGains, Tiles
from aimc_sim.mapping.fused import lead_of_input, shares_bitlines, tied_factors
from aimc_sim.mapping.matrix import Indices
from aimc_sim.mapping.plan import LayerPlan, MatrixPlan
from aimc_sim.model.layers import S4D
from aimc_sim.model.network import Model
from aimc_sim.model.signal import Floats, Ints, spread

Read = Callable[[MatrixPlan, Pair, Indices, Indices], Floats]
"""The codes that stand at (rows, columns) of a matrix, chips first."""


@dataclass(frozen=True)
class Codes:
    """A, B and C of a layer in codes, as floats; parts = 2 for complex modes, else 1.

    Axes before those named (chips) may stand in front.

    Parameters
    ----------
    A : float array, shape (n_modes, parts, parts)
        Real block of each mode, [from, to]: ``x'[q] = sum_p x[p] A[p, q]``.
    B : float array, shape (n_modes, parts)
        From the channel's input to each part of the state.
    C : float array, shape (n_modes, parts)
        From each part of the state to the channel's output.
    """

    A: Floats
    B: Floats
    C: Floats

    def scaled(self, layer: S4D) -> Codes:
        """Return the same with the layer's multipliers: what a float recurrence would step."""
        channel, parts = layer.channel_of_mode, 2 if layer.is_complex else 1

        def gain(m: Ints, k: Ints) -> Floats:
            return np.asarray(np.ldexp(spread(m, channel).astype(np.float64), -spread(k, channel)))

        a, b, c = (gain(r.m, r.k) for r in (layer.requant_A, layer.requant_B, layer.requant_C))
        return Codes(self.A * a[:, None, None], self.B * b[:, None], self.C * (parts * c)[:, None])


def quantised_codes(layer: S4D) -> Codes:
    """Return the integer codes of a layer.

    Notes
    -----
    ``x'_re = A_re x_re - A_im x_im``, ``x'_im = A_im x_re + A_re x_im`` and
    ``y = C_re x_re - C_im x_im``.
    """
    re, im = layer.A_re, layer.A_im
    if im is None or layer.B_im is None or layer.C_im is None:
        A, B, C = re[:, None, None], layer.B_re[:, None], layer.C_re[:, None]
    else:
        A = np.stack([np.stack([re, im], axis=-1), np.stack([-im, re], axis=-1)], axis=1)
        B = np.stack([layer.B_re, layer.B_im], axis=-1)
        C = np.stack([layer.C_re, -layer.C_im], axis=-1)
    return Codes(A.astype(np.float64), B.astype(np.float64), C.astype(np.float64))


def analog_codes(
    layer: S4D,
    plan: LayerPlan,
    model: Model,
    tiles: Tiles,
    age_s: float,
    *,
    corrected: bool = False,
) -> Codes:
    """Return the codes of a layer as all chips have them at an age; what is digital is exact.

    Parameters
    ----------
    layer : S4D
        The layer.
    plan : LayerPlan
        Where it lies.
    model : Model
        For the width of its input.
    tiles : Tiles
        Programmed conductances.
    age_s : float
        Time since the reference read [s].
    corrected : bool
        Whether the digital gains of a calibration count; offsets move no pole and no kernel.

    Returns
    -------
    Codes
        Chips first, in the order of ``tiles.chips``.

    Notes
    -----
    The code of a cell is ``(g_plus - g_minus) / g_code``, with g_code the conductance of one weight
    code. Only the cells of A, B and C count: where `hardware.mapping.unused` is ``programmed``, the
    cells between the blocks couple modes as well, and no block shows that.
    """

    def read(m: MatrixPlan, pair: Pair, rows: Indices, cols: Indices) -> Floats:
        return codes_at(m, tiles, age_s, pair, rows, cols, corrected=corrected)

    return codes_read(layer, plan, model, tiles, read, corrected=corrected)


def codes_read(
    layer: S4D,
    plan: LayerPlan,
    model: Model,
    tiles: Tiles,
    read: Read,
    *,
    corrected: bool = False,
) -> Codes:
    """Return A, B and C with what `read` says stands on the cells; what is digital is exact."""
    by_name = {m.matrix.name: m for m in plan.matrices}
    exact = quantised_codes(layer)
    if "kernel" in by_name:
        return _fused_codes(layer, by_name["kernel"], model, tiles, read, corrected)
    A = exact.A[None]
    if "A" in by_name:
        A = _whole_A(layer, by_name["A"], _read_A(layer, by_name["A"], read), tiles, corrected)
    return Codes(A, _read_B(layer, by_name["B"], read), _read_C(layer, by_name["C"], read))


def _whole_A(layer: S4D, m: MatrixPlan, A: Floats, tiles: Tiles, corrected: bool) -> Floats:
    """Return A of all chips with its pole gains and the identity that is digital."""
    gains = [tiles.pole_gains.get((chip, layer.name)) for chip in tiles.chips]
    if corrected:
        A = np.stack([a if g is None else _gained(a, g) for a, g in zip(A, gains, strict=True)])
    if m.matrix.identity is None:
        return A
    return np.asarray(A + m.matrix.identity[:, None, None] * np.eye(A.shape[-1]))


def _gained(A: Floats, gains: PoleGains) -> Floats:
    """Return blocks [mode, from, to] times the gain of each mode."""
    re, im = (v[:, None] / float(1 << POLE_GAIN_BITS) for v in (gains.re, gains.im))
    if not gains.mixes:
        return np.asarray(A * re[..., None])
    return np.stack([re * A[..., 0] - im * A[..., 1], re * A[..., 1] + im * A[..., 0]], axis=-1)


def _fused_codes(
    layer: S4D, m: MatrixPlan, model: Model, tiles: Tiles, read: Read, corrected: bool
) -> Codes:
    """Return the codes of a fused kernel, without the factors of shared bitlines."""
    A, B, C = _read_A(layer, m, read), _read_B(layer, m, read), _read_C(layer, m, read)
    A = _whole_A(layer, m, A, tiles, corrected)
    if not shares_bitlines(layer, model.signal(layer.input), tiles.hardware.mapping.a_stored):
        return Codes(A, B, C)
    lead = lead_of_input(layer, tiles.hardware.dac.even_width)
    f_A, f_B, _ = (np.array(values, dtype=np.float64) for values in tied_factors(layer))
    channel = layer.channel_of_mode
    return Codes(A / f_A[channel][:, None, None], B * (2.0**lead / f_B[channel])[:, None], C)


def _state_lines(layer: S4D, lines: Indices) -> Indices:
    """Return the line of each part of each mode, shape (n_modes, parts)."""
    return lines.reshape(-1, layer.n_modes).T


def _read_A(layer: S4D, m: MatrixPlan, read: Read) -> Floats:
    rows = _state_lines(layer, m.matrix.input("x").lines)[:, :, None]
    cols = _state_lines(layer, m.matrix.output("x").lines)[:, None, :]
    return read(m, ("x", "x"), *np.broadcast_arrays(rows, cols))


def _read_B(layer: S4D, m: MatrixPlan, read: Read) -> Floats:
    rows = m.matrix.input("u").lines[layer.channel_of_mode][:, None]
    cols = _state_lines(layer, m.matrix.output("x").lines)
    return read(m, ("u", "x"), *np.broadcast_arrays(rows, cols))


def _read_C(layer: S4D, m: MatrixPlan, read: Read) -> Floats:
    rows = _state_lines(layer, m.matrix.input("x").lines)
    cols = m.matrix.output("y").lines[layer.channel_of_mode][:, None]
    return read(m, ("x", "y"), *np.broadcast_arrays(rows, cols))
