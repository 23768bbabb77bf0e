"""Ranges that integers must keep: codes, multipliers, accumulators; one line a fault."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from aimc_sim.model.signal import Ints, Requant, Signal

LIMIT = 1 << 62
M_LIMIT = 1 << 31
MAX_BITS = 24
MAX_FINAL_BITS = 32


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
