"""Random valid integer layers, with multipliers chosen on a calibration batch; see generate.py.

Every builder takes the codes of its input (and of the signals it needs) on the calibration batch,
so that its output is neither mostly zero nor mostly at the ends of its range, yet clips at times.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from aimc_sim.model.layers import GLU, Affine, LayerNorm, Linear, Residual, Table
from aimc_sim.model.signal import Ints, Requant, Signal

Rng = np.random.Generator
Floats = npt.NDArray[np.float64]
LIMIT = 1 << 62


def int_of(rng: Rng, low: int, high: int) -> int:
    """Return an integer in low..high, both included."""
    return int(rng.integers(low, high, endpoint=True))


def signal_of(rng: Rng, bits: int, signed: bool = True) -> Signal:
    """Return a signal of this width with some scale."""
    return Signal(bits, signed, float(2.0 ** -int_of(rng, 0, 12) * (1 + rng.random())))


def weights(rng: Rng, shape: tuple[int, ...], bits: int) -> Ints:
    """Return weight codes over the whole symmetric range, both ends and zeros included."""
    high = (1 << (bits - 1)) - 1
    codes = rng.integers(-high, high, shape, endpoint=True)
    ends = rng.random(shape)
    codes = np.where(ends < 0.05, high, np.where(ends > 0.95, -high, codes))
    return np.where(rng.random(shape) < 0.1, 0, codes).astype(np.int64)


def gain_for(rng: Rng, acc: npt.NDArray[Any], output: Signal) -> float:
    """Return a gain that puts all but a few per cent of `acc` inside the range of `output`."""
    spread = float(np.quantile(np.abs(acc.astype(np.float64)), rng.uniform(0.9, 0.999)))
    return float(rng.uniform(0.5, 1.1)) * output.magnitude / max(spread, 1.0)


def multipliers(
    rng: Rng, gains: list[float], peaks: list[int], tied: bool = False
) -> list[tuple[int, int]]:
    """Return (m, k) for accumulators that are added at a common shift, within all bounds.

    The largest shift K for which ``sum(peak*M) + 2^(K-1) < 2^62`` and every M < 2^31 is lowered by
    a few bits at random; each term then drops factors of two from its M into its own k.
    """
    chosen = [(0, 1)] * len(gains)
    for K in range(1, 61):
        M = [max(1, round(gain * 2.0**K)) for gain in gains]
        if tied:  # the other multipliers are the first one times a power of two
            M = [M[0], *(_power_of_two_times(M[0], gain * 2.0**K) for gain in gains[1:])]
        if sum(p * m for p, m in zip(peaks, M, strict=True)) + (1 << (K - 1)) >= LIMIT >> 1:
            break
        if max(M) >= 1 << 31:
            break
        chosen = [(m, K) for m in M]
        if K >= 4 and min(g * 2.0**K for g in gains) > 8 and rng.random() < 0.08:
            break
    return [_reduced(rng, m, k) for m, k in chosen]


def _power_of_two_times(m: int, wanted: float) -> int:
    exponent = round(float(np.log2(max(wanted, 1e-30) / m)))
    trailing = (m & -m).bit_length() - 1
    return m << exponent if exponent >= 0 else m >> min(-exponent, trailing)


def _reduced(rng: Rng, m: int, k: int) -> tuple[int, int]:
    while m % 2 == 0 and k > 1 and rng.random() < 0.7:
        m, k = m // 2, k - 1
    return m, k


def requants(
    rng: Rng,
    gains: list[list[float]],
    peaks: list[list[int]],
    per_channel: bool,
    tied: bool = False,
) -> list[Requant]:
    """Return one `Requant` a term from gains and peaks [term][channel], per tensor or channel."""
    n = len(gains[0])
    if not per_channel:
        pairs = multipliers(
            rng, [float(np.median(g)) for g in gains], [max(p) for p in peaks], tied
        )
        return [Requant(np.array(m, dtype=np.int64), np.array(k, dtype=np.int64)) for m, k in pairs]
    rows = [multipliers(rng, [g[h] for g in gains], [p[h] for p in peaks], tied) for h in range(n)]
    return [
        Requant(
            np.array([row[i][0] for row in rows], dtype=np.int64),
            np.array([row[i][1] for row in rows], dtype=np.int64),
        )
        for i in range(len(gains))
    ]


def linear(
    rng: Rng,
    name: str,
    source: str,
    x: Ints,
    x_signal: Signal,
    n_out: int,
    bits: int,
    output: Signal,
    per_channel: bool,
    bias_times_length: bool = False,
) -> Linear:
    """Return a Linear whose output fits the calibration codes x [row, channel]."""
    weight = weights(rng, (x.shape[1], n_out), bits)
    acc = x @ weight
    spread = int(np.abs(acc).mean()) // (8 if bias_times_length else 1) + 1
    bias = rng.integers(-spread, spread, n_out, endpoint=True)
    peak = np.abs(weight).sum(axis=0) * x_signal.magnitude + np.abs(bias) * 64
    gains = [gain_for(rng, acc[:, j] if per_channel else acc, output) for j in range(n_out)]
    (rq,) = requants(rng, [gains], [[int(p) for p in peak]], per_channel)
    return Linear(name, source, weight, bits, bias.astype(np.int64), rq, output, bias_times_length)


def affine(rng: Rng, name: str, source: str, x: Ints, x_signal: Signal, output: Signal) -> Affine:
    """Return an Affine with multipliers of either sign."""
    n = x.shape[1]
    pairs = [
        multipliers(rng, [gain_for(rng, x[:, j], output)], [2 * x_signal.magnitude])[0]
        for j in range(n)
    ]
    m = np.array([p[0] for p in pairs], dtype=np.int64)
    k = np.array([p[1] for p in pairs], dtype=np.int64)
    m, k = np.where(k.max() - k > 20, 1, m), np.where(k.max() - k > 20, k.max(), k)
    shift = (m * x_signal.magnitude) // 4 + 1
    sign = rng.choice([-1, 1], n) if output.signed else np.ones(n, dtype=np.int64)
    return Affine(name, source, m * sign, k, rng.integers(-shift, shift, endpoint=True), output)


def table_codes(rng: Rng, source: Signal, output: Signal) -> Ints:
    """Return a table: rectifier, smooth step, or any codes at all."""
    x = np.arange(source.code_min, source.code_max + 1) / source.magnitude
    shape = rng.choice(["relu", "sigmoid", "gelu", "any"])
    if shape == "any":
        return rng.integers(output.code_min, output.code_max, len(x), endpoint=True)
    curve = {
        "relu": np.maximum(x, 0.0),
        "sigmoid": 1.0 / (1.0 + np.exp(-6.0 * x)),
        "gelu": x / (1.0 + np.exp(-5.0 * x)),
    }[str(shape)]
    codes = np.floor(curve * output.code_max + 0.5)
    return np.clip(codes, output.code_min, output.code_max).astype(np.int64)


def table(rng: Rng, name: str, source: str, x_signal: Signal, output: Signal) -> Table:
    """Return an activation table."""
    return Table(name, source, table_codes(rng, x_signal, output), output)


def glu(
    rng: Rng,
    name: str,
    source: str,
    x: Ints,
    x_signal: Signal,
    gate: Signal,
    output: Signal,
    per_channel: bool,
) -> GLU:
    """Return a GLU with a gate table."""
    half = x.shape[1] // 2
    codes = table_codes(rng, x_signal, gate)
    acc = x[:, :half] * codes[x[:, half:] - x_signal.code_min]
    gains = [gain_for(rng, acc[:, j] if per_channel else acc, output) for j in range(half)]
    (rq,) = requants(rng, [gains], [[x_signal.magnitude * gate.magnitude * 2] * half], False)
    if per_channel:
        rq = Requant(np.full(half, rq.m), rq.k)
    return GLU(name, source, codes, gate, rq, output)


def residual(
    rng: Rng,
    name: str,
    source: str,
    skip: str,
    x: Ints,
    x_skip: Ints,
    signals: tuple[Signal, Signal],
    output: Signal,
    per_channel: bool,
) -> Residual:
    """Return a Residual: two multipliers, one shift."""
    gains = [0.6 * gain_for(rng, x, output), 0.6 * gain_for(rng, x_skip, output)]
    (m, k), (m_skip, k_skip) = multipliers(rng, gains, [2 * s.magnitude for s in signals])
    K = max(k, k_skip)
    m, m_skip = m << (K - k), m_skip << (K - k_skip)
    shape = (x.shape[1],) if per_channel else ()
    return Residual(
        name,
        source,
        skip,
        np.full(shape, m),
        np.full(shape, m_skip),
        np.array(K, dtype=np.int64),
        output,
    )


def layernorm(rng: Rng, name: str, source: str, n: int, output: Signal) -> LayerNorm:
    """Return a LayerNorm in float64."""
    gamma = output.code_max * rng.uniform(0.2, 0.8, n)
    beta = output.code_max * rng.uniform(-0.2, 0.2, n)
    return LayerNorm(name, source, gamma, beta, float(rng.choice([1e-5, 0.5, 3.0])), output)
