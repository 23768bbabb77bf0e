"""One diagonal kernel to integers, every scale of the recurrence tied by powers of two."""

from __future__ import annotations

import math

import numpy as np

from aimc_sim.model.float_model import Diagonal, Discrete, discretise, recurrence
from aimc_sim.model.grids import Complexes, PoleCodes, quantise_poles
from aimc_sim.model.layers import S4D, Layer
from aimc_sim.model.scales import (
    M_BITS,
    codes_of,
    exact_requants,
    integer,
    multiplier,
    nearest_shifts,
    rounding_error,
)
from aimc_sim.model.signal import Floats, Ints, Requant, Signal
from aimc_sim.model.widths import Bits

HEADROOM = 0.9
J_RANGE = (-8, 16)


def pole_codes(ssm: Diagonal, bits: Bits, a_grid: str, *, per_channel: bool) -> PoleCodes:
    """Return the poles of a kernel as the integers that run."""
    poles, run_bits = discretise(ssm).poles, _run_bits(bits, a_grid)
    return quantise_poles(poles, bits.a, run_bits, a_grid, per_channel=per_channel)


def quantise_s4d(
    name: str,
    source: Layer,
    ssm: Diagonal,
    driven: Floats,
    bits: Bits,
    a_grid: str,
    output: Signal,
    *,
    per_channel: bool,
    power_of_two: bool = False,
) -> S4D:
    """Return an integer S4D layer.

    Parameters
    ----------
    name, source : str, Layer
        Name of the layer, and the layer that it reads.
    ssm : Diagonal
        The float kernel.
    driven : float array, shape (n_sequences, n_steps, H)
        Its input on the calibration batch.
    bits, a_grid
        Widths and grid of the poles.
    output : Signal
        Codes of y; unsigned where a ReLU follows.
    per_channel : bool
        Whether C and D have a scale for each channel.
    power_of_two : bool
        Whether the multipliers of C and D are powers of two, as those of A and B always are.

    Notes
    -----
    A diagonal system is free in the gain of each mode. Its B becomes a positive integer b that
    fills the state's range, and C takes what b leaves over: c = C'B 2^fb s_u/b. So rounding B
    costs nothing, and s_A = 2^-fa, s_x = 2^fb s_B s_u and s_D = 2^j s_C s_x/s_u tie both sums.
    """
    u = source.output
    poles = pole_codes(ssm, bits, a_grid, per_channel=per_channel)
    exact = discretise(ssm)
    _, peak = recurrence(Discrete(poles.poles, exact.C, exact.D), driven)
    b, fb = _input_codes(peak / u.scale, bits)
    state = Signal(bits.state, True, 2.0**fb * u.scale)
    C = exact.C * state.scale / b
    C = np.where(poles.im == 0, C.real, C)  # the imaginary state of a real pole stays 0
    codes, requant_C, requant_D = _readout(
        C, ssm.D * u.scale, bits, state, u.magnitude, output, per_channel, power_of_two
    )
    return S4D(
        name=name, input=source.name, state=state, output=output,
        n_states=np.full(len(ssm.D), b.shape[1], dtype=np.int64),
        A_re=poles.re.ravel(), A_im=poles.im.ravel(),
        B_re=b.ravel(), B_im=np.zeros(b.size, dtype=np.int64),
        C_re=codes[0].ravel(), C_im=codes[1].ravel(), D=codes[2],
        bits={"A": _run_bits(bits, a_grid), "B": bits.b, "C": bits.c, "D": bits.d},
        requant_A=_power_of_two(-poles.shift), requant_B=_power_of_two(-fb),
        requant_C=requant_C, requant_D=requant_D,
        readout="new", tied=True, grid=a_grid,
    )  # fmt: skip


def _run_bits(bits: Bits, a_grid: str) -> int:
    return bits.a if a_grid == "cartesian" else bits.a_run or 16


def _power_of_two(exponent: int) -> Requant:
    """Return a multiplier and shift of 2^exponent."""
    m, k = multiplier(2.0**exponent, M_BITS)
    return Requant(integer(m), integer(k))


def _input_codes(gain: Floats, bits: Bits) -> tuple[Ints, int]:
    """Return codes of B and fb, so that x = 2^-fb * (B u) fills the state without clipping.

    Parameters
    ----------
    gain : float array, shape (H, M)
        Largest |x| of each mode for B = 1, in codes of u.
    bits : Bits
        Widths.
    """
    room = HEADROOM * ((1 << (bits.state - 1)) - 1)
    high = (1 << (bits.b - 1)) - 1
    largest = float(gain.max(initial=0.0))
    fb = math.ceil(math.log2(largest / room)) if largest > 0 else 0
    fb = max(fb, -14)
    wanted = room * 2.0**fb / np.maximum(gain, 1e-12)
    return np.clip(np.floor(wanted), 1, high).astype(np.int64), fb


def _readout(
    C: Complexes,
    D: Floats,
    bits: Bits,
    state: Signal,
    u_magnitude: int,
    output: Signal,
    per_channel: bool,
    power_of_two: bool,
) -> tuple[tuple[Ints, Ints, Ints], Requant, Requant]:
    """Return codes of Re C, Im C and D, and the multipliers of C and D: tied, and exact.

    Parameters
    ----------
    C : complex array, shape (H, M)
        Value of y per code of the state.
    D : float array, shape (H,)
        Value of y per code of u.

    Notes
    -----
    A code of D is worth 2^j codes of C, j in `J_RANGE`; m_D/2^k_D = 2^j m_C/2^k_C.
    """
    high_C, high_D = (1 << (bits.c - 1)) - 1, (1 << (bits.d - 1)) - 1

    def shared(values: Floats) -> Floats:
        return values if per_channel else np.full_like(values, values.max(initial=0.0))

    size_C = np.maximum(np.abs(C.real), np.abs(C.imag)).max(axis=1, initial=0.0)
    size_D = shared(np.abs(D)) / high_D
    scale = np.maximum(shared(size_C) / high_C, size_D * 2.0 ** -J_RANGE[1])
    scale = np.where(scale > 0, scale, 1.0)
    if power_of_two:
        parts = np.concatenate([C.real, C.imag], axis=1).T
        scale = output.scale * nearest_shifts(
            scale / output.scale,
            lambda ratios: rounding_error(parts, ratios * output.scale, bits.c),
            shared=not per_channel,
        )
    j = np.ceil(np.log2(np.maximum(size_D / scale, 2.0 ** J_RANGE[0]))).astype(np.int64)
    total = 2 * (np.abs(C.real) + np.abs(C.imag)).sum(axis=1) * state.magnitude
    peaks = shared((total + np.abs(D) * u_magnitude) / scale) * 2.0 ** np.maximum(-j, 0)
    requant_C, exact = exact_requants(scale / output.scale, peaks)
    scale = exact * output.scale
    re, im = (codes_of(part, scale[:, None], -high_C, high_C) for part in (C.real, C.imag))
    d = codes_of(D, scale * 2.0**j, -high_D, high_D)
    k_D = requant_C.k - j
    up = np.maximum(1 - k_D, 0)
    requant_D = Requant(requant_C.m << up, k_D + up)
    if not per_channel:
        requant_C, requant_D = (
            Requant(r.m[:1].reshape(()), r.k[:1].reshape(())) for r in (requant_C, requant_D)
        )
    return (re, im, d), requant_C, requant_D
