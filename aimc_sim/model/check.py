"""Whether a model can run exactly: wiring, code ranges, 64-bit bounds, poles; one line a fault."""

from __future__ import annotations

from collections.abc import Iterator
from functools import singledispatch
from itertools import takewhile

import numpy as np

from aimc_sim.model.layers import (
    GLU,
    S4D,
    Affine,
    Ints,
    Layer,
    LayerNorm,
    Linear,
    Model,
    Pool,
    Requant,
    Residual,
    Signal,
    Table,
)
from aimc_sim.spec import InputError

LIMIT = 1 << 62
M_LIMIT = 1 << 31
MAX_BITS = 24
MAX_FINAL_BITS = 32


def check_model(model: Model, where: str) -> None:
    """Raise an `InputError` for the first thing that is wrong with a model.

    Parameters
    ----------
    model : Model
        To be checked.
    where : str
        File name for the message.
    """
    for fault in faults(model):
        raise InputError(f"{where}: {fault}")


def faults(model: Model) -> Iterator[str]:
    """Yield every fault found, in order of the layers, each in one line."""
    yield from _wiring(model)
    for layer in model.layers:
        bits = layer.output.bits
        final = layer is model.layers[-1] or isinstance(layer, Pool)
        if bits > (MAX_FINAL_BITS if final else MAX_BITS):
            yield f"layer {layer.name!r}: output: found {bits} bits; at most {MAX_BITS} inside"
        yield from layer_faults(layer, model)


def _wiring(model: Model) -> Iterator[str]:
    pools = [layer.name for layer in model.layers if isinstance(layer, Pool)]
    if len(pools) != 1:
        yield f"header: found {len(pools)} layers of kind 'pool'; expected exactly one"
        return
    seen, pooled = {"input"}, False
    for layer in model.layers:
        if layer.name in seen:
            yield f"header: layer name {layer.name!r} is given twice"
        sources = (layer.input, layer.skip) if isinstance(layer, Residual) else (layer.input,)
        for source in sources:
            if source not in seen:
                where = "after the pool" if pooled else "here"
                yield (
                    f"header: layer {layer.name!r} takes {source!r}; "
                    f"known {where}: {', '.join(sorted(seen))}"
                )
                return
        if isinstance(layer, S4D) and pooled:
            yield f"header: layer {layer.name!r}: an S4D after the pool has no steps to run over"
        if isinstance(layer, Pool):
            seen, pooled = set(), True
        seen.add(layer.name)


def code_fault(what: str, codes: Ints, low: int, high: int) -> Iterator[str]:
    """Yield a line where a code lies outside [low, high]; it names the first one."""
    bad = np.flatnonzero((codes < low) | (codes > high))
    if bad.size:
        index = [int(i) for i in np.unravel_index(bad[0], codes.shape)]
        place = f" at {index} ({bad.size} outside)" if codes.ndim else ""
        yield (
            f"array {what!r}: found code {int(codes.reshape(-1)[bad[0]])}{place}; "
            f"allowed {low}..{high}"
        )


def weight_fault(what: str, codes: Ints | None, bits: int) -> Iterator[str]:
    """Yield a line where a weight code is outside the symmetric range of its width."""
    if codes is not None:
        high = (1 << (bits - 1)) - 1
        yield from code_fault(what, codes, -high, high)


def requant_fault(name: str, rq: Requant, suffix: str = "") -> Iterator[str]:
    """Yield a line where a multiplier or shift is out of range."""
    yield from code_fault(f"{name}.m{suffix}", rq.m, 1, M_LIMIT - 1)
    yield from code_fault(f"{name}.k{suffix}", rq.k, 1, 61)


def bound_fault(
    name: str,
    peak: int,
    k: int,
    what: str = "accumulator times multiplier",
    hint: str = "use fewer multiplier bits",
) -> Iterator[str]:
    """Yield a line where ``peak + 2^(k-1)`` does not stay below 2^62."""
    total = peak + (1 << max(k - 1, 0))
    if total >= LIMIT:
        yield (
            f"layer {name!r}: {what} reaches {total} (2^{total.bit_length() - 1}); "
            f"it must stay below 2^62: {hint}"
        )


def per_channel(values: Ints, n: int) -> list[int]:
    """Return per-tensor or per-channel values as n Python integers."""
    return [int(v) for v in np.broadcast_to(values, (n,))]


def table_fault(name: str, table: Ints, source: Signal, output: Signal) -> Iterator[str]:
    """Yield a line where a table's length or entries do not fit its signals."""
    if source.bits > 16 or len(table) != 1 << source.bits:
        yield (
            f"array '{name}.table': found {len(table)} entries; expected one for each code of "
            f"its input ({source.bits} bits; 16 at most)"
        )
    yield from code_fault(f"{name}.table", table, output.code_min, output.code_max)


@singledispatch
def layer_faults(layer: Layer, model: Model) -> Iterator[str]:
    """Yield the faults of one layer."""
    raise TypeError(f"no checks for {type(layer).__name__}")


@layer_faults.register
def _(layer: Linear, model: Model) -> Iterator[str]:
    yield from weight_fault(f"{layer.name}.weight", layer.weight, layer.weight_bits)
    yield from code_fault(f"{layer.name}.bias", layer.bias, -(1 << 53), 1 << 53)
    yield from requant_fault(layer.name, layer.requant)
    before = takewhile(lambda other: other is not layer, model.layers)
    if layer.bias_times_length and "sum" not in [p.rule for p in before if isinstance(p, Pool)]:
        yield (
            f"layer {layer.name!r}: bias_times_length is true; allowed only after a pool of "
            f"rule 'sum'"
        )
    peak = np.abs(layer.weight).sum(axis=0) * model.signal(layer.input).magnitude
    peak = peak + np.abs(layer.bias)
    m, k = per_channel(layer.requant.m, layer.n_out), per_channel(layer.requant.k, layer.n_out)
    for p, m_i, k_i in zip(peak, m, k, strict=True):
        faults_here = list(bound_fault(layer.name, int(p) * m_i, k_i))
        if faults_here:
            yield faults_here[0]
            return


@layer_faults.register
def _(layer: S4D, model: Model) -> Iterator[str]:
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


def effective_multipliers(a: Requant, b: Requant, n: int) -> list[tuple[int, int, int]]:
    """Return (m_a 2^(K-k_a), m_b 2^(K-k_b), K) per channel, in unbounded integers."""
    rows = zip(
        per_channel(a.m, n),
        per_channel(a.k, n),
        per_channel(b.m, n),
        per_channel(b.k, n),
        strict=True,
    )
    return [
        (ma << (max(ka, kb) - ka), mb << (max(ka, kb) - kb), max(ka, kb)) for ma, ka, mb, kb in rows
    ]


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


@layer_faults.register
def _(layer: Affine, model: Model) -> Iterator[str]:
    yield from code_fault(f"{layer.name}.m", layer.m, 1 - M_LIMIT, M_LIMIT - 1)
    yield from code_fault(f"{layer.name}.k", layer.k, 1, 61)
    peak = int(np.abs(layer.m).max()) * model.signal(layer.input).magnitude
    peak += max(abs(int(layer.bias.min())), abs(int(layer.bias.max())))
    yield from bound_fault(layer.name, peak, int(layer.k.max()))


@layer_faults.register
def _(layer: Table, model: Model) -> Iterator[str]:
    yield from table_fault(layer.name, layer.table, model.signal(layer.input), layer.output)


@layer_faults.register
def _(layer: GLU, model: Model) -> Iterator[str]:
    source = model.signal(layer.input)
    if model.widths[layer.input] % 2:
        yield (
            f"layer {layer.name!r}: found {model.widths[layer.input]} input channels; "
            f"a GLU needs an even number"
        )
    yield from table_fault(layer.name, layer.table, source, layer.gate)
    yield from requant_fault(layer.name, layer.requant)
    peak = source.magnitude * layer.gate.magnitude * int(layer.requant.m.max())
    yield from bound_fault(layer.name, peak, int(layer.requant.k.max()))


@layer_faults.register
def _(layer: Residual, model: Model) -> Iterator[str]:
    n, n_skip = model.widths[layer.input], model.widths[layer.skip]
    if n != n_skip:
        yield f"layer {layer.name!r}: input has {n} channels, skip {n_skip}; expected the same"
    for key in ("m", "m_skip"):
        yield from code_fault(f"{layer.name}.{key}", getattr(layer, key), 1 - M_LIMIT, M_LIMIT - 1)
    yield from code_fault(f"{layer.name}.k", layer.k, 1, 61)
    peak = (
        int(np.abs(layer.m).max()) * model.signal(layer.input).magnitude
        + int(np.abs(layer.m_skip).max()) * model.signal(layer.skip).magnitude
    )
    yield from bound_fault(layer.name, peak, int(layer.k.max()))


@layer_faults.register
def _(layer: LayerNorm, model: Model) -> Iterator[str]:
    n = layer.n_out
    peak = n * (n * 2 * model.signal(layer.input).magnitude) ** 2
    yield from bound_fault(
        layer.name, peak, 0, "sum of squares", "use fewer channels or input bits"
    )


@layer_faults.register
def _(layer: Pool, model: Model) -> Iterator[str]:
    source = model.signal(layer.input)
    if layer.rule == "last" and layer.output != source:
        yield f"layer {layer.name!r}: rule 'last' keeps its signal; found another output"
    yield from bound_fault(layer.name, 2 * source.magnitude * layer.m, layer.k + 1, "one step")
