"""One diagonal kernel to integers, every scale of the recurrence tied by powers of two."""

from __future__ import annotations

import math

import numpy as np

from aimc_sim.model.float_model import Diagonal, Discrete, discretise, recurrence
from aimc_sim.model.grids import PoleCodes, quantise_poles
from aimc_sim.model.layers import S4D, Floats, Ints, Layer, Requant, Signal
from aimc_sim.model.scales import codes_of, integer, multiplier, multiplier_bits
from aimc_sim.model.widths import Bits

HEADROOM = 0.9
D_SHIFT = 8


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
    c_re, c_im, s_C = _output_codes(C, bits.c, per_channel)
    d, j = _feed_codes(ssm.D * u.scale, s_C, bits.d, per_channel)
    total = 2 * (np.abs(c_re) + np.abs(c_im)).sum(axis=1) * state.magnitude
    total = np.maximum(total, np.abs(d) * u.magnitude) << max(0, -int(j.min()))
    requant_C, requant_D = _tied_requants(s_C / output.scale, j, total, per_channel)
    n_states = np.full(len(ssm.D), b.shape[1], dtype=np.int64)
    return S4D(
        name=name,
        input=source.name,
        n_states=n_states,
        A_re=poles.re.ravel(),
        A_im=poles.im.ravel(),
        B_re=b.ravel(),
        B_im=np.zeros(b.size, dtype=np.int64),
        C_re=c_re.ravel(),
        C_im=c_im.ravel(),
        D=d,
        bits={"A": _run_bits(bits, a_grid), "B": bits.b, "C": bits.c, "D": bits.d},
        requant_A=_power_of_two(-poles.shift),
        requant_B=_power_of_two(-fb),
        requant_C=requant_C,
        requant_D=requant_D,
        state=state,
        output=output,
        readout="new",
        tied=True,
        grid=a_grid,
    )


def _run_bits(bits: Bits, a_grid: str) -> int:
    return bits.a if a_grid == "cartesian" else bits.a_run or 16


def _power_of_two(exponent: int) -> Requant:
    """Return a multiplier and shift of 2^exponent."""
    m, k = multiplier(2.0**exponent, 16)
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


def _output_codes(C: np.ndarray, bits: int, per_channel: bool) -> tuple[Ints, Ints, Floats]:
    """Return codes of Re C and Im C and their scale, shape (H,)."""
    high = (1 << (bits - 1)) - 1
    largest = np.maximum(np.abs(C.real), np.abs(C.imag)).max(axis=1, initial=0.0)
    if not per_channel:
        largest = np.full_like(largest, largest.max(initial=0.0))
    scale = np.where(largest > 0, largest / high, 1.0)
    re, im = (codes_of(part, scale[:, None], -high, high) for part in (C.real, C.imag))
    return re, im, scale


def _feed_codes(D: Floats, s_C: Floats, bits: int, per_channel: bool) -> tuple[Ints, Ints]:
    """Return codes of D and j with scale 2^j s_C; D comes per code of u."""
    high = (1 << (bits - 1)) - 1
    ratio = np.maximum(np.abs(D) / (high * s_C), 2.0**-D_SHIFT)
    if not per_channel:
        ratio = np.full_like(ratio, ratio.max())
    j = np.ceil(np.log2(ratio)).astype(np.int64)
    return codes_of(D, s_C * 2.0**j, -high, high), j


def _tied_requants(
    ratio: Floats, j: Ints, peak: Ints, per_channel: bool
) -> tuple[Requant, Requant]:
    """Return multipliers of C, near `ratio`, and of D: those of C times 2^j."""
    rows = []
    for r, shift, largest in zip(ratio, j, peak, strict=True):
        m, k = multiplier(float(r), multiplier_bits(int(largest) << max(0, int(shift))))
        k_D = k - int(shift)
        up = max(0, 1 - k_D)
        rows.append((m, k, m << up, k_D + up))
    m_C, k_C, m_D, k_D_all = (
        np.array(column, dtype=np.int64) for column in zip(*rows, strict=True)
    )
    parts = (m_C, k_C, m_D, k_D_all)
    if not per_channel:
        parts = tuple(integer(int(part[0])) for part in parts)  # type: ignore[assignment]
    return Requant(parts[0], parts[1]), Requant(parts[2], parts[3])
