"""Random valid S4D layers, calibrated like those of generate_layers.py."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from aimc_sim.model.equations import s4d_step
from aimc_sim.model.layers import S4D
from aimc_sim.model.signal import Ints, Requant, Signal, spread
from tests.generate_layers import Floats, Rng, gain_for, requants, weights

ONE = Requant(np.array(1, dtype=np.int64), np.array(1, dtype=np.int64))


def s4d(
    rng: Rng,
    name: str,
    source: str,
    u: Ints,
    u_signal: Signal,
    options: dict[str, Any],
    state: Signal,
    output: Signal,
) -> S4D:
    """Return an S4D for calibration codes u [sequence, step, H].

    `options` holds n_states, bits, complex, tied, readout, grid and per_channel.
    """
    H, n_states, bits = u.shape[2], options["n_states"], options["bits"]
    n, channel = int(n_states.sum()), np.repeat(np.arange(H), n_states)
    codes: dict[str, Ints | None] = {"B_im": None, "C_im": None}
    codes["A_re"], codes["A_im"] = _pole_codes(rng, n, bits["A"], options["complex"])
    for part in ("re", "im") if options["complex"] else ("re",):
        codes[f"B_{part}"] = weights(rng, (n,), bits["B"])
        codes[f"C_{part}"] = weights(rng, (n,), bits["C"])
    rq_A, rq_B = _recurrence(rng, codes, channel, u, u_signal, options, state)
    _stabilise(codes, spread(rq_A.m, channel) * 2.0 ** -spread(rq_A.k, channel))
    bare = S4D(
        name=name,
        input=source,
        n_states=n_states,
        D=weights(rng, (H,), bits["D"]),
        bits=bits,
        requant_A=rq_A,
        requant_B=rq_B,
        requant_C=ONE,
        requant_D=ONE,
        state=state,
        output=output,
        readout=options["readout"],
        tied=options["tied"],
        grid=options["grid"],
        **codes,
    )
    rq_C, rq_D = _readout(rng, bare, u, u_signal, options["per_channel"])
    return replace(bare, requant_C=rq_C, requant_D=rq_D)


def _recurrence(
    rng: Rng,
    codes: dict[str, Ints | None],
    channel: npt.NDArray[np.intp],
    u: Ints,
    u_signal: Signal,
    options: dict[str, Any],
    state: Signal,
) -> list[Requant]:
    """Return the multipliers of A and B that fill the state's range with the inputs u."""
    H, bits = u.shape[2], options["bits"]["A"]
    gain_A = 2.0 ** -(bits - 1) if options["tied"] else 1.0 / ((1 << (bits - 1)) - 0.5)
    a, b = _complex(codes, "A"), _complex(codes, "B")
    x = np.abs(_float_states(a * gain_A, b, u[:, :, channel].astype(np.float64)))
    drive = [
        gain_for(rng, x[..., channel == h], state) if (channel == h).any() else 1.0
        for h in range(H)
    ]
    peak_A = [
        _peak(np.abs(a.real) + np.abs(a.imag), channel == h) * state.magnitude for h in range(H)
    ]
    peak_B = [
        _peak(np.maximum(np.abs(b.real), np.abs(b.imag)), channel == h) * u_signal.magnitude
        for h in range(H)
    ]
    return requants(
        rng, [[gain_A] * H, drive], [peak_A, peak_B], options["per_channel"], options["tied"]
    )


def _stabilise(codes: dict[str, Ints | None], gain: Floats) -> None:
    """Shrink the pole codes outside the unit circle at these gains, exactly to its inside."""
    size = np.maximum(np.abs(_complex(codes, "A")) * gain, 1.0)
    for part in ("A_re", "A_im"):
        if (code := codes[part]) is not None:
            codes[part] = np.where(size > 1.0, np.trunc(code / size * (1 - 1e-9)), code).astype(
                np.int64
            )


def _readout(rng: Rng, layer: S4D, u: Ints, u_signal: Signal, per_channel: bool) -> list[Requant]:
    """Return the multipliers of C and D that fill the output's range."""
    H, channel, parts = layer.n_out, layer.channel_of_mode, 2 if layer.is_complex else 1
    codes = {"C_re": layer.C_re, "C_im": layer.C_im}
    c, x = _complex(codes, "C"), np.zeros((len(u), parts, layer.n_modes), dtype=np.int64)
    y = np.zeros(u.shape)
    for t in range(u.shape[1]):
        _, x = s4d_step(layer, u[:, t], x)
        products = parts * (c * (x[:, 0] + (1j * x[:, 1] if parts == 2 else 0))).real
        for h in range(H):
            y[:, t, h] = products[:, channel == h].sum(axis=1)
    gains = [
        [gain_for(rng, acc[..., h] if per_channel else acc, layer.output) / 1.5 for h in range(H)]
        for acc in (y, layer.D * u)
    ]
    size = np.abs(c.real) + np.abs(c.imag)
    peaks = [
        [int(parts * size[channel == h].sum()) * layer.state.magnitude for h in range(H)],
        [abs(int(d)) * u_signal.magnitude for d in layer.D],
    ]
    return requants(rng, gains, peaks, per_channel, layer.tied)


def _pole_codes(rng: Rng, n: int, bits: int, is_complex: bool) -> tuple[Ints, Ints | None]:
    """Return pole codes inside the circle of the largest code: |A| near 1 as well as small."""
    high = (1 << (bits - 1)) - 1
    radius = np.where(rng.random(n) < 0.5, rng.uniform(0.9, 1.0, n), rng.uniform(0.1, 0.9, n))
    radius = np.where(rng.random(n) < 0.1, 1.0, radius) * high
    if not is_complex:
        sign = np.where(rng.random(n) < 0.2, -1, 1)
        return np.trunc(radius * sign).astype(np.int64), None
    angle = rng.uniform(-np.pi, np.pi, n)
    return (
        np.trunc(radius * np.cos(angle)).astype(np.int64),
        np.trunc(radius * np.sin(angle)).astype(np.int64),
    )


def _complex(codes: dict[str, Ints | None], tensor: str) -> npt.NDArray[np.complex128]:
    re, im = codes[f"{tensor}_re"], codes[f"{tensor}_im"]
    assert re is not None
    return re + 1j * (im if im is not None else np.zeros_like(re))


def _peak(sizes: Floats, mask: npt.NDArray[np.bool_]) -> int:
    return int(sizes[mask].max(initial=0))


def _float_states(
    a: npt.NDArray[np.complex128], b: npt.NDArray[np.complex128], u: Floats
) -> npt.NDArray[np.complex128]:
    x = np.zeros((u.shape[0], len(a)), dtype=np.complex128)
    out = np.empty((*u.shape[:2], len(a)), dtype=np.complex128)
    for t in range(u.shape[1]):
        x = a * x + b * u[:, t]
        out[:, t] = x
    return out
