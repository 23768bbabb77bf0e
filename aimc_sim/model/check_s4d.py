"""Whether an S4D layer can run exactly: code ranges, 64-bit bounds, poles, ties."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from aimc_sim.model.bounds import (
    MAX_BITS,
    bound_fault,
    effective_multipliers,
    per_channel,
    requant_fault,
    weight_fault,
)
from aimc_sim.model.layers import S4D
from aimc_sim.model.network import Model
from aimc_sim.model.signal import Signal


def s4d_faults(layer: S4D, model: Model) -> Iterator[str]:
    """Yield the faults of an S4D layer: codes, bounds, unstable poles, ties that do not hold."""
    name = layer.name
    for tensor, codes in (
        ("A_re", layer.A_re),
        ("A_im", layer.A_im),
        ("B_re", layer.B_re),
        ("B_im", layer.B_im),
        ("C_re", layer.C_re),
        ("C_im", layer.C_im),
        ("D", layer.D),
    ):
        yield from weight_fault(f"{name}.{tensor}", codes, layer.bits[tensor[0]])
    for tensor, rq in (
        ("A", layer.requant_A),
        ("B", layer.requant_B),
        ("C", layer.requant_C),
        ("D", layer.requant_D),
    ):
        yield from requant_fault(name, rq, f"_{tensor}")
    if layer.state.bits > MAX_BITS or not layer.state.signed:
        sign = "signed" if layer.state.signed else "unsigned"
        yield (
            f"layer {name!r}: state: found {layer.state.bits} bits, {sign}; "
            f"expected 2..{MAX_BITS} bits, signed"
        )
    if layer.output.bits > MAX_BITS:
        return
    yield from _s4d_bounds(layer, model.signal(layer.input))
    yield from _poles(layer)
    yield from _ties(layer)


def _s4d_bounds(layer: S4D, u: Signal) -> Iterator[str]:
    n, parts = layer.n_out, 2 if layer.is_complex else 1
    starts = np.concatenate([[0], np.cumsum(layer.n_states)])
    state = effective_multipliers(layer.requant_A, layer.requant_B, n)
    output = effective_multipliers(layer.requant_C, layer.requant_D, n)
    zero = np.zeros_like(layer.A_re)
    a = np.abs(layer.A_re) + np.abs(layer.A_im if layer.A_im is not None else zero)
    b = np.maximum(np.abs(layer.B_re), np.abs(layer.B_im if layer.B_im is not None else zero))
    c = np.abs(layer.C_re) + np.abs(layer.C_im if layer.C_im is not None else zero)
    for h in range(n):
        modes = slice(starts[h], starts[h + 1])
        m_A, m_B, K = state[h]
        peak = (
            int(a[modes].max(initial=0)) * layer.state.magnitude * m_A
            + int(b[modes].max(initial=0)) * u.magnitude * m_B
        )
        m_C, m_D, K_y = output[h]
        peak_y = (
            parts * int(c[modes].sum()) * layer.state.magnitude * m_C
            + abs(int(layer.D[h])) * u.magnitude * m_D
        )
        found = [
            *bound_fault(layer.name, peak, K, f"state accumulator of channel {h}"),
            *bound_fault(layer.name, peak_y, K_y, f"output accumulator of channel {h}"),
        ]
        multipliers = max(m_A, m_B, m_C, m_D)
        found += bound_fault(layer.name, multipliers, 1, f"multiplier of channel {h}")
        if found:
            yield found[0]
            return


def _poles(layer: S4D) -> Iterator[str]:
    """Yield a line where |A_re + i A_im| m_A > 2^k_A, in exact integers."""
    channel = layer.channel_of_mode
    m, k = per_channel(layer.requant_A.m, layer.n_out), per_channel(layer.requant_A.k, layer.n_out)
    imag = layer.A_im if layer.A_im is not None else np.zeros_like(layer.A_re)
    bad = [
        i
        for i in range(layer.n_modes)
        if (int(layer.A_re[i]) ** 2 + int(imag[i]) ** 2) * m[channel[i]] ** 2
        > 1 << (2 * k[channel[i]])
    ]
    if bad:
        size = abs(layer.poles[bad[0]])
        yield (
            f"layer {layer.name!r}: pole {bad[0]} (channel {channel[bad[0]]}) has |Abar| = "
            f"{size:.9g}; allowed at most 1 ({len(bad)} unstable): try a polar A grid or "
            f"more bits for A"
        )


def _ties(layer: S4D) -> Iterator[str]:
    if not layer.tied:
        return
    pairs = (
        ("A", "B", layer.requant_A, layer.requant_B),
        ("C", "D", layer.requant_C, layer.requant_D),
    )
    for first, second, a, b in pairs:
        for h, (m_a, m_b, _) in enumerate(effective_multipliers(a, b, layer.n_out)):
            high, low = max(m_a, m_b), min(m_a, m_b)
            if high % low or (high // low) & (high // low - 1):
                yield (
                    f"layer {layer.name!r}: tied is true, but the multipliers of {first} and "
                    f"{second} differ by {m_a}/{m_b} in channel {h}; expected a power of two"
                )
                return
