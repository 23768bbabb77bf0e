"""Whether a sequence of some length stays within 64 bits: pooled sums, biases that count steps."""

from __future__ import annotations

from collections.abc import Iterator

from aimc_sim.model.bounds import LIMIT, per_channel
from aimc_sim.model.layers import Linear, Pool
from aimc_sim.model.network import Model


def length_faults(model: Model, length: int) -> Iterator[str]:
    """Yield a line for every layer that overflows with sequences of `length` steps.

    Parameters
    ----------
    model : Model
        A checked model.
    length : int
        Valid steps of the longest sequence.

    Notes
    -----
    ``|2 sum m + len 2^(k+1)|`` of the pool, and ``|(x W + len b) m| + 2^(k-1)`` of a Linear with
    `bias_times_length`, stay below 2^62.
    """
    for layer in model.layers:
        peak = 0
        if isinstance(layer, Pool):
            magnitude = model.signal(layer.input).magnitude
            peak = 2 * magnitude * length * layer.m + (length << (layer.k + 1))
        elif isinstance(layer, Linear) and layer.bias_times_length:
            peak = _largest(layer, model.signal(layer.input).magnitude, length)
        if peak >= LIMIT:
            yield (
                f"array 'lengths': found {length} steps; so many overflow layer "
                f"{layer.name!r} (2^{peak.bit_length() - 1}), which must stay below 2^62"
            )


def _largest(layer: Linear, magnitude: int, length: int) -> int:
    m, k = per_channel(layer.requant.m, layer.n_out), per_channel(layer.requant.k, layer.n_out)
    weights = [sum(abs(int(w)) for w in layer.weight[:, j]) for j in range(layer.n_out)]
    biases = [abs(int(b)) for b in layer.bias]
    return max(
        (w * magnitude + b * length) * m_j + (1 << (k_j - 1))
        for w, b, m_j, k_j in zip(weights, biases, m, k, strict=True)
    )
